"""Networks by chance: none to three independent faults, each at an endpoint of its own, so that it
is known beforehand which causes, hosts and owners the report must name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from .fronts import FRONT_PORT, SERVICES, front, inspector, led_to_front, led_to_inspector
from .name_servers import unbound
from .report import Report
from .run import Outcome
from .scenario import PROXY_URL, SKIP_RANGE, Filter, Scenario, fails, passes
from .scenarios.ways import through
from .servers import Server
from .software import apache, squid, tinyproxy

MOST_FAULTS = 3
_HOSTS = {
    "arm": "management.azure.com:443",
    "configuration": "westeurope.dp.kubernetesconfiguration.azure.com:443",
    "registry": "mcr.microsoft.com:443",
    "entra-regional": "westeurope.login.microsoft.com:443",
    "obo": "westeurope.obo.arc.azure.com:8084",
}
"""Endpoints that are one host at one address each, by the service that answers."""

Cause = tuple[str, str, frozenset[str]]
"""Code, owner, and the ``host:port`` that the fault hits; no host for a fault of the settings."""


class Part(Struct, frozen=True, kw_only=True):
    """What a fault puts into the network: lines for the name server or the proxy, rules of the
    router, a certificate that a service shows instead of its own, an entry that the bypass list
    lacks or has."""

    cause: str
    owner: str
    words: str
    dns: str = ""
    deny: str = ""
    rule: str = ""
    inspected: str = ""
    ports: str = ""
    shows: tuple[str, str] = ("", "")
    lacks: str = ""
    has: str = ""


Fault = Callable[[str], Part]
"""Makes the part for a service."""


def _name(service: str) -> str:
    return _HOSTS[service].partition(":")[0]


def _unknown(service: str) -> Part:
    line = f'local-zone: "{_name(service)}." always_nxdomain'
    return Part(cause="name-unknown", owner="dns", words=f"{service} unknown", dns=line)


def _sinkholed(service: str) -> Part:
    line = (
        f'local-zone: "{_name(service)}." redirect\n    local-data: "{_name(service)}. A 0.0.0.0"'
    )
    return Part(cause="name-sinkholed", owner="dns", words=f"{service} sinkholed", dns=line)


def _router(service: str, action: str) -> str:
    port = _HOSTS[service].rpartition(":")[2]
    return f"ip daddr {SERVICES[service]} tcp dport {port} {action}"


def _dropped(service: str) -> Part:
    rule = _router(service, "drop")
    return Part(cause="target-silent", owner="firewall", words=f"{service} dropped", rule=rule)


def _reset(service: str) -> Part:
    rule = _router(service, "reject with tcp reset")
    return Part(cause="target-refused", owner="firewall", words=f"{service} reset", rule=rule)


def _no_way_out(service: str) -> Part:
    rule = _router(service, "reject with tcp reset")
    words = f"{service} closed to the proxy"
    return Part(cause="proxy-cannot-connect", owner="firewall", words=words, rule=rule)


def _inspected(service: str) -> Part:
    words = f"{service} inspected"
    return Part(cause="tls-intercepted", owner="proxy", words=words, inspected=service)


def _denied(service: str) -> Part:
    words = f"{service} denied"
    return Part(cause="proxy-denied", owner="proxy", words=words, deny=_name(service))


def _port(_: str) -> Part:
    words = "port 8084 denied"
    return Part(cause="proxy-port-denied", owner="proxy", words=words, ports="443")


def _empty(service: str) -> Part:
    line = f'local-zone: "{_name(service)}." always_nodata'
    return Part(cause="name-empty", owner="dns", words=f"{service} without address", dns=line)


def _refused_name(service: str) -> Part:
    line = f'local-zone: "{_name(service)}." always_refuse'
    words = f"{service} refused by DNS"
    return Part(cause="resolver-refused", owner="dns", words=words, dns=line)


def _prohibited(service: str) -> Part:
    rule = _router(service, "reject with icmpx admin-prohibited")
    words = f"{service} prohibited"
    return Part(cause="target-unreachable", owner="firewall", words=words, rule=rule)


def _expired(service: str) -> Part:
    words = f"{service} expired"
    return Part(cause="certificate-expired", owner="pki", words=words, shows=(service, "expired"))


def _early(service: str) -> Part:
    words = f"{service} not yet valid"
    shows = (service, "future")
    return Part(cause="certificate-not-yet-valid", owner="pki", words=words, shows=shows)


def _services(_: str) -> Part:
    words = "Services not in the bypass list"
    return Part(cause="services-uncovered", owner="you", words=words, lacks="10.96.0.0/12")


def _suffix(_: str) -> Part:
    words = "names of Services not in the bypass list"
    return Part(cause="cluster-suffix-missing", owner="you", words=words, lacks=".svc")


def _malformed(_: str) -> Part:
    words = "a broken entry in the bypass list"
    return Part(cause="entry-malformed", owner="you", words=words, has="172.300.0.0/16")


def _named(service: str) -> Part:
    words = f"{service} in the bypass list, its direct way closed"
    rule = f"iifname node {_router(service, 'drop')}"
    return Part(
        cause="skip-range-too-broad", owner="you", words=words, rule=rule, has=_name(service)
    )


_OF_BOTH: tuple[Fault, ...] = (_inspected, _expired, _early)
_DIRECT: tuple[Fault, ...] = (
    *(_unknown, _sinkholed, _empty, _refused_name, _dropped, _reset, _prohibited),
    *_OF_BOTH,
)
_LISTS: tuple[Fault, ...] = (_services, _suffix, _malformed)
_PROXIED: tuple[Fault, ...] = (_denied, _no_way_out, _port, _named, *_LISTS, *_OF_BOTH)
_PLACES: dict[Fault, tuple[str]] = {_port: ("obo",), **dict.fromkeys(_LISTS, ("",))}
"""Faults that hit what they hit; all others choose an endpoint."""


class Generated(Struct, frozen=True):
    """A network, and what is due: exactly these causes."""

    scenario: Scenario
    due: frozenset[Cause]


def generate(seed: int, count: int) -> tuple[Generated, ...]:
    """The same networks for the same seed."""
    chance = random.Random(seed)
    return tuple(_one(chance, f"generated-{seed}-{number}") for number in range(count))


def _one(chance: random.Random, name: str) -> Generated:
    proxy = chance.choice(("", "squid", "tinyproxy", "apache"))
    known = _PROXIED if proxy else _DIRECT
    faults = chance.sample(known, chance.randint(0, MOST_FAULTS))
    free = [service for service in _HOSTS if service != "obo" or _port not in faults]
    chance.shuffle(free)
    placed = [(fault, _PLACES.get(fault, (free.pop(),))[0]) for fault in faults]
    parts = [fault(service) for fault, service in placed]
    due = frozenset(
        (part.cause, part.owner, frozenset({_HOSTS[service]} if service else ()))
        for part, (_, service) in zip(parts, placed, strict=True)
    )
    return Generated(_scenario(name, proxy, parts), due)


def _scenario(name: str, proxy: str, parts: list[Part]) -> Scenario:
    story = f"{proxy or 'direct'}: {', '.join(part.words for part in parts) or 'sound'}."
    inspected = [part.inspected for part in parts if part.inspected]
    rules = tuple(part.rule for part in parts if part.rule)
    shown = [part.shows for part in parts if part.shows[0]]
    filters = led_to_inspector(*inspected) if inspected else ()
    if rules:
        filters += (Filter(host="router", hook="forward", rules=rules),)
    servers: tuple[Server, ...] = (unbound(*(part.dns for part in parts if part.dns)),)
    servers += (inspector(),) if inspected else ()
    for port, (service, folder) in enumerate(shown, FRONT_PORT + 1):
        servers += (front(certificates=f"@PKI@/{folder}", port=port),)
        filters += led_to_front(service, port=port)
    settings: tuple[str, ...] = ()
    if proxy:
        servers += (_proxy(proxy, parts),)
        settings = through(PROXY_URL, skip_range=_list(parts))
    if not parts:
        return passes(name, story, proxy or "unbound", *servers, settings=settings)
    codes = " ".join(part.cause for part in parts)
    return fails(
        name, story, proxy or "unbound", codes, *servers, filters=filters, settings=settings
    )


def _list(parts: list[Part]) -> str:
    lacks = {part.lacks for part in parts}
    kept = [entry for entry in SKIP_RANGE.split(",") if entry not in lacks]
    return ",".join((*kept, *(part.has for part in parts if part.has)))


def _proxy(software: str, parts: list[Part]) -> Server:
    denied = [part.deny for part in parts if part.deny]
    ports = next((part.ports for part in parts if part.ports), "443 8084")
    if software == "squid":
        rules = [f"acl denied dstdomain {host}" for host in denied]
        rules += ["http_access deny denied"] if denied else []
        return squid(*rules, tls_ports=ports)
    if software == "apache":
        return apache(*(f"ProxyBlock {host}" for host in denied), ports=ports)
    listed = "".join(f"^{host.replace('.', chr(92) + '.')}$\n" for host in denied)
    lines = ('Filter "@FOLDER@/filter"',) if denied else ()
    open_ports = tuple(int(port) for port in ports.split())
    return tinyproxy(*lines, files=(("filter", listed),), ports=open_ports)


def trouble(made: Generated, outcome: Outcome) -> tuple[str, ...]:
    """Where the report is not exactly what is due, in causes, owners, hosts, or to the witness."""
    if not outcome.document:
        return outcome.trouble
    report = msgspec.json.decode(outcome.document, type=Report)
    got = {(cause.code, cause.owner, _hit(cause.affects)) for cause in report.causes}
    said = [f"missing: {_told(cause)}" for cause in sorted(made.due - got, key=str)]
    said += [f"not there: {_told(cause)}" for cause in sorted(got - made.due, key=str)]
    return (*outcome.trouble, *said)


def _hit(affects: Iterable[str]) -> frozenset[str]:
    """The endpoints among what is hit: not the wildcards that wait for them, nor Services."""
    return frozenset(_HOSTS.values()) & frozenset(affects)


def _told(cause: Cause) -> str:
    code, owner, hosts = cause
    return f"{code} ({owner}) at {', '.join(sorted(hosts)) or '-'}"
