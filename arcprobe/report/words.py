"""What the formats say of a report, in the language that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arcprobe.knowledge.language import Language, language as default_language
from arcprobe.model import Cause, Report, Value, Verdict, line
from arcprobe.model.text import printable


class Words:
    """The sentences of one language, by key."""

    def __init__(self, language: Language | None = None) -> None:
        self.language = language or default_language()

    def __call__(self, key: str, **values: Value) -> str:
        """The sentence, filled."""
        return self.language.say(line(key, **values))

    def count(self, key: str, count: int, **values: Value) -> str:
        """The sentence for that many: ``key.one`` or ``key.many``."""
        number = "one" if count == 1 else "many"
        return self(f"{key}.{number}", count=count, **values)

    def names(self, names: Sequence[str], most: int) -> str:
        """The first of them; the others are counted."""
        shown = ", ".join(names[:most])
        if len(names) <= most:
            return shown
        return self("report.more-names", names=shown, count=len(names) - most)

    def actor(self, owner: str) -> str:
        """Who must act."""
        key = f"report.actor.{owner}"
        if self.language.has(key):
            return self(key)
        return printable(owner) or self("report.actor.nobody")

    def verdict_line(self, report: Report) -> str:
        """One sentence: will it work, what stands in the way, who must act."""
        broken = _causes(report, Verdict.FAIL, Verdict.ERROR)
        told = broken or _causes(report, Verdict.WARN)
        key = f"report.verdict.{report.verdict}"
        if key == "report.verdict.fail" and report.run.settings.strict and not broken:
            key = "report.verdict.fail-strict"
        if key == "report.verdict.error" and broken:
            key = "report.verdict.error-shown"
        return self(
            key,
            warnings=self.count("report.count.warning", len(told)),
            causes=self.count("report.count.cause", len(told)),
            acting=self._acting(told),
            why=printable(report.run.interrupted),
        )

    def _acting(self, causes: Iterable[Cause]) -> str:
        actors = tuple(dict.fromkeys(self.actor(cause.owner) for cause in causes if cause.owner))
        if not actors:
            return ""
        return self("report.acting", actors=actors[:-1], last=actors[-1])


def _causes(report: Report, *verdicts: Verdict) -> list[Cause]:
    return [cause for cause in report.causes if cause.verdict in verdicts]
