"""Words of errors that people meet in logs -> codes: ``errors.toml``. Pure but for that file."""

from __future__ import annotations

import re
from functools import cache

from arcprobe.knowledge import tables
from arcprobe.model import Code

MOST = 1_000  # characters of a pasted line that are read
_NUMBER = re.compile(r"[0-9]+")


def codes_for(text: str) -> tuple[Code, ...]:
    """The codes that make an error, likeliest first: those of the longest words of the table that
    stand in the text. A number stands alone in it: 407, not 14075."""
    line = " ".join(text[:MOST].casefold().split())
    found = [words for words in _words() if _is_in(words, line)]
    longest = sorted(found, key=len, reverse=True)
    if not longest:
        return ()
    # "x509: certificate has expired" is told by its end, not by its "x509"
    return _words()[longest[0]]


def _is_in(words: str, line: str) -> bool:
    if words.isdigit():
        return words in _NUMBER.findall(line)
    return words in line


@cache
def _words() -> dict[str, tuple[Code, ...]]:
    raw = tables.read("errors")["words"]
    return {words: tuple(map(Code, names)) for words, names in raw.items()}
