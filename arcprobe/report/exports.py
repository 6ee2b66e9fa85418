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

_ADDING = (
    "az network firewall policy rule-collection-group collection add-filter-collection".split()
)
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
    note = language().template("endpoints.azure_firewall.untested")
    sources = [f"'{printable(client)}'" for client in selection.clients or ("*",)]
    lines = [f"# {selection.title}", f"# {note}"]
    for number, (port, hosts) in enumerate(selection.hosts_by_port().items()):
        name, scheme = f"azure-arc-{port}", "Http" if port == 80 else "Https"
        named = ["--name", name, "--rule-name", name, "--collection-priority", str(300 + number)]
        what = ["--source-addresses", *sources, "--protocols", f"{scheme}={port}"]
        targets = ["--target-fqdns", *(f"'{printable(host)}'" for host in hosts)]
        lines.append(" ".join((*_ADDING, *_WHERE, *named, *_ALLOWING, *what, *targets)))
    return "\n".join(lines)


EXPORTS: dict[str, Callable[[Selection], str]] = {
    "pac": as_pac,
    "azure-firewall": as_azure_firewall,
}
"""The forms that are for programs of others, by name; none of them says what may be closed."""
