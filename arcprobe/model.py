"""The nouns of arcprobe: what a check asks, what was seen on the wire, what follows from it. No behaviour.

All are frozen ``msgspec.Struct``s, so that a report can be written as JSON and read back to equal values (``report/as_json.py``).
Times are seconds as float, counted from the start of the run where a field is called ``started``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, final

import msgspec


class Kind(StrEnum):
    """The question that a check asks. One word everywhere: module in ``probes/``, judge in ``findings/``, test file."""

    DNS = "dns"
    PROXY = "proxy"
    HTTPS = "https"
    TLS = "tls"
    WEBSOCKET = "websocket"
    SKIP_RANGE = "skip-range"
    GATEWAY = "gateway"
    DISCOVERY = "discovery"
    CLUSTER = "cluster"


class Layer(StrEnum):
    """A rung of the way, lowest first: the order in which causes are reported."""

    RUN = "run"
    CLUSTER = "cluster"
    DNS = "dns"
    PROXY = "proxy"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    WEBSOCKET = "websocket"
    GATEWAY = "gateway"
    DISCOVERY = "discovery"
    SKIP_RANGE = "skip-range"


class Verdict(StrEnum):
    """``skip`` always has a reason; ``error`` means that arcprobe itself failed."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    ERROR = "error"


class FailureKind(StrEnum):
    """What happened, never why. An HTTP answer is not a failure: 407 is a status."""

    REFUSED = "refused"  # ECONNREFUSED
    RESET = "reset"  # ECONNRESET: the peer, or somebody in its name, sent RST
    CLOSED = "closed"  # orderly FIN where more was due
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"  # EHOSTUNREACH, ENETUNREACH
    PROHIBITED = "prohibited"  # EACCES, EPERM: ICMP administratively prohibited, or a local rule
    NO_ADDRESS = "no-address"  # no address of a usable family
    NAME_UNKNOWN = "name-unknown"  # NXDOMAIN, EAI_NONAME
    NAME_EMPTY = "name-empty"  # NODATA, EAI_NODATA
    RESOLVER_FAILED = "resolver-failed"  # SERVFAIL, NOTIMP, FORMERR
    RESOLVER_REFUSED = "resolver-refused"  # REFUSED
    LOOKUP_FAILED = "lookup-failed"  # EAI_AGAIN: the system says no more than this
    TLS_ALERT = "tls-alert"  # the peer sent a fatal alert
    TLS_PLAINTEXT = "tls-plaintext"  # the peer's first bytes are no TLS record
    TLS_VERSION = "tls-version"  # no TLS version in common
    TLS_OTHER = "tls-other"
    HTTP_MALFORMED = "http-malformed"  # not HTTP/1.x, or broken framing
    TOO_LARGE = "too-large"  # more than the bound of this reader
    SOCKS_REFUSED = "socks-refused"  # the SOCKS server answered, and said no
    SOCKS_AUTH = "socks-auth"  # SOCKS method or password refused
    SOCKS_MALFORMED = "socks-malformed"
    UNAVAILABLE = "unavailable"  # a local tool or file that is not there
    FORBIDDEN = "forbidden"  # the Kubernetes API said 403
    UNAUTHORIZED = "unauthorized"  # the Kubernetes API said 401
    OTHER = "other"


class Noun(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=False
):
    """What all nouns share: immutable, keyword only, defaults left out of the JSON, unknown fields of later versions ignored."""


