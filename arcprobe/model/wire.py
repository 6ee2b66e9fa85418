"""What happened on the wire: steps, connections, observations. Facts only."""

from __future__ import annotations

from enum import StrEnum

from arcprobe.model.certificates import Certificate, Trust
from arcprobe.model.noun import Noun


class Role(StrEnum):
    """Whom a dial or a handshake is with."""

    TARGET = "target"
    PROXY = "proxy"
    CONTROL = "control"  # an address where nobody is (RFC 5737): who answers stands on the way


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


class Failure(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """Why a step ended: a closed word and the exception's own words (bounded, without secrets)."""

    kind: FailureKind
    detail: str = ""


class Step(Noun, frozen=True, kw_only=True, tag_field="step"):
    """One operation on the wire. ``started`` and ``took`` in seconds since the start of the run."""

    started: float = 0.0
    took: float = 0.0
    failure: Failure | None = None


class Lookup(Step, frozen=True, kw_only=True, tag="lookup"):
    """A name asked of the system's resolver (``engine`` = ``system``) or of one name server (its
    address)."""

    name: str
    engine: str = "system"
    record: str = ""  # A, AAAA; empty for the system resolver, which asks for both
    transport: str = ""  # udp, tcp
    addresses: tuple[str, ...] = ()
    cnames: tuple[str, ...] = ()
    rcode: str = ""
    truncated: bool = False


class Dial(Step, frozen=True, kw_only=True, tag="dial"):
    """A TCP connection to one address; ``source`` is the local address that the kernel chose."""

    address: str
    port: int
    source: str = ""
    role: Role = Role.TARGET
    mss: int | None = None


class Handshake(Step, frozen=True, kw_only=True, tag="handshake"):
    """A TLS handshake that accepts any certificate; what the stores say about the chain is recorded
    beside it."""

    server_name: str
    peer: Role = Role.TARGET
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


class Head(Noun, frozen=True, kw_only=True):
    """The head of an HTTP answer: allow-listed headers, in order, each value bounded; and the first
    bytes of the body."""

    version: str = "1.1"
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    informational: tuple[int, ...] = ()  # 1xx answers before it

    def header(self, name: str) -> str:
        """All values of a header, its name in lower case, joined as RFC 9110 section 5.3 allows."""
        return ", ".join(text for key, text in self.headers if key.lower() == name)


class Tunnel(Step, frozen=True, kw_only=True, tag="tunnel"):
    """A request to the proxy to open a way to the target: HTTP CONNECT or SOCKS. No ``head``: no
    HTTP answer came."""

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
    """A WebSocket opening handshake (RFC 6455 section 4) and, after 101, a ping, its pong, and the
    hold."""

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


class Surroundings(Step, frozen=True, kw_only=True, tag="surroundings"):
    """What this place looks like to a resolver: name servers, search list, options
    (resolv.conf(5))."""

    name_servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    ndots: int = 1
    timeout: int = 5
    attempts: int = 2
    source: str = ""
