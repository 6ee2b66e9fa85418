"""What went through the gateway, for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.knowledge.gateway_list import as_of
from arcprobe.knowledge.language import language
from arcprobe.lifecycle.traffic import Host, Traffic
from arcprobe.model import line
from arcprobe.model.text import printable

_HEAD = tuple(
    f"traffic.head-{name}" for name in "host count refused failed first last note".split()
)
_MOST_BROKEN = 10


def as_text(traffic: Traffic, where: str) -> str:
    """A table of hosts, then what is missing, what was not understood, and what is broken."""
    if not traffic.lines:
        return language().template("traffic.empty")
    head = line(
        "traffic.source", where=printable(where, 200), lines=traffic.lines, hosts=len(traffic.hosts)
    )
    parts = (
        [language().say(head)],
        list(_table(traffic)) if traffic.hosts else [],
        list(_silent(traffic)),
        list(_rest(traffic)),
        list(_broken(traffic)),
    )
    return "\n\n".join("\n".join(part) for part in parts if part)


def _table(traffic: Traffic) -> Iterator[str]:
    rows = [tuple(map(language().template, _HEAD)), *map(_row, traffic.hosts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _row(host: Host) -> tuple[str, ...]:
    note = "" if host.listed else language().say(line("traffic.unlisted", as_of=as_of()))
    counts = (host.count, host.refused, host.failed)
    return (host.target, *map(str, counts), host.first or "-", host.last or "-", note)


def _silent(traffic: Traffic) -> Iterator[str]:
    if traffic.silent is None:
        yield language().template("traffic.no-region")
    elif traffic.silent:
        yield language().template("traffic.silent")
        yield from (f"  {target}" for target in traffic.silent)
    else:
        yield language().template("traffic.no-silent")


def _rest(traffic: Traffic) -> Iterator[str]:
    if traffic.beyond:
        yield language().say(line("traffic.further", count=traffic.beyond))
    if traffic.not_understood:
        yield language().say(line("traffic.not-understood", count=traffic.not_understood))
        yield from (f"  {sample}" for sample in traffic.samples)


def _broken(traffic: Traffic) -> Iterator[str]:
    targets = tuple(host.target for host in traffic.broken)[:_MOST_BROKEN]
    if targets:
        yield language().say(line("traffic.broken", hosts=targets))
