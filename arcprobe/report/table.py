"""The endpoint × layer table: where each way to an endpoint ends."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import msgspec

from arcprobe.model import Check, Finding, Kind, Layer, Report, Route, Verdict

COLUMNS = (Layer.DNS, Layer.PROXY, Layer.TCP, Layer.TLS, Layer.HTTP, Layer.WEBSOCKET)

# The rung that the question of a kind is about, where the code's layer is none of the columns, or
# nothing was asked.
_OWN_COLUMN = {
    Kind.DNS: Layer.DNS,
    Kind.PROXY: Layer.PROXY,
    Kind.HTTPS: Layer.HTTP,
    Kind.TLS: Layer.TLS,
    Kind.WEBSOCKET: Layer.WEBSOCKET,
    Kind.DISCOVERY: Layer.HTTP,
}


class Row(msgspec.Struct, frozen=True):
    """One endpoint by one route: what each layer came to; no entry where nothing was asked or
    known."""

    target: str
    route: Route
    cells: dict[Layer, Verdict]


def table(report: Report) -> tuple[Row, ...]:
    """The rows. A layer below one that was reached is passed, unless a finding says otherwise."""
    checks = {check.id: check for check in report.checks}
    shown = [finding for finding in report.findings if finding.kind in _OWN_COLUMN]
    routes = _routes(shown)
    rows: dict[tuple[str, Route], _Cells] = {}
    for finding in shown:
        for route in routes.get(finding.target, ()) or (finding.route,):
            if finding.kind is Kind.DNS or route is finding.route:
                cells = rows.setdefault((finding.target, route), _Cells())
                cells.add(finding, checks.get(finding.check))
    return tuple(Row(target, route, cells.filled()) for (target, route), cells in rows.items())


def columns(rows: Iterable[Row]) -> list[Layer]:
    """The columns that have an entry."""
    used = set(chain.from_iterable(row.cells for row in rows))
    return [column for column in COLUMNS if column in used]


def _routes(findings: Iterable[Finding]) -> dict[str, list[Route]]:
    """The routes to each target. A name is asked once: what DNS says stands in the rows of all."""
    routes: dict[str, list[Route]] = {}
    for finding in findings:
        known = routes.setdefault(finding.target, [])
        if finding.kind is not Kind.DNS and finding.route not in known:
            known.append(finding.route)
    return routes


class _Cells:
    """The cells of one row, from the findings on it."""

    def __init__(self) -> None:
        self._said: dict[Layer, Verdict] = {}
        self._reached: set[Layer] = set()

    def add(self, finding: Finding, check: Check | None) -> None:
        """Takes in what one finding says of the rungs."""
        was_asked = finding.verdict is not Verdict.SKIP
        own = column = _OWN_COLUMN[finding.kind]
        if was_asked and finding.layer in COLUMNS:
            column = finding.layer
        before = self._said.get(column, Verdict.SKIP)
        self._said[column] = Verdict.worst((before, finding.verdict))
        rungs = _rungs(finding, check)
        if column not in rungs:
            return
        place = rungs.index(column)
        if was_asked:
            self._reached.update(rungs[:place])
        if own in rungs:
            for rung in rungs[place + 1 : rungs.index(own) + 1]:
                self._said.setdefault(rung, Verdict.SKIP)

    def filled(self) -> dict[Layer, Verdict]:
        """The verdict of each rung that is known."""
        passed = {
            layer: Verdict.PASS
            for layer in self._reached
            if self._said.get(layer, Verdict.SKIP) is Verdict.SKIP
        }
        return self._said | passed


def _rungs(finding: Finding, check: Check | None) -> tuple[Layer, ...]:
    """The rungs that a connection of this finding climbs, lowest first."""
    if finding.kind not in (Kind.HTTPS, Kind.TLS, Kind.WEBSOCKET):
        return ()
    rungs = [Layer.DNS, Layer.TCP]
    if finding.route is Route.PROXY:
        rungs = [Layer.PROXY]
    if check is None or check.protocol != "http":
        rungs.append(Layer.TLS)
    top = {Kind.WEBSOCKET: Layer.WEBSOCKET}
    return (*rungs, top.get(finding.kind, Layer.HTTP))
