"""The order and the numbers of the causes."""

from __future__ import annotations

import msgspec

from arcprobe.model import Owner, Verdict
from arcprobe.report.outline import outline

from . import sample


def test_owners_stand_together_and_warnings_last() -> None:
    """A cause of the same owner joins it, a warning stands in the last part whoever owns it, and
    each has one number."""
    cause = sample.broken().causes[0]
    causes = tuple(
        msgspec.structs.replace(cause, owner=owner, verdict=verdict, headline=name)
        for owner, verdict, name in (
            (Owner.DNS, Verdict.WARN, "w"),
            (Owner.PROXY, Verdict.FAIL, "a"),
            (Owner.YOU, Verdict.FAIL, "b"),
            (Owner.PROXY, Verdict.FAIL, "c"),
        )
    )
    parts = outline(msgspec.structs.replace(sample.broken(), causes=causes))
    told = [
        (part.owner, [(item.number, item.cause.headline) for item in part.items]) for part in parts
    ]
    assert told == [
        (Owner.PROXY, [(1, "a"), (2, "c")]),
        (Owner.YOU, [(3, "b")]),
        (None, [(4, "w")]),
    ]
