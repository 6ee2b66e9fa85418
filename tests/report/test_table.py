"""The endpoint × layer table."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import Code, Kind, Layer, Route, Verdict
from arcprobe.report.table import columns, table

from . import sample

HOST = "a.example:443"


def cells(*findings: tuple[Kind, Route, Verdict, Layer]) -> dict[Route, dict[Layer, Verdict]]:
    """Route -> cells of the table, for findings of one endpoint."""
    made = []
    for kind, route, verdict, layer in findings:
        made.append(
            sample.finding(
                sample.check(kind, HOST, route), verdict, layer, Code.ENDPOINT_ANSWERS, "words"
            )
        )
    return {
        row.route: row.cells
        for row in table(msgspec.structs.replace(sample.clean(), findings=tuple(made)))
    }


def test_what_was_reached_was_passed() -> None:
    """An answer over HTTP says that tunnel and TLS worked, on a direct route that lookup and TCP
    did."""
    good = Verdict.PASS
    assert cells((Kind.HTTPS, Route.PROXY, good, Layer.HTTP)) == {
        Route.PROXY: dict.fromkeys((Layer.PROXY, Layer.TLS, Layer.HTTP), good)
    }
    direct = cells((Kind.HTTPS, Route.DIRECT, good, Layer.HTTP))[Route.DIRECT]
    assert set(direct) == {Layer.DNS, Layer.TCP, Layer.TLS, Layer.HTTP}


def test_a_broken_rung_hides_those_above() -> None:
    """What broke on TCP leaves the rungs above not asked."""
    row = cells((Kind.HTTPS, Route.DIRECT, Verdict.FAIL, Layer.TCP))[Route.DIRECT]
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
        (Kind.HTTPS, Route.PROXY, Verdict.PASS, Layer.HTTP),
        (Kind.TLS, Route.PROXY, Verdict.FAIL, Layer.TLS),
    ]
    assert cells(*both[::order])[Route.PROXY][Layer.TLS] is Verdict.FAIL


def test_dns_stands_in_the_row_of_its_endpoint() -> None:
    """What DNS says is in the row of the endpoint, whatever route the lookup is filed under; it
    makes no row of its own."""
    found = cells(
        (Kind.DNS, Route.DIRECT, Verdict.WARN, Layer.DNS),
        (Kind.HTTPS, Route.PROXY, Verdict.PASS, Layer.HTTP),
    )
    assert found[Route.PROXY][Layer.DNS] is Verdict.WARN
    assert set(found) == {Route.PROXY}


def test_skipped_check() -> None:
    """A check that was not asked marks its own column, whatever layer its reason is on."""
    assert cells((Kind.WEBSOCKET, Route.PROXY, Verdict.SKIP, Layer.PROXY)) == {
        Route.PROXY: {Layer.WEBSOCKET: Verdict.SKIP}
    }


def test_columns_without_an_entry_are_left_out() -> None:
    """The table has the columns that some row has an entry in, lowest rung first."""
    assert columns(table(sample.clean())) == [Layer.PROXY, Layer.TLS, Layer.HTTP]


def test_a_run_that_was_cut_proves_nothing_below() -> None:
    """What was not finished has its own mark, and no rung below it is called passed."""
    row = cells((Kind.HTTPS, Route.PROXY, Verdict.ERROR, Layer.RUN))[Route.PROXY]
    assert row == {Layer.HTTP: Verdict.ERROR}
