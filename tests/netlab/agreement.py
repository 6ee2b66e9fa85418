"""Whether arcprobe and the witness say the same of the endpoints that Azure Arc needs.

A pass or a warning where the witness fails, and a failure where it succeeds, is a defect of the
row, but for the rules of the contract that `EXCEPTIONS` names.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatch

from msgspec import Struct

from .report import Report
from .witness import Heard

_WELL = ("pass", "warn")


class Excuse(Struct, frozen=True, kw_only=True):
    """A rule by which arcprobe rightly says another thing than a single request shows: what it says
    (a code, or ``pass``), in which rows (a glob), and why."""

    said: str
    rows: str
    because: str


EXCEPTIONS = (
    Excuse(
        said="gateway-inspected",
        rows="gateway-*",
        because="the gateway bears no inspection, whatever the agents trust",
    ),
    Excuse(
        said="tls-intercepted",
        rows="gateway-*",
        because="with a gateway, any needed endpoint that is inspected fails",
    ),
    Excuse(
        said="gateway-private-link",
        rows="gateway-*",
        because="Azure serves no gateway by private link, the lab's address leads to it all the "
        "same",
    ),
    Excuse(
        said="tls-intercepted",
        rows="box-below-intermediate-given",
        because="Go takes an intermediate for a root; OpenSSL and .NET, which other agents are, "
        "do not",
    ),
    Excuse(
        said="issuer-changed",
        rows="chain-issuer-changed*",
        because="the person handed over a baseline, and another issuer than in it fails",
    ),
    Excuse(
        said="origin-error",
        rows="origin-nonsense",
        because="the endpoint itself is ill, which nobody in the enterprise can change: a warning",
    ),
    Excuse(
        said="pass",
        rows="origin-*-body",
        because="the endpoint itself has answered; what its body lacks is its own affair",
    ),
    Excuse(
        said="websocket-idle-cut",
        rows="websocket-*",
        because="--websocket-hold waits for the cut, the witness leaves after the upgrade",
    ),
    Excuse(
        said="websocket-silent",
        rows="websocket-frames-lost",
        because="a frame is lost after the upgrade, where the witness has left",
    ),
    Excuse(
        said="websocket-faked",
        rows="websocket-wrong-key",
        because="the upgrade is that of an --endpoint's path, which the witness does not ask for",
    ),
)
"""Named, each with the rows where it holds: anything else that differs is a defect."""


class Difference(Struct, frozen=True, kw_only=True):
    """An endpoint of which the two say different things; ``rule`` names the exception that
    allows it."""

    heard: Heard
    said: str
    rule: str = ""

    def __str__(self) -> str:
        got = self.heard.trouble or "succeeds"
        return f"{self.heard.target}: {self.said}, the witness: {got}"


def differences(report: Report, heard: Iterable[Heard], row: str) -> list[Difference]:
    """One for each answer that the report of a row contradicts."""
    needed = {check.target for check in report.checks if check.is_needed}
    allowed = {rule.said for rule in EXCEPTIONS if fnmatch(row, rule.rows)}
    found = []
    for one in heard:
        said = _contradiction(report, one) if one.target in needed else []
        if said:
            words = ", ".join(said)
            rule = words if set(said) <= allowed else ""
            found.append(Difference(heard=one, said=words, rule=rule))
    return found


def _contradiction(report: Report, one: Heard) -> list[str]:
    """What the report says of the endpoint, where the witness saw the opposite."""
    accused = _causes(report, one.target, "fail")
    if not one.trouble:
        return accused
    if accused or not _is_well(report, one.target):
        return []
    return _causes(report, one.target, "warn") or ["pass"]


def _causes(report: Report, target: str, verdict: str) -> list[str]:
    return [
        cause.code
        for cause in report.causes
        if cause.verdict == verdict and target in cause.affects
    ]


def _is_well(report: Report, target: str) -> bool:
    """Whether the report says that the endpoint works."""
    of_target = {check.id for check in report.checks if check.is_needed and check.target == target}
    said = {finding.verdict for finding in report.findings if finding.check in of_target}
    return report.verdict in _WELL or said <= set(_WELL)


def unheard(report: Report, heard: Iterable[Heard]) -> list[str]:
    """The URLs that the report calls needed, and the witness was not asked for."""
    known = {(one.target, one.url.startswith("wss:")) for one in heard}
    return [
        check.url
        for check in report.checks
        if check.is_needed and (check.target, check.kind == "websocket") not in known
    ]
