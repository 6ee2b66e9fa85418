"""A PAC file, and rules of Azure Firewall."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

import pytest

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.selection import Selection
from arcprobe.report.exports import as_azure_firewall, as_pac
from tests.support.tools import may_skip


def selection(*clients: str) -> Selection:
    """All of the public cloud in one region."""
    chosen = catalogue.endpoints("AzureCloud", "eastus", catalogue.FEATURES)
    return Selection(
        cloud="AzureCloud",
        region="eastus",
        gateway=None,
        features=("core",),
        endpoints=chosen,
        clients=clients,
    )


def test_a_pac_file_has_every_host() -> None:
    """Each host stands in the list of names or, without its star, in that of suffixes; nothing else
    does."""
    page = as_pac(selection())
    names, suffixes = (
        json.loads(found) for found in re.findall(r"^var \w+ = (\[.*?\]);", page, re.DOTALL | re.M)
    )
    assert {*names, *(f"*{suffix}" for suffix in suffixes)} == set(selection().hosts)
    assert all(suffix.startswith(".") for suffix in suffixes)
    assert page.count("{") == page.count("}")


def test_a_pac_file_is_read_as_meant() -> None:
    """A JavaScript engine sends a listed host and one below a wildcard to the proxy, and neither
    another host nor the wildcard's own name."""
    if may_skip("node"):
        pytest.skip("no node")
    hosts = ("MCR.microsoft.com", "x.servicebus.windows.net", "servicebus.windows.net", "a.com")
    program = (
        "function dnsDomainIs(h, d) { return h.endsWith(d); }\n"
        f"{as_pac(selection())}\n"
        f"{json.dumps(hosts)}.map(h => console.log(FindProxyForURL('https://' + h, h)))"
    )
    ended = subprocess.run(
        ["node", "-e", program], capture_output=True, text=True, check=True, timeout=60
    )
    proxy = "PROXY proxy.example.com:3128"
    assert ended.stdout.splitlines() == [proxy, proxy, "DIRECT", "DIRECT"]


def test_azure_firewall_allows_every_host_on_its_port() -> None:
    """One application rule a port, with exactly the hosts of that port, of these clients alone."""
    found: dict[str, set[str]] = {}
    for text in as_azure_firewall(selection("10.0.0.0/24")).splitlines():
        words = shlex.split(text, comments=True)
        if words:
            assert words[words.index("--source-addresses") + 1] == "10.0.0.0/24"
            port = words[words.index("--protocols") + 1].partition("=")[2]
            found[port] = set(words[words.index("--target-fqdns") + 1 :])
    wanted = {str(port): set(hosts) for port, hosts in selection().hosts_by_port().items()}
    assert found == wanted


def test_without_clients_any_source() -> None:
    """Without --client the rules are for every source."""
    assert "--source-addresses '*' --protocols Https=443" in as_azure_firewall(selection())
