"""Reports of many places in, one picture out: who fails, what they have in common, and what the
vantages say together. Pure.

A place is a node (or laptop) seen from one vantage. Reports come one at a time as bytes; of each
only findings and causes are kept, and those once for all places that have the same, so that five
thousand reports need little more than one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from typing import Any

import msgspec

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.model import Cause, Code, Layer, Proxy, Verdict

_WORST = (Verdict.SKIP, Verdict.PASS, Verdict.WARN, Verdict.ERROR, Verdict.FAIL)

# Where a minority shows these, another inspection or proxy stands before it.
_OTHER_WAY = frozenset(
    {
        Code.TLS_INTERCEPTED,
        Code.ISSUER_UNEXPECTED,
        Code.ISSUER_CHANGED,
        Code.GATEWAY_INSPECTED,
        Code.CERTIFICATE_UNTRUSTED,
    }
)
_NAMED = 8  # nodes named in a line of evidence
_NAMED_IN_HEADLINE = 3


class _Settings(msgspec.Struct):
    proxy_https: Proxy | None = None


class _Run(msgspec.Struct):
    vantage: str = ""
    host: str = ""
    node: str = ""
    started: str = ""
    seconds: float = 0.0
    version: str = ""
    settings: _Settings = msgspec.field(default_factory=_Settings)


class _Finding(msgspec.Struct, frozen=True):
    check: str
    verdict: Verdict
    code: str = ""
    target: str = ""
    subject: str = ""


class _Cause(msgspec.Struct, frozen=True):
    code: str
    verdict: Verdict
    headline: str = ""
    remedy: str = ""
    owner: str = ""
    explains: tuple[str, ...] = ()
    layer: Layer = Layer.RUN


class _Report(msgspec.Struct):
    schema: int
    verdict: Verdict
    run: _Run
    findings: tuple[_Finding, ...]
    causes: tuple[_Cause, ...]


_DECODER = msgspec.json.Decoder(_Report)

Key = tuple[str, str]  # a cause's code, and what is broken
Where = tuple[str, str]  # vantage, node


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One node from one vantage. ``signature``: number of the set of findings that it shares with
    others."""

    vantage: str
    node: str
    verdict: Verdict
    signature: int
    started: str = ""
    seconds: float = 0.0
    version: str = ""


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


class _Signature:
    """What places with equal findings share."""

    def __init__(self, report: _Report) -> None:
        self.verdicts = {finding.check: finding.verdict for finding in report.findings}
        by_check = {finding.check: finding for finding in report.findings}
        self.causes: dict[Key, _Cause] = {}
        self.targets: dict[Key, tuple[str, ...]] = {}
        for cause in report.causes:
            explained = [by_check[check] for check in cause.explains if check in by_check]
            targets = tuple(
                dict.fromkeys(finding.target for finding in explained if finding.target)
            )
            subjects = sorted(
                {
                    finding.subject
                    for finding in explained
                    if finding.subject and finding.code == cause.code
                }
            )
            key = (
                cause.code,
                " ".join(subjects) or (" ".join(targets) if len(targets) <= 3 else ""),
            )
            if key in self.causes:
                key = (cause.code, f"{key[1]} {cause.headline}")
            self.causes[key] = cause
            self.targets[key] = targets

    def passes(self, checks: Iterable[str]) -> bool:
        """At least one of these checks passed here, and none failed: what is broken elsewhere works
        here."""
        seen = {self.verdicts.get(check) for check in checks}
        return Verdict.PASS in seen and not seen & {Verdict.FAIL, Verdict.ERROR}


