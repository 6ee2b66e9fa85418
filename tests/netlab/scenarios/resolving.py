"""What the files about DNS share: resolver files of the node, and settings of name servers."""

from __future__ import annotations

from ..name_servers import RESOLVER, SECOND_RESOLVER, bind
from ..servers import Server
from ..zone import INTERNET_DNS

TWO_RESOLVERS = f"nameserver {RESOLVER}\nnameserver {SECOND_RESOLVER}\n"
IN_CLUSTER = (
    f"nameserver {RESOLVER}\nsearch default.svc.corp.lab svc.corp.lab corp.lab\noptions ndots:5\n"
)
PUBLIC = f"nameserver {INTERNET_DNS}\n"


def rpz(name: str, action: str) -> Server:
    """BIND with one response policy record."""
    return bind(policy=(f"{name} {action}",))


def everywhere(reply: str) -> tuple[str, ...]:
    """Unbound's lines that give one reply to every name of the internet."""
    return tuple(f'local-zone: "{zone}" {reply}' for zone in ("com.", "net.", "io."))
