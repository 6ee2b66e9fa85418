"""What all readings of a run say together about certificates and clocks: the ground on which one
chain is judged.

Whether TLS is intercepted is seen best in comparison: who signs for whom, which keys come twice,
what the direct route shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import chain, combinations

import msgspec

from arcprobe.findings import chains
from arcprobe.findings.reading import Connection, Reading
from arcprobe.model import Certificate, Check, Handshake, Head, Route, Settings, Tunnel, Upgrade

CLOCKS_AGREE = 120.0
"""Seconds between two clocks that are called the same: a Date has whole seconds, and answers take
their time. Too few and no two sources agree, too many and a canned Date counts as a clock."""

_SOURCES_NEEDED = 2
"""Sources of a Date: one alone may be wrong, as a box with a dead clock is."""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A Date that somebody sent: ``offset`` is that clock minus this host's, in seconds."""

    source: str
    offset: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A digest of a run. Keys of ``checks``, ``handshakes``, ``others``, ``answers``, and all that
    the other members hold, are ids of checks.

    ``handshakes``: with the target, where a chain came. ``others``: further ones of the same check,
    made to explain. ``anchored``: those that only a public CA can have made. ``authorities``: the
    CAs in such chains, by subject, and their key identifiers. ``private``: the leaves of all other
    chains. ``tops``: above an issuer in such a chain, its topmost name. ``answers``: heads of HTTP
    answers inside TLS.
    """

    checks: Mapping[str, Check] = {}
    handshakes: Mapping[str, Handshake] = {}
    others: Mapping[str, tuple[Handshake, ...]] = {}
    anchored: tuple[str, ...] = ()
    authorities: Mapping[str, frozenset[str]] = {}
    private: Mapping[str, Certificate] = {}
    tops: Mapping[str, str] = {}
    clocks: tuple[Clock, ...] = ()
    answers: Mapping[str, Head] = {}
    roots_given: bool = False

    @cached_property
    def clock_offset(self) -> float | None:
        """How far this host's clock is behind the clocks on the wire, in seconds; None unless two
        sources agree."""
        latest = self._latest_offsets()
        if not latest:
            return None
        middle = _median(latest)
        agreeing = [offset for offset in latest if abs(offset - middle) <= CLOCKS_AGREE]
        is_majority = len(agreeing) * 2 > len(latest)
        return middle if is_majority and len(agreeing) >= _SOURCES_NEEDED else None

    @cached_property
    def clock_hint(self) -> float | None:
        """The same from whatever sources there are, also one alone: good only to confirm what a
        certificate says."""
        latest = self._latest_offsets()
        return _median(latest) if latest else None

    def _latest_offsets(self) -> list[float]:
        return list({clock.source: clock.offset for clock in self.clocks}.values())

    def direct_twin(self, check: Check) -> Handshake | None:
        """What the same endpoint showed without the proxy, if that was asked."""
        if check.route == Route.DIRECT:
            return None
        return self._direct.get((check.host, check.port))

    @cached_property
    def _direct(self) -> dict[tuple[str, int], Handshake]:
        """What each endpoint showed without the proxy: the first that did."""
        found: dict[tuple[str, int], Handshake] = {}
        for key, handshake in self.handshakes.items():
            check = self.checks[key]
            if check.route == Route.DIRECT:
                found.setdefault((check.host, check.port), handshake)
        return found

    @property
    def signed(self) -> dict[str, Certificate]:
        """The private leaves that somebody else signed."""
        return {key: leaf for key, leaf in self.private.items() if not leaf.is_self_issued}

    def hosts(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The hosts of these checks, each once, in order."""
        return tuple(dict.fromkeys(self.checks[key].host for key in ids))

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


def _median(numbers: list[float]) -> float:
    """Without ``statistics``, which costs each run a hundredth of its CPU."""
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] / 2 + ordered[~half] / 2


