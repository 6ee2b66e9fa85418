"""The endpoint × layer table and the words that all formats share."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import Kind, Layer, Verdict
from arcprobe.report import layout as _layout

from . import sample

HOST = "a.example:443"


def cells(*findings: tuple[Kind, str, Verdict, Layer]) -> dict[str, dict[Layer, Verdict]]:
    """Route -> cells of the table, for findings of one endpoint."""
    made = []
    for kind, route, verdict, layer in findings:
        made.append(
            sample.finding(sample.check(kind, HOST, route), verdict, layer, "some-code", "words")
        )
    return {
        row.route: row.cells
        for row in _layout.table(msgspec.structs.replace(sample.clean(), findings=tuple(made)))
    }


def test_what_was_reached_was_passed() -> None:
    """An answer over HTTP says that tunnel and TLS worked, on a direct route that lookup and TCP
    did."""
    good = Verdict.PASS
    assert cells((Kind.HTTPS, "proxy", good, Layer.HTTP)) == {
        "proxy": dict.fromkeys((Layer.PROXY, Layer.TLS, Layer.HTTP), good)
    }
    direct = cells((Kind.HTTPS, "direct", good, Layer.HTTP))["direct"]
    assert set(direct) == {Layer.DNS, Layer.TCP, Layer.TLS, Layer.HTTP}


def test_a_broken_rung_hides_those_above() -> None:
    """What broke on TCP leaves the rungs above not asked."""
    row = cells((Kind.HTTPS, "direct", Verdict.FAIL, Layer.TCP))["direct"]
    assert row == {
        Layer.DNS: Verdict.PASS,
        Layer.TCP: Verdict.FAIL,
        Layer.TLS: Verdict.SKIP,
        Layer.HTTP: Verdict.SKIP,
    }


@pytest.mark.parametrize("order", [1, -1])
def test_a_finding_outweighs_what_is_implied(order: int) -> None:
    """An answer behind an inspected certificate does not make the TLS cell pass, whichever is
    judged first."""
    both = [
        (Kind.HTTPS, "proxy", Verdict.PASS, Layer.HTTP),
        (Kind.TLS, "proxy", Verdict.FAIL, Layer.TLS),
    ]
    assert cells(*both[::order])["proxy"][Layer.TLS] is Verdict.FAIL


def test_dns_stands_in_the_row_of_its_endpoint() -> None:
    """What DNS says is in the row of the endpoint, whatever route the lookup is filed under; it
    makes no row of its own."""
    found = cells(
        (Kind.DNS, "direct", Verdict.WARN, Layer.DNS),
        (Kind.HTTPS, "proxy", Verdict.PASS, Layer.HTTP),
    )
    assert found["proxy"][Layer.DNS] is Verdict.WARN
    assert set(found) == {"proxy"}


def test_skipped_check() -> None:
    """A check that was not asked marks its own column, whatever layer its reason is on."""
    assert cells((Kind.WEBSOCKET, "proxy", Verdict.SKIP, Layer.PROXY)) == {
        "proxy": {Layer.WEBSOCKET: Verdict.SKIP}
    }


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, ünïcode ✓", "plain text, ünïcode ✓"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x9bb", "a\\x9bb"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\U000e0041", "\\U000e0041"),
        ("\udc80", "\\udc80"),
        ("no\u00a0break\u2028", "no break\\u2028"),
    ],
)
def test_visible(raw: str, shown: str) -> None:
    """Every character that is not plainly printed is shown as an escape, on one line."""
    assert _layout.visible(raw) == shown


def test_owners_have_words() -> None:
    """Every owner of the contract has words of its own."""
    assert (
        len(
            {
                _layout.actor(owner)
                for owner in ("proxy", "firewall", "dns", "pki", "cluster", "azure", "you")
            }
        )
        == 7
    )
