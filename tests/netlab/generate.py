"""Networks by chance: none to three independent faults, each at an endpoint of its own, so that it
is known beforehand which causes, hosts and owners the report must name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from .fronts import SERVICES, inspector, led_to_inspector
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

_NO_SERVICES = ",".join(part for part in SKIP_RANGE.split(",") if part != "10.96.0.0/12")

Cause = tuple[str, str, frozenset[str]]
"""Code, owner, and the ``host:port`` that the fault hits; no host for a fault of the settings."""


class Part(Struct, frozen=True, kw_only=True):
    """What a fault puts into the network: lines for the name server or the proxy, rules of the
    router, a server, another bypass list."""

    cause: str
    owner: str
    words: str
    dns: str = ""
    deny: str = ""
    rule: str = ""
    inspected: str = ""
    ports: str = ""
    skip_range: str = ""


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


def _list(_: str) -> Part:
    words = "Services not in the bypass list"
    return Part(cause="services-uncovered", owner="you", words=words, skip_range=_NO_SERVICES)


_DIRECT: tuple[Fault, ...] = (_unknown, _sinkholed, _dropped, _reset, _inspected)
_PROXIED: tuple[Fault, ...] = (_denied, _no_way_out, _inspected, _port, _list)
_PLACES: dict[Fault, tuple[str]] = {_port: ("obo",), _list: ("",)}
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
    filters = led_to_inspector(*inspected) if inspected else ()
    if rules:
        filters += (Filter(host="router", hook="forward", rules=rules),)
    servers: tuple[Server, ...] = (unbound(*(part.dns for part in parts if part.dns)),)
    servers += (inspector(),) if inspected else ()
    settings: tuple[str, ...] = ()
    if proxy:
        servers += (_proxy(proxy, parts),)
        lists = [part.skip_range for part in parts if part.skip_range]
        settings = through(PROXY_URL, skip_range=(lists or [SKIP_RANGE])[0])
    if not parts:
        return passes(name, story, proxy or "unbound", *servers, settings=settings)
    codes = " ".join(part.cause for part in parts)
    return fails(
        name, story, proxy or "unbound", codes, *servers, filters=filters, settings=settings
    )


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