class Merger:
    """Takes reports one at a time. ``result`` gives the picture of all."""

    def __init__(self) -> None:
        self._signatures: list[_Signature] = []
        self._numbers: dict[Any, int] = {}
        self._places: dict[Where, Place] = {}
        self._lost: list[Lost] = []

    def add(self, data: bytes | str, name: str = "") -> Place:
        """Takes one JSON report. ``name`` stands for the node where the report names none.
        ``ValueError``: it is no report."""
        try:
            report = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(
                f"is no JSON report of arcprobe: {' '.join(str(error).split())[:120]}"
            ) from None
        if report.schema != 1:
            raise ValueError(
                f"is a report with schema {report.schema}, and this arcprobe reads schema 1"
            )
        run = report.run
        proxy = run.settings.proxy_https.url if run.settings.proxy_https else ""
        words = tuple(sorted((cause.code, cause.explains) for cause in report.causes))
        findings = tuple(
            sorted((each.check, each.verdict, each.code, each.subject) for each in report.findings)
        )
        number = self._numbers.setdefault((proxy, words, findings), len(self._signatures))
        if number == len(self._signatures):
            self._signatures.append(_Signature(report))
        place = Place(
            vantage=run.vantage or "laptop",
            node=run.node or run.host or name or "unnamed",
            verdict=report.verdict,
            signature=number,
            started=run.started,
            seconds=run.seconds,
            version=run.version,
        )
        where = (place.vantage, place.node)
        # the same node twice, from a retried pod or an older file: the later run counts
        if where not in self._places or self._places[where].started <= place.started:
            self._places[where] = place
        return place

    def lose(self, node: str, vantage: str = "", reason: str = "") -> None:
        """A node that was to report and did not."""
        self._lost.append(Lost(node=node, vantage=vantage, reason=reason))

    def result(self) -> Merged:
        """The picture of all that was taken in."""
        places = tuple(sorted(self._places.values(), key=lambda place: (place.vantage, place.node)))
        lost = tuple(each for each in self._lost if (each.vantage, each.node) not in self._places)
        causes = (*_lost_causes(lost), *_Comparison(self._signatures, self._places).causes())
        verdicts = [place.verdict for place in places] + [cause.verdict for cause in causes]
        worst = max(verdicts, key=_WORST.index, default=Verdict.ERROR)
        verdict = Verdict.PASS if worst is Verdict.SKIP else worst
        return Merged(
            verdict=verdict, places=places, lost=lost, groups=self._groups(places), causes=causes
        )

    def _groups(self, places: tuple[Place, ...]) -> tuple[Group, ...]:
        found: dict[tuple[str, Verdict, tuple[str, ...]], list[str]] = defaultdict(list)
        for place in places:
            names = tuple(sorted({code for code, _ in self._signatures[place.signature].causes}))
            found[place.vantage, place.verdict, names].append(place.node)
        groups = [
            Group(vantage=vantage, verdict=verdict, causes=names, nodes=tuple(nodes))
            for (vantage, verdict, names), nodes in found.items()
        ]
        return tuple(
            sorted(
                groups,
                key=lambda group: (
                    -_WORST.index(group.verdict),
                    len(group.nodes),
                    group.vantage,
                    group.causes,
                ),
            )
        )


class _Words:
    """What the places that have one cause say of it; the same fault can break other targets
    elsewhere."""

    def __init__(self) -> None:
        self.said: Counter[_Cause] = Counter()
        self.targets: dict[str, None] = {}

    def take(self, cause: _Cause, targets: Iterable[str]) -> None:
        """One more place that has the cause."""
        self.said[cause] += 1
        self.targets.update(dict.fromkeys(targets))

    @property
    def cause(self) -> _Cause:
        """As most places have it."""
        return self.said.most_common(1)[0][0]

    def headlines(self) -> list[tuple[str, int]]:
        """Each wording and the number of its places, the most frequent first."""
        counts: Counter[str] = Counter()
        for cause, count in self.said.items():
            counts[cause.headline] += count
        return counts.most_common()


