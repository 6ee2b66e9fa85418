"""A comparison of a list with what is needed, for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from arcprobe.knowledge.language import Language, language
from arcprobe.lifecycle.allowed_comparison import Comparison, Miss, Remark
from arcprobe.model import Line, line
from arcprobe.model.text import printable

_MOST = 50  # of each sort: a list of a whole enterprise has thousands of entries for others


def as_text(found: Comparison, where: str, title: str, words: Language | None = None) -> str:
    """What is wrong first; the last line is the verdict."""
    parts = _Words(words or language()).parts(found, where, title)
    return "\n\n".join("\n".join(part) for part in parts if part)


class _Words:
    """The parts, in a language."""

    def __init__(self, words: Language) -> None:
        self._words = words
        self._say = words.say

    def parts(self, found: Comparison, where: str, title: str) -> Iterator[list[str]]:
        """Each part, its heading first."""
        say, product = self._say, found.product
        grave = [miss for miss in found.missing if miss.is_grave]
        partly = [miss for miss in found.missing if miss.some]
        perhaps = [miss for miss in found.missing if not miss.is_grave and not miss.some]
        count = len(found.allowed.entries)
        head = line("compare.head", where=printable(where, 200), product=product, count=count)
        yield [say(head), say(line("compare.with", title=title))]
        yield self._part(line("compare.missing", count=len(grave)), map(self._needed, grave))
        heading = line("compare.ineffective", product=product)
        yield self._part(heading, map(self._instead, found.ineffective))
        yield self._part(line("compare.partly"), map(self._partly, partly))
        yield self._part(line("compare.perhaps"), map(self._needed, perhaps))
        yield self._part(line("compare.too-broad"), map(self._broad, found.too_broad))
        heading = line("compare.superfluous", count=len(found.superfluous))
        yield self._part(heading, map(self._plain, found.superfluous))
        yield list(self._strange(found))
        yield [say(line("compare.fail" if found.fails else "compare.pass", count=len(grave)))]

    def _part(self, head: Line, rows: Iterable[str]) -> list[str]:
        listed = list(rows)
        if not listed:
            return []
        rest = len(listed) - _MOST
        more = [self._say(line("compare.more", count=rest))] if rest > 0 else []
        return [self._say(head), *(f"  {row}" for row in (*listed[:_MOST], *more))]

    def _needed(self, miss: Miss) -> str:
        purpose = self._words.template(f"purpose.{miss.endpoint.purpose_key}")
        return f"{miss.target}  {miss.endpoint.feature}: {purpose}"

    def _partly(self, miss: Miss) -> str:
        return self._say(line("compare.some", target=miss.target, hosts=miss.some))

    def _plain(self, remark: Remark) -> str:
        entry = remark.entry
        return self._say(line("compare.entry", number=entry.line, entry=entry.text))

    def _instead(self, remark: Remark) -> str:
        right = line("compare.instead", entry=self._plain(remark), right=remark.instead)
        return self._say(right)

    def _broad(self, remark: Remark) -> str:
        return self._say(line("compare.needed", entry=self._plain(remark), hosts=remark.needed))

    def _strange(self, found: Comparison) -> Iterator[str]:
        if found.allowed.not_understood:
            yield self._say(line("compare.not-understood", count=found.allowed.not_understood))
            yield from (f"  {sample}" for sample in found.allowed.samples)
