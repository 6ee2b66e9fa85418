"""A selection of the catalogue -> a PAC file for browsers and laptops, and rules of Azure Firewall.
Pure.

PAC: developer.mozilla.org/docs/Web/HTTP/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_
file. Azure Firewall: learn.microsoft.com/cli/azure/network/firewall/policy/rule-collection-group/
collection; its wildcard covers the names below, not the name itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from arcprobe.knowledge.language import language
from arcprobe.knowledge.selection import Selection
from arcprobe.model.text import printable

_COLLECTION = "az network firewall policy rule-collection-group collection".split()
_WHERE = """--policy-name "${POLICY}" --resource-group "${GROUP}"
    --rule-collection-group-name "${COLLECTION_GROUP}" """.split()
_ALLOWING = "--action Allow --rule-type ApplicationRule".split()

_FUNCTION = """\
function FindProxyForURL(url, host) {
  host = host.toLowerCase();
  if (hosts.indexOf(host) >= 0) return proxy;
  for (var i = 0; i < suffixes.length; i++)
    if (dnsDomainIs(host, suffixes[i])) return proxy;
  return "DIRECT";
}""".split("\n")
_PROXY = "PROXY proxy.example.com:3128"


def as_pac(selection: Selection) -> str:
    """A PAC file that sends these hosts to the proxy, and nothing else."""
    plain = sorted(host for host in selection.hosts if not host.startswith("*."))
    below = sorted(host[1:] for host in selection.hosts if host.startswith("*."))
    head = (
        f"// {selection.title}",
        f"// {language().template('endpoints.pac.place')}",
        f"var proxy = {json.dumps(_PROXY)};",
        f"var hosts = {json.dumps(plain, indent=2)};",
        f"var suffixes = {json.dumps(below, indent=2)};",
    )
    return "\n".join((*head, *_FUNCTION))


def as_azure_firewall(selection: Selection) -> str:
    """Commands of az that allow these hosts in application rules: one a port."""
    lines = [
        f"# {selection.title}",
        f"# {language().template('endpoints.azure_firewall.untested')}",
    ]
    for number, (port, hosts) in enumerate(selection.hosts_by_port().items()):
        name = _rule(port)
        named = ["--name", name, "--rule-name", name, "--collection-priority", str(300 + number)]
        scheme = "Http" if port == 80 else "Https"
        what = [*_sources(selection), "--protocols", f"{scheme}={port}"]
        adding = [*_COLLECTION, "add-filter-collection", *_WHERE]
        lines.append(" ".join((*adding, *named, *_ALLOWING, *what, *_targets(hosts))))
    return "\n".join(lines)


def closing_azure_firewall(everything: Selection, closed: Selection) -> str:
    """Commands of az that leave in those rules what stays open."""
    say = language().template
    notes = (say("endpoints.azure_firewall.untested"), say("endpoints.note.removable"))
    lines = [f"# {closed.title}"]
    lines += [f"# {part}" for part in "\n".join(notes).splitlines()]
    gone = closed.hosts_by_port()
    for port, hosts in everything.hosts_by_port().items():
        left = tuple(host for host in hosts if host not in gone.get(port, ()))
        named = ["--collection-name", _rule(port), "--name", _rule(port)]
        rule = [*_COLLECTION, "rule", "remove", *_WHERE, *named]
        if left:
            rule = [*_COLLECTION, "rule", "update", *_WHERE, *named, *_targets(left)]
        if left != hosts:
            lines.append(" ".join(rule))
    return "\n".join(lines)


def _rule(port: int) -> str:
    return f"azure-arc-{port}"


def _sources(selection: Selection) -> list[str]:
    return ["--source-addresses", *(f"'{printable(each)}'" for each in selection.clients or ("*",))]


def _targets(hosts: tuple[str, ...]) -> tuple[str, ...]:
    return ("--target-fqdns", *(f"'{printable(host)}'" for host in hosts))


EXPORTS: dict[str, Callable[[Selection], str]] = {
    "pac": as_pac,
    "azure-firewall": as_azure_firewall,
}
"""The forms that are for programs of others, by name."""

CLOSINGS: dict[str, Callable[[Selection, Selection], str]] = {
    "azure-firewall": closing_azure_firewall
}
"""Those of them that have a reverse: what must be open without the gateway, what may be closed."""
