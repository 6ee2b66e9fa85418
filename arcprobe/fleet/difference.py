"""Two reports -> what changed between them: verdicts, causes, issuers, settings. Times are left
out. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arcprobe.model import Cause, Handshake, Noun, Report, Role, Verdict

# settings that differ between any two runs without meaning, or that are facts of the machine
_NO_SETTING = frozenset({"sources", "baseline", "system_roots"})


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
    checks: tuple[ChangedCheck, ...] = ()
    issuers: tuple[ChangedValue, ...] = ()
    settings: tuple[ChangedValue, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing changed."""
        changed = (
            self.causes_gone or self.causes_new or self.checks or self.issuers or self.settings
        )
        return self.verdict_before is self.verdict_after and not changed


def compare(old: Report, new: Report) -> Difference:
    """The difference from ``old`` to ``new``, both as they were recorded."""
    before, after = _by_check(old), _by_check(new)
    changed = tuple(
        ChangedCheck(check=check, before=before.get(check, ()), after=after.get(check, ()))
        for check in dict.fromkeys((*before, *after))
        if before.get(check, ()) != after.get(check, ())
    )
    return Difference(
        verdict_before=old.verdict,
        verdict_after=new.verdict,
        causes_gone=tuple(cause for cause in old.causes if not _has(new.causes, cause)),
        causes_new=tuple(cause for cause in new.causes if not _has(old.causes, cause)),
        checks=changed,
        issuers=_changed(_issuers(old), _issuers(new), both=True),
        settings=_changed(_settings(old), _settings(new), both=False),
    )


def _by_check(report: Report) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        said = "skip" if finding.verdict is Verdict.SKIP else f"{finding.verdict} {finding.code}"
        found.setdefault(finding.check, set()).add(said)
    return {check: tuple(sorted(words)) for check, words in found.items()}


def _has(causes: Iterable[Cause], cause: Cause) -> bool:
    """Whether one of them is the same cause: same code, and same words or a check in common; its
    list of endpoints may change."""
    explained = set(cause.explains)
    alike = (other for other in causes if other.code == cause.code)
    return any(
        other.headline == cause.headline or explained.intersection(other.explains)
        for other in alike
    )


def _issuers(report: Report) -> dict[str, str]:
    """Endpoint and route -> issuer of the leaf that came last, for every check with a handshake."""
    checks = {check.id: check for check in report.checks}
    found = {}
    for observation in report.observations:
        check = checks.get(observation.check)
        for attempt in observation.attempts if check else ():
            for step in attempt.steps:
                if (
                    check
                    and isinstance(step, Handshake)
                    and step.peer == Role.TARGET
                    and step.chain
                ):
                    found[f"{check.target} ({check.route})"] = step.chain[0].issuer
    return found


def _settings(report: Report) -> dict[str, str]:
    values: dict[str, object] = msgspec.to_builtins(report.run.settings)
    shown = {
        name.replace("_", "-"): _shown(value)
        for name, value in values.items()
        if name not in _NO_SETTING
    }
    return {"vantage": report.run.vantage, "arcprobe": report.run.version} | shown


def _shown(value: object) -> str:
    if isinstance(value, dict):  # a proxy
        return f"{value.get('scheme')}://{value.get('host')}:{value.get('port')}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _changed(
    before: dict[str, str], after: dict[str, str], *, both: bool
) -> tuple[ChangedValue, ...]:
    """The names whose value differs; with ``both`` only those that stand on both sides."""
    names = [
        name
        for name in dict.fromkeys((*before, *after))
        if not both or (name in before and name in after)
    ]
    return tuple(
        ChangedValue(name=name, before=before.get(name, ""), after=after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )
