"""What the files about DNS share: resolver files of the node, and settings of name servers."""

from __future__ import annotations

from ..name_servers import RESOLVER, SECOND_RESOLVER, bind
from ..scenario import Command
from ..servers import Server
from ..zone import INTERNET_DNS

TWO_RESOLVERS = f"nameserver {RESOLVER}\nnameserver {SECOND_RESOLVER}\n"
IN_CLUSTER = (
    f"nameserver {RESOLVER}\nsearch default.svc.corp.lab svc.corp.lab corp.lab\noptions ndots:5\n"
)
DUAL_STACK = (
    # A global address, because resolvers prefer IPv4 to a unique local one (RFC 6724 section 2.1).
    Command(
        host="node", words=("ip", "addr", "add", "2001:db8:77:1::2/64", "dev", "wire", "nodad")
    ),
    Command(
        host="router", words=("ip", "addr", "add", "2001:db8:77:1::1/64", "dev", "node", "nodad")
    ),
    Command(host="node", words=("ip", "-6", "route", "add", "default", "via", "2001:db8:77:1::1")),
)
PUBLIC = f"nameserver {INTERNET_DNS}\n"


def rpz(name: str, action: str) -> Server:
    """BIND with one response policy record."""
    return bind(policy=(f"{name} {action}",))


def everywhere(reply: str) -> tuple[str, ...]:
    """Unbound's lines that give one reply to every name of the internet."""
    return tuple(f'local-zone: "{zone}" {reply}' for zone in ("com.", "net.", "io."))
