"""Difference of two reports -> text or JSON."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from arcprobe.fleet.difference import Difference
from arcprobe.report import layout as _layout
from arcprobe.report.layout import visible


def render_json(difference: Difference) -> str:
    """The difference as one JSON document."""
    return msgspec.json.format(msgspec.json.encode(difference), indent=2).decode() + "\n"


def render_text(difference: Difference) -> str:
    """The difference as text: verdict, causes gone and new, then checks, issuers, settings."""
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    before, after = difference.verdict_before.upper(), difference.verdict_after.upper()
    if difference.is_empty:
        yield f"No difference: {after}"
        return
    yield f"{before} → {after}" if before != after else f"{after}, as before"
    for title, causes in (
        ("Causes gone", difference.causes_gone),
        ("New causes", difference.causes_new),
    ):
        if causes:
            yield from ("", title)
            for cause in causes:
                yield f"  {visible(cause.code)}: {visible(cause.headline)}  (to act: {_layout.actor(cause.owner)})"
    if difference.checks:
        yield from ("", "Checks")
        for change in difference.checks:
            sides = (
                visible(", ".join(side)) or "not asked" for side in (change.before, change.after)
            )
            yield f"  {visible(change.check)}: {' → '.join(sides)}"
    for title, values in (("Issuers", difference.issuers), ("Settings", difference.settings)):
        if values:
            yield from ("", title)
            for value in values:
                yield f"  {visible(value.name)}: {visible(value.before) or 'none'} → {visible(value.after) or 'none'}"
