"""A selection of the catalogue as text: for people, for programs, and as rules for the products
that firewall teams use (pure).

The rules allow exactly the hosts and ports of the selection. Squid's are checked against Squid 5.7;
those for Palo Alto, FortiGate and Zscaler follow the makers' documentation and were not loaded into
a device: their first line says so.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import msgspec

from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.products import suffixes


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, and the endpoints that it comes to."""

    cloud: str
    region: str
    gateway: str | None
    features: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    unlisted: tuple[str, ...] = ()  # features for which no document lists a host in this cloud
    removable: bool = False  # the endpoints are what may be closed, not what must be open

    @property
    def title(self) -> str:
        route = f"with the gateway {self.gateway}" if self.gateway else "without gateway"
        if self.removable:
            route = "what may be closed once the Arc gateway carries it"
        return f"Azure Arc-enabled Kubernetes, {self.cloud}, {self.region}, {route}; features: {', '.join(self.features)}"


def as_json(selection: Selection) -> str:
    """The document that the contract promises for ``arcprobe endpoints --format json``."""
    keys = ("host", "port", "protocol", "feature", "purpose", "initiator", "via_gateway", "source")
    rows = [
        {key: getattr(each, key) for key in keys} | {"as_of": each.as_of.isoformat()}
        for each in selection.endpoints
    ]
    top = {
        "cloud": selection.cloud,
        "region": selection.region,
        "gateway": selection.gateway,
        "endpoints": rows,
    }
    return json.dumps(top, indent=2, ensure_ascii=False)


def as_text(selection: Selection) -> str:
    """Aligned columns and the notes that a person needs beside them."""
    head = ("HOST", "PORT", "PROTOCOL", "FEATURE", "INITIATOR", "NEEDED", "PURPOSE")
    rows = [
        (
            each.host,
            str(each.port),
            each.protocol,
            each.feature,
            each.initiator,
            "yes" if each.required else "perhaps",
            each.purpose,
        )
        for each in selection.endpoints
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head) - 1)]
    lines = [selection.title, ""]
    for row in (head, *rows):
        cells = [printable(cell).ljust(width) for cell, width in zip(row[:-1], widths, strict=True)]
        lines.append("  ".join((*cells, printable(row[-1]))))
    return "\n".join((*lines, "", *_notes(selection)))


