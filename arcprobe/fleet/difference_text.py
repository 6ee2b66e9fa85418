"""The difference of two reports -> text or JSON. Beside the difference, not in ``report/``: a stage
knows one report, a fleet knows many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from arcprobe.fleet.difference import ChangedCheck, ChangedValue, Difference
from arcprobe.knowledge.language import Language
from arcprobe.model import Cause
from arcprobe.model.text import printable
from arcprobe.report.as_json import document
from arcprobe.report.words import Words


def render_json(difference: Difference) -> str:
    """The difference as one JSON document."""
    return document(difference)


def render_text(difference: Difference, *, language: Language | None = None) -> str:
    """The difference as text: verdict, causes gone and new, then checks, issuers, settings."""
    return "\n".join(_lines(difference, Words(language))) + "\n"


def _lines(difference: Difference, words: Words) -> Iterator[str]:
    before, after = difference.verdict_before.upper(), difference.verdict_after.upper()
    if difference.is_empty:
        yield words("fleet.difference.none", verdict=after)
        yield from _section("causes-still", _causes(difference.causes_still, words), words)
        return
    key = "same-verdict" if before == after else "other-verdict"
    yield words(f"fleet.difference.{key}", before=before, after=after)
    yield from changed_causes(difference, words)
    yield from _section("checks", (_check(change, words) for change in difference.checks), words)
    yield from _section("issuers", (_value(change, words) for change in difference.issuers), words)
    yield from _section(
        "settings", (_value(change, words) for change in difference.settings), words
    )


def changed_causes(difference: Difference, words: Words) -> Iterator[str]:
    """What is fixed, what is only no longer seen, what is new, what is still there."""
    gone, unproved = difference.causes_gone, difference.causes_unproved
    fixed = [cause for cause in gone if cause.code not in unproved]
    hidden = [cause for cause in gone if cause.code in unproved]
    yield from _section("causes-gone", _causes(fixed, words), words)
    yield from _section("causes-unproved", _causes(hidden, words), words)
    yield from _section("causes-new", _causes(difference.causes_new, words), words)
    yield from _section("causes-still", _causes(difference.causes_still, words), words)


def changed_endpoints(difference: Difference, words: Words) -> Iterator[str]:
    """Those that are well now, and those that are broken now, of causes that are still there."""
    for name in ("endpoints-mended", "endpoints-broken"):
        changed = getattr(difference, name.replace("-", "_"))
        is_told = changed and difference.causes_still
        shown = [", ".join(map(printable, changed))] if is_told else []
        yield from _section(name, shown, words)


def _causes(causes: Iterable[Cause], words: Words) -> Iterator[str]:
    return (_cause(cause, words) for cause in causes)


def _section(name: str, lines: Iterable[str], words: Words) -> Iterator[str]:
    shown = [f"  {line}" for line in lines]
    if shown:
        yield from ("", words(f"fleet.difference.{name}"), *shown)


def _cause(cause: Cause, words: Words) -> str:
    return words(
        "fleet.difference.cause",
        code=printable(cause.code),
        headline=printable(cause.headline),
        actor=words.actor(cause.owner),
    )


def _check(change: ChangedCheck, words: Words) -> str:
    nothing = words("fleet.difference.not-asked")
    before, after = (printable(", ".join(side)) for side in (change.before, change.after))
    return f"{printable(change.check)}: {before or nothing} → {after or nothing}"


def _value(change: ChangedValue, words: Words) -> str:
    nothing = words("fleet.difference.nothing")
    before, after = printable(change.before), printable(change.after)
    return f"{printable(change.name)}: {before or nothing} → {after or nothing}"
