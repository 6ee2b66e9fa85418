"""Which names "the internet" of the lab has, at which addresses, under which certificate; the same
table serves DNS and TLS."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

# A change of the certificates' shapes (here or in pki.py) needs a new number, so that cached ones
# are made anew.
SHAPE = "12"
REGION = "westeurope"
INTERNET_DNS = "203.0.113.53"
# The appliances' block page: an address of the internet where nothing genuine lives.
BLOCK_PAGE = "198.51.100.99"
# Where a private endpoint would be: inside the enterprise, routed to the genuine front end.
PRIVATE_ENDPOINT = "10.77.9.50"


class FrontEnd(Struct, frozen=True, kw_only=True):
    """One service: its names (exact, or `*.zone`), its addresses, the issuer that signs for it, and
    its key type."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    address_6: str
    issuer: str = "Microsoft G2"
    key: str = "rsa"
    subject: str = ""


FRONT_ENDS = (
    FrontEnd(
        names=("management.azure.com",),
        addresses=("203.0.113.20",),
        address_6="2001:db8::20",
        subject="edge.management.azure.com",
    ),
    FrontEnd(
        names=(
            "login.microsoftonline.com",
            "login.windows.net",
            "sts.windows.net",
            "login.microsoft.com",
        ),
        addresses=("203.0.113.30", "203.0.113.31", "203.0.113.32"),
        address_6="2001:db8::30",
        issuer="DigiCert 2020",
        subject="stamp2.login.microsoftonline.com",
    ),
    FrontEnd(
        names=("*.login.microsoft.com", "*.login.microsoftonline.com"),
        addresses=("203.0.113.33",),
        address_6="2001:db8::33",
        issuer="DigiCert 2020",
        subject="graph.windows.net",
    ),
    FrontEnd(
        names=("graph.microsoft.com",),
        addresses=("203.0.113.34",),
        address_6="2001:db8::34",
        issuer="DigiCert 2020",
    ),
    FrontEnd(names=("mcr.microsoft.com",), addresses=("203.0.113.40",), address_6="2001:db8::40"),
    FrontEnd(
        names=("*.data.mcr.microsoft.com",), addresses=("203.0.113.41",), address_6="2001:db8::41"
    ),
    FrontEnd(
        names=("dl.k8s.io",),
        addresses=("198.51.100.20",),
        address_6="2001:db8:1::20",
        issuer="Google",
        key="ec",
    ),
    FrontEnd(names=("*.his.arc.azure.com",), addresses=("203.0.113.50",), address_6="2001:db8::50"),
    FrontEnd(
        names=("*.dp.kubernetesconfiguration.azure.com",),
        addresses=("203.0.113.51",),
        address_6="2001:db8::51",
        issuer="Microsoft native",
        subject="*.rp.kubernetesconfiguration.azure.com",
    ),
    FrontEnd(
        names=("guestnotificationservice.azure.com", "*.guestnotificationservice.azure.com"),
        addresses=("203.0.113.52",),
        address_6="2001:db8::52",
    ),
    FrontEnd(
        names=("*.obo.arc.azure.com",),
        addresses=("203.0.113.54",),
        address_6="2001:db8::54",
        issuer="Microsoft native",
    ),
    FrontEnd(
        names=("*.servicebus.windows.net",), addresses=("203.0.113.60",), address_6="2001:db8::60"
    ),
    FrontEnd(
        names=("*.gw.arc.azure.com",),
        addresses=("203.0.113.70",),
        address_6="2001:db8::70",
        issuer="Microsoft ECC G2",
        key="ec",
    ),
    FrontEnd(
        names=("*.azurecr.io",),
        addresses=("203.0.113.80",),
        address_6="2001:db8::80",
        issuer="Microsoft native",
    ),
    FrontEnd(names=("*.arc.azure.net",), addresses=("203.0.113.81",), address_6="2001:db8::81"),
    FrontEnd(names=("*.vault.azure.net",), addresses=("203.0.113.82",), address_6="2001:db8::82"),
    FrontEnd(
        names=("*.blob.core.windows.net",), addresses=("203.0.113.83",), address_6="2001:db8::83"
    ),
    FrontEnd(
        names=(
            "*.opinsights.azure.com",
            "*.ods.opinsights.azure.com",
            "*.oms.opinsights.azure.com",
            "*.monitoring.azure.com",
            "*.ingest.monitor.azure.com",
            "*.metrics.ingest.monitor.azure.com",
            "*.handler.control.monitor.azure.com",
            "dc.services.visualstudio.com",
            "data.policy.core.windows.net",
            "store.policy.core.windows.net",
            "*.cloud.defender.microsoft.com",
            "*.arcdataservices.com",
            "*.westeurope.arcdataservices.com",
            "gcs.prod.monitoring.core.windows.net",
            "*.prod.microsoftmetrics.com",
            "*.prod.hot.ingest.monitor.core.windows.net",
            "*.prod.warm.ingest.monitor.core.windows.net",
            "k8connecthelm.azureedge.net",
            "k8sconnectcsp.azureedge.net",
        ),
        addresses=("203.0.113.90",),
        address_6="2001:db8::90",
    ),
)


def front_end(host: str) -> FrontEnd | None:
    """The service that answers to `host`: an exact name wins over a wildcard (RFC 4592, and RFC
    6125 for certificates)."""
    host = host.lower().rstrip(".")
    for service in FRONT_ENDS:
        if host in service.names:
            return service
    for service in FRONT_ENDS:
        if any(name.startswith("*.") and host.endswith(name[1:]) for name in service.names):
            return service
    return None


def internet_addresses() -> tuple[str, ...]:
    """All addresses where the origins listen, IPv4 and IPv6."""
    four = tuple(address for service in FRONT_ENDS for address in service.addresses)
    return (*four, PRIVATE_ENDPOINT, *(service.address_6 for service in FRONT_ENDS))


def zone_file(*, ipv6: bool, extra: tuple[str, ...] = ()) -> str:
    """The root zone of the lab's internet as a master file (RFC 1035): every name above, with AAAA
    where `ipv6`."""
    lines = [
        "$TTL 60",
        "@ SOA ns.lab. hostmaster.lab. 1 3600 600 86400 60",
        "@ NS ns.lab.",
        f"ns.lab. A {INTERNET_DNS}",
    ]
    lines.append("proxy.corp.lab. A 10.77.3.2")
    lines.append("proxy2.corp.lab. A 10.77.4.2")
    for service in FRONT_ENDS:
        for name in service.names:
            lines += [f"{name}. A {address}" for address in service.addresses]
            if ipv6:
                lines.append(f"{name}. AAAA {service.address_6}")
    return "\n".join((*lines, *extra)) + "\n"


def leaf_file(folder: Path, host: str) -> Path:
    """The PEM with which the origin that owns `host` proves itself; a client that names nobody gets
    the first one."""
    service = front_end(host)
    return folder / "leaves" / f"{FRONT_ENDS.index(service) if service else 0}.pem"
