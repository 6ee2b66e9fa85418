"""Reports of many places in, one picture out: who fails, what they have in common, and what the
vantages say together. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from arcprobe.fleet.comparison import Comparison
from arcprobe.fleet.places import LAPTOP, Place, Symptoms, Where, read
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language
from arcprobe.model import Cause, Code, Verdict
from arcprobe.report.words import Words

_MOST_LOST = 30  # lost nodes named in the evidence
_MOST_IN_HEADLINE = 8


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A node that was to report and did not."""

    node: str
    vantage: str = ""
    reason: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Places with the same causes. ``nodes`` are named once for each vantage."""

    vantage: str
    verdict: Verdict
    causes: tuple[str, ...]
    nodes: tuple[str, ...]


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """The picture. ``causes`` explain nodes here: ``explains`` holds ``vantage node``."""

    verdict: Verdict
    places: tuple[Place, ...]
    lost: tuple[Lost, ...]
    groups: tuple[Group, ...]
    causes: tuple[Cause, ...]


def gravity(verdict: Verdict) -> int:
    """The weight of a verdict among many places: a fault that was seen outweighs a node that was
    lost, as it is known and does not go away when the lost node is found."""
    return len(Verdict) if verdict is Verdict.FAIL else verdict.severity


class Merger:
    """Takes reports one at a time. ``result`` gives the picture of all."""

    def __init__(self, language: Language | None = None) -> None:
        self._words = Words(language)
        self._symptoms: list[Symptoms] = []
        self._numbers: dict[object, int] = {}
        self._places: dict[Where, Place] = {}
        self._lost: list[Lost] = []

    def add(self, data: bytes | str, name: str = "") -> Place:
        """Takes one JSON report. ``name`` stands for the node where the report names none.
        ``ValueError``: it is no report."""
        report = read(data)
        run = report.run
        number = self._numbers.setdefault(report.signature, len(self._symptoms))
        if number == len(self._symptoms):
            self._symptoms.append(Symptoms(report))
        place = Place(
            vantage=run.vantage or LAPTOP,
            node=run.node or run.host or name or "unnamed",
            verdict=report.verdict,
            signature=number,
            started=run.started,
            seconds=run.seconds,
            version=run.version,
        )
        # the same node twice, from a retried pod or an older file: the later run counts
        known = self._places.get(place.where, place)
        if known.started <= place.started:
            self._places[place.where] = place
        return place

    def lose(self, node: str, vantage: str = "", reason: str = "") -> None:
        """A node that was to report and did not."""
        self._lost.append(Lost(node=node, vantage=vantage, reason=reason))

    def result(self) -> Merged:
        """The picture of all that was taken in."""
        places = tuple(sorted(self._places.values(), key=lambda place: place.where))
        lost = [node for node in self._lost if (node.vantage, node.node) not in self._places]
        comparison = Comparison(self._symptoms, self._places, self._words)
        causes = (*_lost_causes(lost, self._words), *comparison.causes())
        verdicts = [place.verdict for place in places] + [cause.verdict for cause in causes]
        worst = max(verdicts, key=gravity, default=Verdict.ERROR)
        return Merged(
            verdict=Verdict.PASS if worst is Verdict.SKIP else worst,
            places=places,
            lost=tuple(lost),
            groups=self._groups(places),
            causes=causes,
        )

    def _groups(self, places: tuple[Place, ...]) -> tuple[Group, ...]:
        nodes: dict[tuple[str, Verdict, tuple[str, ...]], list[str]] = {}
        for place in places:
            causes = tuple(sorted({code for code, _ in self._symptoms[place.signature].causes}))
            nodes.setdefault((place.vantage, place.verdict, causes), []).append(place.node)
        groups = [
            Group(vantage=vantage, verdict=verdict, causes=causes, nodes=tuple(named))
            for (vantage, verdict, causes), named in nodes.items()
        ]
        return tuple(sorted(groups, key=_order))


def _order(group: Group) -> tuple[int, int, str, tuple[str, ...]]:
    """The gravest first, and of those the smallest: a minority is what is looked for."""
    return -gravity(group.verdict), len(group.nodes), group.vantage, group.causes


def _lost_causes(lost: list[Lost], words: Words) -> Iterator[Cause]:
    row = codes.row(Code.NODE_LOST)
    for reason, _ in Counter(node.reason for node in lost).most_common():
        where = sorted({(node.vantage, node.node) for node in lost if node.reason == reason})
        nodes = sorted({node for _, node in where})
        values = {"nodes": words.names(nodes, _MOST_IN_HEADLINE), "reason": reason}
        what = words.language.code(row.name, "headline", values)
        yield Cause(
            code=row.name,
            verdict=Verdict.ERROR,
            headline=words("fleet.cause.lost", count=len(nodes), what=what),
            remedy=words.language.code(row.name, "remedy", values),
            owner=row.owner,
            explains=tuple(f"{vantage} {node}".strip() for vantage, node in where),
            evidence=(words("fleet.cause.nodes", nodes=words.names(nodes, _MOST_LOST)),),
            layer=row.layer,
        )
