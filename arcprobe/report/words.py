"""What the formats say of a report, in the language that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arcprobe.knowledge.language import Language, language as default_language
from arcprobe.model import Cause, Kind, Report, Value, Verdict, line
from arcprobe.model.text import printable

_MOST_GLOBS = 8  # of --only and --skip, named in the headline
_MOST_UNPROVEN = 4  # the others are counted


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
        warning = _causes(report, Verdict.WARN)
        told = broken or warning
        return self(
            f"report.verdict.{_verdict_key(report, has_broken=bool(broken))}",
            proved=self._proved(report),
            scope=self._scope(report),
            unproven=self._unproven(report),
            warnings=self.count("report.count.warning", len(warning)) if warning else "",
            causes=self.counts(report),
            acting=self._acting(told),
            why=printable(report.run.interrupted),
        )

    def counts(self, report: Report) -> str:
        """How many causes fail and how many warn, as every format counts them; empty where there
        are none."""
        broken = _causes(report, Verdict.FAIL, Verdict.ERROR)
        warning = _causes(report, Verdict.WARN)
        told = (("cause", broken), ("warning", warning))
        counted = (self.count(f"report.count.{name}", len(some)) for name, some in told if some)
        return self("report.counts", counts=tuple(counted)) if broken or warning else ""

    def owner(self, owner: str) -> str:
        """Who must act, as a heading."""
        key = f"report.owner.{owner or 'nobody'}"
        return self(key) if self.language.has(key) else printable(owner)

    def vantage(self, vantage: str) -> str:
        """Where the run was made: pod, node or laptop."""
        key = f"report.vantage.{vantage}"
        return self(key) if self.language.has(key) else printable(vantage)

    def place(self, report: Report) -> str:
        """Where the run was made, for which region, through which proxy."""
        run, settings = report.run, report.run.settings
        proxy = settings.proxy_https
        return printable(
            self(
                "report.place",
                vantage=self.vantage(run.vantage),
                host=run.node or run.host,
                region=settings.region,
                proxy=proxy.url if proxy else "",
                gateway=settings.gateway_host,
            )
        )

    def _proved(self, report: Report) -> str:
        """How many requirements were proved; no promise beyond those."""
        if all(check.kind is Kind.CLUSTER for check in report.checks):
            return self("report.verdict.proved-merged")
        passed = {finding.check for finding in report.findings if finding.verdict is Verdict.PASS}
        count = sum(check.required for check in report.checks if check.id in passed)
        settings = report.run.settings
        kind = "proved-asked" if settings.only or settings.skip else "proved"
        key = "report.count.requirement"
        told = self.count(key, count) if count else self(f"{key}.none")
        return self(f"report.verdict.{kind}", requirements=told)

    def _scope(self, report: Report) -> str:
        """What --only and --skip left to be asked."""
        settings = report.run.settings
        if not settings.only and not settings.skip:
            return ""
        only, skip = (
            tuple(map(printable, globs[:_MOST_GLOBS])) for globs in (settings.only, settings.skip)
        )
        return self("report.verdict.scope", only=only, skip=skip).strip()

    def _unproven(self, report: Report) -> str:
        targets = [printable(each.target) for each in report.unproven]
        if not targets:
            return ""
        return self("report.verdict.unproven", targets=self.names(targets, _MOST_UNPROVEN))

    def _acting(self, causes: Iterable[Cause]) -> str:
        actors = tuple(dict.fromkeys(self.actor(cause.owner) for cause in causes if cause.owner))
        if not actors:
            return ""
        return self("report.acting", actors=actors[:-1], last=actors[-1])


def _verdict_key(report: Report, *, has_broken: bool) -> str:
    match report.verdict:
        case Verdict.FAIL if report.run.settings.strict and not has_broken:
            return "fail-strict"
        case Verdict.ERROR | Verdict.SKIP if has_broken:
            return "error-shown"
        case Verdict.ERROR | Verdict.SKIP:
            return "error" if report.run.interrupted else "error-unseen"
        case verdict:
            return verdict.value


def _causes(report: Report, *verdicts: Verdict) -> list[Cause]:
    return [cause for cause in report.causes if cause.verdict in verdicts]
