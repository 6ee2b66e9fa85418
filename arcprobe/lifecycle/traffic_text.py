"""What went through the gateway, for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.knowledge.gateway_list import as_of
from arcprobe.knowledge.language import Language, language
from arcprobe.lifecycle.traffic import Host, Traffic
from arcprobe.model import line
from arcprobe.model.text import printable
from arcprobe.report import columns

_HEAD = tuple(
    f"traffic.head-{name}" for name in "host count refused failed first last note".split()
)
_MOST_BROKEN = 10


def as_text(traffic: Traffic, where: str, words: Language | None = None) -> str:
    """A table of hosts, then what is missing, what was not understood, and what is broken."""
    words = words or language()
    if not traffic.lines:
        return words.template("traffic.empty")
    head = line(
        "traffic.source", where=printable(where, 200), lines=traffic.lines, hosts=len(traffic.hosts)
    )
    parts = (
        [words.say(head)],
        list(_table(traffic, words)) if traffic.hosts else [],
        list(_silent(traffic, words)),
        list(_rest(traffic, words)),
        list(_broken(traffic, words)),
    )
    return "\n\n".join("\n".join(part) for part in parts if part)


def _table(traffic: Traffic, words: Language) -> Iterator[str]:
    rows = [tuple(map(words.template, _HEAD)), *(_row(host, words) for host in traffic.hosts)]
    widths = [max(map(columns.width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [columns.padded(cell, width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _row(host: Host, words: Language) -> tuple[str, ...]:
    note = "" if host.listed else words.say(line("traffic.unlisted", as_of=as_of()))
    counts = (host.count, host.refused, host.failed)
    return (host.target, *map(str, counts), host.first or "-", host.last or "-", note)


def _silent(traffic: Traffic, words: Language) -> Iterator[str]:
    if traffic.silent is None:
        yield words.template("traffic.no-region")
    elif traffic.silent:
        yield words.template("traffic.silent")
        yield from (f"  {target}" for target in traffic.silent)
    else:
        yield words.template("traffic.no-silent")


def _rest(traffic: Traffic, words: Language) -> Iterator[str]:
    if traffic.beyond:
        yield words.say(line("traffic.further", count=traffic.beyond))
    if traffic.not_understood:
        yield words.say(line("traffic.not-understood", count=traffic.not_understood))
        yield from (f"  {sample}" for sample in traffic.samples)


def _broken(traffic: Traffic, words: Language) -> Iterator[str]:
    targets = tuple(host.target for host in traffic.broken)[:_MOST_BROKEN]
    if targets:
        yield words.say(line("traffic.broken", hosts=targets))
