"""Names of regions that the data does not know: new ones, and misspelt ones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ALIKE = 0.85
"""Likeness of two names, 0 to 1 (difflib), from which on one is the other misspelt. Pairs of
regions of different countries are below 0.82, but for Austria East and Australia East; too low
would refuse a new region, too high takes a slip for one, whose hosts DNS then does not know."""

# what distinguishes the regions of one country
_PLACE = re.compile(r"north|south|east|west|central|[0-9]")
_SHAPE = re.compile(r"[a-z]{4,40}[0-9]?")

# beginnings of names that only one cloud has
_OF_CLOUD = {"AzureUSGovernment": ("usgov", "usdod"), "AzureChinaCloud": ("china",)}


def belongs_to(name: str, cloud: str) -> bool:
    """Whether a name can only be a region of that cloud."""
    return name.startswith(_OF_CLOUD.get(cloud, ("-",)))


def is_plausible(name: str, cloud: str) -> bool:
    """Whether a name is written as the regions of that cloud are."""
    return bool(_SHAPE.fullmatch(name)) and name.startswith(_OF_CLOUD.get(cloud, ("",)))


def misspelt(name: str, known: Iterable[str]) -> str:
    """The region that a name was meant to be; empty where it may well be one of its own."""
    return next((other for other in known if _is_slip(name, other)), "")


def _is_slip(name: str, other: str) -> bool:
    if sorted(name) == sorted(other):
        return True  # letters or words in another order
    if _PLACE.sub("", name) == _PLACE.sub("", other):
        return False  # another place of the same country: eastus4, swedennorth
    from difflib import SequenceMatcher  # 4 ms, for a region that is not known alone

    return SequenceMatcher(None, name, other).ratio() >= _ALIKE
