"""The difference of two reports in words."""

from __future__ import annotations

import msgspec

from arcprobe.fleet import difference_text
from arcprobe.fleet.difference import ChangedCheck, ChangedValue, Difference
from arcprobe.model import Cause, Code, Owner, Verdict

CAUSE = Cause(
    code=Code.PROXY_DENIED,
    verdict=Verdict.FAIL,
    headline="The proxy denies a.example",
    remedy="",
    owner=Owner.PROXY,
    explains=("tls a.example:443",),
)
CHANGED = Difference(
    verdict_before=Verdict.PASS,
    verdict_after=Verdict.FAIL,
    causes_new=(CAUSE,),
    checks=(ChangedCheck(check="tls a:443", before=(), after=("fail proxy-denied",)),),
    issuers=(ChangedValue(name="a:443 (proxy)", before="CN=A", after="CN=B\x1b[31m"),),
    settings=(ChangedValue(name="skip-range", before=".svc", after=""),),
)


def test_every_change_has_its_section() -> None:
    """Verdicts, causes, checks, issuers and settings are told, old and new; hostile text is shown
    with escapes."""
    assert difference_text.render_text(CHANGED).splitlines() == [
        "PASS → FAIL",
        "",
        "New",
        "  proxy-denied: The proxy denies a.example  (to act: the proxy team)",
        "",
        "Checks",
        "  tls a:443: not asked → fail proxy-denied",
        "",
        "Issuers",
        "  a:443 (proxy): CN=A → CN=B\\x1b[31m",
        "",
        "Settings",
        "  skip-range: .svc → none",
    ]


def test_no_difference() -> None:
    """Where nothing changed, one line says so; where only the verdict stands, it is said."""
    same = Difference(verdict_before=Verdict.PASS, verdict_after=Verdict.PASS)
    assert difference_text.render_text(same) == "No difference: PASS\n"
    gone = msgspec.structs.replace(same, causes_gone=(CAUSE,))
    assert difference_text.render_text(gone).startswith("PASS, as before\n\nFixed\n")


def test_json() -> None:
    """As JSON the difference has a list for each kind of change."""
    assert set(msgspec.json.decode(difference_text.render_json(CHANGED))) == {
        "verdict_before",
        "verdict_after",
        "causes_gone",
        "causes_new",
        "causes_still",
        "causes_unproved",
        "endpoints_mended",
        "endpoints_broken",
        "checks",
        "issuers",
        "settings",
    }
