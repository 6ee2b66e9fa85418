"""What all readings of a run say together about certificates and clocks: the ground on which one
chain is judged.

Whether TLS is intercepted is seen best in comparison: who signs for whom, which keys come twice,
what the direct route shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import combinations
from statistics import median
from typing import TypeAlias, TypeVar

import msgspec

from arcprobe.findings import chains
from arcprobe.findings.reading import Connection, Reading, header
from arcprobe.model import Certificate, Check, Handshake, Head, Route, Settings, Tunnel, Upgrade

K = TypeVar("K")

CLOCKS_AGREE = 120.0
"""Seconds between two clocks that are called the same: a Date has whole seconds, and answers take
their time. Too few and no two sources agree, too many and a canned Date counts as a clock."""

_SOURCES_NEEDED = 2
"""Sources of a Date: one alone may be wrong, as a box with a dead clock is."""

Signer: TypeAlias = tuple[str, str]
"""The name of an issuer, and the identifier of its key ("" where it has none)."""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A Date that somebody sent: ``offset`` is that clock minus this host's, in seconds."""

    source: str
    offset: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A digest of a run. Keys of ``checks``, ``handshakes``, ``others``, ``answers``, and all that
    the other members hold, are ids of checks.

    ``handshakes``: with the target, where a chain came. ``others``: further ones of the same check,
    made to explain. ``anchored``: those that only a public CA can have made. ``authorities``: the
    CAs in such chains, by subject, and their key identifiers. Of all other chains: ``issuers``, the
    checks whose leaf an issuer signed; ``tops``, above such an issuer the topmost name of the
    chain; ``leaf_keys``, the checks by key of their leaf. ``answers``: HTTP answers inside TLS.
    """

    checks: Mapping[str, Check] = {}
    handshakes: Mapping[str, Handshake] = {}
    others: Mapping[str, tuple[Handshake, ...]] = {}
    anchored: tuple[str, ...] = ()
    authorities: Mapping[str, frozenset[str]] = {}
    issuers: Mapping[Signer, tuple[str, ...]] = {}
    tops: Mapping[str, str] = {}
    leaf_keys: Mapping[str, tuple[str, ...]] = {}
    clocks: tuple[Clock, ...] = ()
    answers: Mapping[str, Head] = {}
    roots_given: bool = False

    @property
    def clock_offset(self) -> float | None:
        """How far this host's clock is behind the clocks on the wire, in seconds; None unless two
        sources agree."""
        latest = self._latest_offsets()
        if not latest:
            return None
        middle = median(latest)
        agreeing = [offset for offset in latest if abs(offset - middle) <= CLOCKS_AGREE]
        is_majority = len(agreeing) * 2 > len(latest)
        return middle if is_majority and len(agreeing) >= _SOURCES_NEEDED else None

    @property
    def clock_hint(self) -> float | None:
        """The same from whatever sources there are, also one alone: good only to confirm what a
        certificate says."""
        latest = self._latest_offsets()
        return median(latest) if latest else None

    def _latest_offsets(self) -> list[float]:
        return list({clock.source: clock.offset for clock in self.clocks}.values())

    def direct_twin(self, check: Check) -> Handshake | None:
        """What the same endpoint showed without the proxy, if that was asked."""
        if check.route == Route.DIRECT:
            return None
        endpoint = (check.host, check.port, Route.DIRECT)
        for key, handshake in self.handshakes.items():
            other = self.checks[key]
            if (other.host, other.port, other.route) == endpoint:
                return handshake
        return None

    def hosts(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The hosts of these checks, each once, in order."""
        return tuple(dict.fromkeys(self.checks[key].host for key in ids))

    def signed_by_same(self, leaf: Certificate) -> tuple[str, ...]:
        """The checks whose leaf was signed by the issuer of this one, which is no public one."""
        return self.issuers.get((leaf.issuer, leaf.aki), ())

    def is_public_authority(self, name: str, key: str) -> bool:
        """Whether a CA of this name, and of this key where both are known, stands in a public
        chain of the run."""
        keys = self.authorities.get(name)
        return keys is not None and (key in keys or "" in (key, *keys))

    def unrelated_hosts(self, ids: Iterable[str]) -> tuple[str, str] | None:
        """Two hosts among these checks whose genuine issuers have nothing in common, by what the
        endpoint data expects of them; None where there are none."""
        asked = [self.checks[key] for key in ids]
        expected = [check for check in asked if check.issuers and not check.custom]
        for first, second in combinations(expected, 2):
            if first.host != second.host and not set(first.issuers) & set(second.issuers):
                return first.host, second.host
        return None


