"""Boxes that end TLS: in front of a service (its own front end, or a sick one), or on the way to it
(an inspecting firewall)."""

from __future__ import annotations

from .scenario import Filter
from .servers import Server
from .software import haproxy

FRONT_PORT = 9443
SERVICES = {
    "arm": "203.0.113.20",
    "entra": "203.0.113.30-203.0.113.32",
    "entra-regional": "203.0.113.33",
    "registry": "203.0.113.40",
    "registry-data": "203.0.113.41",
    "identity": "203.0.113.50",
    "configuration": "203.0.113.51",
    "notifications": "203.0.113.52",
    "obo": "203.0.113.54",
    "relay": "203.0.113.60",
    "gateway": "203.0.113.70",
}
_ALL = "203.0.113.0/24, 198.51.100.0/24"


def front(
    *lines: str,
    certificates: str,
    host: str = "internet",
    port: int = FRONT_PORT,
    tunnel: str = "60s",
    listen: str = "",
) -> Server:
    """HAProxy that ends TLS with `certificates` (a file or a folder, chosen by the name that is
    asked for) and goes on by TLS to the address that the client wanted. `lines` are of its
    frontend."""
    body = "\n".join(f"  {line}" for line in lines)
    text = (
        f"  timeout tunnel {tunnel}\n"
        f"frontend front\n  bind :{port} ssl crt {certificates} alpn http/1.1 {listen}\n{body}\n"
        "  default_backend origin\n"
        # 0.0.0.0:0 is the address before the redirection: SO_ORIGINAL_DST
        "backend origin\n  server any 0.0.0.0:0 ssl verify none sni ssl_fc_sni\n"
    )
    return haproxy("  option http-no-delay\n" + text, host=host, port=port)


def inspector(
    *lines: str, certificates: str = "@PKI@/forged", tunnel: str = "60s", listen: str = ""
) -> Server:
    """An inspecting firewall at the router: HAProxy with forged certificates."""
    return front(*lines, certificates=certificates, host="router", tunnel=tunnel, listen=listen)


def led_to_front(
    *services: str, host: str = "internet", port: int = FRONT_PORT
) -> tuple[Filter, ...]:
    """Connections to these services (all when none is named) end at the front that stands at
    `host`."""
    addresses = ", ".join(SERVICES[service] for service in services) or _ALL
    rule = f"ip daddr {{ {addresses} }} tcp dport {{ 443, 8084 }} redirect to :{port}"
    return (Filter(host=host, hook="prerouting", kind="nat", rules=(rule,)),)


def led_to_inspector(*services: str, port: int = FRONT_PORT) -> tuple[Filter, ...]:
    """Connections to these services pass the inspecting firewall."""
    return led_to_front(*services, host="router", port=port)
