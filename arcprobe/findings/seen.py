"""What the observations of a whole run tell beside their verdicts: addresses, clients, roots,
issuers, what the cluster told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from arcprobe.findings.reading import Reading, read
from arcprobe.model import Certificate, Check, Cluster, Observation, Route, Run
from arcprobe.no_proxy import is_seen_by_others

_MOST_CLIENTS = 64  # more are networks, which --client names
_POD, _LAPTOP = "pod", "laptop"  # vantages

Checks = tuple[Check, ...]
Observations = tuple[Observation, ...]


def addresses(
    checks: Checks, observations: Observations
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The addresses that were tried for each host, past any proxy, for rules that know no names."""
    found: dict[str, dict[str, None]] = {}
    for check, reading in _readings(checks, observations):
        if check.route is Route.DIRECT:
            dials = reading.speaks.dials
            found.setdefault(check.host, {}).update(dict.fromkeys(dial.address for dial in dials))
    return tuple((host, tuple(tried)) for host, tried in found.items())


def clients(run: Run, checks: Checks, observations: Observations) -> tuple[str, ...]:
    """Addresses from which agents will ask: the nodes', where the cluster told them, and this
    machine's. A pod's own says nothing of other pods, one node's leaves the others out. Beside
    the nodes stand the ranges of pods: not every cluster puts a node's address in the place of a
    pod's (Kubernetes documentation, "IP Masquerade Agent User Guide")."""
    told = tuple(clusters(observations))
    found = dict.fromkeys(chain.from_iterable(each.nodes for each in told))
    if run.vantage == _LAPTOP or (found and run.vantage != _POD):
        found |= dict.fromkeys(_sources(checks, observations))
    known = tuple(filter(is_seen_by_others, found))
    if known:
        known += tuple(dict.fromkeys(chain.from_iterable(map(_pods, told))))
    return known if len(known) <= _MOST_CLIENTS else ()


def _sources(checks: Checks, observations: Observations) -> Iterator[str]:
    """The addresses from which this machine asked the network."""
    asking = {check.id for check in checks if check.connects}
    return chain.from_iterable(each.sources for each in observations if each.check in asking)


def _pods(cluster: Cluster) -> tuple[str, ...]:
    """The ranges of its pods; a guess only where nothing better is known."""
    ranges = [each for each in cluster.ranges if each.what == "pods"]
    certain = [each for each in ranges if not each.inferred]
    return tuple(each.cidr for each in certain or ranges)


def roots(checks: Checks, observations: Observations) -> tuple[tuple[str, Certificate], ...]:
    """The private root that the connection of each check was shown, by the proxy or behind it."""
    found = []
    for check, reading in _readings(checks, observations):
        speaks = reading.speaks
        for handshake in filter(None, (speaks.proxy_handshake, speaks.handshake)):
            tops = [top for top in handshake.chain[-1:] if top.pem and _is_root(top)]
            found += [(check.id, top) for top in tops]
    return tuple(found)


def _is_root(certificate: Certificate) -> bool:
    return certificate.is_self_signed and certificate.is_ca is True


def clusters(observations: Observations) -> Iterator[Cluster]:
    """What each question to a cluster was told."""
    return filter(None, (each.cluster for each in observations))


def issuers(checks: Checks, observations: Observations) -> Iterator[tuple[Check, str]]:
    """The issuer of the certificate that the connection which speaks for a check showed."""
    for check, reading in _readings(checks, observations):
        handshake = reading.speaks.handshake
        if handshake is not None and handshake.chain:
            yield check, handshake.chain[0].issuer


def _readings(checks: Checks, observations: Observations) -> Iterator[tuple[Check, Reading]]:
    seen = {observation.check: observation for observation in observations}
    for check in checks:
        yield check, read(check, seen.get(check.id))
