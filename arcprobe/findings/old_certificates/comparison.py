"""What all observations of a run say together about certificates and clocks: the ground on which
one chain is judged.

Whether TLS is opened on the way is seen best in comparison: who signs for whom, which keys come
twice, what the direct way shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Any

import msgspec

from arcprobe.findings.old_certificates import chains as _chains
from arcprobe.knowledge.issuers import family_of
from arcprobe.model import (
    Check,
    Exchange,
    Handshake,
    Head,
    Observation,
    Role,
    Route,
    Settings,
    Step,
    Tunnel,
    Upgrade,
)

# seconds between two clocks that are called the same: Date has whole seconds, and answers take
# their time
CLOCKS_AGREE = 120.0


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A Date that somebody sent: ``offset`` is his clock minus this host's, in seconds."""

    source: str
    offset: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A digest of a run. Keys of ``checks`` and ``handshakes`` are check ids; only checks with an
    observation of their own count.

    ``handshakes``: with the target, as far as a chain came. ``others``: further handshakes with the
    same target, made to explain. ``authorities``: subject of a CA in a chain that reaches a public
    root, and its key identifiers ("" where it has none). ``issuers``: by name and key identifier of
    an issuer in chains that reach no public root: checks whose leaf it signed. ``answers``: heads
    of HTTP answers inside TLS. ``opened``: checks whose TLS is intercepted. ``tops``: above such an
    issuer, the topmost name of its chain. ``leaf_keys``: by key of a leaf that reaches no public
    root.
    """

    checks: Mapping[str, Check] = {}
    handshakes: Mapping[str, Handshake] = {}
    failed: frozenset[str] = frozenset()
    others: Mapping[str, tuple[Handshake, ...]] = {}
    anchored: frozenset[str] = frozenset()
    authorities: Mapping[str, frozenset[str]] = {}
    issuers: Mapping[tuple[str, str], tuple[str, ...]] = {}
    tops: Mapping[str, str] = {}
    leaf_keys: Mapping[str, tuple[str, ...]] = {}
    clocks: tuple[Clock, ...] = ()
    answers: Mapping[str, Head] = {}
    opened: frozenset[str] = frozenset()
    roots_given: bool = False

    @classmethod
    def built_from(
        cls,
        checks: Iterable[Check],
        observations: Iterable[Observation],
        settings: Settings,
        started: datetime | None = None,
    ) -> Comparison:
        """The comparison of a run. ``started`` is its begin (``Run.started``), needed to compare
        the Date headers of the proxy."""
        asked = {check.id: check for check in checks}
        seen = [(asked[item.check], item) for item in observations if item.check in asked]
        handshakes: dict[str, Handshake] = {}
        failed: set[str] = set()
        others: dict[str, tuple[Handshake, ...]] = {}
        for check, observation in seen:
            found = tuple(_handshakes(observation))
            first = next(
                (item for item in found if item.server_name == check.host),
                found[0] if found else None,
            )
            if first is None:
                continue
            if first.chain:
                handshakes[check.id] = first
            else:
                failed.add(check.id)
            others[check.id] = tuple(item for item in found if item is not first)
        comparison = cls(
            checks=asked,
            handshakes=handshakes,
            failed=frozenset(failed),
            others={key: value for key, value in others.items() if value},
            clocks=tuple(_clocks(seen, started)),
            roots_given=settings.public_roots_given,
            answers=_answers(seen),
            **_digest(handshakes),
        )
        if len(comparison.anchored) == len(handshakes):
            return comparison
        from arcprobe.findings.old_certificates.interception import classify

        opened = (
            key
            for key, item in handshakes.items()
            if classify(asked[key], item, comparison).word == "intercepted"
        )
        return msgspec.structs.replace(comparison, opened=frozenset(opened))

    @property
    def clock_offset(self) -> float | None:
        """How far this host's clock is behind the clocks on the wire, in seconds; None unless two
        sources agree."""
        latest = {clock.source: clock.offset for clock in self.clocks}
        if not latest:
            return None
        middle = median(latest.values())
        agreeing = [offset for offset in latest.values() if abs(offset - middle) <= CLOCKS_AGREE]
        return middle if len(agreeing) >= 2 and len(agreeing) * 2 > len(latest) else None

    @property
    def clock_hint(self) -> float | None:
        """The same from whatever sources there are, also one alone: good only to confirm what a
        certificate says."""
        latest = {clock.source: clock.offset for clock in self.clocks}
        return median(latest.values()) if latest else None

    def direct_twin(self, check: Check) -> Handshake | None:
        """What the same endpoint showed without the proxy, if that was asked."""
        if check.route == Route.DIRECT:
            return None
        twins = (
            key
            for key, item in self.checks.items()
            if item.route == Route.DIRECT and _same_endpoint(item, check)
        )
        return next((self.handshakes[key] for key in twins if key in self.handshakes), None)

    def hosts(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The hosts of these checks, each once, in order."""
        return tuple(dict.fromkeys(self.checks[item].host for item in ids if item in self.checks))


