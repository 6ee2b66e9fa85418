"""A scenario as data: what is built, how `check` is called, and what it must say."""

from __future__ import annotations

from typing import TypedDict, Unpack

from msgspec import Struct

from arcprobe.model import Verdict

from .name_servers import RESOLVER
from .servers import Server
from .software import HOSTS, PORT

# What clusters are told to bypass when they are set up well, with the
# lab's own networks.
SKIP_RANGE = (
    "localhost,127.0.0.1,10.96.0.0/12,10.244.0.0/16,10.77.1.0/24,10.77.5.2,.svc,.cluster.local"
)
PROXY_URL = f"http://{HOSTS['proxy']}:{PORT}"
PROXY_FLAGS = (
    "--proxy-https",
    PROXY_URL,
    "--proxy-http",
    PROXY_URL,
    "--proxy-skip-range",
    SKIP_RANGE,
)


class Filter(Struct, frozen=True, kw_only=True):
    """nftables rules at one host; `hook` is input, output, forward or prerouting."""

    host: str
    hook: str
    rules: tuple[str, ...]
    kind: str = "filter"


class Command(Struct, frozen=True, kw_only=True):
    """One short command in the namespace of a host, run before the servers start."""

    host: str
    words: tuple[str, ...]


class Scenario(Struct, frozen=True, kw_only=True):
    """One enterprise network with its fault.

    `software` names what produces the fault (for the table). `servers` stand beside the lab's
    internet, which is always there (`ipv6` and `zone` change its names). `resolv_conf` is the
    node's, `proxy_resolv_conf` the proxy's, `hosts` further lines of the node's `/etc/hosts`.
    `settings` and `environment` go to `check`; `@PKI@` in
    them is the folder of certificates, `@FOLDER@` a folder of this run, where `files` are written
    first. `open_files` is how many files `check` may have open at once, where that is limited.
    `hits` says more of causes, one line each: code, owner, and the hosts that it hits (none named:
    whichever).
    """

    name: str
    story: str
    software: str
    verdict: str
    causes: frozenset[str]
    servers: tuple[Server, ...] = ()
    filters: tuple[Filter, ...] = ()
    commands: tuple[Command, ...] = ()
    resolv_conf: str = f"nameserver {RESOLVER}\n"
    proxy_resolv_conf: str = ""
    hosts: str = ""
    ipv6: bool = False
    zone: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    timeout: int = 3
    open_files: int = 0
    hits: tuple[str, ...] = ()


class _More(TypedDict, total=False):
    filters: tuple[Filter, ...]
    commands: tuple[Command, ...]
    resolv_conf: str
    proxy_resolv_conf: str
    hosts: str
    ipv6: bool
    zone: tuple[str, ...]
    settings: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    timeout: int
    open_files: int
    hits: tuple[str, ...]


def passes(
    name: str, story: str, software: str, *servers: Server, **more: Unpack[_More]
) -> Scenario:
    """A network that is well: any cause and any warning is a false accusation."""
    return Scenario(
        name=name,
        story=story,
        software=software,
        verdict=Verdict.PASS,
        causes=frozenset(),
        servers=servers,
        **more,
    )


def fails(
    name: str, story: str, software: str, causes: str, *servers: Server, **more: Unpack[_More]
) -> Scenario:
    """A network that is broken; `causes` are the codes, separated by blanks."""
    found = frozenset(causes.split())
    return Scenario(
        name=name,
        story=story,
        software=software,
        verdict=Verdict.FAIL,
        causes=found,
        servers=servers,
        **more,
    )


def warns(
    name: str, story: str, software: str, causes: str, *servers: Server, **more: Unpack[_More]
) -> Scenario:
    """A network that works but has something to be told about."""
    found = frozenset(causes.split())
    return Scenario(
        name=name,
        story=story,
        software=software,
        verdict=Verdict.WARN,
        causes=found,
        servers=servers,
        **more,
    )
