"""Places are compared: the same node from two vantages, the cluster with the laptop, nodes with
each other. What only some have is a cause of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Set
from itertools import chain
from typing import cast

import msgspec

from arcprobe.fleet.places import LAPTOP, Key, Place, SeenCause, SeenChange, Symptoms, Where
from arcprobe.knowledge import codes
from arcprobe.model import Cause, Change, Code, Layer, Owner, Verdict
from arcprobe.report.words import Words

# Where a minority shows these, another inspection or proxy stands before it.
_OTHER_PROXY = frozenset(
    {
        Code.TLS_INTERCEPTED,
        Code.ISSUER_UNEXPECTED,
        Code.ISSUER_CHANGED,
        Code.GATEWAY_INSPECTED,
        Code.CERTIFICATE_UNTRUSTED,
    }
)
_OTHER_VANTAGE = {"pod": "node", "node": "pod"}
_FROM_ONE_VANTAGE = {"pod": Code.POD_DIFFERS_FROM_NODE, "node": Code.NODE_PATH_BROKEN}

# Another proxy or inspection for some nodes is one thing, whatever issuers and codes it shows.
_ONE_THING: Key = ("", "")

_MOST_NAMED = 8  # nodes, and wordings, named in the evidence
_MOST_IN_HEADLINE = 3
_BOTTOM_UP = list(Layer)


class _Accounts:
    """What the places that have one cause say of it; the same fault can break other targets
    elsewhere."""

    def __init__(self) -> None:
        self._told: Counter[SeenCause] = Counter()
        self._targets: dict[SeenCause, tuple[str, ...]] = {}

    def take(self, cause: SeenCause, targets: tuple[str, ...]) -> None:
        """One more place that has the cause."""
        self._told[cause] += 1
        self._targets[cause] = targets

    @property
    def cause(self) -> SeenCause:
        """As most places have it."""
        return self._told.most_common(1)[0][0]

    @property
    def targets(self) -> list[str]:
        """What it breaks, here or there."""
        return list(dict.fromkeys(chain.from_iterable(self._targets.values())))

    @property
    def targets_elsewhere(self) -> int:
        """How many targets it breaks only in places that are not most."""
        return len(set(self.targets) - set(self._targets[self.cause]))

    @property
    def headlines(self) -> list[tuple[str, int]]:
        """Each wording and the number of its places, the most frequent first."""
        counts: Counter[str] = Counter()
        for cause, count in self._told.items():
            counts[cause.headline] += count
        return counts.most_common()


class Comparison:
    """All places beside each other."""

    def __init__(self, symptoms: list[Symptoms], places: dict[Where, Place], words: Words) -> None:
        self._symptoms = symptoms
        self._places = places
        self._words = words
        self._laptops = [place for place in places.values() if place.vantage == LAPTOP]
        self._cluster = [place for place in places.values() if place.vantage != LAPTOP]
        self._works: dict[tuple[int, tuple[str, ...]], bool] = {}

    def causes(self) -> list[Cause]:
        """One cause for each thing that is broken, lowest layer first."""
        accounts: dict[Key, _Accounts] = defaultdict(_Accounts)
        seen: dict[tuple[Code | None, Key], set[Where]] = defaultdict(set)
        for where, place in self._places.items():
            symptoms = self._symptoms[place.signature]
            for key, cause in symptoms.causes.items():
                accounts[key].take(cause, symptoms.targets[key])
                seen[self._between_vantages(place, cause), key].add(where)
        joined: dict[tuple[Code | None, Key], set[Where]] = defaultdict(set)
        for (difference, key), wheres in seen.items():
            code = difference or self._between_nodes(key, accounts[key].cause, wheres)
            if code is Code.NODES_USE_DIFFERENT_PROXIES:
                accounts.setdefault(_ONE_THING, accounts[key])
                key = _ONE_THING
            joined[code, key] |= wheres
        causes = (self._cause(code, accounts[key], at) for (code, key), at in joined.items())
        return sorted(causes, key=_order)

    def _passes(self, place: Place, checks: tuple[str, ...]) -> bool:
        asked = (place.signature, checks)
        if asked not in self._works:
            self._works[asked] = self._symptoms[place.signature].passes(checks)
        return self._works[asked]

    def _between_vantages(self, place: Place, cause: SeenCause) -> Code | None:
        """The code for what fails at this place and passes from the node's other vantage, or from
        every laptop."""
        if place.vantage == LAPTOP:
            return None
        other = self._places.get((_OTHER_VANTAGE.get(place.vantage, ""), place.node))
        if other is not None and self._passes(other, cause.explains):
            return _FROM_ONE_VANTAGE[place.vantage]
        from_laptops = [self._passes(laptop, cause.explains) for laptop in self._laptops]
        if from_laptops and all(from_laptops):
            return Code.CLUSTER_DIFFERS_FROM_LAPTOP
        return None

    def _between_nodes(self, key: Key, cause: SeenCause, wheres: Set[Where]) -> Code | None:
        """The code for what only some nodes have; None where all of their vantages have it."""
        vantages = {vantage for vantage, _ in wheres}
        others = (
            place
            for place in self._cluster
            if place.vantage in vantages and place.where not in wheres
        )
        if not any(self._is_free(place, key, cause) for place in others):
            return None
        if cause.code in _OTHER_PROXY:
            return Code.NODES_USE_DIFFERENT_PROXIES
        return Code.NODES_DIFFER

    def _is_free(self, place: Place, key: Key, cause: SeenCause) -> bool:
        """Whether a place does without the cause. The same code with another subject, such as
        another issuer, is a difference too."""
        if cause.code in _OTHER_PROXY:
            alike = {
                other for other in self._symptoms[place.signature].causes if other[0] == key[0]
            }
            if alike - {key}:
                return True
        return self._passes(place, cause.explains)

    # ------------------------------------------------------------------------------- in words

    def _cause(self, code: Code | None, accounts: _Accounts, wheres: Set[Where]) -> Cause:
        own = self._own_cause(accounts, wheres)
        if code is None:
            return own
        words, cause, row = self._words, accounts.cause, codes.row(code)
        nodes = sorted({node for _, node in wheres})
        values = {
            "nodes": words.names(nodes, _MOST_IN_HEADLINE),
            "targets": words.names(accounts.targets, _MOST_IN_HEADLINE),
            "target": words.names(accounts.targets, 1),
            "detail": cause.headline,
        }
        if code is Code.NODES_DIFFER:
            # who differs is counted, and named in the evidence: the headline has room for what is
            # broken there
            headline = words("fleet.cause.differ", headline=own.headline)
        else:
            what = words.language.code(code, "headline", values)
            headline = words(
                "fleet.cause.other", count=self._count(wheres, cause.verdict), what=what
            )
        evidence = [own.evidence[0], *self._told(cause, accounts.headlines)]
        first, *rest = cause.remedy.splitlines() or [""]
        if first:
            evidence += [words("fleet.cause.remedy", remedy=first), *rest]
        return msgspec.structs.replace(
            own,
            code=code,
            headline=headline,
            remedy=words.language.code(code, "remedy", values),
            owner=row.owner,
            layer=row.layer,
            evidence=tuple(evidence),
            # the difference is the cluster's, what is broken there has its own lines and its owner
            change=tuple(change for change in own.change if change.product is not None),
        )

    def _own_cause(self, accounts: _Accounts, wheres: Set[Where]) -> Cause:
        """The cause under its own code, as most places tell it."""
        words, cause, headlines = self._words, accounts.cause, accounts.headlines
        nodes = sorted({node for _, node in wheres})
        evidence = [words("fleet.cause.nodes", nodes=words.names(nodes, _MOST_NAMED))]
        others = ""
        if len(headlines) > 1:
            evidence += self._told(cause, headlines)
            more = accounts.targets_elsewhere
            others = words.count("fleet.cause.others", more) if more else ""
        return Cause(
            code=cast(Code, cause.code),
            verdict=cause.verdict,
            headline=words(
                "fleet.cause.same",
                count=self._count(wheres, cause.verdict),
                headline=cause.headline,
                others=others,
            ),
            remedy=cause.remedy,
            owner=cast(Owner, cause.owner),
            explains=tuple(f"{vantage} {node}" for vantage, node in sorted(wheres)),
            evidence=tuple(evidence),
            layer=cause.layer,
            affects=tuple(accounts.targets) or cause.affects,
            change=tuple(map(_change, cause.change)),
        )

    def _told(self, cause: SeenCause, headlines: list[tuple[str, int]]) -> list[str]:
        words, code = self._words, cause.code
        if len(headlines) == 1:
            return [words("fleet.cause.there", code=code, headline=headlines[0][0])]
        lines = [
            words("fleet.cause.there-reports", count=count, code=code, headline=headline)
            for headline, count in headlines[:_MOST_NAMED]
        ]
        if len(headlines) > _MOST_NAMED:
            lines.append(words("fleet.cause.there-more", count=len(headlines) - _MOST_NAMED))
        return lines

    def _count(self, wheres: Set[Where], verdict: Verdict) -> str:
        """``3 of 40 nodes fail`` (or warn), with the vantage where only one of several has it."""
        vantages = {vantage for vantage, _ in wheres} - {LAPTOP}
        if not vantages:
            return self._words("fleet.cause.laptop")
        nodes = {node for vantage, node in wheres if vantage != LAPTOP}
        total = {place.node for place in self._cluster if place.vantage in vantages}
        seen = {place.vantage for place in self._cluster}
        one = "".join(vantages) if len(vantages) < len(seen) else ""
        of = self._words.count("fleet.nodes", len(total))
        key = "fleet.warns" if verdict is Verdict.WARN else "fleet.fails"
        return self._words.count(key, len(nodes), nodes=of, vantage=self._words.vantage(one))


def _change(seen: SeenChange) -> Change:
    """As most places tell it; an owner of a later version stays as it is."""
    fields = msgspec.structs.asdict(seen) | {"owner": cast(Owner, seen.owner)}
    return Change(**fields)


def _order(cause: Cause) -> tuple[int, int, str]:
    """From the bottom, and what breaks most first."""
    return _BOTTOM_UP.index(cause.layer), -len(cause.explains), cause.headline