def compare(readings: Iterable[Reading], settings: Settings, started: datetime) -> Comparison:
    """The comparison of a run. ``readings``: of the checks that made connections of their own.
    ``started``: the begin of the run by this host's clock."""
    seen = tuple(readings)
    handshakes: dict[str, Handshake] = {}
    others: dict[str, tuple[Handshake, ...]] = {}
    for reading in seen:
        shown = tuple(reading.handshakes())
        if shown and shown[0].chain:
            handshakes[reading.check.id] = shown[0]
        others[reading.check.id] = shown[1:]
    anchored = tuple(key for key, shown in handshakes.items() if chains.is_anchored(shown))
    leaves = {key: handshakes[key].chain[0] for key in handshakes if key not in anchored}
    signed = {key: leaf for key, leaf in leaves.items() if not leaf.is_self_issued}
    return Comparison(
        checks={reading.check.id: reading.check for reading in seen},
        handshakes=handshakes,
        others=others,
        anchored=anchored,
        authorities=_authorities(handshakes[key] for key in anchored),
        issuers=_grouped(((leaf.issuer, leaf.aki), key) for key, leaf in signed.items()),
        tops=_tops(handshakes[key] for key in signed),
        leaf_keys=_grouped(
            (leaf.key_sha256, key) for key, leaf in leaves.items() if leaf.key_sha256
        ),
        clocks=tuple(clock for reading in seen for clock in _clocks(reading, started)),
        answers=_answers(seen),
        roots_given=settings.public_roots_given,
    )


def _grouped(pairs: Iterable[tuple[K, str]]) -> dict[K, tuple[str, ...]]:
    found: dict[K, list[str]] = {}
    for name, key in pairs:
        found.setdefault(name, []).append(key)
    return {name: tuple(keys) for name, keys in found.items()}


def _authorities(public: Iterable[Handshake]) -> dict[str, frozenset[str]]:
    above = [authority for shown in public for authority in chains.path(shown)[1:]]
    keys = _grouped((authority.subject, authority.ski) for authority in above)
    return {name: frozenset(found) for name, found in keys.items()}


def _tops(private: Iterable[Handshake]) -> dict[str, str]:
    tops: dict[str, str] = {}
    for shown in private:
        below = chains.path(shown)[:-1]
        tops |= {certificate.issuer: chains.top_name(shown) for certificate in below}
    return tops


def _answers(readings: Iterable[Reading]) -> dict[str, Head]:
    found: dict[str, Head] = {}
    for reading in readings:
        for connection in reading.connections:
            for head in _heads_inside(connection):
                found.setdefault(reading.check.id, head)
    return found


def _heads_inside(connection: Connection) -> Iterator[Head]:
    """The heads of answers that came inside TLS with the target."""
    shown = connection.handshake
    if shown is None or not shown.chain:
        return
    for step in (*connection.exchanges, connection.upgrade):
        if step is not None and step.head is not None:
            yield step.head


# ------------------------------------------------------------------------------------------- clocks


def _clocks(reading: Reading, started: datetime) -> Iterator[Clock]:
    check = reading.check
    for connection in reading.connections:
        if check.proxy is not None:
            yield from _dated(check.proxy.url, connection.tunnel, started)
        for exchange in connection.exchanges:
            if exchange.date_offset is not None:
                yield Clock(source=check.host, offset=exchange.date_offset)
        yield from _dated(check.host, connection.upgrade, started)


def _dated(source: str, step: Tunnel | Upgrade | None, started: datetime) -> Iterator[Clock]:
    if step is None or step.head is None:
        return
    sent = _date(header(step.head, "date"))
    seen = chains.shifted(started, step.started + step.took)
    if sent is not None and seen is not None:
        yield Clock(source=source, offset=(sent - seen).total_seconds())


def _date(text: str) -> datetime | None:
    """A Date, which is always in GMT (RFC 9110 section 5.6.7); "-0000" parses as naive and is
    none."""
    try:
        sent = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return sent if sent.tzinfo is not None else None
