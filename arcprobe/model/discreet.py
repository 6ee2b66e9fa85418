"""Errors that quote what was given, without what may be a password: who mistakes one flag for
another has it in the log of a CI for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from arcprobe.model.redaction import STARS, redact
from arcprobe.model.text import is_address, without_credentials

_LEAST = 4  # characters: less is no password
_ALIKE = 0.7  # of difflib's ratio: a slip in a word that the message names
_ABBREVIATED = 0.85  # of its letters stand, in their order, in a word that the message names
_CUTS = (600, 80, 60, 40, 20)  # characters after which the errors of arcprobe cut what they quote
_MOST_VALUES = 2_000  # of a file; the first wrong ones are told

# What cannot be a password, or tells nothing: lower-case words, numbers and ranges, flags, paths,
# lower-case host names.
_HARMLESS = re.compile(
    r"[a-z]{1,24}|[\d.,:/+-]+|--?[a-z][a-z-]*|[\w.~ -]*[/\\][\w./\\~ -]*|[A-Za-z]:\\[\w./\\~ -]*"
    r"|(?=.*\.)[a-z0-9.*-]+(?::\d+)?|[a-z]+://[a-z0-9.-]+(?::\d+)?(?:/[\w./-]*)?"
)


def discreet(message: str, given: Iterable[str]) -> str:
    """The message with stars for each of the values that may be secret. Near misses of a word that
    the message names, paths, numbers and plain words stay."""
    shown = without_credentials(redact(message))
    parts = dict.fromkeys(chain.from_iterable(map(_parts, given)))
    for part in sorted(list(parts)[:_MOST_VALUES], key=len, reverse=True):
        for piece in _quoted(part):
            if piece in shown and not _is_harmless(part, shown):
                shown = shown.replace(piece, STARS)
    return shown


def without_quotes(words: str) -> str:
    """Words of a parser, without what they quote."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", STARS, words)


def _parts(value: str) -> Iterator[str]:
    """A value, what stands behind its equals sign, and its entries."""
    for text in (value, value.partition("=")[2]):
        yield from (text, *text.split(","))


def _quoted(part: str) -> Iterator[str]:
    """The ways in which an error may quote it, the longest first."""
    for cut in (len(part), *_CUTS):
        piece = part[:cut]
        if len(piece) >= _LEAST:
            yield from (piece, ascii(piece)[1:-1])


def _is_harmless(part: str, message: str) -> bool:
    if _HARMLESS.fullmatch(part) or is_address(part):
        return True
    named = set(re.findall(r"[\w.-]+", message.replace(part, " ")))
    return any(_is_alike(part, word) for word in named)


def _is_alike(part: str, word: str) -> bool:
    from difflib import SequenceMatcher  # 4 ms, for what is refused alone

    matcher = SequenceMatcher(a=part.lower(), b=word.lower())
    common = sum(block.size for block in matcher.get_matching_blocks())
    is_abbreviation = common >= len(part) * _ABBREVIATED and len(part) > _LEAST
    return is_abbreviation or matcher.ratio() >= _ALIKE
