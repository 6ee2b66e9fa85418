"""Bypass lists (NO_PROXY, ``--proxy-skip-range``) as five clients read them. Pure: text and arithmetic, nothing else of arcprobe.

``bypass`` asks one dialect about one host; ``covers_network`` about a whole range; ``entries`` and ``lint`` look at the list
itself; ``suggest`` writes the list that would be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from arcprobe.no_proxy import _curl, _dotnet, _go, _python_requests, _python_urllib
from arcprobe.no_proxy._addresses import Interval, Network, go_network, interval, merged, networks_of, run, subtract
from arcprobe.no_proxy._bypass import Bypass, Matcher
from arcprobe.no_proxy._entries import Entry, Problem, entries, lint, split_host_port
from arcprobe.no_proxy._suggestion import Required, Suggestion, mended, suggest

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


def bypass(dialect: str, skip_range: str, host: str, port: int | None = None, scheme: str = "https") -> Bypass:
    """Whether a client of ``dialect`` goes direct to ``host``, and which entry says so.

    ``port`` is the one that the URL spells, None where it spells none. A rule of the client's own (Go never proxies loopback)
    gives ``bypassed`` without an entry. Raises ``KeyError`` for an unknown dialect, and nothing for any list or host.
    """
    return _matcher(dialect, skip_range)(host, port, scheme)


def uncovered(dialect: str, skip_range: str, runs: Iterable[str]) -> tuple[str, ...]:
    """Which of the addresses ``runs`` (each ``a``, ``a-b`` or a network) go to the proxy, as sorted ``a`` or ``a-b`` runs."""
    wanted = [found for found in map(run, runs) if found is not None]
    return tuple(_words(left) for left in subtract(wanted, _intervals(dialect, skip_range)))


def covers_network(dialect: str, skip_range: str, cidr: str) -> tuple[str, ...]:
    """The parts of the network ``cidr`` that go to the proxy, as the fewest networks; empty when the list covers all of it.

    Exact, by interval arithmetic: nothing is enumerated but the answer, of which the first ten thousand are given. Entries for
    one port only do not count. ``ValueError`` when ``cidr`` is no network.
    """
    network = go_network(cidr)
    if network is None:
        raise ValueError(f"not a network: {cidr[:80]!r}")
    left = subtract([interval(network)], _intervals(dialect, skip_range))
    return tuple(str(part) for part, _ in zip(networks_of(left), range(_MOST_PARTS), strict=False))


def _words(left: Interval) -> str:
    first, *rest = networks_of([left])
    low, high = first.network_address, (rest[-1] if rest else first).broadcast_address
    return str(low) if low == high else f"{low}-{high}"


__all__ = [
    "DIALECTS",
    "Bypass",
    "Entry",
    "Problem",
    "Required",
    "Suggestion",
    "bypass",
    "covers_network",
    "entries",
    "lint",
    "mended",
    "split_host_port",
    "suggest",
    "uncovered",
]