def as_csv(selection: Selection) -> str:
    """One line a host, for spreadsheets; a cell that one could take for a formula is quoted with an
    apostrophe."""
    keys = (
        "host",
        "port",
        "protocol",
        "feature",
        "purpose",
        "initiator",
        "via_gateway",
        "required",
        "source",
        "as_of",
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    for each in selection.endpoints:
        cells = [str(getattr(each, key)) for key in keys]
        writer.writerow(
            ["'" + cell if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells]
        )
    return out.getvalue().rstrip("\n")


def as_squid(selection: Selection) -> str:
    """``squid.conf`` lines. A leading dot covers the name itself and all below it."""
    lines = [
        f"# {selection.title}",
        "# Above the first `http_access deny` of squid.conf; add your own acl of client addresses to the http_access lines.",
    ]
    for port, hosts in _by_port(selection).items():
        names = suffixes(hosts)
        lines += [f"acl arc_hosts_{port} dstdomain {name}" for name in names]
        lines.append(f"acl arc_port_{port} port {port}")
        if port not in (443, 80):
            lines.append(f"acl SSL_ports port {port}")
        method = "" if port == 80 else "CONNECT "
        lines.append(f"http_access allow {method}arc_hosts_{port} arc_port_{port}")
    servers = suffixes(each.host for each in selection.endpoints if each.protocol != "http")
    lines += [
        "# Only where this Squid inspects TLS (ssl_bump): above the other ssl_bump lines, so that these are not inspected."
    ]
    lines += ["# acl arc_step1 at_step SslBump1"]
    lines += [f"# acl arc_servers ssl::server_name {name}" for name in servers]
    lines += ["# ssl_bump peek arc_step1", "# ssl_bump splice arc_servers"]
    if _websocket_hosts(selection):
        lines += [
            "# Only where inspection has to stay: let WebSocket through (lower case; Squid compares it letter by letter).",
            "# http_upgrade_request_protocols websocket allow all",
        ]
    return "\n".join(lines)


def as_paloalto(selection: Selection) -> str:
    """PAN-OS configuration commands: a URL category and a rule for each port, and a rule that does
    not decrypt."""
    lines = [
        f"# {selection.title}",
        "# PAN-OS configuration mode; not tested on a device. Put your own zones and sources in place of `any`.",
    ]
    categories = []
    for port, hosts in _by_port(selection).items():
        category, service = f"azure-arc-{port}", f"azure-arc-tcp-{port}"
        categories.append(category)
        lines.append(f'set profiles custom-url-category {category} type "URL List"')
        lines += [f"set profiles custom-url-category {category} list {host}/" for host in hosts]
        lines.append(f"set service {service} protocol tcp port {port}")
        rule = f"set rulebase security rules {category}"
        lines.append(
            f"{rule} from any to any source any destination any application [ ssl web-browsing websocket ] "
            f"service {service} category {category} action allow"
        )
    lines.append(
        "set rulebase decryption rules azure-arc-no-decrypt from any to any source any destination any "
        f"category [ {' '.join(categories)} ] type ssl-forward-proxy action no-decrypt"
    )
    return "\n".join(lines)


def as_fortigate(selection: Selection) -> str:
    """FortiOS configuration: addresses, a group and a service for each port, and exemptions from
    inspection."""
    lines = [
        f"# {selection.title}",
        "# FortiOS CLI; not tested on a device. Use the groups and services in your policy; the exemptions go into your own",
        "# (not a default) SSL inspection profile, here called azure-arc-inspection.",
        "config firewall address",
    ]
    for host in dict.fromkeys(each.host for each in selection.endpoints):
        lines += [
            f'  edit "arc {host[:70]}"',
            "    set type fqdn",
            f'    set fqdn "{host}"',
            "  next",
        ]
    lines += ["end", "config firewall addrgrp"]
    ports = _by_port(selection)
    for port, hosts in ports.items():
        members = " ".join(f'"arc {host[:70]}"' for host in hosts)
        lines += [f'  edit "arc-hosts-{port}"', f"    set member {members}", "  next"]
    lines += ["end", "config firewall service custom"]
    for port in ports:
        lines += [f'  edit "arc-tcp-{port}"', f"    set tcp-portrange {port}", "  next"]
    lines += ["end", "config firewall wildcard-fqdn custom"]
    names = suffixes(each.host for each in selection.endpoints)
    exempt = {
        f"arc {name.lstrip('.')[:70]}": f"*{name}" if name.startswith(".") else name
        for name in names
    }
    for entry, name in exempt.items():
        lines += [f'  edit "{entry}"', f'    set wildcard-fqdn "{name}"', "  next"]
    lines += [
        "end",
        "config firewall ssl-ssh-profile",
        '  edit "azure-arc-inspection"',
        "    config ssl-exempt",
    ]
    for entry in exempt:
        lines += [
            "      edit 0",
            "        set type wildcard-fqdn",
            f'        set wildcard-fqdn "{entry}"',
            "      next",
        ]
    return "\n".join((*lines, "    end", "  next", "end"))


def as_zscaler(selection: Selection) -> str:
    """A list for a custom URL category; a leading dot covers the name itself and all below it."""
    lines = [
        f"# {selection.title}",
        "# ZIA custom URL category, one entry a line (leave these # lines out); not tested in a tenant. Use the category in an",
        "# SSL inspection rule `Do not inspect` and in a URL filtering rule `Allow`.",
    ]
    for port, hosts in _by_port(selection).items():
        if port not in (80, 443):
            lines.append(
                f"# Firewall control: network service TCP {port} to the next entries, allowed"
            )
            lines += [f"{name}:{port}" for name in suffixes(hosts)]
        lines += suffixes(hosts)
    return "\n".join(lines)


RENDERERS: dict[str, Callable[[Selection], str]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
    "squid": as_squid,
    "paloalto": as_paloalto,
    "fortigate": as_fortigate,
    "zscaler": as_zscaler,
}
LISTINGS = (
    "text",
    "json",
    "csv",
)  # the others are rules that allow, which makes no sense for what may be closed


def printable(text: str) -> str:
    """``text`` with every control character spelled out, so that nothing moves a terminal's
    cursor."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _notes(selection: Selection) -> list[str]:
    if selection.removable:
        return [
            "Microsoft asks to wait at least an hour after the switch to the gateway before anything is closed.",
            "Machines that run az, helm or kubectl are not behind the gateway: where they share this firewall, keep what they",
            "need (arcprobe endpoints --feature onboarding --gateway-url …).",
        ]
    notes = [
        "All connections go out, over TCP. A host that begins with *. stands for every name below it."
    ]
    if any(each.protocol == "wss" for each in selection.endpoints):
        notes.append("wss: the proxy and the firewall must let the WebSocket upgrade through.")
    if any(not each.required for each in selection.endpoints):
        notes.append(
            "perhaps: Microsoft's documents disagree, or only some uses of the feature need it."
        )
    if "gitops" in selection.features:
        notes.append(
            "gitops: your own Git, Helm or OCI source must be reachable too (443, or 22 for SSH); check takes it as --endpoint."
        )
    notes += [
        f"{feature}: no document lists hosts of its own in {selection.cloud}."
        for feature in selection.unlisted
        if feature != "gitops"
    ]
    return notes


def _by_port(selection: Selection) -> dict[int, tuple[str, ...]]:
    ports = sorted({each.port for each in selection.endpoints})
    return {
        port: tuple(each.host for each in selection.endpoints if each.port == port)
        for port in ports
    }


def _websocket_hosts(selection: Selection) -> tuple[str, ...]:
    return tuple(each.host for each in selection.endpoints if each.protocol == "wss")
