"""The list that would be right: the good entries that were given in their order, corrected ones in
place, what lacks at the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

import msgspec

from arcprobe.model import Line, line
from arcprobe.model.text import host_port
from arcprobe.no_proxy import go
from arcprobe.no_proxy.addresses import (
    Interval,
    Network,
    interval,
    intervals,
    network_around,
    networks_of,
    parse_network,
    subtract,
)
from arcprobe.no_proxy.entries import entries, is_needed, split_host_port
from arcprobe.no_proxy.entry_forms import LONGEST_NAME

# Prefix lengths. kube-apiserver refuses a Service range of more than 20 bits of hosts
# (https://github.com/kubernetes/kubernetes/blob/v1.31.0/cmd/kube-apiserver/app/options/validation.go,
# "specified service-cluster-ip-range is too large"): a wider guess would be no Service range.
_SHORTEST = {4: 12, 6: 108}
# Prefix lengths: no network of one's own is wider (RFC 1918: 10.0.0.0/8; RFC 4193: fc00::/7).
_WIDEST_OWN = {4: 8, 6: 7}
_MOST_TOLD = 8  # hosts, of those that one entry takes past the proxy
_MOST_GUESSES = 16  # ranges: a list of more is for nobody to read


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


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that the corrected list has no more, why, and what stands in its place."""

    entry: str
    why: Line
    instead: tuple[str, ...] = ()


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The list, ready to paste, and what differs from the one that was given. ``why``: of each
    entry of ``removed``."""

    skip_range: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    why: tuple[Removal, ...] = ()


def corrected_entries(skip_range: str, *, ineffective: bool = True) -> tuple[str, ...]:
    """The entries, with malformed ones as what they certainly meant; what cannot be known is left
    out, duplicates too.

    ``ineffective`` False: those that are well formed but useless in Go stay as they are. What
    another client needs stays beside what Go needs.
    """
    kept: dict[str, None] = {}
    for entry in entries(skip_range):
        is_useless = entry.problem is not None and (ineffective or entry.kind == "malformed")
        if not is_useless or is_needed(entry):
            kept[entry.text] = None
        if is_useless:
            kept |= dict.fromkeys(entry.instead)
    return tuple(kept)


def kept_entries(skip_range: str, proxied: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """The corrected entries without those that send past the proxy what must not go there."""
    hosts = tuple(proxied)
    corrected = corrected_entries(skip_range)
    return tuple(
        text for text in corrected if not (is_every_address(text) or too_broad(text, hosts))
    )


def suggest(skip_range: str, required: Required) -> Suggestion:
    """The corrected list for the agents (Go), which keeps what was good and stays as close to the
    given one as it can."""
    given = tuple(dict.fromkeys(entry.text for entry in entries(skip_range)))
    kept = list(kept_entries(skip_range, required.proxied))
    kept += _missing_suffixes(kept, required.suffixes)
    ranges = _missing_ranges(kept, required)
    kept = [*kept, *ranges] if given else [*ranges, *kept]
    kept += _missing_hosts(kept, required.hosts)
    return Suggestion(
        skip_range=",".join(kept),
        added=tuple(text for text in kept if text not in given),
        removed=tuple(text for text in given if text not in kept),
        why=tuple(_removals(skip_range, required.proxied, kept)),
    )


def _removals(
    skip_range: str, proxied: Iterable[tuple[str, int]], kept: Collection[str]
) -> Iterator[Removal]:
    hosts, told = tuple(proxied), set(kept)
    for entry in entries(skip_range):
        if entry.text in told:
            continue
        told.add(entry.text)
        instead = tuple(text for text in entry.instead if text in kept)
        yield Removal(
            entry=entry.text, why=entry.problem or _why_broad(entry.text, hosts), instead=instead
        )


def _why_broad(entry: str, proxied: tuple[tuple[str, int], ...]) -> Line:
    if is_every_address(entry):
        return line("list.every-address")
    taken = (host_port(host, port) for host, port in too_broad(entry, proxied))
    return line("list.takes-past", hosts=tuple(islice(taken, _MOST_TOLD)))


def _missing_suffixes(kept: list[str], suffixes: Iterable[str]) -> list[str]:
    """A suffix is asked for by a name below it, so that `svc` or `.cluster.local` count as what
    they are. A dot at the end is one that a client asks with."""
    found: list[str] = []
    for suffix in suffixes:
        name = f"name.namespace{suffix}" if suffix.startswith(".") else suffix
        if _is_one_entry(suffix.removesuffix(".")) and not _covers([*kept, *found], name):
            found.append(suffix)
    return found


def _missing_hosts(kept: list[str], targets: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name, port in map(_split, targets):
        if _is_one_entry(name) and not _covers([*kept, *found], name, port):
            found.append(name)
    return found


def _missing_ranges(kept: list[str], required: Required) -> list[str]:
    found = _missing(kept, _networks(required.ranges))
    for place, group in enumerate(required.groups):
        if place == 0 and (not group or _left([*kept, *found], group)):
            found += _missing([*kept, *found], _networks(required.guesses))
        guessed = guess(_left([*kept, *found], group), group)
        found += _missing([*kept, *found], guessed)
    return found


def too_broad(entry: str, proxied: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Which hosts that must go through the proxy this one entry takes past it.

    A host's own full name is not too broad: who writes it means it. Go's loopback rule is no entry.
    """
    match = go.matcher(entry)
    own = _split(entry.lower())[0]
    foreign = ((host, port) for host, port in proxied if host.lower() != own)
    return tuple(
        (host, port) for host, port in foreign if match(host, port, "https").entry is not None
    )


