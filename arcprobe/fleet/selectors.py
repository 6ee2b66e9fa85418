"""Label selectors as kubectl takes them, as the expressions of a node affinity. Pure."""

from __future__ import annotations

import re
from typing import Any

_KEY = r"(?P<key>[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?)"
_VALUE = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
_REQUIREMENTS = (
    (rf"{_KEY}\s+in\s*\((?P<values>[^()]+)\)", "In"),
    (rf"{_KEY}\s+notin\s*\((?P<values>[^()]+)\)", "NotIn"),
    (rf"{_KEY}\s*==?\s*(?P<values>({_VALUE})?)", "In"),
    (rf"{_KEY}\s*!=\s*(?P<values>({_VALUE})?)", "NotIn"),
    (rf"!{_KEY}", "DoesNotExist"),
    (_KEY, "Exists"),
)


def selector_terms(text: str) -> list[dict[str, Any]]:
    """Expressions of a label selector as kubectl takes it: ``a=b,c!=d,e in (f,g),h notin
    (i),j,!k``. ``ValueError`` else."""
    terms = [_term(part.strip()) for part in re.findall(r"(?:[^,(]|\([^)]*\))+", text)]
    if not terms:
        raise ValueError("the selector is empty")
    return terms


def _term(requirement: str) -> dict[str, Any]:
    for pattern, operator in _REQUIREMENTS:
        match = re.fullmatch(pattern, requirement)
        if match is not None:
            term = {"key": match["key"], "operator": operator}
            values = match.groupdict().get("values")
            if values is None:
                return term
            return term | {"values": [value.strip() for value in values.split(",")]}
    raise ValueError(f"{requirement[:60]!a} is no label selector")
