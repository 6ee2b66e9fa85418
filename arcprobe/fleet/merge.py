"""Reports of many places in, one picture out: who fails, what they have in common, and what the
vantages say together. Pure."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain

import msgspec

from arcprobe.fleet.comparison import Comparison
from arcprobe.fleet.places import LAPTOP, NODE, POD, Place, Symptoms, Where, read
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language
from arcprobe.model import Cause, Code, Settings, Verdict
from arcprobe.report.words import Words

_MOST_LOST = 30  # lost nodes named in the evidence
_MOST_IN_HEADLINE = 8
_MOST_EVENTS = 5  # last words of Kubernetes about lost pods, in the evidence


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A node that was to report and did not. ``events``: what Kubernetes said of its pod last.
    ``is_refused``: the cluster does not let such pods in."""

    node: str
    vantage: str = ""
    reason: str = ""
    events: tuple[str, ...] = ()
    is_refused: bool = False


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
    settings: Settings = Settings()


def gravity(verdict: Verdict) -> int:
    """The weight of a verdict among many places: a fault that was seen outweighs a node that was
    lost, as it is known and does not go away when the lost node is found."""
    return len(Verdict) if verdict is Verdict.FAIL else verdict.severity


class Merger:
    """Takes reports one at a time. ``result`` gives the picture of all."""

    def __init__(self, language: Language | None = None) -> None:
        self._words = Words(language)
        self._symptoms: list[Symptoms] = []
        self._first: list[bytes] = []  # of each symptoms the first report, compressed
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
            self._first.append(zlib.compress(data.encode() if isinstance(data, str) else data, 1))
        place = Place(
            vantage=run.vantage or LAPTOP,
            node=self._free_name(run.vantage or LAPTOP, run.node or run.host, name),
            verdict=report.verdict_seen,
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

    def _free_name(self, vantage: str, node: str, name: str) -> str:
        """The node; where that laptop has told before, the file beside it: its reports may be of
        several networks, and none stands for the other."""
        node = node or name or "unnamed"
        if vantage != LAPTOP or (vantage, node) not in self._places:
            return node
        same = sum(place.vantage == LAPTOP for place in self._places.values())
        return f"{node} ({name or same + 1})"

    def codes(self, place: Place) -> tuple[str, ...]:
        """The codes of the causes that were seen at a place."""
        return tuple(sorted({code for code, _ in self._symptoms[place.signature].causes}))

    def lose(
        self,
        node: str,
        vantage: str = "",
        reason: str = "",
        *,
        events: tuple[str, ...] = (),
        is_refused: bool = False,
    ) -> None:
        """A node that was to report and did not."""
        lost = Lost(node=node, vantage=vantage, reason=reason, events=events, is_refused=is_refused)
        if lost not in self._lost:
            self._lost.append(lost)

    def in_words(self, words: Language, spoken: Callable[[bytes], bytes | str]) -> Merger:
        """The same places, in another language. ``spoken``: a report in its words; it is asked once
        for all reports that say the same."""
        other = Merger(words)
        told = map(spoken, map(zlib.decompress, self._first))
        other._symptoms = [Symptoms(read(report)) for report in told]
        other._places, other._lost = self._places, self._lost
        return other

    def result(self) -> Merged:
        """The picture of all that was taken in."""
        places = tuple(sorted(self._places.values(), key=lambda place: place.where))
        lost = [node for node in self._lost if (node.vantage, node.node) not in self._places]
        comparison = Comparison(self._symptoms, self._places, self._words)
        has_pods = any(place.vantage == POD for place in places)
        causes = (*_lost_causes(lost, self._words, has_pods), *comparison.causes())
        verdicts = [place.verdict for place in places] + [cause.verdict for cause in causes]
        worst = max(verdicts, key=gravity, default=Verdict.ERROR)
        return Merged(
            verdict=Verdict.PASS if worst is Verdict.SKIP else worst,
            places=places,
            lost=tuple(lost),
            groups=self._groups(places),
            causes=causes,
            settings=self._settings(places),
        )

    def _settings(self, places: tuple[Place, ...]) -> Settings:
        """The settings of most places of the cluster, else of the laptops."""
        counts = Counter(place.signature for place in places if place.vantage != LAPTOP)
        counts = counts or Counter(place.signature for place in places)
        for number, _ in counts.most_common(1):
            return self._symptoms[number].settings
        return Settings()

    def _groups(self, places: tuple[Place, ...]) -> tuple[Group, ...]:
        nodes: dict[tuple[str, Verdict, tuple[str, ...]], list[str]] = {}
        for place in places:
            key = (place.vantage, place.verdict, self.codes(place))
            nodes.setdefault(key, []).append(place.node)
        groups = [
            Group(vantage=vantage, verdict=verdict, causes=causes, nodes=tuple(named))
            for (vantage, verdict, causes), named in nodes.items()
        ]
        return tuple(sorted(groups, key=_order))


def _order(group: Group) -> tuple[int, int, str, tuple[str, ...]]:
    """The gravest first, and of those the smallest: a minority is what is looked for."""
    return -gravity(group.verdict), len(group.nodes), group.vantage, group.causes


def _lost_causes(lost: list[Lost], words: Words, has_pods: bool) -> Iterator[Cause]:
    """One for each reason. ``has_pods``: the pod network, which is the agents', has reported."""
    row = codes.row(Code.NODE_LOST)
    for reason, _ in Counter(node.reason for node in lost).most_common():
        gone = [node for node in lost if node.reason == reason]
        places = sorted({(node.vantage, node.node) for node in gone})
        names = _names_of(gone, words)
        values = {"nodes": names, "reason": reason}
        what = words.language.code(row.name, "headline", values)
        is_spared = has_pods and _are_refused_nodes(gone)
        remedy = words.language.code(row.name, "remedy", values)
        yield Cause(
            code=row.name,
            verdict=Verdict.WARN if is_spared else Verdict.ERROR,
            headline=words("fleet.cause.lost", count=len(places), what=what),
            remedy=words("fleet.cause.refused-node") if is_spared else remedy,
            owner=row.owner,
            explains=tuple(f"{vantage} {node}".strip() for vantage, node in places),
            evidence=tuple(_lost_evidence(gone, words)),
            layer=row.layer,
        )


def _are_refused_nodes(gone: list[Lost]) -> bool:
    return all(node.is_refused and node.vantage == NODE for node in gone)


def _names_of(gone: list[Lost], words: Words) -> str:
    return words.names(sorted({_named(node, words) for node in gone}), _MOST_IN_HEADLINE)


def _named(lost: Lost, words: Words) -> str:
    """The node, and of what is no agent's way that too."""
    return words("fleet.cause.place", node=lost.node, vantage=lost.vantage)


def _lost_evidence(gone: list[Lost], words: Words) -> Iterator[str]:
    nodes = words.names(sorted({node.node for node in gone}), _MOST_LOST)
    yield words("fleet.cause.nodes", nodes=nodes)
    told = dict.fromkeys(chain.from_iterable(node.events for node in gone))
    for event in list(told)[:_MOST_EVENTS]:
        yield words("fleet.cause.event", event=event)
