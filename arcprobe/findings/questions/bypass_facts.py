"""What a cluster asks of a bypass list, and what of it goes to the proxy. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

import msgspec

from arcprobe import no_proxy
from arcprobe.findings.questions.bypass_guess import likely_ranges, narrowly_covered
from arcprobe.knowledge.bypass_keywords import is_documented
from arcprobe.model import Cluster, Range, Settings
from arcprobe.no_proxy import Problem, Required, Suggestion

AzureHosts = tuple[tuple[str, int], ...]

_FEW = 16  # more ranges of one kind than this are joined: a list of thousands is for nobody
_MOST_NAMED = 8  # Services; a line of evidence shows no more
_API_PORTS = (443, 6443)  # of default/kubernetes, and of kubeadm's API server
_UNFILLED = re.compile(r"[<>{}$%]")
_EVERY_ADDRESS = ("0.0.0.0/0", "::/0")
_NOTHING_TOLD = Cluster(source="")


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to the proxy with a list as it was meant, in Go's reading.

    ``lenient``: the list as meant, and every network that a malformed entry may have meant: it is
    one broken thing, and told once. ``addresses``, ``service_ranges``: of Services. ``api``: how
    clients name the API server, as far as the Services do not stand for it.
    """

    cluster: Cluster
    meant: str
    lenient: str
    problems: tuple[Problem, ...]
    addresses: tuple[str, ...] = ()
    service_ranges: tuple[Range, ...] = ()
    api: tuple[str, ...] = ()

    def uncovered(self, runs: tuple[str, ...]) -> tuple[str, ...]:
        """What of these addresses goes to the proxy, as runs."""
        return no_proxy.uncovered("go", self.lenient, runs)

    def is_proxied(self, target: str) -> bool:
        """Whether a host, or ``host:port``, goes to the proxy."""
        return not bypasses(self.lenient, target)

    def would_help(self, problem: Problem) -> bool:
        """Whether an ineffective entry, written as it was meant, would cover Services that now go
        to the proxy."""
        missing = (*self.addresses, *(known.cidr for known in self.service_ranges))
        better = ",".join((self.lenient, *problem.entry.instead))
        return no_proxy.uncovered("go", better, missing) != self.uncovered(missing)


def traffic_of(cluster: Cluster | None, given: str) -> Traffic:
    """What a list leaves to the proxy."""
    problems = no_proxy.lint(given)
    malformed = (problem for problem in problems if problem.severity == "malformed")
    meant = ",".join(no_proxy.corrected_entries(given, ineffective=False))
    told = cluster or _NOTHING_TOLD
    traffic = Traffic(
        cluster=told,
        meant=meant,
        lenient=",".join((meant, *networks_possibly_meant(malformed))),
        problems=problems,
    )
    services = known_ranges(told, "services")
    return _shared_out(
        msgspec.structs.replace(
            traffic,
            addresses=traffic.uncovered(told.addresses),
            service_ranges=tuple(known for known in services if traffic.uncovered((known.cidr,))),
            api=tuple(filter(traffic.is_proxied, api_targets(told))),
        )
    )


def _shared_out(traffic: Traffic) -> Traffic:
    """The API server's Service address alone is the API server's business; together with others it
    is the Services'."""
    if traffic.service_ranges:
        return _without_services(traffic)
    if not traffic.addresses:
        return traffic
    if not set(traffic.addresses) <= _kubernetes_addresses(traffic.cluster):
        return _without_services(traffic)
    behind = tuple(
        address
        for address in traffic.addresses
        if all(traffic.is_proxied(f"{address}:{port}") for port in _API_PORTS)
    )
    others = (target for target in traffic.api if split_target(target)[0] not in behind)
    return msgspec.structs.replace(traffic, addresses=(), api=(*behind, *others))


def _without_services(traffic: Traffic) -> Traffic:
    """Names of the API server that are addresses of Services are told with these."""
    ranges = (known.cidr for known in ranges_of(traffic.cluster, "services"))
    is_service = no_proxy.holds((*traffic.cluster.addresses, *ranges))
    api = (target for target in traffic.api if not is_service(split_target(target)[0]))
    return msgspec.structs.replace(traffic, api=tuple(api))


def _kubernetes_addresses(cluster: Cluster) -> set[str]:
    own = (
        service.addresses
        for service in cluster.services
        if (service.namespace, service.name) == ("default", "kubernetes")
    )
    return set(chain.from_iterable(own))


# ------------------------------------------------------------------------------ what a list must do


def suggest(
    skip_range: str,
    cluster: Cluster | None,
    azure_hosts: AzureHosts = (),
    *,
    has_flux: bool = False,
) -> Suggestion:
    """The corrected list for this cluster, ready to paste. Ranges that were only inferred count
    where no range is known; entries that az itself appends are kept. ``has_flux``: names with a
    dot at their end are asked for as well."""
    proxied = tuple(host for host in azure_hosts if not is_documented(host[0]))
    wanted = required(cluster, proxied)
    if has_flux:
        dotted = (*wanted.suffixes, flux_suffix(cluster or _NOTHING_TOLD))
        wanted = msgspec.structs.replace(wanted, suffixes=dotted)
    kept = ",".join(no_proxy.kept_entries(skip_range, wanted.proxied))
    narrow = (likely.cidr for likely in narrowly_covered(cluster, kept))
    wanted = msgspec.structs.replace(wanted, ranges=(*narrow, *wanted.ranges))
    return no_proxy.suggest(skip_range, wanted)


def has_flux(settings: Settings) -> bool:
    """Whether Flux, which asks for its own Services with a dot at the end, runs in the cluster:
    the feature gitops (fluxcd/kustomize-controller #569)."""
    return "gitops" in settings.features


