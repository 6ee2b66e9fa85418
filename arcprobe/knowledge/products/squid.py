"""An allow list for Squid; the parser of Squid 5.7 takes it."""

from __future__ import annotations

from arcprobe.knowledge.products.lines import heading, remark, suffixes
from arcprobe.knowledge.selection import Selection


def allow_list(selection: Selection) -> str:
    """``squid.conf`` lines. A leading dot covers the name itself and all below it."""
    rules = heading(selection, "squid.place")
    for port, hosts in selection.hosts_by_port().items():
        rules += _allowed(port, suffixes(hosts))
    encrypted = suffixes(row.host for row in selection.endpoints if row.protocol != "http")
    rules += remark("squid.inspection")
    rules.append("# acl arc_step1 at_step SslBump1")
    rules += [f"# acl arc_servers ssl::server_name {name}" for name in encrypted]
    rules += ["# ssl_bump peek arc_step1", "# ssl_bump splice arc_servers"]
    if "wss" in selection.protocols:
        rules += remark("squid.websocket")
        rules.append("# http_upgrade_request_protocols websocket allow all")
    return "\n".join(rules)


def _allowed(port: int, names: tuple[str, ...]) -> list[str]:
    rules = [f"acl arc_hosts_{port} dstdomain {name}" for name in names]
    rules.append(f"acl arc_port_{port} port {port}")
    if port not in (443, 80):
        rules.append(f"acl SSL_ports port {port}")
    method = "" if port == 80 else "CONNECT "
    return [*rules, f"http_access allow {method}arc_hosts_{port} arc_port_{port}"]
