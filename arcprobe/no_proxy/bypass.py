"""Who goes past the proxy: one host in one dialect, and the addresses that do not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache

from arcprobe.no_proxy.addresses import (
    Interval,
    interval,
    intervals,
    make_address,
    merged,
    parse_address,
    subtract,
)
from arcprobe.no_proxy.answer import Bypass, Matcher
from arcprobe.no_proxy.dialects import DIALECTS


@lru_cache(maxsize=64)
def _matcher(dialect: str, skip_range: str) -> Matcher:
    return DIALECTS[dialect].matcher(skip_range)


@lru_cache(maxsize=64)
def _intervals(dialect: str, skip_range: str) -> tuple[Interval, ...]:
    return tuple(merged(map(interval, DIALECTS[dialect].networks(skip_range))))


def bypass(
    dialect: str, skip_range: str, host: str, port: int | None = None, scheme: str = "https"
) -> Bypass:
    """Whether a client of ``dialect`` goes direct to ``host``, and which entry says so.

    ``port`` is the one that the URL spells, None where it spells none. A rule of the client's own
    (Go never proxies loopback) gives ``bypassed`` without an entry. Raises ``KeyError`` for an
    unknown dialect, and nothing for any list or host.
    """
    return _matcher(dialect, skip_range)(host, port, scheme)


def uncovered(dialect: str, skip_range: str, runs: Iterable[str]) -> tuple[str, ...]:
    """Which of the addresses ``runs`` (each ``a``, ``a-b`` or a network) go to the proxy, as sorted
    ``a`` or ``a-b`` runs.

    Exact, by interval arithmetic: nothing is enumerated. Entries for one port only do not count.
    """
    left = subtract(intervals(tuple(runs)), _intervals(dialect, skip_range))
    return tuple(map(_run, left))


def holds(runs: Iterable[str]) -> Callable[[str], bool]:
    """A question: is this address in the runs (``a``, ``a-b`` or networks)? A text that is no
    address is in none."""
    sets = intervals(tuple(runs))

    def is_inside(text: str) -> bool:
        address = parse_address(text)
        if address is None:
            return False
        place = bisect_right(sets, (address.version, int(address), 1 << 128))
        below = sets[max(place - 1, 0) : place]
        return any(
            version == address.version and last >= int(address) for version, _, last in below
        )

    return is_inside


def _run(left: Interval) -> str:
    version, low, high = left
    first, last = make_address(version, low), make_address(version, high)
    return str(first) if low == high else f"{first}-{last}"
