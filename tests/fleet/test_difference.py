"""What changed between two reports: the right things, and nothing where nothing did."""

from __future__ import annotations

import msgspec

from arcprobe.fleet import difference_text
from arcprobe.fleet.difference import Difference, compare
from arcprobe.model import (
    Attempt,
    Cause,
    Certificate,
    Check,
    Code,
    Dial,
    Experiment,
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
from arcprobe.pipeline import issuers

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
    verdict: Verdict, code: Code, issuer: str, causes: tuple[Cause, ...] = (), seconds: float = 1.0
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
        observations=(
            Observation(
                check=CHECK.id, attempts=(Attempt(label=Experiment.AGENTS.value, steps=steps),)
            ),
        ),
        findings=(finding,),
        causes=causes,
    )


def difference_of(old: Report, new: Report) -> Difference:
    """What changed, with the issuers that the connections show."""
    return compare(old, new, issuers)


CLEAN = report(Verdict.PASS, Code.CERTIFICATE_GENUINE, "CN=DigiCert")
INSPECTED = report(Verdict.FAIL, Code.TLS_INTERCEPTED, "CN=Corp\x1b[31m", (CAUSE,))


def test_times_do_not_count() -> None:
    """Two runs that differ in nothing but time are equal."""
    difference = difference_of(
        CLEAN, report(Verdict.PASS, Code.CERTIFICATE_GENUINE, "CN=DigiCert", seconds=9.0)
    )
    assert difference.is_empty
    assert difference_text.render_text(difference) == "No difference: PASS\n"


def test_what_broke() -> None:
    """A new cause, the check that changed and the issuer that changed are named, old and new."""
    difference = difference_of(CLEAN, INSPECTED)
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
    assert difference_of(INSPECTED, CLEAN).causes_gone == (CAUSE,)


def test_same_cause_with_other_words() -> None:
    """A cause that grew to more endpoints is still the same cause; one of another code is not."""
    grown = msgspec.structs.replace(
        CAUSE, headline="inspection at 2 endpoints", explains=(CHECK.id, "other")
    )
    difference = difference_of(INSPECTED, msgspec.structs.replace(INSPECTED, causes=(grown,)))
    assert difference.is_empty
    other = msgspec.structs.replace(CAUSE, code=Code.PROXY_DENIED)
    assert not difference_of(
        INSPECTED, msgspec.structs.replace(INSPECTED, causes=(other,))
    ).is_empty


def test_settings_and_new_checks() -> None:
    """A setting that changed is named, a proxy as its URL; a check that was not asked before shows
    as such."""
    settings = Settings(
        proxy_https=Proxy(scheme="http", host="p.example", port=3128), skip_range=".svc"
    )
    new = msgspec.structs.replace(CLEAN, run=msgspec.structs.replace(CLEAN.run, settings=settings))
    old = msgspec.structs.replace(CLEAN, findings=())
    difference = difference_of(old, new)
    assert {(value.name, value.after) for value in difference.settings} == {
        ("proxy-https", "http://p.example:3128"),
        ("skip-range", ".svc"),
    }
    text = difference_text.render_text(difference)
    assert "tls a.example:443: not asked → pass certificate-genuine" in text


def test_hostile_text_is_visible() -> None:
    """An issuer that holds terminal controls is shown with escapes."""
    text = difference_text.render_text(difference_of(CLEAN, INSPECTED))
    assert "\x1b" not in text
    assert "\\x1b[31m" in text


def test_issuers_of_one_side_are_no_change() -> None:
    """An endpoint that showed a certificate only once has no changed issuer."""
    difference = compare(CLEAN, INSPECTED, lambda of: {"a": "CN=A"} if of is CLEAN else {})
    assert difference.issuers == ()