class Failure(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """Why a step ended: a closed word and the exception's own words (bounded, without secrets)."""

    kind: FailureKind
    detail: str = ""


@final
class Secret:
    """A string that never prints: ``repr``, ``str``, f-strings and JSON show ``***``. ``reveal`` is for the wire alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Called where bytes go to the proxy, nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not pickled")


# ------------------------------------------------------------------------------------------------ what is asked


class Proxy(Noun, frozen=True, kw_only=True):
    """A proxy as the settings name it. The credentials live apart, in ``Credentials``, and are never part of a report."""

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
    """One question. ``seen_by`` names the check whose observation this one is judged from, where it makes no own connection."""

    id: str
    kind: Kind
    target: str  # host:port
    route: str  # proxy | direct
    required: bool
    feature: str
    host: str = ""
    port: int = 443
    protocol: str = "https"  # https | http | wss
    path: str = "/"
    proxy: Proxy | None = None
    seen_by: str = ""
    alone: bool = False  # a proxy that no other check uses: it is dialled for its own sake
    compare: bool = False  # asked only to tell what the proxy adds (--direct)
    left_out: bool = False  # by --only or --skip: asked because another check is judged from it, not judged itself
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


# ------------------------------------------------------------------------------------------ what happened on the wire


class Step(Noun, frozen=True, kw_only=True, tag_field="step"):
    """One operation on the wire. ``started`` and ``took`` in seconds since the start of the run."""

    started: float = 0.0
    took: float = 0.0
    failure: Failure | None = None


class Lookup(Step, frozen=True, kw_only=True, tag="lookup"):
    """A name asked of the system's resolver (``engine`` = ``system``) or of one name server (its address)."""

    name: str
    engine: str = "system"
    record: str = ""  # A, AAAA; empty for the system resolver, which asks for both
    transport: str = ""  # udp, tcp
    addresses: tuple[str, ...] = ()
    cnames: tuple[str, ...] = ()
    rcode: str = ""
    truncated: bool = False
    ttl: int | None = None


class Dial(Step, frozen=True, kw_only=True, tag="dial"):
    """A TCP connection to one address; ``source`` is the local address that the kernel chose."""

    address: str
    port: int
    source: str = ""
    role: str = "target"  # target | proxy | control
    mss: int | None = None


class Certificate(Noun, frozen=True, kw_only=True):
    """Facts of one X.509 certificate. Names are RFC 4514 strings; times are RFC 3339."""

    sha256: str
    subject: str
    issuer: str
    serial: str
    not_before: str
    not_after: str
    names: tuple[str, ...] = ()  # subject alternative names: DNS names and IP addresses
    common_name: str = ""
    is_ca: bool | None = None  # None: no basicConstraints
    version: int = 3
    key: str = ""  # "RSA 2048", "EC secp256r1"
    key_sha256: str = ""  # of the SubjectPublicKeyInfo
    signature: str = ""  # hash name: sha256, sha1
    scts: int = 0
    aia: tuple[str, ...] = ()
    crls: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    ski: str = ""
    aki: str = ""
    key_usage: tuple[str, ...] | None = None
    extended_key_usage: tuple[str, ...] | None = None
    negative_serial: bool = False
    permitted_names: tuple[str, ...] = ()  # nameConstraints
    pem: str = ""  # kept for certificates that the person may need: the top of an unknown chain


class Trust(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What OpenSSL says about one chain and one store. ``code`` is X509_V_ERR_*, 0 when the chain is accepted."""

    store: str  # public | system | bundle
    accepted: bool
    code: int = 0
    depth: int = 0
    words: str = ""
    anchor: str = ""  # subject of the root that the chain ends in
    anchor_sha256: str = ""


class Handshake(Step, frozen=True, kw_only=True, tag="handshake"):
    """A TLS handshake that accepts any certificate; what the stores say about the chain is recorded beside it."""

    server_name: str
    peer: str = "target"  # target | proxy
    version: str = ""
    cipher: str = ""
    alpn: str = ""
    alpn_offered: tuple[str, ...] = ()
    chain: tuple[Certificate, ...] = ()
    trust: tuple[Trust, ...] = ()
    name_matches: bool | None = None
    alert: str = ""
    first_bytes: str = ""  # what came first, when it is no TLS record (bounded, printable)
    bytes_in: int = 0
    bytes_out: int = 0
    client_hello: int = 0  # size of the first flight, bytes
    client_certificate_asked: bool = False


class Head(Noun, frozen=True, kw_only=True):
    """The head of an HTTP answer: allow-listed headers, in order, each value bounded; and the first bytes of the body."""

    version: str = "1.1"
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    informational: tuple[int, ...] = ()  # 1xx answers before it


class Tunnel(Step, frozen=True, kw_only=True, tag="tunnel"):
    """A request to the proxy to open a way to the target: HTTP CONNECT or SOCKS. No ``head``: no HTTP answer came."""

    target: str
    protocol: str = "connect"  # connect | socks5 | socks4
    head: Head | None = None
    credentials: str = ""  # "basic", "username" when some were sent; never what
    socks_reply: int | None = None
    socks_method: int | None = None
    first_bytes: str = ""
    bytes_in: int = 0


class Exchange(Step, frozen=True, kw_only=True, tag="exchange"):
    """One HTTP request and what came back."""

    method: str
    path: str
    head: Head | None = None
    body_bytes: int = 0
    body_short: str = ""  # why the body was not read to its end
    first_bytes: str = ""
    bytes_in: int = 0
    date_offset: float | None = None  # Date of the answer minus local clock, seconds


class Upgrade(Step, frozen=True, kw_only=True, tag="upgrade"):
    """A WebSocket opening handshake (RFC 6455 section 4) and, after 101, a ping, its pong, and the hold."""

    path: str
    head: Head | None = None
    accept: str = ""  # Sec-WebSocket-Accept as it came
    accept_due: str = ""  # as RFC 6455 section 4.2.2 computes it from the key that was sent
    upgrade_headers: bool = False  # Upgrade and Connection came back as RFC 6455 section 4.1 asks
    pong: bool = False
    frames_in: int = 0
    close_code: int | None = None
    held: float = 0.0
    cut: str = ""  # how the connection ended while it was held: closed, reset, timed-out
    first_bytes: str = ""
    bytes_in: int = 0


class Discovered(Step, frozen=True, kw_only=True, tag="discovered"):
    """Host names read from the answer of the exchange before it."""

    pattern: str
    hosts: tuple[str, ...] = ()
    words: str = ""


class Range(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """An address range of the cluster, and where it is known from. ``inferred``: only deduced from addresses in use."""

    cidr: str
    what: str  # services | pods | nodes
    source: str
    inferred: bool = False


class Service(Noun, frozen=True, kw_only=True):
    """A Kubernetes Service's name and its cluster addresses."""

    namespace: str
    name: str
    addresses: tuple[str, ...]


class Cluster(Step, frozen=True, kw_only=True, tag="cluster"):
    """What the cluster tells of itself. Large clusters: all addresses as runs, the first thousand Services by name."""

    source: str  # file | api | kubectl | settings
    services: tuple[Service, ...] = ()
    service_count: int = 0
    addresses: tuple[str, ...] = ()  # all ClusterIPs, as "a" or "a-b" runs, sorted
    ranges: tuple[Range, ...] = ()
    api_servers: tuple[str, ...] = ()  # host or host:port of the API server, as clients name it
    api_server_addresses: tuple[str, ...] = ()  # endpoints of default/kubernetes
    nodes: tuple[str, ...] = ()  # node addresses
    cluster_domain: str = "cluster.local"
    notes: tuple[str, ...] = ()  # what could not be read, and why


class Surroundings(Step, frozen=True, kw_only=True, tag="surroundings"):
    """What this place looks like to a resolver: name servers, search list, options (resolv.conf(5))."""

    name_servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    ndots: int = 1
    timeout: int = 5
    attempts: int = 2
    source: str = ""


AnyStep = (
    Lookup | Dial | Handshake | Tunnel | Exchange | Upgrade | Discovered | Cluster | Surroundings
)


class Attempt(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """One connection from nothing. At most one failure, and only on the last step (dials of further addresses excepted)."""

    label: str
    steps: tuple[AnyStep, ...]


class Observation(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What happened for one check; ``crash`` when arcprobe itself failed, ``unfinished`` when time ran out."""

    check: str
    attempts: tuple[Attempt, ...] = ()
    crash: str = ""
    unfinished: bool = False


# ------------------------------------------------------------------------------------------------------- what follows


class Finding(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """A verdict on one check."""

    check: str
    kind: Kind
    layer: Layer
    target: str
    route: str
    verdict: Verdict
    code: str
    summary: str
    evidence: tuple[str, ...] = ()
    remedy: str = ""
    owner: str = ""
    subject: str = ""  # what is broken, where one code can have several roots: a proxy, an issuer
    product: str = ""  # known from evidence
    fields: tuple[tuple[str, str], ...] = ()  # what fills the words of the code table


class Cause(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """Why one or several checks did not pass."""

    code: str
    verdict: Verdict
    headline: str
    remedy: str
    owner: str
    explains: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    layer: Layer = Layer.RUN


class Settings(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The settings of a run as they stand in the report: everything that a judge may need, nothing secret."""

    cloud: str = "AzureCloud"
    region: str = ""
    gateway_url: str = ""
    gateway_host: str = ""
    features: tuple[str, ...] = ()
    key_vaults: tuple[str, ...] = ()
    proxy_https: Proxy | None = None
    proxy_http: Proxy | None = None
    skip_range: str | None = None
    skip_range_setting: str = ""
    proxy_notes: tuple[str, ...] = ()  # where two environment forms disagree: which one won
    proxy_cert: str = ""  # file name
    proxy_cert_notes: tuple[str, ...] = ()  # facts about the certificates in it
    public_roots: str = ""  # "certifi 2026.10.18", "shipped copy", or the file given
    public_roots_given: bool = False
    system_roots: int | None = None  # number of certificates in the system store, None: unknown
    baseline: tuple[tuple[str, str], ...] = ()  # host, issuer
    endpoints: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    resolve: tuple[str, ...] = ()
    direct: bool = False
    strict: bool = False
    timeout: float = 10.0
    deadline: float = 60.0
    websocket_hold: float = 0.0
    sources: tuple[tuple[str, str], ...] = ()  # setting, where its value came from


class Run(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """When, where and with what the run was made."""

    version: str
    started: str
    seconds: float
    vantage: str  # pod | node | laptop
    host: str
    node: str
    pod: str
    settings: Settings
    python: str = ""
    openssl: str = ""
    interrupted: str = ""  # deadline, signal


class Report(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The whole. ``schema`` is 1."""

    schema: int
    verdict: Verdict
    run: Run
    checks: tuple[Check, ...]
    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
