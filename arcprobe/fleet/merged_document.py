"""The JSON of a merged report, read again."""

from __future__ import annotations

import msgspec

from arcprobe.fleet.merge import Group, Lost, Merged
from arcprobe.fleet.places import Place
from arcprobe.model import Cause, Settings, Verdict


class _Run(msgspec.Struct, frozen=True):
    settings: Settings = Settings()


class _Place(msgspec.Struct, frozen=True):
    """A place as the document has it: by which report it was told is not in it."""

    vantage: str
    node: str
    verdict: Verdict
    started: str = ""
    seconds: float = 0.0
    version: str = ""


class _Document(msgspec.Struct, frozen=True):
    """What `report merge` adds to a report, and what it takes from one; the rest is made again."""

    verdict: Verdict
    places: tuple[_Place, ...] = ()
    lost: tuple[Lost, ...] = ()
    groups: tuple[Group, ...] = ()
    causes: tuple[Cause, ...] = ()
    run: _Run = _Run()


def read_merged(data: bytes | str) -> Merged | None:
    """The picture of many places; None where the text is no merged report."""
    try:
        found = msgspec.json.decode(data, type=_Document)
    except (msgspec.MsgspecError, ValueError):
        return None  # a report of one place, or none at all: its reader says what is wrong
    if not (found.places or found.lost):
        return None
    return Merged(
        verdict=found.verdict,
        places=tuple(
            Place(signature=number, **msgspec.structs.asdict(place))
            for number, place in enumerate(found.places)
        ),
        lost=found.lost,
        groups=found.groups,
        causes=found.causes,
        settings=found.run.settings,
    )
