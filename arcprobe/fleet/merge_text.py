"""The picture of many places as text, whose first screen holds what is most needed, and as a report
that every format takes. Beside the merge, not in ``report/``: a stage knows one report, a fleet
knows many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arcprobe.fleet.merge import Group, Merged
from arcprobe.fleet.places import LAPTOP, Place
from arcprobe.knowledge.language import Language
from arcprobe.model import (
    SCHEMA,
    Cause,
    Check,
    Code,
    Finding,
    Kind,
    Layer,
    Owner,
    Report,
    Route,
    Run,
    Verdict,
)
from arcprobe.model.text import printable
from arcprobe.report import as_text, columns
from arcprobe.report.as_json import document
from arcprobe.report.outline import Item, items
from arcprobe.report.words import Words

WIDTH, HEIGHT = 80, 24

_MOST_GROUPS = 5
_MOST_NODES = 4  # named of a group
_MOST_LINES = 2  # of a headline or a remedy
_MOST_WHERE = 200  # places of one cause named in the report
_INDENT = "   "


def render_text(
    merged: Merged, width: int = WIDTH, height: int = HEIGHT, *, language: Language | None = None
) -> str:
    """Verdict, causes (what, who must act, the remedy), then groups of places: a screen of at most
    ``height`` lines. Where that had to leave something out, all of it follows, and the verdict
    again as the last line."""
    words = Words(language)
    screen = _screen(merged, width, height, words)
    if not _is_cut(screen, merged):
        return "\n".join(screen) + "\n"
    details = map(printable, _details(merged, width, words))
    return "\n".join([*screen, *details, "", screen[0]]) + "\n"


def _is_cut(screen: Iterable[str], merged: Merged) -> bool:
    """Whether the screen does not hold all: words, causes, groups or nodes are left out, or lines
    to be pasted, which it has no room for."""
    is_short = any("…" in line for line in screen)
    has_lines = any(cause.change for cause in merged.causes)
    has_more = any(len(group.nodes) > _MOST_NODES for group in merged.groups)
    return is_short or has_lines or has_more


def _details(merged: Merged, width: int, words: Words) -> Iterator[str]:
    """Every cause whole, with the lines to be pasted; every group with every node."""
    report = as_report(merged, language=words.language)
    yield from as_text.causes(report, words, width)
    for group in merged.groups:
        yield from ("", f"{len(group.nodes)} {group.vantage} {group.verdict}: {_codes(group)}")
        yield from _wrapped(_INDENT + ", ".join(group.nodes), width, most=None)


def _codes(group: Group) -> str:
    return ", ".join(group.causes)


def _screen(merged: Merged, width: int, height: int, words: Words) -> list[str]:
    title = _wrapped(_title(merged, words), width, indent="")
    groups = _groups(merged, width, words)
    room = height - len(title) - len(groups) - 3  # an empty line below the title, one above groups
    causes = _whole_causes(merged, width, words)
    if len(causes) > room:
        causes = _causes(merged, room, width, words)
    blank = [""] if merged.causes and groups else []
    # names of nodes, vantages and files are strangers' text
    return list(map(printable, [*title, "", *causes, *blank, *groups]))


def _wrapped(
    text: str, width: int, indent: str = _INDENT, most: int | None = _MOST_LINES
) -> list[str]:
    """Lines of a text, at most so many. What somebody may copy is not broken: a line keeps its end,
    and an address or a list stays whole."""
    lines: list[str] = []
    for number, line in enumerate(text.splitlines()):
        first, bare = _indented(line)
        first += indent if number else ""
        found = list(columns.wrapped(bare, width, first, indent))
        lines += found if most is None else _shortened(found, width, most)
    return lines[:most]


def _shortened(lines: Sequence[str], width: int, most: int) -> list[str]:
    """The first of them; where that leaves something out, the last ends in "…" behind a word."""
    kept = [columns.cut(line, width) for line in lines[:most]]
    if len(lines) > most:
        first, bare = _indented(kept[-1])
        kept[-1] = f"{next(columns.wrapped(bare, width - 2, first))} …"
    return kept


def _indented(line: str) -> tuple[str, str]:
    """The blanks that a line begins with, and the rest."""
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)), bare


def _title(merged: Merged, words: Words) -> str:
    where = words("fleet.screen.no-report")
    if merged.places:
        where = words(
            "fleet.screen.where",
            nodes=words.count(
                "fleet.nodes",
                len({place.node for place in merged.places if place.vantage != LAPTOP}),
            ),
            reports=words.count("fleet.reports", len(merged.places)),
            vantages=tuple(map(words.vantage, sorted({place.vantage for place in merged.places}))),
        )
    return words(
        "fleet.screen.title",
        verdict=merged.verdict.upper(),
        where=where,
        seen=_seen(merged, words) or words("fleet.screen.nothing"),
    )


def _seen(merged: Merged, words: Words) -> tuple[str, ...]:
    counts = Counter(place.verdict for place in merged.places)
    seen = [
        words("fleet.screen.seen", count=counts[verdict], verdict=verdict)
        for verdict in Verdict
        if counts[verdict]
    ]
    if merged.lost:
        lost = {(lost.vantage, lost.node) for lost in merged.lost}
        seen.append(words("fleet.screen.lost", count=len(lost)))
    return tuple(seen)


def _numbered(merged: Merged) -> tuple[Item, ...]:
    """The causes with the numbers that they have in every format."""
    return items(as_report(merged))


def _whole_causes(merged: Merged, width: int, words: Words) -> list[str]:
    """All causes with every word, for a screen that has room for them."""
    lines: list[str] = []
    for item in _numbered(merged):
        lines += _cause(item.number, item.cause, width, words, most=None)
    return lines


def _causes(merged: Merged, room: int, width: int, words: Words) -> list[str]:
    """As many causes as there is room for, with a line for the number of the others."""
    lines: list[str] = []
    for item in _numbered(merged):
        block = _cause(item.number, item.cause, width, words)
        left = len(merged.causes) - item.number
        if len(block) + min(left, 1) > room - len(lines):
            return [*lines, columns.cut(words.count("fleet.screen.more-causes", left + 1), width)]
        lines += block
    return lines


def _cause(
    number: int, cause: Cause, width: int, words: Words, most: int | None = _MOST_LINES
) -> list[str]:
    text = words("fleet.screen.cause", number=number, headline=cause.headline, code=cause.code)
    block = _wrapped(text, width, most=most)
    if cause.remedy:
        owner = cause.owner or Owner.YOU
        act = words("fleet.screen.remedy", owner=owner, remedy=cause.remedy)
        block += _wrapped(f"{_INDENT}{act}", width, most=most)
    return block


def _groups(merged: Merged, width: int, words: Words) -> list[str]:
    lines = [_group(group, width) for group in merged.groups[:_MOST_GROUPS]]
    more = len(merged.groups) - _MOST_GROUPS
    if more > 0:
        lines[-1] = columns.cut(words("fleet.screen.more-groups", count=more + 1), width)
    return lines


def _group(group: Group, width: int) -> str:
    nodes = ", ".join(group.nodes[:_MOST_NODES])
    if len(group.nodes) > _MOST_NODES:
        nodes += f" +{len(group.nodes) - _MOST_NODES}"
    count = f"{len(group.nodes):>5} {group.vantage:<6} {group.verdict:<5}"
    line = "  ".join(filter(None, (count, ", ".join(group.causes), nodes)))
    return columns.cut(line, width)


# --------------------------------------------------------------------------------------------------


def as_report(merged: Merged, *, language: Language | None = None) -> Report:
    """A report as one place makes it: one check for each cause, or one that passes."""
    words = Words(language)
    agreement = Cause(
        code=Code.NODES_AGREE,
        verdict=Verdict.PASS,
        headline=words("fleet.agree", count=len(merged.places)),
        remedy="",
        owner=Owner.NOBODY,
        explains=(),
        layer=Layer.CLUSTER,
    )
    told = {
        f"cluster {number} {cause.code}": cause for number, cause in enumerate(merged.causes, 1)
    }
    checks = told or {f"cluster {agreement.code}": agreement}
    return Report(
        schema=SCHEMA,
        verdict=merged.verdict,
        run=_run(merged),
        checks=tuple(map(_check, checks)),
        observations=(),
        findings=tuple(_finding(check, cause, words) for check, cause in checks.items()),
        causes=tuple(
            msgspec.structs.replace(cause, explains=(check,)) for check, cause in told.items()
        ),
    )


def _check(name: str) -> Check:
    return Check(
        id=name,
        kind=Kind.CLUSTER,
        target="cluster",
        route=Route.DIRECT,
        required=True,
        feature="core",
    )


def _finding(check: str, cause: Cause, words: Words) -> Finding:
    where = (words("fleet.at", where=place) for place in cause.explains[:_MOST_WHERE])
    return Finding(
        check=check,
        kind=Kind.CLUSTER,
        layer=cause.layer,
        target="cluster",
        route=Route.DIRECT,
        verdict=cause.verdict,
        code=cause.code,
        summary=cause.headline,
        evidence=(*cause.evidence, *where),
        remedy=cause.remedy,
        owner=cause.owner,
    )


def _run(merged: Merged) -> Run:
    nowhere = Place(vantage=LAPTOP, node="", verdict=merged.verdict, signature=0)
    places = merged.places or (nowhere,)
    return Run(
        version=max(place.version for place in places),
        started=min(place.started for place in places),
        seconds=max(place.seconds for place in places),
        vantage=Counter(place.vantage for place in places).most_common(1)[0][0],
        host="",
        node="",
        pod="",
        settings=merged.settings,
    )


def render_json(
    merged: Merged, kept: Sequence[bytes] | None = None, *, language: Language | None = None
) -> str:
    """The report, and beside its keys ``places``, ``lost`` and ``groups``; ``reports`` with the
    whole reports of the places, where they are ``kept``."""
    content = msgspec.to_builtins(as_report(merged, language=language))
    content |= msgspec.to_builtins(
        {"places": merged.places, "lost": merged.lost, "groups": merged.groups}
    )
    for place in content["places"]:
        del place["signature"]
    if kept is not None:
        content["reports"] = [msgspec.Raw(report) for report in kept]
    return document(content)
