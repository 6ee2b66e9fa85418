"""Settings and rows that several files of scenarios share: the way through a proxy, and one row a
software."""

from __future__ import annotations

from ..scenario import PROXY_FLAGS, SKIP_RANGE, Scenario, fails, passes, warns
from ..servers import Server
from ..software import PORT, PROXY

ARM = "management.azure.com"
USER, PASSWORD = "arc", "open-sesame"
IN_FRONT = (
    f"frontend front\n  mode tcp\n  bind {PROXY}:{PORT}\n  default_backend cache\n"
    "backend cache\n  mode tcp\n  server cache 10.77.4.2:3128\n"
)


def through(url: str, *more: str, skip_range: str = SKIP_RANGE) -> tuple[str, ...]:
    """Settings for one proxy at `url`."""
    return ("--proxy-https", url, "--proxy-http", url, "--proxy-skip-range", skip_range, *more)


def as_user(user: str, password: str, scheme: str = "http") -> tuple[str, ...]:
    """Settings for the proxy with user and password, which are percent-encoded already."""
    return through(f"{scheme}://{user}:{password}@{PROXY}:{PORT}")


def each(
    verdict: str,
    name: str,
    story: str,
    causes: str,
    servers: tuple[Server, ...],
    settings: tuple[str, ...] = PROXY_FLAGS,
) -> tuple[Scenario, ...]:
    """One row for each software: the same fault, made by each of them."""
    make = {"fail": fails, "warn": warns}.get(verdict)
    if make is None:
        return tuple(
            passes(f"{name}-{label(server)}", story, label(server), server, settings=settings)
            for server in servers
        )
    return tuple(
        make(f"{name}-{label(server)}", story, label(server), causes, server, settings=settings)
        for server in servers
    )


def label(server: Server) -> str:
    """What the table calls a server's software."""
    return {"mitmdump": "mitmproxy", "scripted proxy": "scripted"}.get(
        server.software, server.software
    )
