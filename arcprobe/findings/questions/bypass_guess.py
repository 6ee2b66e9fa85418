"""The Service range where nobody names it: what it may be, from the addresses in use. Pure.

Before a cluster is connected it has two Services; those that come with Azure Arc get addresses
anywhere in the range, so that today's addresses say too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from arcprobe import no_proxy
from arcprobe.knowledge.service_ranges import DefaultRange, default_ranges
from arcprobe.model import Cluster
from arcprobe.no_proxy import Network

# Prefix lengths, by IP version.
# As wide as people give Services a range of their own (OpenShift, k3s, AKS and EKS have /16 by
# default); too wide a guess sends a neighbouring network past the proxy, too narrow a one is no
# range. IPv6: kubeadm's documentation has /112.
_USUAL = {4: 16, 6: 112}
# The narrowest that a list may have for the range to be meant by it (GKE has /20); a narrower one
# is a copy of what is in use, and Services of later days go to the proxy.
_NARROWEST = {4: 20, 6: 112}
# kube-apiserver refuses wider ones: see no_proxy/suggestion.py.
_WIDEST = {4: 12, 6: 108}


class LikelyRange(msgspec.Struct, frozen=True, kw_only=True):
    """A Service range that nobody names. ``cidr``: what it probably is; ``name``: whose default
    that is, if any; ``enough``: ranges of which a list must cover one, not to be a copy of the
    addresses in use."""

    cidr: str
    name: str = ""
    enough: tuple[str, ...] = ()

    def covering(self, skip_range: str) -> str:
        """The range that a list covers of those that are enough; empty where it covers none."""
        covered = (
            cidr for cidr in self.enough if not no_proxy.uncovered("go", skip_range, (cidr,))
        )
        return next(covered, "")


class _Used(NamedTuple):
    """Addresses in use of one IP version, from ``low`` to ``high``. ``base``: where the range
    begins, if that is known."""

    version: int
    low: int
    high: int
    base: int | None

    def fits(self, known: DefaultRange) -> bool:
        """Whether a distribution's own range holds all addresses and begins where it must."""
        network = known.network
        first, last = int(network.network_address), int(network.broadcast_address)
        is_holding = network.version == self.version and first <= self.low and self.high <= last
        return is_holding and self.base in (None, first)

    def network(self, lengths: Mapping[int, int]) -> str | None:
        """The network of that prefix length; a wider one, where the addresses need it; a narrower
        one, where its beginning allows no more. None where no Service range can be so wide."""
        begin = min(self.low, self.low if self.base is None else self.base)
        address = no_proxy.make_address(self.version, begin)
        most = address.max_prefixlen
        needed = most - (begin ^ self.high).bit_length()
        if needed < _WIDEST[self.version]:
            return None
        most_aligned = 0 if begin != self.base else most - _trailing_zeros(begin, most)
        prefix = min(needed, max(lengths[self.version], most_aligned))
        return str(no_proxy.network_around(address, prefix))


def _trailing_zeros(number: int, most: int) -> int:
    return (number & -number).bit_length() - 1 if number else most


def likely_ranges(cluster: Cluster | None) -> tuple[LikelyRange, ...]:
    """One for each IP version of which addresses are in use and no range is known."""
    return tuple(_likely(cluster)) if cluster is not None else ()


def _likely(cluster: Cluster) -> Iterator[LikelyRange]:
    known = {network.version for network in _named(cluster)}
    intervals = no_proxy.intervals(cluster.addresses)
    for version in (4, 6):
        runs = [run for run in intervals if run[0] == version]
        if runs and version not in known:
            used = _Used(version, runs[0][1], runs[-1][2], _base(cluster, version))
            yield from _guessed(used)


def _named(cluster: Cluster) -> Iterator[Network]:
    named = (known for known in cluster.ranges if known.what == "services" and not known.inferred)
    yield from filter(None, (no_proxy.parse_network(known.cidr) for known in named))


def _base(cluster: Cluster, version: int) -> int | None:
    """Where the range begins: its first address for use is that of default/kubernetes
    (kube-apiserver, --service-cluster-ip-range)."""
    for service in cluster.services:
        if (service.namespace, service.name) == ("default", "kubernetes"):
            addresses = filter(None, map(no_proxy.parse_address, service.addresses))
            return next((int(each) - 1 for each in addresses if each.version == version), None)
    return None


def _guessed(used: _Used) -> Iterator[LikelyRange]:
    narrow, wide = used.network(_NARROWEST), used.network(_USUAL)
    if narrow is None or wide is None:
        return
    defaults = tuple(filter(used.fits, default_ranges()))
    enough = (*(known.cidr for known in defaults), narrow)
    if defaults:
        yield LikelyRange(cidr=defaults[0].cidr, name=defaults[0].name, enough=enough)
    else:
        yield LikelyRange(cidr=narrow if used.base is None else wide, enough=enough)


def narrowly_covered(cluster: Cluster | None, skip_range: str) -> tuple[LikelyRange, ...]:
    """Those of which a list covers no usual range, only addresses in use or a network round
    them."""
    return tuple(each for each in likely_ranges(cluster) if not each.covering(skip_range))