def is_every_address(entry: str) -> bool:
    """Whether an entry is a network of addresses of the whole internet, as `0.0.0.0/0` is."""
    network = parse_network(entry)
    return network is not None and network.prefixlen < _WIDEST_OWN[network.version]


def _is_one_entry(text: str) -> bool:
    """Whether a name that the cluster told can stand in a list."""
    read = entries(text)
    return len(read) == 1 and read[0].problem is None


def _networks(texts: Iterable[str]) -> tuple[Network, ...]:
    return tuple(filter(None, map(parse_network, texts)))


def _split(host: str) -> tuple[str, int | None]:
    try:
        name, port = split_host_port(host)
    except ValueError:
        return "", None
    return (name, port) if len(name) <= LONGEST_NAME else ("", None)


def _covers(kept: list[str], host: str, port: int | None = None) -> bool:
    return go.matcher(",".join(kept))(host, port, "https").bypassed


def _intervals(texts: list[str]) -> list[Interval]:
    return [interval(network) for network in go.networks(",".join(texts))]


def _missing(kept: list[str], networks: Iterable[Network]) -> list[str]:
    """Those of ``networks`` that are not covered wholly; each as it was given, not its holes:
    people know their own ranges."""
    found: list[str] = []
    for network in networks:
        if subtract([interval(network)], _intervals([*kept, *found])):
            found.append(str(network).removesuffix(f"/{network.max_prefixlen}"))
    return found


def _left(kept: list[str], runs: Iterable[str]) -> list[Interval]:
    return subtract(intervals(tuple(runs)), _intervals(kept))


def guess(left: list[Interval], runs: Iterable[str]) -> tuple[Network, ...]:
    """The smallest ranges that hold all addresses in use of which some are uncovered, none wider
    than Kubernetes allows.

    ``left``: what is uncovered; ``runs``: all in use, because the range of one uncovered Service is
    that of its neighbours too.
    """
    used = intervals(tuple(runs)) if left else ()
    guessed: list[Network] = []
    for version in (4, 6):
        guessed += _ranges([run for run in used if run[0] == version], version)
    hit = (network for network in guessed if any(_touches(run, network) for run in left))
    return tuple(hit)[:_MOST_GUESSES]


def _touches(run: Interval, network: Network) -> bool:
    version, first, last = interval(network)
    return run[0] == version and run[1] <= last and run[2] >= first


def _ranges(group: list[Interval], version: int) -> list[Network]:
    """The smallest network that holds a group of runs; where it would be too wide, those of its two
    halves."""
    if not group:
        return []
    low, high = group[0][1], group[-1][2]
    bits = {4: 32, 6: 128}[version]
    length = bits - (low ^ high).bit_length()
    if length >= _SHORTEST[version]:
        base = next(networks_of([(version, low, low)])).network_address
        return [network_around(base, length)]
    if len(group) == 1:
        return list(networks_of(group))[:_MOST_GUESSES]
    middle = high >> (bits - length - 1) << (bits - length - 1)
    lower = [(version, first, min(last, middle - 1)) for _, first, last in group if first < middle]
    upper = [(version, max(first, middle), last) for _, first, last in group if last >= middle]
    return _ranges(lower, version) + _ranges(upper, version)
