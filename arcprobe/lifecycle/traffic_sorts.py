"""A line of a log -> the expression that all lines of its sort match. Pure.

A proxy writes lines of a few sorts. What a line of a sort tells hangs on a few of its words: the
expression has a group for each of these, lets times, counts and ids vary, and demands the rest as
it stands. So two lines with the same groups tell the same.
"""

from __future__ import annotations

import re

from arcprobe.lifecycle.traffic_lines import PARTING, in_words, layout_of, may_be_status

_WORD = re.compile(rb"\S+")
_GROUP = rb"([^\s%b]+)" % re.escape(PARTING)
_TOKENS = re.compile(rb"([0-9A-Za-z]+)")
_DIGITS = re.compile(rb"[0-9]+")
_ID = b"[0-9A-Fa-f]+"
_HEXADECIMAL = re.compile(_ID)
# "errors=0", "0 errors", x509: of these the digits say something, and so do those of a version
_TELLING = re.compile(rb"(?i:err\w{0,3}\W{0,6}\w+|\w+ err|x[0-9]{3})|HTTP/[0-9.]+")


def expression_of(line: bytes) -> bytes:
    """The expression. One of its groups is never empty: the host's, else one of the begin."""
    words = list(_WORD.finditer(in_words(line)))
    grouped = _grouped([word[0] for word in words])
    kept = [found.span() for found in _TELLING.finditer(line)]
    parts, at = [] if grouped else [b"(?=(.))"], 0
    for number, word in enumerate(words):
        begin, end = word.span()
        is_kept = any(first < end and begin < last for first, last in kept)
        between, at = line[at:begin], end
        parts += [re.escape(between), _any_like(word[0], number in grouped, is_kept)]
    return b"".join((*parts, re.escape(line[at:])))


def _grouped(words: list[bytes]) -> set[int]:
    """The words that it hangs on what a line tells."""
    layout = layout_of(words)
    if layout.target < 0:
        return set()
    statuses = words if layout.status < 0 else words[: layout.status + 1]
    grouped = {number for number in range(len(statuses)) if may_be_status(words, number)}
    behind = layout.status + 1
    if layout.status >= 0 and not b"".join(words[behind : behind + 1]).isdigit():
        grouped.add(behind)
    return grouped | {layout.target, layout.port}


def _any_like(word: bytes, is_grouped: bool, is_kept: bool) -> bytes:
    """What matches a word: any, itself, or others of the same kind."""
    if is_grouped:
        return _GROUP
    if is_kept:
        return re.escape(word)
    if b"." in word:  # which letters stand where makes a name of it
        return _varied(word)
    pieces = _TOKENS.split(word)
    return b"".join(_ID if _HEXADECIMAL.fullmatch(piece) else _varied(piece) for piece in pieces)


def _varied(word: bytes) -> bytes:
    """Other numbers in their places."""
    return b"[0-9]+".join(map(re.escape, _DIGITS.split(word)))
