"""Two reports -> what changed between them: verdicts, causes, issuers, settings. Times are left
out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import msgspec

from arcprobe.model import Cause, Noun, Report, Verdict

# Settings that differ between any two runs without meaning, or that are facts of the machine.
_NO_SETTING = frozenset({"sources", "baseline", "system_roots"})


_WITHOUT_VERDICT = (Verdict.SKIP, Verdict.ERROR)


class ChangedCheck(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """A check whose findings changed; each side as ``verdict code`` (or ``skip``), empty where the
    check was not asked."""

    check: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class ChangedValue(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """An issuer (``name`` is host:port and route) or a setting that changed."""

    name: str
    before: str
    after: str


class Difference(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What changed from one report to a later one."""

    verdict_before: Verdict
    verdict_after: Verdict
    causes_gone: tuple[Cause, ...] = ()
    causes_new: tuple[Cause, ...] = ()
    causes_still: tuple[Cause, ...] = ()
    causes_unproved: tuple[str, ...] = ()  #: codes of those gone whose checks got no verdict now
    endpoints_mended: tuple[str, ...] = ()  #: host:port, broken before, of which all passes now
    endpoints_broken: tuple[str, ...] = ()  #: host:port, broken now, and not before
    checks: tuple[ChangedCheck, ...] = ()
    issuers: tuple[ChangedValue, ...] = ()
    settings: tuple[ChangedValue, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing changed."""
        changes = (self.causes_gone, self.causes_new, self.checks, self.issuers, self.settings)
        return self.verdict_before is self.verdict_after and not any(changes)


def compare(old: Report, new: Report, issuers: Callable[[Report], dict[str, str]]) -> Difference:
    """The difference from ``old`` to ``new``, both as they were recorded. ``issuers``: endpoint and
    route -> issuer of the certificate that a report shows."""
    return Difference(
        verdict_before=old.verdict,
        verdict_after=new.verdict,
        causes_gone=tuple(cause for cause in old.causes if not _has(new.causes, cause)),
        causes_new=tuple(cause for cause in new.causes if not _has(old.causes, cause)),
        causes_still=tuple(cause for cause in new.causes if _has(old.causes, cause)),
        causes_unproved=tuple(dict.fromkeys(_unproved(old, new))),
        endpoints_mended=tuple(_mended(old, new)),
        endpoints_broken=tuple(_mended(new, old)),
        checks=tuple(_changed_checks(_told(old), _told(new))),
        issuers=tuple(_changed_issuers(issuers(old), issuers(new))),
        settings=tuple(_changed_values(_settings(old), _settings(new))),
    )


def _unproved(old: Report, new: Report) -> Iterator[str]:
    """Causes that are gone although not all that they broke was asked again: another fault may hide
    them."""
    answered = {
        finding.check for finding in new.findings if finding.verdict not in _WITHOUT_VERDICT
    }
    for cause in old.causes:
        if not _has(new.causes, cause) and not answered.issuperset(cause.explains):
            yield cause.code


def _mended(old: Report, new: Report) -> Iterator[str]:
    """Endpoints that a cause of the old report hits, which the new one asked and found well."""
    passing = {each.target for each in new.findings if each.verdict is Verdict.PASS}
    well = passing.difference(_affected(new))
    return (target for target in _affected(old) if target in well)


def _affected(report: Report) -> dict[str, None]:
    """The endpoints that causes hit, each once."""
    return dict.fromkeys(chain.from_iterable(cause.affects for cause in report.causes))


def _told(report: Report) -> dict[str, tuple[str, ...]]:
    """Check -> what its findings say."""
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        said = "skip" if finding.verdict is Verdict.SKIP else f"{finding.verdict} {finding.code}"
        found.setdefault(finding.check, set()).add(said)
    return {check: tuple(sorted(said)) for check, said in found.items()}


def _changed_checks(
    before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]
) -> Iterator[ChangedCheck]:
    for check in before | after:
        sides = before.get(check, ()), after.get(check, ())
        if sides[0] != sides[1]:
            yield ChangedCheck(check=check, before=sides[0], after=sides[1])


def _changed_values(before: dict[str, str], after: dict[str, str]) -> Iterator[ChangedValue]:
    for name in before | after:
        sides = before.get(name, ""), after.get(name, "")
        if sides[0] != sides[1]:
            yield ChangedValue(name=name, before=sides[0], after=sides[1])


def _changed_issuers(before: dict[str, str], after: dict[str, str]) -> Iterator[ChangedValue]:
    """Of the endpoints that show a certificate in both: one that shows none says nothing of it."""
    both = {name: issuer for name, issuer in before.items() if name in after}
    return _changed_values(both, {name: after[name] for name in both})


def _has(causes: Iterable[Cause], cause: Cause) -> bool:
    """Whether one of them is the same cause: same code, and same words or a check in common; its
    list of endpoints may change."""
    explained = set(cause.explains)
    alike = (other for other in causes if other.code == cause.code)
    return any(
        other.headline == cause.headline or explained.intersection(other.explains)
        for other in alike
    )


def _settings(report: Report) -> dict[str, str]:
    values: dict[str, object] = msgspec.to_builtins(report.run.settings)
    shown = {name: value for name, value in values.items() if name not in _NO_SETTING}
    run = {"vantage": report.run.vantage, "arcprobe": report.run.version}
    return run | {name.replace("_", "-"): _shown(value) for name, value in shown.items()}


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case {"scheme": scheme, "host": host, "port": port}:
            return f"{scheme}://{host}:{port}"
        case list() | tuple():
            return ", ".join(map(str, value))
    return str(value)
