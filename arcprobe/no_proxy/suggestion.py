"""The list that would be right: the person's own good entries in their order, mended ones in place,
what lacks at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from arcprobe.no_proxy import go as _go
from arcprobe.no_proxy.addresses import (
    Interval,
    Network,
    around,
    go_network,
    interval,
    intervals,
    networks_of,
    subtract,
)
from arcprobe.no_proxy.answer import Bypass
from arcprobe.no_proxy.entries import LONGEST, entries, split_host_port

# kube-apiserver refuses a Service range of more than 20 bits of hosts ("specified
# service-cluster-ip-range too large"): ranges of IPv4 are never shorter than /12, IPv6 ranges
# never shorter than /108. Wider guesses would be dishonest.
_SHORTEST = {4: 12, 6: 108}

_MOST_GUESSES = 16


class Required(msgspec.Struct, frozen=True, kw_only=True):
    """What a list must do.

    ``ranges``: networks that are certain; ``guesses``: networks that count where an address of the
    first group is uncovered; ``groups``: addresses in use (``a``, ``a-b``) or networks, a group a
    kind, of which ranges are derived; ``hosts``: host or host:port; ``suffixes``: names as they are
    to stand in the list; ``proxied``: host and port of what must not bypass.
    """

    ranges: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    hosts: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    proxied: tuple[tuple[str, int], ...] = ()


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The list, ready to paste, and what differs from the one that was given."""

    skip_range: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def mended(skip_range: str, *, ineffective: bool = True) -> tuple[str, ...]:
    """The entries, with malformed ones as what they certainly meant; what cannot be known is left
    out, duplicates too.

    ``ineffective`` False: those that are well formed but useless stay as they are.
    """
    kept: dict[str, None] = {}
    for entry in entries(skip_range):
        keep = not entry.problem or (entry.kind != "malformed" and not ineffective)
        for text in (entry.text,) if keep else entry.instead:
            kept.setdefault(text)
    return tuple(kept)


def suggest(skip_range: str, required: Required) -> Suggestion:
    """The corrected list for the agents (Go), which keeps what was good and stays as close to the
    given one as it can."""
    given = tuple(dict.fromkeys(entry.text for entry in entries(skip_range)))
    kept = [text for text in mended(skip_range) if not too_broad(text, required.proxied)]
    for suffix in required.suffixes:
        # A suffix is asked for by a name below it, so that `svc` or `.cluster.local`
        # count as what they are.
        if _sound(suffix) and not _covers(
            kept, f"name.namespace{suffix}" if suffix.startswith(".") else suffix
        ):
            kept.append(suffix)
    front = _missing(kept, _networks(required.ranges))
    for place, group in enumerate(required.groups):
        if place == 0 and (not group or _left([*kept, *front], group)):
            front += _missing([*kept, *front], _networks(required.guesses))
        front += _missing([*kept, *front], list(guess(_left([*kept, *front], group), group)))
    kept = [*kept, *front] if given else [*front, *kept]
    for host in required.hosts:
        name, port = _split(host)
        if name and _sound(name) and not _covers(kept, name, port):
            kept.append(name)
    return Suggestion(
        skip_range=",".join(kept),
        added=tuple(text for text in kept if text not in given),
        removed=tuple(text for text in given if text not in kept),
    )


def too_broad(entry: str, proxied: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Which hosts that must go through the proxy this one entry takes past it.

    A host's own full name is not too broad: who writes it means it. Go's loopback rule is no entry.
    """
    match = _go.matcher(entry)
    own = _split(entry.lower())[0]
    return tuple(
        (host, port)
        for host, port in proxied
        if host.lower() != own and match(host, port, "https").entry is not None
    )


def _sound(text: str) -> bool:
    """Whether a name that the cluster told can stand in a list as one entry."""
    read = entries(text)
    return len(read) == 1 and not read[0].problem


def _networks(texts: Iterable[str]) -> list[Network]:
    return [network for network in map(go_network, texts) if network is not None]


def _split(host: str) -> tuple[str, int | None]:
    try:
        name, port = split_host_port(host)
    except ValueError:
        return "", None
    return (name, port) if len(name) <= LONGEST else ("", None)


def _covers(kept: list[str], host: str, port: int | None = None) -> bool:
    match: Callable[[str, int | None, str], Bypass] = _go.matcher(",".join(kept))
    return match(host, port, "https").bypassed


def _intervals(texts: list[str]) -> list[Interval]:
    return [interval(network) for network in _go.networks(",".join(texts))]


def _missing(kept: list[str], networks: list[Network]) -> list[str]:
    """Those of ``networks`` that are not covered wholly; each as it was given, not its holes:
    people know their own ranges."""
    out: list[str] = []
    for network in networks:
        if subtract([interval(network)], _intervals([*kept, *out])):
            alone = network.prefixlen == network.max_prefixlen
            out.append(str(network.network_address) if alone else str(network))
    return out


def _left(kept: list[str], runs: Iterable[str]) -> list[Interval]:
    return subtract(intervals(tuple(runs)), _intervals(kept))


def guess(left: list[Interval], runs: Iterable[str]) -> tuple[Network, ...]:
    """The smallest ranges that hold all addresses in use of which some are uncovered, none wider
    than Kubernetes allows.

    ``left``: what is uncovered; ``runs``: all in use, because the range of one uncovered Service is
    that of its neighbours too.
    """
    if not left:
        return ()
    every = intervals(tuple(runs))
    out: list[Network] = []
    for version in (4, 6):
        out += _halves([one for one in every if one[0] == version], version)
    hit = [
        network
        for network in out
        if any(one[0] == network.version and _touches(one, network) for one in left)
    ]
    return tuple(hit[:_MOST_GUESSES])


def _touches(one: Interval, network: Network) -> bool:
    _, first, last = interval(network)
    return one[1] <= last and one[2] >= first


def _halves(group: list[Interval], version: int) -> list[Network]:
    if not group:
        return []
    bits = 32 if version == 4 else 128
    low, high = group[0][1], group[-1][2]
    length = bits - (low ^ high).bit_length()
    if length >= _SHORTEST[version] or len(group) == 1:
        base = next(networks_of([(version, low, low)])).network_address
        return (
            [around(base, length)]
            if length >= _SHORTEST[version]
            else list(networks_of(group))[:_MOST_GUESSES]
        )
    middle = ((high >> (bits - length - 1)) << (bits - length - 1)) if length < bits else high
    lower = [one for one in group if one[2] < middle]
    upper = [one for one in group if one[1] >= middle]
    astride = [one for one in group if one[1] < middle <= one[2]]
    lower += [(version, one[1], middle - 1) for one in astride]
    upper = [(version, middle, one[2]) for one in astride] + upper
    return _halves(lower, version) + _halves(upper, version)


__all__ = ["Required", "Suggestion", "guess", "mended", "suggest", "too_broad"]
