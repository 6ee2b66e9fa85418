"""Bypass lists (NO_PROXY, ``--proxy-skip-range``) as five clients read them. Pure: text and
arithmetic, nothing else of arcprobe.

``bypass`` asks one dialect about one host; ``covers_network`` about a whole range; ``entries`` and
``lint`` look at the list itself; ``suggest`` writes the list that would be right.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from arcprobe.no_proxy import (
    curl as _curl,
    dotnet as _dotnet,
    go as _go,
    python_requests as _python_requests,
    python_urllib as _python_urllib,
)
from arcprobe.no_proxy.addresses import (
    Interval,
    Network,
    go_network,
    interval,
    intervals,
    merged,
    networks_of,
    strict,
    subtract,
)
from arcprobe.no_proxy.answer import Bypass, Matcher

DIALECTS = ("go", "curl", "python-requests", "python-urllib", "dotnet")

_MATCHERS: dict[str, Callable[[str], Matcher]] = {
    "go": _go.matcher,
    "curl": _curl.matcher,
    "python-requests": _python_requests.matcher,
    "python-urllib": _python_urllib.matcher,
    "dotnet": _dotnet.matcher,
}

_NETWORKS: dict[str, Callable[[str], tuple[Network, ...]]] = {
    "go": _go.networks,
    "curl": _curl.networks,
    "python-requests": _python_requests.networks,
    "python-urllib": _python_urllib.networks,
    "dotnet": _dotnet.networks,
}

_MOST_PARTS = 10_000  # a range with ten thousand holes is not worth a longer answer


@lru_cache(maxsize=64)
def _matcher(dialect: str, skip_range: str) -> Matcher:
    return _MATCHERS[dialect](skip_range)


@lru_cache(maxsize=64)
def _intervals(dialect: str, skip_range: str) -> tuple[Interval, ...]:
    return tuple(merged(interval(network) for network in _NETWORKS[dialect](skip_range)))


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
    ``a`` or ``a-b`` runs."""
    return tuple(
        _words(left) for left in subtract(intervals(tuple(runs)), _intervals(dialect, skip_range))
    )


def covers_network(dialect: str, skip_range: str, cidr: str) -> tuple[str, ...]:
    """The parts of the network ``cidr`` that go to the proxy, as the fewest networks; empty when
    the list covers all of it.

    Exact, by interval arithmetic: nothing is enumerated but the answer, of which the first ten
    thousand are given. Entries for one port only do not count. ``ValueError`` when ``cidr`` is no
    network.
    """
    network = go_network(cidr)
    if network is None:
        raise ValueError(f"not a network: {cidr[:80]!r}")
    left = subtract([interval(network)], _intervals(dialect, skip_range))
    return tuple(str(part) for part, _ in zip(networks_of(left), range(_MOST_PARTS), strict=False))


def holds(runs: Iterable[str]) -> Callable[[str], bool]:
    """A question: is this address in the runs (``a``, ``a-b`` or networks)? A text that is no
    address is in none."""
    sets = intervals(tuple(runs))

    def inside(text: str) -> bool:
        address = strict(text)
        if address is None:
            return False
        place = bisect_right(sets, (address.version, int(address), 1 << 128))
        return (
            place > 0
            and sets[place - 1][0] == address.version
            and sets[place - 1][2] >= int(address)
        )

    return inside


def is_address(text: str) -> bool:
    """Whether a text is an IP address, without brackets, port or zone."""
    return strict(text) is not None


def _words(left: Interval) -> str:
    version, low, high = left
    first, last = (
        (IPv4Address(low), IPv4Address(high))
        if version == 4
        else (IPv6Address(low), IPv6Address(high))
    )
    return str(first) if low == high else f"{first}-{last}"
