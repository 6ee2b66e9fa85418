"""What is asked: the kinds of questions, the routes, the proxy, the check."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from arcprobe.model.noun import Noun


class Kind(StrEnum):
    """The question that a check asks. One word everywhere: module in ``probes/``, judge in
    ``findings/``, test file."""

    DNS = "dns"
    PROXY = "proxy"
    HTTPS = "https"
    TLS = "tls"
    WEBSOCKET = "websocket"
    SKIP_RANGE = "skip-range"
    GATEWAY = "gateway"
    DISCOVERY = "discovery"
    CLUSTER = "cluster"


class Route(StrEnum):
    """How a connection leaves: through the proxy of the settings, or past it."""

    PROXY = "proxy"
    DIRECT = "direct"


class Duty(StrEnum):
    """What a check is asked for."""

    JUDGED = "judged"  # for its own answer
    COMPARED = "compared"  # --direct: only to tell what the proxy adds
    SUPPORTING = (
        "supporting"  # left out by --only or --skip, asked because another check is judged from it
    )
    UNUSED = "unused"  # a proxy that no other check uses: it is dialled for its own sake


class Proxy(Noun, frozen=True, kw_only=True):
    """A proxy as the settings name it. The credentials live apart, in ``Credentials``, and are
    never part of a report."""

    scheme: str  # http, https, socks5, socks5h, socks4, socks4a
    host: str
    port: int
    setting: str = ""  # which setting named it: --proxy-https, HTTPS_PROXY, …
    has_credentials: bool = False

    @property
    def is_socks(self) -> bool:
        return self.scheme.startswith("socks")

    @property
    def url(self) -> str:
        """The proxy's URL without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class Check(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """One question. ``observed_with``: the check whose observation this one is judged from, where
    it connects not itself."""

    id: str
    kind: Kind
    target: str  # host:port
    route: Route
    required: bool
    feature: str
    host: str = ""
    port: int = 443
    protocol: str = "https"  # https | http | wss
    path: str = "/"
    proxy: Proxy | None = None
    observed_with: str = msgspec.field(default="", name="seen_by")
    unused: bool = msgspec.field(default=False, name="alone")  # Duty.UNUSED
    compare: bool = False  # Duty.COMPARED
    supporting: bool = msgspec.field(default=False, name="left_out")  # Duty.SUPPORTING
    initiator: str = "agents"
    purpose: str = ""
    pattern: str = ""  # the wildcard that this host, or this discovery, stands for
    discovery: str = ""  # his | gns | mcr: what the answer to this check's request discovers
    paths: tuple[str, ...] = ()  # of a registry's manifests, tried in order
    accept: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()  # issuer families expected: microsoft, digicert, other
    marks: tuple[
        tuple[str, str, str], ...
    ] = ()  # where (header, body, reason), name, pattern: proof of the origin
    custom: bool = False  # from --endpoint
    via_bypass: str = ""  # the skip-range entry by which the proxy is bypassed
    note: str = ""  # why this is asked so, or not at all

    @property
    def duty(self) -> Duty:
        """What this check is asked for."""
        if self.supporting:
            return Duty.SUPPORTING
        if self.compare:
            return Duty.COMPARED
        return Duty.UNUSED if self.unused else Duty.JUDGED

    @property
    def connects(self) -> bool:
        """Whether it makes a connection to an endpoint of its own."""
        return self.kind in (Kind.HTTPS, Kind.WEBSOCKET)
