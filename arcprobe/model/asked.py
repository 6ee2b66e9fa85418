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
    ONBOARDING = "onboarding"
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

    scheme: str  #: http, https, socks5, socks5h, socks4 or socks4a
    host: str  #: name or address of the proxy
    port: int  #: its TCP port
    setting: str = ""  #: the setting that named it: --proxy-https, HTTPS_PROXY, …
    has_credentials: bool = False  #: whether the settings give it a user; never which

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

    id: str  #: names the check within the report: kind, target, route
    kind: Kind  #: the question
    target: str  #: host:port that is asked for
    route: Route  #: how the connection leaves
    required: bool  #: whether onboarding fails without it
    feature: str  #: the feature of Azure Arc that needs it
    host: str = ""  #: name or address that is connected to
    port: int = 443  #: TCP port that is connected to
    protocol: str = "https"  #: https, http or wss
    path: str = "/"  #: path that is requested
    proxy: Proxy | None = None  #: the proxy that is used; null for the direct route
    #: id of the check whose observation this one is judged from
    observed_with: str = msgspec.field(default="", name="seen_by")
    #: a proxy that no other check uses (Duty.UNUSED)
    unused: bool = msgspec.field(default=False, name="alone")
    compare: bool = False  #: asked to tell what the proxy adds (Duty.COMPARED)
    #: asked for another check (Duty.SUPPORTING)
    supporting: bool = msgspec.field(default=False, name="left_out")
    initiator: str = "agents"  #: who connects: agents, node, onboarding, extension or browser
    purpose: str = ""  #: what the endpoint is for
    pattern: str = ""  #: wildcard that this host, or this discovery, stands for
    discovery: str = ""  #: what the answer names hosts of: his, gns, mcr, or empty
    paths: tuple[str, ...] = ()  #: paths of a registry's manifests, tried in order
    accept: tuple[str, ...] = ()  #: media types of the Accept header
    issuers: tuple[str, ...] = ()  #: issuer families expected: microsoft, digicert, other
    marks: tuple[  #: proof of the origin: where (header, body, reason), name, pattern
        tuple[str, str, str], ...
    ] = ()  # where (header, body, reason), name, pattern: proof of the origin
    custom: bool = False  #: whether it comes from --endpoint
    via_bypass: str = ""  #: bypass-list entry by which it goes past the proxy
    #: whether the cluster is asked for its addresses
    asks_cluster: bool = False
    note: str = ""  #: why it is asked so, or not at all

    @property
    def duty(self) -> Duty:
        """What this check is asked for."""
        if self.supporting:
            return Duty.SUPPORTING
        if self.compare:
            return Duty.COMPARED
        return Duty.UNUSED if self.unused else Duty.JUDGED

    @property
    def may_have_own_ca(self) -> bool:
        """Whether it may be signed by a private CA: only what --endpoint names and the catalogue
        does not know."""
        return self.custom and not self.issuers

    @property
    def connects(self) -> bool:
        """Whether it makes a connection to an endpoint of its own."""
        return self.kind in (Kind.HTTPS, Kind.WEBSOCKET)
