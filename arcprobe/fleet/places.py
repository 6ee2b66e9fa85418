"""Places of a fleet: a node or a laptop, seen from one vantage, and what its report says.

What places say is kept once for all that say the same, so that five thousand reports need little
more memory than one.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arcprobe.model import SCHEMA, Kind, Layer, Settings, Verdict
from arcprobe.model.text import one_line

Key = tuple[str, str]  # a cause's code, and what is broken
Where = tuple[str, str]  # vantage, node

LAPTOP, NODE, POD = "laptop", "node", "pod"

_LONGEST_REASON = 120  # characters
_CONNECTING = (Kind.HTTPS, Kind.WEBSOCKET)  # checks with a connection to an endpoint
_MOST_IN_KEY = 3  # endpoints that tell two causes of one code apart; more are "many"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One node from one vantage. ``signature``: number of the set of findings that it shares with
    others."""

    vantage: str
    node: str
    verdict: Verdict
    signature: int
    started: str = ""
    seconds: float = 0.0
    version: str = ""

    @property
    def where(self) -> Where:
        """Vantage and node."""
        return self.vantage, self.node


# What is read of a report. Codes and owners are texts here: those of a later version are shown as
# they are.


class _Run(msgspec.Struct):
    vantage: str = ""
    host: str = ""
    node: str = ""
    started: str = ""
    seconds: float = 0.0
    version: str = ""
    settings: Settings = msgspec.field(default_factory=Settings)


class _Finding(msgspec.Struct, frozen=True):
    check: str
    verdict: Verdict
    code: str = ""
    target: str = ""
    subject: str = ""


class _Check(msgspec.Struct, frozen=True):
    id: str
    kind: str = ""
    required: bool = True
    seen_by: str = ""


class _Attempt(msgspec.Struct):
    steps: tuple[msgspec.Raw, ...] = ()


class _Observation(msgspec.Struct):
    check: str
    attempts: tuple[_Attempt, ...] = ()
    crash: str = ""
    unfinished: bool = False

    @property
    def has_seen(self) -> bool:
        """Whether it holds a step, or says why there is none."""
        has_steps = any(attempt.steps for attempt in self.attempts)
        return has_steps or bool(self.crash) or self.unfinished


class SeenChange(msgspec.Struct, frozen=True):
    """A change as the report of one place has it."""

    owner: str = ""
    product: str | None = None
    title: str = ""
    where: str = ""
    lines: tuple[str, ...] = ()
    apply: str | None = None
    hosts: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    done_when: str = ""
    undo: str | None = None
    clients: tuple[str, ...] = ()
    tried: bool = True


class SeenCause(msgspec.Struct, frozen=True):
    """A cause as the report of one place has it."""

    code: str
    verdict: Verdict
    headline: str = ""
    remedy: str = ""
    owner: str = ""
    explains: tuple[str, ...] = ()
    layer: Layer = Layer.RUN
    affects: tuple[str, ...] = ()
    change: tuple[SeenChange, ...] = ()


class PlaceReport(msgspec.Struct):
    """What is read of the report of one place."""

    schema: int
    verdict: Verdict
    run: _Run
    findings: tuple[_Finding, ...]
    causes: tuple[SeenCause, ...]
    checks: tuple[_Check, ...] = ()
    observations: tuple[_Observation, ...] = ()

    @property
    def verdict_seen(self) -> Verdict:
        """Its verdict; of a recording that holds nothing of a required endpoint, none that says
        that all is well."""
        seen = {each.check for each in self.observations if each.has_seen}
        asked = [check for check in self.checks if check.kind in _CONNECTING and check.required]
        is_seen = {check.seen_by or check.id for check in asked} <= seen
        if self.verdict is Verdict.FAIL or (is_seen and self.checks):
            return self.verdict
        return Verdict.ERROR

    @property
    def signature(self) -> object:
        """Equal for reports that say the same."""
        proxy = self.run.settings.proxy_https
        findings = ((told.check, told.verdict, told.code, told.subject) for told in self.findings)
        causes = ((cause.code, cause.explains) for cause in self.causes)
        return proxy and proxy.url, tuple(sorted(causes)), tuple(sorted(findings))


_DECODER = msgspec.json.Decoder(PlaceReport)


def read(data: bytes | str) -> PlaceReport:
    """The report of a place. ``ValueError``: it is none."""
    try:
        report = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = one_line(str(error), _LONGEST_REASON)
        raise ValueError(f"is no JSON report of arcprobe: {why}") from None
    if report.schema != SCHEMA:
        raise ValueError(
            f"is a report with schema {report.schema}, and this arcprobe reads schema {SCHEMA}"
        )
    return report


class Symptoms:
    """What places with equal findings share."""

    def __init__(self, report: PlaceReport) -> None:
        self.causes: dict[Key, SeenCause] = {}
        self.targets: dict[Key, tuple[str, ...]] = {}
        self.settings = report.run.settings
        self._verdicts = {finding.check: finding.verdict for finding in report.findings}
        by_check = {finding.check: finding for finding in report.findings}
        for cause in report.causes:
            explained = [by_check[check] for check in cause.explains if check in by_check]
            targets = tuple(dict.fromkeys(told.target for told in explained if told.target))
            subject = _subject(cause, explained, targets)
            if (cause.code, subject) in self.causes:
                subject = f"{subject} {cause.headline}"
            self.causes[cause.code, subject] = cause
            self.targets[cause.code, subject] = targets

    def passes(self, checks: Iterable[str]) -> bool:
        """Whether at least one of these checks passed here, and none failed: what is broken
        elsewhere works here."""
        seen = {self._verdicts.get(check) for check in checks}
        return Verdict.PASS in seen and not seen & {Verdict.FAIL, Verdict.ERROR}


def _subject(cause: SeenCause, explained: list[_Finding], targets: tuple[str, ...]) -> str:
    """What is broken, as the findings name it; else the endpoints, where they are few."""
    named = {finding.subject for finding in explained if finding.code == cause.code}
    if any(named):
        return " ".join(sorted(named - {""}))
    return " ".join(targets) if len(targets) <= _MOST_IN_KEY else ""
