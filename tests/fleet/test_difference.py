"""What changed between two reports: the right things, and nothing where nothing did."""

from __future__ import annotations

import msgspec

from arcprobe.fleet.difference import compare
from arcprobe.model import (
    Attempt,
    Cause,
    Certificate,
    Check,
    Code,
    Dial,
    Finding,
    Handshake,
    Kind,
    Layer,
    Observation,
    Owner,
    Proxy,
    Report,
    Route,
    Run,
    Settings,
    Verdict,
)
from arcprobe.report import of_difference

CHECK = Check(
    id="tls a.example:443",
    kind=Kind.TLS,
    target="a.example:443",
    route=Route.PROXY,
    required=True,
    feature="core",
)
CAUSE = Cause(
    code=Code.TLS_INTERCEPTED,
    verdict=Verdict.FAIL,
    headline="inspection at 1 endpoint",
    remedy="",
    owner=Owner.PROXY,
    explains=(CHECK.id,),
)


def certificate(issuer: str) -> Certificate:
    return Certificate(
        sha256="00", subject="CN=a.example", issuer=issuer, serial="1", not_before="", not_after=""
    )


def report(
    verdict: Verdict, code: str, issuer: str, causes: tuple[Cause, ...] = (), seconds: float = 1.0
) -> Report:
    steps = (
        Dial(took=seconds, address="192.0.2.1", port=443),
        Handshake(server_name="a.example", took=seconds, chain=(certificate(issuer),)),
    )
    finding = Finding(
        check=CHECK.id,
        kind=CHECK.kind,
        layer=Layer.TLS,
        target=CHECK.target,
        route=CHECK.route,
        verdict=verdict,
        code=code,
        summary=code,
    )
    run = Run(
        version="0",
        started=str(seconds),
        seconds=seconds,
        vantage="pod",
        host="h",
        node="",
        pod="",
        settings=Settings(),
    )
    return Report(
        schema=1,
        verdict=verdict,
        run=run,
        checks=(CHECK,),
        observations=(Observation(check=CHECK.id, attempts=(Attempt(label="", steps=steps),)),),
        findings=(finding,),
        causes=causes,
    )


CLEAN = report(Verdict.PASS, "certificate-genuine", "CN=DigiCert")
INSPECTED = report(Verdict.FAIL, "tls-intercepted", "CN=Corp\x1b[31m", (CAUSE,))


def test_times_do_not_count() -> None:
    """Two runs that differ in nothing but time are equal."""
    difference = compare(
        CLEAN, report(Verdict.PASS, "certificate-genuine", "CN=DigiCert", seconds=9.0)
    )
    assert difference.is_empty
    assert of_difference.render_text(difference) == "No difference: PASS\n"


def test_what_broke() -> None:
    """A new cause, the check that changed and the issuer that changed are named, old and new."""
    difference = compare(CLEAN, INSPECTED)
    assert difference.causes_new == (CAUSE,)
    assert difference.causes_gone == ()
    (change,) = difference.checks
    assert (change.before, change.after) == (
        ("pass certificate-genuine",),
        ("fail tls-intercepted",),
    )
    (issuer,) = difference.issuers
    assert (issuer.name, issuer.before, issuer.after) == (
        "a.example:443 (proxy)",
        "CN=DigiCert",
        "CN=Corp\x1b[31m",
    )


def test_what_was_mended() -> None:
    """The other way round the cause is gone."""
    assert compare(INSPECTED, CLEAN).causes_gone == (CAUSE,)


def test_same_cause_with_other_words() -> None:
    """A cause that grew to more endpoints is still the same cause; one of another code is not."""
    grown = msgspec.structs.replace(
        CAUSE, headline="inspection at 2 endpoints", explains=(CHECK.id, "other")
    )
    difference = compare(INSPECTED, msgspec.structs.replace(INSPECTED, causes=(grown,)))
    assert difference.is_empty
    other = msgspec.structs.replace(CAUSE, code=Code.PROXY_DENIED)
    assert not compare(INSPECTED, msgspec.structs.replace(INSPECTED, causes=(other,))).is_empty


def test_settings_and_new_checks() -> None:
    """A setting that changed is named, a proxy as its URL; a check that was not asked before shows
    as such."""
    settings = Settings(
        proxy_https=Proxy(scheme="http", host="p.example", port=3128), skip_range=".svc"
    )
    new = msgspec.structs.replace(CLEAN, run=msgspec.structs.replace(CLEAN.run, settings=settings))
    old = msgspec.structs.replace(CLEAN, findings=())
    difference = compare(old, new)
    assert {(value.name, value.after) for value in difference.settings} == {
        ("proxy-https", "http://p.example:3128"),
        ("skip-range", ".svc"),
    }
    text = of_difference.render_text(difference)
    assert "tls a.example:443: not asked → pass certificate-genuine" in text


def test_hostile_text_is_visible() -> None:
    """An issuer that holds terminal controls is shown with escapes."""
    text = of_difference.render_text(compare(CLEAN, INSPECTED))
    assert "\x1b" not in text
    assert "\\x1b[31m" in text


def test_json() -> None:
    """As JSON the difference has a list for each kind of change."""
    keys = set(msgspec.json.decode(of_difference.render_json(compare(CLEAN, INSPECTED))))
    assert keys == {
        "verdict_before",
        "verdict_after",
        "causes_gone",
        "causes_new",
        "checks",
        "issuers",
        "settings",
    }
