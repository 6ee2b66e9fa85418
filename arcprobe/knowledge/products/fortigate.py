"""An allow list for FortiGate, after the maker's documentation."""

from __future__ import annotations

from collections.abc import Iterable

from arcprobe.knowledge.products.lines import heading, suffixes
from arcprobe.knowledge.selection import Selection

LONGEST_NAME = 70
"""Characters of a host in the name of an object: FortiOS takes 79 for an address
(docs.fortinet.com, config firewall address), ``arc `` among them. A longer name is refused."""


def allow_list(selection: Selection) -> str:
    """FortiOS configuration: addresses, a group and a service for each port, and exemptions from
    inspection."""
    ports = selection.hosts_by_port()
    wildcards = {_object(name.lstrip(".")): name for name in suffixes(selection.hosts)}
    rules = heading(selection, "fortigate.untested")
    rules += _table(
        "firewall address",
        ((_object(host), ("set type fqdn", f'set fqdn "{host}"')) for host in selection.hosts),
    )
    rules += _table(
        "firewall addrgrp",
        ((f"arc-hosts-{port}", (_members(hosts),)) for port, hosts in ports.items()),
    )
    rules += _table(
        "firewall service custom",
        ((f"arc-tcp-{port}", (f"set tcp-portrange {port}",)) for port in ports),
    )
    rules += _table(
        "firewall wildcard-fqdn custom",
        ((entry, (f'set wildcard-fqdn "{_wildcard(name)}"',)) for entry, name in wildcards.items()),
    )
    rules += ["config firewall ssl-ssh-profile", '  edit "azure-arc-inspection"']
    rules.append("    config ssl-exempt")
    for entry in wildcards:
        rules += ["      edit 0", "        set type wildcard-fqdn"]
        rules += [f'        set wildcard-fqdn "{entry}"', "      next"]
    return "\n".join((*rules, "    end", "  next", "end"))


def _table(name: str, entries: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    rules = [f"config {name}"]
    for entry, settings in entries:
        rules.append(f'  edit "{entry}"')
        rules += [f"    {setting}" for setting in settings]
        rules.append("  next")
    return [*rules, "end"]


def _members(hosts: Iterable[str]) -> str:
    return " ".join(("set member", *(f'"{_object(host)}"' for host in hosts)))


def _object(host: str) -> str:
    return f"arc {host[:LONGEST_NAME]}"


def _wildcard(name: str) -> str:
    return f"*{name}" if name.startswith(".") else name
