"""The lines of a log -> counts for each host. Pure.

A log has a gigabyte. So the lines of a block are told apart by their sort, and those of a sort are
read by one expression at once; only what stands in its groups for the first time is read as a line.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from operator import itemgetter

from arcprobe.lifecycle.traffic_lines import Outcome, Seen, read_line
from arcprobe.lifecycle.traffic_sorts import expression_of

_MOST_HOSTS = 5_000
"""Hosts that are told apart. A cluster talks to some dozens; the rest is counted together, so that
an endless log of random names costs no memory."""
_MOST_KEYS = 10_000
_MOST_SORTS = 1_000  # that are remembered; one costs a millisecond and some kilobytes
_MOST_WORDS = 20_000  # in the groups of all sorts
_LONGEST = 1_000  # bytes of a line whose sort is remembered
_OFTEN = 3  # lines of a sort in one block, from which on it is remembered
_SAMPLES = 5
KEPT = 640  # bytes of a sample, and of a line that its time is read from

# What lines of one sort differ in: digits and hexadecimal letters, of times, counts and ids.
_VARYING = b"0123456789abcdefABCDEF"
_DIGITS = b"0123456789"

_Words = tuple[bytes, ...]  # in the groups of a line
_Line = tuple[int, bytes]  # its number and its begin


class Entry:
    """What was read of one host: how often, and the first and the last line of it."""

    __slots__ = ("count", "failed", "first", "last", "refused")

    def __init__(self) -> None:
        self.count = self.refused = self.failed = 0
        self.first = self.last = (-1, b"")

    def add(self, outcome: Outcome, count: int, first: _Line, last: _Line) -> None:
        """As many lines more."""
        self.first = min(self.first, first) if self.count else first
        self.last = max(self.last, last)
        self.count += count
        if outcome is Outcome.REFUSED:
            self.refused += count
        elif outcome is Outcome.FAILED:
            self.failed += count


class _Sort:
    """Lines of one sort, and what those with the same words in the groups tell."""

    def __init__(self, expression: bytes) -> None:
        self.expression = re.compile(rb"^(?:%b|.*)$" % expression, re.MULTILINE)
        self.known: dict[_Words, Seen | None] = {}


class Tally:
    """Counts of a whole log; its memory does not grow with the log."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, int], Entry] = {}
        self.lines = self.beyond = self.not_understood = 0
        self.samples: dict[bytes, bytes] = {}
        self._begun = 0  # lines of the blocks before
        self._sorts: dict[bytes, _Sort] = {}  # by what does not vary in a line
        self._expressions: dict[bytes, _Sort] = {}
        self._words = 0

    def take(self, block: bytes) -> None:
        """Counts whole lines."""
        lines, sort_of = block.split(b"\n"), self._sorts.get
        groups: defaultdict[_Sort | bytes, list[int]] = defaultdict(list)
        for number, key in enumerate(block.translate(None, _VARYING).split(b"\n")):
            groups[sort_of(key, key)].append(number)
        for sort, numbers in groups.items():
            if isinstance(sort, bytes):
                self._learn(sort, lines[numbers[0]], len(numbers))
                self._take_each(numbers, lines)
            else:
                self._take_alike(sort, numbers, lines)
        self._begun += len(lines)

    def _learn(self, key: bytes, line: bytes, count: int) -> None:
        """Remembers the sort of a line that there are several of."""
        if (
            count < _OFTEN
            or len(line) > _LONGEST
            or len(self._sorts) >= _MOST_KEYS
            or not line.strip()
        ):
            return
        expression = expression_of(line)
        if len(self._expressions) < _MOST_SORTS:
            self._expressions.setdefault(expression, _Sort(expression))
        if expression in self._expressions:
            self._sorts[key] = self._expressions[expression]

    def _take_each(self, numbers: Iterable[int], lines: list[bytes]) -> None:
        for number in numbers:
            line = lines[number]
            if line and not line.isspace():
                self._add(read_line(line), 1, (number, number), lines)

    def _take_alike(self, sort: _Sort, numbers: list[int], lines: list[bytes]) -> None:
        found = sort.expression.findall(b"\n".join(itemgetter(*numbers, numbers[0])(lines)[:-1]))
        last = dict(zip(found, numbers, strict=True))
        counts = Counter(found)
        first = last  # what was read in a block before was there before
        if any(words not in sort.known for words in counts):
            first = dict(zip(reversed(found), reversed(numbers), strict=True))
        for words, count in counts.items():
            if any(words):
                seen = self._known(sort, words, lines[first[words]])
                self._add(seen, count, (first[words], last[words]), lines)
            else:  # of another sort, with the same letters
                others = zip(numbers, found, strict=True)
                self._take_each((number for number, its in others if its == words), lines)

    def _known(self, sort: _Sort, words: _Words, line: bytes) -> Seen | None:
        if words in sort.known:
            return sort.known[words]
        seen = read_line(line)
        if self._words < _MOST_WORDS:
            self._words += 1
            sort.known[words] = seen
        return seen

    def _add(
        self, seen: Seen | None, count: int, numbers: tuple[int, int], lines: list[bytes]
    ) -> None:
        """Counts lines that tell the same; ``numbers``: the first and the last of them."""
        self.lines += count
        first, last = ((self._begun + number, lines[number][:KEPT]) for number in numbers)
        if seen is None:
            self._add_without_host(count, first[1])
            return
        key = seen[:2]
        if key not in self.entries and len(self.entries) >= _MOST_HOSTS:
            self.beyond += count
            return
        self.entries.setdefault(key, Entry()).add(seen.outcome, count, first, last)

    def _add_without_host(self, count: int, line: bytes) -> None:
        self.not_understood += count
        if len(self.samples) < _SAMPLES:  # each sort of line once
            self.samples.setdefault(line.translate(None, _DIGITS), line)