def flux_suffix(cluster: Cluster) -> str:
    """What a list needs for them."""
    return f".{cluster.cluster_domain}."


def required(cluster: Cluster | None, azure_hosts: AzureHosts = ()) -> Required:
    """What a list must do for this cluster."""
    told = cluster or _NOTHING_TOLD
    nodes = tuple(node for node in told.nodes if no_proxy.parse_address(node) is not None)
    groups = [told.addresses, nodes] if cluster is not None else []
    ranges: list[str] = []
    for what in ("services", "pods", "nodes"):
        networks = tuple(known.cidr for known in known_ranges(told, what))
        if len(networks) > _FEW:
            groups.append(networks)
        else:
            ranges += networks
    return Required(
        ranges=tuple(ranges),
        guesses=tuple(known.cidr for known in inferred_services(told)),
        groups=tuple(groups),
        hosts=api_targets(told),
        suffixes=("kubernetes.default.svc", f".svc.{told.cluster_domain}", ".svc"),
        proxied=with_names(azure_hosts),
    )


def with_names(azure_hosts: AzureHosts) -> AzureHosts:
    """The hosts with a name in the place of each `*`, so that they can be asked about."""
    return tuple((host.replace("*", "name"), port) for host, port in azure_hosts)


def is_unknown(cluster: Cluster | None) -> bool:
    """Whether nothing certain is known of the cluster's Services: neither an address in use nor a
    range."""
    return cluster is None or not (cluster.addresses or known_ranges(cluster, "services"))


def ranges_of(cluster: Cluster, what: str) -> tuple[Range, ...]:
    """The ranges of one kind, inferred ones too."""
    return tuple(known for known in cluster.ranges if known.what == what)


def known_ranges(cluster: Cluster, what: str) -> tuple[Range, ...]:
    """The ranges of one kind that are certain, and networks."""
    certain = (known for known in ranges_of(cluster, what) if not known.inferred)
    return tuple(known for known in certain if no_proxy.uncovered("go", "", (known.cidr,)))


def inferred_services(cluster: Cluster) -> tuple[Range, ...]:
    """The Service ranges that were told and may be wider than they are, of which no guess from the
    addresses in use is the better one."""
    likely = ",".join(found.cidr for found in likely_ranges(cluster))
    inferred = (known for known in ranges_of(cluster, "services") if known.inferred)
    return tuple(known for known in inferred if no_proxy.uncovered("go", likely, (known.cidr,)))


def has_lost_services(traffic: Traffic) -> bool:
    """Whether a Service, or a part of a known range, goes to the proxy."""
    api = {split_target(target)[0] for target in traffic.api}
    own = api & _kubernetes_addresses(traffic.cluster)
    return bool(traffic.addresses or traffic.service_ranges or own)


def api_targets(cluster: Cluster) -> tuple[str, ...]:
    """How clients name the API server. Names below ``.svc`` are the suffixes' business."""
    names = (f".svc.{cluster.cluster_domain}", ".svc")
    targets = dict.fromkeys((*cluster.api_servers, *cluster.api_server_addresses))
    return tuple(target for target in targets if not split_target(target)[0].endswith(names))


def services_in(cluster: Cluster | None, runs: tuple[str, ...]) -> tuple[str, ...]:
    """Runs of addresses, as the Services by name that are in them, as far as names are known; of
    very many the runs follow."""
    found: list[str] = []
    is_inside = no_proxy.holds(runs)
    for service in cluster.services if cluster is not None else ():
        if addresses := ", ".join(filter(is_inside, service.addresses)):
            found.append(f"{service.namespace}/{service.name} ({addresses})")
        if len(found) > _MOST_NAMED:
            return (*found, *runs)
    return tuple(found) or runs


# ------------------------------------------------------------------------------- readings of a list


def split_target(target: str) -> tuple[str, int | None]:
    """Host and port; the whole as host where what follows the colon is no port."""
    try:
        return no_proxy.split_host_port(target)
    except ValueError:
        return target, None


def bypasses(skip_range: str, target: str) -> bool:
    """Whether Go goes direct to ``host`` or ``host:port``. Where the port is not known, an entry
    for any port of it counts."""
    host, port = split_target(target)
    ports = {port}
    if port is None:
        named = {split_target(entry.text)[1] for entry in no_proxy.entries(skip_range)}
        ports = named - {None} | set(_API_PORTS)
    return any(no_proxy.bypass("go", skip_range, host, each).bypassed for each in ports)


def networks_possibly_meant(malformed: Iterable[Problem]) -> tuple[str, ...]:
    """Networks whose traffic a malformed entry is to blame for: what begins like the address that
    it was written with.

    ``10.0.0.0/33`` certainly meant something in 10.0.0.0/8; how much cannot be known, and it is one
    broken thing. A placeholder that was not filled in may have meant any range.
    """
    pieces = (re.split(r"[;|\s]+", problem.entry.text) for problem in malformed)
    return tuple(chain.from_iterable(map(_possibly_meant, chain.from_iterable(pieces))))


def _possibly_meant(piece: str) -> tuple[str, ...]:
    if no_proxy.is_windows_word(piece):
        return ()
    if _UNFILLED.search(piece):
        return _EVERY_ADDRESS
    unclear = (entry for entry in no_proxy.entries(piece) if entry.problem and not entry.instead)
    if not any(unclear):
        return ()
    head = piece.partition("/")[0]
    first = head.partition(".")[0].lstrip("0") or "0"  # Go takes no leading zeros
    return (f"{head}/16",) if ":" in head else (f"{first}.0.0.0/8",)