class _Comparison:
    """Compares places: the same node from two vantages, the cluster with the laptop, nodes with
    each other."""

    def __init__(self, signatures: list[_Signature], places: dict[Where, Place]) -> None:
        self._signatures = signatures
        self._places = places
        self._laptops = [place for place in places.values() if place.vantage == "laptop"]
        self._works: dict[tuple[int, tuple[str, ...]], bool] = {}

    def causes(self) -> Iterator[Cause]:
        """One cause for each thing that is broken, lowest layer first."""
        found: dict[tuple[str, Key], set[Where]] = defaultdict(set)
        words: dict[Key, _Words] = defaultdict(_Words)
        for where, place in self._places.items():
            signature = self._signatures[place.signature]
            for key, cause in signature.causes.items():
                words[key].take(cause, signature.targets[key])
                found[self._difference(place, cause), key].add(where)
        named: dict[tuple[str, Key], set[Where]] = defaultdict(set)
        for (difference, key), wheres in found.items():
            code = difference or self._spread(key, words[key].cause, wheres)
            # another proxy or inspection for some nodes is one thing, whatever
            # issuers and codes it shows
            named[code, ("", "") if code == Code.NODES_USE_DIFFERENT_PROXIES else key] |= wheres
            if code == Code.NODES_USE_DIFFERENT_PROXIES:
                words.setdefault(("", ""), words[key])
        made = [self._cause(code, words[key], wheres) for (code, key), wheres in named.items()]
        layers = list(Layer)
        yield from sorted(
            made,
            key=lambda cause: (layers.index(cause.layer), -len(cause.explains), cause.headline),
        )

    def _passes(self, place: Place, checks: tuple[str, ...]) -> bool:
        asked = (place.signature, checks)
        if asked not in self._works:
            self._works[asked] = self._signatures[place.signature].passes(checks)
        return self._works[asked]

    def _difference(self, place: Place, cause: _Cause) -> str:
        """The code of a difference between vantages that this cause, seen at this place, is the
        sign of; or nothing."""
        if place.vantage == "laptop":
            return ""
        other = self._places.get(("node" if place.vantage == "pod" else "pod", place.node))
        if other is not None and self._passes(other, cause.explains):
            return Code.POD_DIFFERS_FROM_NODE if place.vantage == "pod" else Code.NODE_PATH_BROKEN
        if self._laptops and all(self._passes(laptop, cause.explains) for laptop in self._laptops):
            return Code.CLUSTER_DIFFERS_FROM_LAPTOP
        return ""

    def _spread(self, key: Key, cause: _Cause, wheres: set[Where]) -> str:
        """The cause's own code where everybody has it, that of a difference between nodes where
        others do without."""
        vantages = {vantage for vantage, _ in wheres if vantage != "laptop"}
        without = [
            place
            for where, place in self._places.items()
            if place.vantage in vantages
            and where not in wheres
            and self._is_free(place, key, cause)
        ]
        if not without:
            return ""
        return Code.NODES_USE_DIFFERENT_PROXIES if cause.code in _OTHER_WAY else Code.NODES_DIFFER

    def _is_free(self, place: Place, key: Key, cause: _Cause) -> bool:
        # the same code with another subject (another issuer) is a difference too
        other = self._signatures[place.signature].causes
        if cause.code in _OTHER_WAY and any(
            code == cause.code and (code, subject) != key for code, subject in other
        ):
            return True
        return self._passes(place, cause.explains)

    def _cause(self, code: str, words: _Words, wheres: set[Where]) -> Cause:
        cause, targets, headlines = words.cause, tuple(words.targets), words.headlines()
        # many wordings of one fault differ in what it breaks: the most frequent one
        # stands for all, and the others are counted
        more = sum(target not in cause.headline for target in targets) if len(headlines) > 1 else 0
        others = f", elsewhere {more} other target{'s' if more > 1 else ''}" if more else ""
        count = _counted(wheres, self._places)
        nodes = _names(sorted({node for _, node in wheres}))
        if not code:
            headline, remedy, owner, layer, code = (
                f"{count}: {cause.headline}{others}",
                cause.remedy,
                cause.owner,
                cause.layer,
                cause.code,
            )
        else:
            row = codes.row(code)
            few = _names(sorted({node for _, node in wheres}), _NAMED_IN_HEADLINE)
            fields = {
                "nodes": few,
                "targets": _names(targets, 3),
                "target": _names(targets, 1),
                "detail": cause.headline,
            }
            # who differs is counted, and named in the evidence: the headline has room
            # for what is broken there
            what = (
                f"{cause.headline}{others}; the other nodes pass"
                if code == Code.NODES_DIFFER
                else language().code(row.name, "headline", fields)
            )
            headline = f"{count}: {what}"
            remedy, owner, layer = language().code(row.name, "remedy", fields), row.owner, row.layer
        evidence = (
            [f"nodes: {nodes}", *_told(cause.code, headlines)]
            if code != cause.code
            else [f"nodes: {nodes}"]
        )
        evidence += (
            _told(cause.code, headlines) if code == cause.code and len(headlines) > 1 else []
        )
        evidence += [f"remedy there: {cause.remedy}"] if code != cause.code and cause.remedy else []
        return Cause(
            code=code,
            verdict=cause.verdict,
            headline=headline,
            remedy=remedy,
            owner=owner,
            explains=tuple(f"{vantage} {node}" for vantage, node in sorted(wheres)),
            evidence=tuple(evidence),
            layer=layer,
        )


def _told(code: str, headlines: list[tuple[str, int]]) -> list[str]:
    if len(headlines) == 1:
        return [f"there: {code}: {headlines[0][0]}"]
    lines = [
        f"there, {count} reports: {code}: {headline}" for headline, count in headlines[:_NAMED]
    ]
    return lines + (
        [f"there: {len(headlines) - _NAMED} further wordings"] if len(headlines) > _NAMED else []
    )


def _counted(wheres: Set[Where], places: dict[Where, Place]) -> str:
    """``3 of 40 nodes fail``, with the vantage where only one of several has it."""
    cluster = {where for where in wheres if where[0] != "laptop"}
    if not cluster:
        return "from the laptop"
    seen = {vantage for vantage, _ in places if vantage != "laptop"}
    vantages = {vantage for vantage, _ in cluster}
    nodes = {node for _, node in cluster}
    total = {node for vantage, node in places if vantage in vantages}
    where = (
        f" from the {next(iter(vantages))} network" if len(seen) > 1 and len(vantages) == 1 else ""
    )
    return f"{len(nodes)} of {len(total)} node{'s' if len(total) != 1 else ''} fail{'' if len(nodes) != 1 else 's'}{where}"


def _lost_causes(lost: tuple[Lost, ...]) -> Iterator[Cause]:
    row = codes.row(Code.NODE_LOST)
    reasons = Counter(each.reason for each in lost)
    for reason, _count in reasons.most_common():
        wheres = sorted({(each.vantage, each.node) for each in lost if each.reason == reason})
        nodes = sorted({node for _, node in wheres})
        fields = {"nodes": _names(nodes), "reason": reason}
        yield Cause(
            code=Code.NODE_LOST,
            verdict=Verdict.ERROR,
            headline=f"{len(nodes)} lost: {language().code(row.name, 'headline', fields)}",
            remedy=language().code(row.name, "remedy", fields),
            owner=row.owner,
            explains=tuple(" ".join(filter(None, where)) for where in wheres),
            evidence=(f"nodes: {_names(nodes, 30)}",),
            layer=row.layer,
        )


def _names(names: Iterable[str], most: int = _NAMED) -> str:
    listed = list(names)
    shown = ", ".join(listed[:most])
    return shown if len(listed) <= most else f"{shown} and {len(listed) - most} more"
