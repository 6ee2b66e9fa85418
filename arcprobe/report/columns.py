"""Text in columns of a terminal: how wide it is, cut, padded, wrapped. East Asian letters take two
columns each and may stand at the end of any line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

# Stands for a blank at which a line must not break; it cannot come from outside: ``printable``
# escapes it.
_KEEP = "\x00"

# A line begins with none of these, and ends with none of those: JIS X 4051, "kinsoku".
_NEVER_FIRST = "、。，．・：；？！ー々」』）】〉》〕),.:;!?]"
_NEVER_LAST = "「『（【〈《〔(["
_CODE = re.compile(r"`[^`]*`")
_BLANKS = re.compile(r"( +)")


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if _is_wide(letter) else 1


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def padded(text: str, width: int) -> str:
    """The text and the blanks that it lacks of ``width`` columns."""
    return text + " " * (width - width_of(text))


def cut(text: str, width: int) -> str:
    """The text, or its begin and "…", in at most ``width`` columns."""
    if width_of(text) <= width:
        return text
    left, kept = width - 1, []
    for letter in text:
        left -= _columns(letter)
        if left < 0:
            break
        kept.append(letter)
    return f"{''.join(kept).rstrip()}…"


def wrapped(
    text: str, width: int, first: str = "", rest: str = "", paint: Callable[[str], str] = str
) -> Iterator[str]:
    """The text in lines of ``width`` columns. ``first`` stands before the first line, ``rest``
    before the others. Words are not broken, nor is what stands in backticks: it is pasted."""
    begin = first
    for line in _lines(text, width - width_of(first), width - width_of(rest)):
        yield f"{begin}{paint(line)}".rstrip()
        begin = rest


def _lines(text: str, first: int, rest: int) -> Iterator[str]:
    line, room = "", first
    for piece in _pieces(text):
        if line.strip() and width_of(line + piece.rstrip()) > room:
            yield line.rstrip()
            line, room = "", rest
        line += piece if line else piece.lstrip()
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """The words, with the blanks behind them; East Asian letters one by one, with the mark that
    must not begin a line."""
    kept = _CODE.sub(lambda match: match[0].replace(" ", _KEEP), text)
    for word in filter(None, _BLANKS.split(kept)):
        yield from (piece.replace(_KEEP, " ") for piece in _parts(word))


def _parts(word: str) -> Iterator[str]:
    if word.isascii():
        yield word
        return
    part = ""
    for letter in word:
        if part and _may_part(part[-1], letter):
            yield part
            part = ""
        part += letter
    yield part


def _may_part(before: str, letter: str) -> bool:
    """Whether a line may end between these two: beside an East Asian letter, and not where the one
    or the other holds on."""
    if letter in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return _is_wide(letter) or _is_wide(before)
