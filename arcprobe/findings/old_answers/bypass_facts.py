"""What a cluster asks of a bypass list, and what of it goes to the proxy. Pure."""

from __future__ import annotations

import re

from arcprobe import no_proxy
from arcprobe.model import Cluster, Range
from arcprobe.no_proxy import Problem, Required, Suggestion

AzureHosts = tuple[tuple[str, int], ...]

_FEW = 16  # more ranges of one kind than this are joined: a list of thousands is for nobody


def suggest(skip_range: str, cluster: Cluster | None, azure_hosts: AzureHosts = ()) -> Suggestion:
    """The corrected list for this cluster, ready to paste. Ranges that were only inferred count
    where no range is known."""
    return no_proxy.suggest(skip_range, required(cluster, azure_hosts))


def required(cluster: Cluster | None, azure_hosts: AzureHosts = ()) -> Required:
    """What a list must do for this cluster."""
    domain = cluster.cluster_domain if cluster is not None else "cluster.local"
    suffixes = ("kubernetes.default.svc", f".svc.{domain}", ".svc")
    if cluster is None:
        return Required(suffixes=suffixes, proxied=concrete(azure_hosts))
    groups = [cluster.addresses, tuple(node for node in cluster.nodes if no_proxy.is_address(node))]
    ranges: list[str] = []
    for what in ("services", "pods", "nodes"):
        cidrs = tuple(one.cidr for one in known(cluster, what))
        if len(cidrs) > _FEW:
            groups.append(cidrs)
        else:
            ranges += cidrs
    return Required(
        ranges=tuple(ranges),
        guesses=tuple(one.cidr for one in of(cluster, "services") if one.inferred),
        groups=tuple(groups),
        hosts=api_targets(cluster),
        suffixes=suffixes,
        proxied=concrete(azure_hosts),
    )


def concrete(azure_hosts: AzureHosts) -> AzureHosts:
    """The hosts with a name in the place of each `*`, so that they can be asked about."""
    return tuple((host.replace("*", "name"), port) for host, port in azure_hosts)


def unknown(cluster: Cluster | None) -> bool:
    """Whether nothing certain is known of the cluster's Services: neither an address in use nor a
    range."""
    return cluster is None or not (cluster.addresses or known(cluster, "services"))


def of(cluster: Cluster | None, what: str) -> tuple[Range, ...]:
    return () if cluster is None else tuple(one for one in cluster.ranges if one.what == what)


def known(cluster: Cluster | None, what: str) -> tuple[Range, ...]:
    return tuple(one for one in of(cluster, what) if not one.inferred and _parts("", one.cidr))


def _parts(skip_range: str, cidr: str) -> tuple[str, ...]:
    """The uncovered parts of a range, as runs; nothing for a text that is no network."""
    return no_proxy.uncovered("go", skip_range, (cidr,))


def api_targets(cluster: Cluster) -> tuple[str, ...]:
    """How clients name the API server. Names below ``.svc`` are the suffixes' business."""
    names = (f".svc.{cluster.cluster_domain}", ".svc")
    targets = (*cluster.api_servers, *cluster.api_server_addresses)
    return tuple(
        dict.fromkeys(target for target in targets if not host_of(target)[0].endswith(names))
    )


def host_of(target: str) -> tuple[str, int | None]:
    try:
        return no_proxy.split_host_port(target)
    except ValueError:
        return target, None


def reached(skip_range: str, target: str) -> bool:
    """Whether Go goes direct to ``host`` or ``host:port``. Where the port is not known, an entry
    for any port of it counts."""
    host, port = host_of(target)
    if port is not None:
        return no_proxy.bypass("go", skip_range, host, port).bypassed
    ports = {443, 6443}
    for entry in no_proxy.entries(skip_range):
        ports.update({host_of(entry.text)[1] or 443})
    return any(no_proxy.bypass("go", skip_range, host, one).bypassed for one in sorted(ports))


def blamed_for(malformed: tuple[Problem, ...]) -> tuple[str, ...]:
    """Networks whose traffic a malformed entry is to blame for: what begins like the address that
    it was written with.

    ``10.0.0.0/33`` certainly meant something in 10.0.0.0/8; how much cannot be known, and it is one
    broken thing. A placeholder that was not filled in may have meant any range.
    """
    out: list[str] = []
    for problem in malformed:
        for piece in re.split(r"[;|\s]+", problem.entry.text):
            if re.search(r"[<>{}$%]", piece):
                out += ["0.0.0.0/0", "::/0"]
            elif any(one.problem and not one.instead for one in no_proxy.entries(piece)):
                head = piece.partition("/")[0]
                out.append(f"{head}/16" if ":" in head else f"{head.partition('.')[0]}.0.0.0/8")
    return tuple(out)


class Facts:
    """What goes to the proxy with the list as it was meant."""

    def __init__(
        self, cluster: Cluster | None, given: str, meant: str, blamed: tuple[str, ...]
    ) -> None:
        self.cluster = cluster
        self.given = given
        self.meant = meant
        self._forgiving = ",".join((meant, *blamed))
        self.addresses = self._uncovered(cluster.addresses if cluster is not None else ())
        self.service_ranges = tuple(
            one for one in known(cluster, "services") if self._uncovered((one.cidr,))
        )
        self.api = (
            ()
            if cluster is None
            else tuple(one for one in api_targets(cluster) if not reached(self._forgiving, one))
        )
        kubernetes = _kubernetes_addresses(cluster)
        # The API server's Service address alone is the API server's business; together
        # with others it is the Services'.
        self.only_api = (
            bool(self.addresses)
            and not self.service_ranges
            and set(self.addresses) <= set(kubernetes)
        )
        if self.only_api:
            behind = tuple(
                one
                for one in self.addresses
                if not any(reached(self._forgiving, f"{one}:{port}") for port in (443, 6443))
            )
            self.api = (*behind, *(one for one in self.api if host_of(one)[0] not in behind))
            self.addresses = ()
        elif self.addresses or self.service_ranges:
            services = (
                *(self.cluster.addresses if self.cluster else ()),
                *(one.cidr for one in of(cluster, "services")),
            )
            inside = no_proxy.holds(services)
            self.api = tuple(one for one in self.api if not inside(host_of(one)[0]))

    def _uncovered(self, runs: tuple[str, ...]) -> tuple[str, ...]:
        return no_proxy.uncovered("go", self._forgiving, runs)

    def range_parts(self, one: Range) -> tuple[str, ...]:
        """What of a range goes to the proxy."""
        return self._uncovered((one.cidr,))

    def address_goes_to_proxy(self, address: str) -> bool:
        """Whether a bare address goes to the proxy."""
        return not reached(self._forgiving, address)

    def would_help(self, problem: Problem) -> bool:
        """Whether an ineffective entry, written as it was meant, would cover Services that now go
        to the proxy."""
        missing = (*self.addresses, *(one.cidr for one in self.service_ranges))
        if not missing or not problem.entry.instead:
            return False
        better = ",".join((self._forgiving, *problem.entry.instead))
        return no_proxy.uncovered("go", better, missing) != no_proxy.uncovered(
            "go", self._forgiving, missing
        )


def _kubernetes_addresses(cluster: Cluster | None) -> tuple[str, ...]:
    services = () if cluster is None else cluster.services
    return tuple(
        address
        for one in services
        if (one.namespace, one.name) == ("default", "kubernetes")
        for address in one.addresses
    )
