"""The endpoint × layer table: where each way to an endpoint ends. Beside the endpoints it has rows
for what is no endpoint: wildcards, the bypass list, the Arc gateway, the name servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import TypeAlias

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


class About(StrEnum):
    """What a row is about."""

    ENDPOINT = "endpoint"
    PROXY = "proxy"
    WILDCARD = "wildcard"
    BYPASS_LIST = "bypass-list"
    GATEWAY = "gateway"
    NAME_SERVERS = "name-servers"
    MACHINE = "machine"


_Told: TypeAlias = tuple[Finding, Check | None, About]


class Row(msgspec.Struct, frozen=True):
    """One endpoint by one route: what each layer came to; no entry where nothing was asked or
    known. What has no layers (a wildcard, the bypass list) has a ``state`` alone."""

    target: str
    route: Route
    cells: dict[Layer, Verdict]
    about: About = About.ENDPOINT
    state: Verdict | None = None
    feature: str = ""
    pattern: str = ""  # the wildcard that it stands for
    hosts: int = 0  # that were discovered behind a wildcard

    @property
    def verdict(self) -> Verdict:
        """The worst of the row; ``skip`` where a rung was not asked and none is broken."""
        told = (*self.cells.values(), *filter(None, (self.state,)))
        worst = Verdict.worst(told)
        return Verdict.SKIP if worst is Verdict.PASS and Verdict.SKIP in told else worst


def table(report: Report) -> tuple[Row, ...]:
    """The rows. A layer below one that was reached is passed, unless a finding says otherwise.
    Discovered hosts stand beneath their wildcard."""
    climbing: list[_Told] = []
    apart: list[_Told] = []
    for each in _told(report):
        (climbing if each[2] in _CLIMBING else apart).append(each)
    climbed = tuple(_climbed(climbing))
    return _beneath([*climbed, *(_with_host(row, climbed) for row in _apart(apart))])


def _told(report: Report) -> Iterator[_Told]:
    """The findings, each with its check and what its row is about."""
    checks = {check.id: check for check in report.checks}
    for finding in report.findings:
        if finding.kind is not Kind.CLUSTER:
            check = checks.get(finding.check)
            yield finding, check, _about(finding, check)


_CLIMBING = (About.ENDPOINT, About.PROXY)

APART = (About.BYPASS_LIST, About.GATEWAY, About.NAME_SERVERS, About.MACHINE)
"""Rows that are known by what they are, not by a target."""


def _with_host(row: Row, endpoints: Iterable[Row]) -> Row:
    """The gateway's row says what the checks of the gateway's own host say, where they are graver
    than its own."""
    if row.about is not About.GATEWAY or row.state is None:
        return row
    own = (each.verdict for each in endpoints if each.target == row.target)
    return msgspec.structs.replace(row, state=Verdict.worst((row.state, *own)))


_OF_A_KIND = {
    Kind.DISCOVERY: About.WILDCARD,
    Kind.SKIP_RANGE: About.BYPASS_LIST,
    Kind.GATEWAY: About.GATEWAY,
    Kind.PROXY: About.PROXY,
    Kind.ONBOARDING: About.MACHINE,
}


def _about(finding: Finding, check: Check | None) -> About:
    if finding.kind is Kind.DNS and check is not None and not check.host:
        return About.NAME_SERVERS
    return _OF_A_KIND.get(finding.kind, About.ENDPOINT)


def _climbed(told: Sequence[_Told]) -> Iterator[Row]:
    routes = _routes([finding for finding, _, _ in told])
    rows: dict[tuple[str, Route], _Cells] = {}
    for finding, check, about in told:
        for route in routes.get(finding.target, ()) or (finding.route,):
            if finding.kind is Kind.DNS or route is finding.route:
                cells = rows.setdefault((finding.target, route), _Cells())
                cells.add(finding, check)
                cells.know(about, check)
    for (target, route), cells in rows.items():
        yield Row(
            target,
            route,
            cells.filled(),
            about=cells.about,
            feature=cells.feature,
            pattern=cells.pattern,
        )


def _apart(told: Sequence[_Told]) -> Iterator[Row]:
    """What has no layers: one row each."""
    rows: dict[tuple[About, str], list[_Told]] = {}
    for each in told:
        rows.setdefault((each[2], each[0].target), []).append(each)
    for (about, target), found in rows.items():
        finding, check, _ = found[0]
        yield Row(
            target,
            finding.route,
            {},
            about=about,
            state=Verdict.worst(finding.verdict for finding, _, _ in found),
            feature=check.feature if check else "",
            pattern=check.pattern if check else "",
        )


def _beneath(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, discovered hosts beneath their wildcard."""
    wildcards = {row.pattern for row in rows if row.about is About.WILDCARD}
    beneath: dict[str, list[Row]] = {}
    others: list[Row] = []
    for row in rows:
        if row.about is About.ENDPOINT and row.pattern in wildcards:
            beneath.setdefault(row.pattern, []).append(row)
        else:
            others.append(row)
    ordered = sorted(others, key=lambda row: _ORDER.index(row.about))
    return tuple(chain.from_iterable(_with_hosts(row, beneath) for row in ordered))


_ORDER = tuple(About)


def _with_hosts(row: Row, beneath: Mapping[str, Sequence[Row]]) -> tuple[Row, ...]:
    if row.about is not About.WILDCARD:
        return (row,)
    hosts = beneath.get(row.pattern, ())
    return (msgspec.structs.replace(row, hosts=len(hosts)), *hosts)


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
        self.about = About.ENDPOINT
        self.feature = ""
        self.pattern = ""

    def know(self, about: About, check: Check | None) -> None:
        """Takes in whom the row is about."""
        if about is About.PROXY:
            self.about = about
        if check is not None and check.kind is not Kind.DNS:
            self.feature = self.feature or check.feature
            self.pattern = self.pattern or check.pattern

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
        if was_asked and finding.layer is not Layer.RUN:  # of a run that was cut nothing is proved
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
