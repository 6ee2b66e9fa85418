"""Host names, and patterns that begin with ``*.`` and stand for every name below. Pure."""

from __future__ import annotations

import re

LONGEST_NAME = 253
"""Characters of a host name (RFC 1035 section 2.3.4: 255 octets on the wire). Of anything longer
the rest is not read: a pasted file does not end up in an error message."""

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})+")  # RFC 1123 section 2.1, RFC 1035 section 2.3.4


def check_pattern(text: str) -> str:
    """A name, or ``*.`` and a domain, in lower case. Raises ``ValueError``."""
    name = text.strip().lower().removesuffix(".")
    if len(name) > LONGEST_NAME or not HOST.fullmatch(name.removeprefix("*.")):
        raise ValueError(f"{text[:60]!a} is no host name")
    return name


def overlap(one: str, other: str) -> bool:
    """Whether two names, or patterns that begin with ``*.``, have a host in common."""
    return one == other or is_below(one, other) or is_below(other, one)


def is_below(name: str, pattern: str) -> bool:
    """Whether a name, or all that a pattern stands for, is below a pattern."""
    return pattern.startswith("*.") and name.removeprefix("*").endswith(pattern[1:])
