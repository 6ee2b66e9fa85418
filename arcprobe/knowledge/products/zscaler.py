"""An allow list for Zscaler Internet Access, after the maker's documentation."""

from __future__ import annotations

from arcprobe.knowledge.products.lines import heading, remark, suffixes
from arcprobe.knowledge.selection import Selection


def allow_list(selection: Selection) -> str:
    """A list for a custom URL category; a leading dot covers the name itself and all below it."""
    entries = heading(selection, "zscaler.untested")
    for port, hosts in selection.hosts_by_port().items():
        if port not in (80, 443):
            entries += remark("zscaler.port", port=port)
            entries += [f"{name}:{port}" for name in suffixes(hosts)]
        entries += suffixes(hosts)
    return "\n".join(entries)
