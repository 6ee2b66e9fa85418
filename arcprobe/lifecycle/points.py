"""Points: what was looked at after the preflight, one verdict each, as text and as data. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Code, Line, Owner, Value, Verdict, line
from arcprobe.model.azure import Answer, Trouble


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. ``code``: what is wrong; None where nothing is, or nothing is
    known. ``what`` says it, ``change`` what to do about it."""

    verdict: Verdict
    what: Line
    change: Line | None = None
    code: Code | None = None
    owner: Owner = Owner.NOBODY

    @property
    def summary(self) -> str:
        """What was found, in English."""
        return language().say(self.what)

    @property
    def remedy(self) -> str:
        """What to change, in English; empty where nothing is wrong."""
        return language().say(self.change) if self.change else ""


def well(what: Line) -> Point:
    """Nothing is wrong."""
    return Point(verdict=Verdict.PASS, what=what)


def unknown(what: Line) -> Point:
    """It could not be looked at."""
    return Point(verdict=Verdict.SKIP, what=what)


def wrong(code: Code, **values: Value) -> Point:
    """Something is wrong: the words, verdict and owner of the code."""
    row = codes.row(code)
    return Point(
        verdict=row.verdict,
        code=code,
        what=line(f"code.{code}.summary", **values),
        change=line(f"code.{code}.remedy", **values),
        owner=row.owner,
    )


_TROUBLES = {
    Trouble.NOT_SIGNED_IN: Code.AZURE_NOT_SIGNED_IN,
    Trouble.TOKEN_REJECTED: Code.AZURE_TOKEN_REJECTED,
    Trouble.FORBIDDEN: Code.AZURE_FORBIDDEN,
    Trouble.UNKNOWN: Code.RESOURCE_UNKNOWN,
    Trouble.THROTTLED: Code.AZURE_THROTTLED,
    Trouble.BROKEN: Code.AZURE_ERROR,
    Trouble.UNREACHABLE: Code.AZURE_UNREACHABLE,
}
# the same fault whatever was asked: no name is told
_OF_ALL = {Trouble.NOT_SIGNED_IN, Trouble.TOKEN_REJECTED, Trouble.UNREACHABLE}


def troubled(answer: Answer, name: str) -> Point:
    """Why Azure did not answer a question; ``name``: what it was about."""
    assert answer.trouble is not None
    about = {} if answer.trouble in _OF_ALL else {"name": name}
    return wrong(_TROUBLES[answer.trouble], **about, detail=answer.words)


def once(points: Iterable[Point]) -> tuple[Point, ...]:
    """Without repetitions: a token that is rejected is one fault, whatever was asked."""
    return tuple(dict.fromkeys(points))


def verdict_of(points: Iterable[Point]) -> Verdict:
    """The gravest."""
    return Verdict.worst(point.verdict for point in points)


_MARKS = {Verdict.PASS: "ok", Verdict.SKIP: "-", Verdict.WARN: "warn", Verdict.FAIL: "FAIL"}


def as_text(points: tuple[Point, ...], words: Language | None = None) -> str:
    """A line a point; under what is wrong who must act and what to change. The last line is the
    verdict. ``words``: the language (English)."""
    words = words or language()
    lines: list[str] = []
    for point in points:
        code = f"{point.code}: " if point.code else ""
        lines.append(f"{_MARKS[point.verdict]:4}  {code}{words.say(point.what)}")
        if point.change:
            actor = words.template(f"report.actor.{point.owner}")
            lines.append(f"      {actor}: {words.say(point.change)}")
    count = sum(point.verdict.needs_action for point in points)
    verdict = line("points.verdict", verdict=verdict_of(points).value, count=count)
    return "\n".join((*lines, words.say(verdict)))


def as_data(points: tuple[Point, ...]) -> dict[str, Any]:
    """The points as plain values, in English."""
    rows = [
        {
            "verdict": point.verdict.value,
            "code": point.code.value if point.code else None,
            "summary": point.summary,
            "remedy": point.remedy,
            "owner": point.owner.value,
        }
        for point in points
    ]
    return {"verdict": verdict_of(points).value, "points": rows}
