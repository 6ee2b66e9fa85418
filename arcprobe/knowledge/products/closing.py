"""The reverse of an allow list: what is taken out of a product once the gateway carries it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from arcprobe.knowledge.language import language
from arcprobe.knowledge.products.allow_list import Section, allow_lists, allows_names, sections
from arcprobe.knowledge.products.base import Lines, Product
from arcprobe.knowledge.products.lines import Asked, heading, is_of_a_host, remark, written_blocks
from arcprobe.knowledge.products.registry import product
from arcprobe.knowledge.selection import Selection


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an allow list, taken back. ``gone``: what is to be taken out, blocks of lines, or
    the commands that do it; ``instead``: what comes in their place; ``where``, ``apply`` as in
    ``Lines``."""

    where: str
    gone: tuple[str, ...]
    instead: tuple[str, ...] = ()
    apply: str | None = None
    are_commands: bool = False
    is_comment: bool = False


def closing_forms() -> tuple[str, ...]:
    """Names of ``endpoints --format`` that have a reverse. Rules of addresses have none: hosts of
    Azure share them."""
    return tuple(form for form, name in allow_lists().items() if allows_names(name))


def closing_list(form: str, everything: Selection, closed: Selection) -> str:
    """What the allow list of ``everything`` is to lose, where ``closed`` are the endpoints of it
    that may be closed; as text with comments. ``form``: one of ``closing_forms``."""
    rules = heading(closed, "closing")
    rules += [f"# {note}" for note in language().template("endpoints.note.removable").splitlines()]
    for part in closings(form, everything, closed):
        mark = "# " if part.is_comment else ""
        rules += [f"# {line}" for line in part.where.splitlines()]
        rules += remark("run" if part.are_commands else "take-out")
        rules += [mark + line for line in _lines(part.gone)]
        rules += remark("instead") if part.instead else []
        rules += [mark + line for line in _lines(part.instead)]
        rules += remark("apply", command=part.apply) if part.apply else []
    return "\n".join(rules)


def _lines(blocks: Iterable[str]) -> list[str]:
    return "\n".join(blocks).splitlines()


def closings(form: str, everything: Selection, closed: Selection) -> Iterator[Closing]:
    """The same, a part of the list each."""
    gone = {(row.host, row.port) for row in closed.endpoints}
    name = allow_lists()[form]
    for section in sections(name, everything):
        part = _closing(product(name), section, gone)
        if part.gone:
            yield part


def _closing(known: Product, section: Section, gone: set[tuple[str, int]]) -> Closing:
    before = section.asked
    left = tuple(target for target in before.targets if target not in gone)
    # under the name of the whole list, which is the one that was pasted
    after = msgspec.structs.replace(before, targets=left, named=before.targets)
    lines = known.lines[section.code]
    assert isinstance(lines, Lines)
    made = Closing(where=lines.where, gone=(), apply=lines.apply, is_comment=section.is_comment)
    if section.code in known.closing:
        commands = known.closing[section.code]
        ran = _ran(commands, before, after, section.code)
        return msgspec.structs.replace(made, gone=ran, are_commands=True)
    taken = _less(lines.lines, before, after, section.code)
    put = _less(lines.lines, after, before, section.code)
    return msgspec.structs.replace(made, gone=taken, instead=put)


def _less(blocks: Iterable[str], one: Asked, other: Asked, kind: str) -> tuple[str, ...]:
    """The blocks for one that are none of another."""
    found: list[str] = []
    for block in blocks:
        known = written_blocks(block, kind, other)
        for text in written_blocks(block, kind, one):
            found += [text] if text not in known else []
    return tuple(found)


def _ran(commands: Iterable[str], before: Asked, after: Asked, kind: str) -> tuple[str, ...]:
    """Commands for the hosts that are gone, with what stands around them."""
    if before.targets == after.targets:
        return ()
    found: list[str] = []
    for command in commands:
        left = after if is_of_a_host(command) else msgspec.structs.replace(after, targets=())
        found += _less((command,), before, left, kind)
    return tuple(found)
