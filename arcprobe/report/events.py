"""The events of a run, each a JSON document on a line (https://github.com/ndjson/ndjson-spec), for
programs that follow it. ``events.schema.json`` is their schema; fields and events may be added."""

from __future__ import annotations

import msgspec

from arcprobe.model import Check, Kind, Observation, Owner, Report, Route, Verdict
from arcprobe.model.text import printable

SCHEMA = 1
"""The number of the schema."""

_LONGEST = 500  # characters of one text: a line stays below what logs cut
_MOST_STEPS = 40  # of one check: a name with many addresses has as many dials


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What all events have."""

    time: str  #: when, RFC 3339, UTC


class RunStarted(Event, frozen=True, kw_only=True, tag="run-started"):
    """A run begins; with --until-pass there are several."""

    schema: int = SCHEMA  #: number of this schema: 1
    version: str  #: version of arcprobe
    checks: int  #: checks that ask something; a discovery may add some
    deadline: float  #: limit of the run, seconds


class CheckStarted(Event, frozen=True, kw_only=True, tag="check-started"):
    """A check is being asked."""

    check: str  #: id of the check, as in the report
    kind: Kind  #: the question
    target: str  #: host:port that is asked for
    route: Route  #: how the connection leaves


class StepDone(Event, frozen=True, kw_only=True, tag="step-done"):
    """A step on the way of a check: told when the check has ended."""

    check: str  #: id of the check
    step: str  #: lookup, dial, tunnel, handshake, exchange, upgrade, …
    began: float  #: seconds after the start of the run
    seconds: float  #: how long it took
    failed: bool  #: whether it ended the connection


class CheckDone(Event, frozen=True, kw_only=True, tag="check-done"):
    """A check has been asked; its verdict comes with the whole."""

    check: str  #: id of the check
    seconds: float  #: how long it took
    unfinished: bool  #: whether time ran out
    done: int  #: checks that have been asked
    total: int  #: checks that ask something


class CauseFound(Event, frozen=True, kw_only=True, tag="cause-found"):
    """What is broken, judged from all that was seen."""

    code: str  #: what is broken
    verdict: Verdict  #: how bad it is
    owner: Owner  #: who must act
    headline: str  #: the same in words
    affects: int  #: endpoints that it hits


class RunDone(Event, frozen=True, kw_only=True, tag="run-done"):
    """The verdict: the last event of a run."""

    verdict: Verdict  #: whether it will work
    causes: int  #: how many there are
    seconds: float  #: length of the run
    interrupted: str  #: what cut it short; empty: nothing


ALL = RunStarted | CheckStarted | StepDone | CheckDone | CauseFound | RunDone


def line(event: Event) -> bytes:
    """An event as its line."""
    return msgspec.json.encode(event) + b"\n"


def started(check: Check, time: str) -> CheckStarted:
    """A check is being asked."""
    return CheckStarted(
        time=time,
        check=_text(check.id),
        kind=check.kind,
        target=_text(check.target),
        route=check.route,
    )


def ended(
    check: Check, observation: Observation, done: int, total: int, time: str
) -> tuple[Event, ...]:
    """The steps of a check and its end."""
    name = _text(check.id)
    steps = (
        StepDone(
            time=time,
            check=name,
            step=span.name,
            began=_rounded(span.started),
            seconds=_rounded(span.took),
            failed=span.is_failed,
        )
        for span in observation.timeline[:_MOST_STEPS]
    )
    end = CheckDone(
        time=time,
        check=name,
        seconds=_rounded(observation.seconds),
        unfinished=observation.unfinished,
        done=done,
        total=total,
    )
    return (*steps, end)


def judged(report: Report, time: str) -> tuple[Event, ...]:
    """The causes of a report and its verdict."""
    causes = (
        CauseFound(
            time=time,
            code=cause.code,
            verdict=cause.verdict,
            owner=cause.owner,
            headline=_text(cause.headline),
            affects=len(cause.affects),
        )
        for cause in report.causes
    )
    end = RunDone(
        time=time,
        verdict=report.verdict,
        causes=len(report.causes),
        seconds=_rounded(report.run.seconds),
        interrupted=_text(report.run.interrupted),
    )
    return (*causes, end)


def _text(text: str) -> str:
    return printable(text, _LONGEST)


def _rounded(seconds: float) -> float:
    """To a tenth of a millisecond, as the steps are measured."""
    return round(seconds, 4)