def _same_endpoint(one: Check, other: Check) -> bool:
    return (one.host, one.port) == (other.host, other.port)


def _handshakes(observation: Observation) -> Iterator[Handshake]:
    for attempt in observation.attempts:
        for step in attempt.steps:
            if isinstance(step, Handshake) and step.peer == Role.TARGET:
                yield step


def _digest(handshakes: Mapping[str, Handshake]) -> dict[str, Any]:
    anchored: set[str] = set()
    authorities: dict[str, set[str]] = {}
    issuers: dict[tuple[str, str], list[str]] = {}
    tops: dict[str, str] = {}
    leaf_keys: dict[str, list[str]] = {}
    for key, handshake in handshakes.items():
        sent = _chains.path(handshake)
        leaf = sent[0]
        if _chains.reaches(handshake, "public") and not _chains.shares_key(handshake):
            anchored.add(key)
            for item in sent[1:]:
                authorities.setdefault(item.subject, set()).add(item.ski)
            continue
        if not _chains.self_issued(leaf):
            issuers.setdefault((leaf.issuer, leaf.aki), []).append(key)
            for item in sent[:-1]:
                tops[item.issuer] = _chains.missing_issuer(handshake) or sent[-1].subject
        if leaf.key_sha256:
            leaf_keys.setdefault(leaf.key_sha256, []).append(key)
    return {
        "anchored": frozenset(anchored),
        "authorities": {name: frozenset(keys) for name, keys in authorities.items()},
        "issuers": {name: tuple(keys) for name, keys in issuers.items()},
        "tops": tops,
        "leaf_keys": {name: tuple(keys) for name, keys in leaf_keys.items()},
    }


def _answers(seen: Iterable[tuple[Check, Observation]]) -> dict[str, Head]:
    found: dict[str, Head] = {}
    for check, observation in seen:
        for attempt in observation.attempts:
            inside = False
            for step in attempt.steps:
                inside = inside or (
                    isinstance(step, Handshake) and step.peer == Role.TARGET and bool(step.chain)
                )
                if inside and isinstance(step, Exchange | Upgrade) and step.head is not None:
                    found.setdefault(check.id, step.head)
    return found


def _clocks(seen: Iterable[tuple[Check, Observation]], started: datetime | None) -> Iterator[Clock]:
    for check, observation in seen:
        for attempt in observation.attempts:
            for step in attempt.steps:
                if isinstance(step, Exchange) and step.date_offset is not None:
                    yield Clock(source=check.host, offset=step.date_offset)
                elif (
                    isinstance(step, Tunnel | Upgrade)
                    and step.head is not None
                    and started is not None
                ):
                    offset = _offset(step, dict(step.head.headers), started)
                    if offset is not None:
                        at_proxy = isinstance(step, Tunnel) and check.proxy is not None
                        yield Clock(
                            source=check.proxy.url if at_proxy and check.proxy else check.host,
                            offset=offset,
                        )


def _offset(step: Step, headers: Mapping[str, str], started: datetime) -> float | None:
    text = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        sent = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if sent.tzinfo is None:  # RFC 9110 section 5.6.7: always GMT; "-0000" parses as naive
        return None
    seen = _chains.shifted(started, step.started + step.took)
    return (sent - seen).total_seconds() if seen is not None else None


def families_apart(comparison: Comparison, ids: Iterable[str]) -> tuple[str, str] | None:
    """Two hosts among these checks whose genuine issuers have nothing in common, None where there
    are none.

    By what the endpoint data expects of them, and by what the direct way or another route showed.
    """
    expected: list[tuple[str, frozenset[str]]] = []
    for item in ids:
        check = comparison.checks.get(item)
        if check is not None and check.issuers and not check.custom:
            expected.append((check.host, frozenset(check.issuers)))
    for number, (host, families) in enumerate(expected):
        for other_host, other_families in expected[number + 1 :]:
            if host != other_host and not families & other_families:
                return host, other_host
    return None


def family_key(name: str) -> str:
    """The key of the public family that a name belongs to, "" where it is none."""
    found = family_of(name)
    return found.key if found else ""