class Shown(msgspec.Struct, frozen=True):
    """One chain, who was asked for it, and the run that it was seen in."""

    check: Check
    handshake: Handshake
    comparison: Comparison

    @property
    def leaf(self) -> Certificate:
        """The certificate of the host."""
        return self.handshake.chain[0]

    @property
    def sent(self) -> tuple[Certificate, ...]:
        """The certificates in the order in which each names its issuer."""
        return chains.path(self.handshake)

    @property
    def direct_twin(self) -> Handshake | None:
        """What the same endpoint showed without the proxy."""
        return self.comparison.direct_twin(self.check)

    @property
    def signed_by_same(self) -> tuple[str, ...]:
        """The checks whose leaf the same issuer signed, where it is no public one."""
        issuer = (self.leaf.issuer, self.leaf.aki)
        signed = self.comparison.signed
        return tuple(key for key, leaf in signed.items() if (leaf.issuer, leaf.aki) == issuer)


def compare(readings: Iterable[Reading], settings: Settings, started: datetime) -> Comparison:
    """The comparison of a run. ``readings``: of the checks that made connections of their own.
    ``started``: the begin of the run by this host's clock."""
    seen = tuple(readings)
    shown = {reading.check.id: tuple(reading.handshakes()) for reading in seen}
    found = Comparison(
        checks={reading.check.id: reading.check for reading in seen},
        handshakes={key: made[0] for key, made in shown.items() if made and made[0].chain},
        others={key: made[1:] for key, made in shown.items()},
        clocks=tuple(chain.from_iterable(_clocks(reading, started) for reading in seen)),
        answers=_answers(seen),
        roots_given=settings.public_roots_given,
    )
    return _digested(found)


def _digested(found: Comparison) -> Comparison:
    """The same, and what its chains say of each other."""
    handshakes = found.handshakes
    anchored = tuple(key for key, made in handshakes.items() if chains.is_anchored(made))
    private = {key: made for key, made in handshakes.items() if key not in anchored}
    return msgspec.structs.replace(
        found,
        anchored=anchored,
        authorities=_authorities(handshakes[key] for key in anchored),
        private={key: made.chain[0] for key, made in private.items()},
        tops=_tops(private.values()),
    )


def _authorities(public: Iterable[Handshake]) -> dict[str, frozenset[str]]:
    keys: dict[str, frozenset[str]] = {}
    for made in public:
        for authority in chains.path(made)[1:]:
            keys[authority.subject] = keys.get(authority.subject, frozenset()) | {authority.ski}
    return keys


def _tops(private: Iterable[Handshake]) -> dict[str, str]:
    tops: dict[str, str] = {}
    for made in private:
        below = chains.path(made)[:-1]
        tops |= dict.fromkeys((each.issuer for each in below), chains.top_name(made))
    return tops


def _answers(seen: Iterable[Reading]) -> dict[str, Head]:
    """The first answer that each check got inside TLS with the target."""
    answers: dict[str, Head] = {}
    for reading in seen:
        for made in reading.connections:
            for head in _heads_inside(made):
                answers.setdefault(reading.check.id, head)
    return answers


def _heads_inside(made: Connection) -> Iterator[Head]:
    if made.handshake is not None and made.handshake.chain:
        steps = (*made.exchanges, made.upgrade)
        yield from (step.head for step in steps if step and step.head)


# ------------------------------------------------------------------------------------------- clocks


def _clocks(reading: Reading, started: datetime) -> Iterator[Clock]:
    check = reading.check
    for made in reading.connections:
        if check.proxy is not None:
            yield from _dated(check.proxy.url, made.tunnel, started)
        for exchange in made.exchanges:
            if exchange.date_offset is not None:
                yield Clock(source=check.host, offset=exchange.date_offset)
        yield from _dated(check.host, made.upgrade, started)


def _dated(source: str, step: Tunnel | Upgrade | None, started: datetime) -> Iterator[Clock]:
    if step is None or step.head is None:
        return
    sent = _date(step.head.header("date"))
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
