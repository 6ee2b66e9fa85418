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
    LOCAL_LIMIT = "local-limit"  # this host gives no more sockets, threads, ports or memory
    PARTIAL = "partial"  # only a part of what was asked for, such as a list of one namespace
    UNAVAILABLE = "unavailable"  # a local tool or file that is not there
    FORBIDDEN = "forbidden"  # the Kubernetes API said 403
    UNAUTHORIZED = "unauthorized"  # the Kubernetes API said 401
    OTHER = "other"


class Failure(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """Why a step ended: a closed word and the exception's own words (bounded, without secrets)."""

    kind: FailureKind  #: the closed word
    detail: str = ""  #: the words of the system or the library, bounded


class Step(Noun, frozen=True, kw_only=True, tag_field="step"):
    """One operation on the wire. ``started`` and ``took`` in seconds since the start of the run."""

    started: float = 0.0  #: begin, seconds since the start of the run
    took: float = 0.0  #: length, seconds
    failure: Failure | None = None  #: why it ended; null: it succeeded


class Lookup(Step, frozen=True, kw_only=True, tag="lookup"):
    """A name asked of the system's resolver (``engine`` = ``system``) or of one name server (its
    address)."""

    name: str  #: the name that was asked for
    engine: str = "system"  #: system, or the address of the name server
    record: str = ""  #: A or AAAA; empty: both, by the system
    transport: str = ""  #: udp or tcp
    addresses: tuple[str, ...] = ()  #: addresses of the answer
    cnames: tuple[str, ...] = ()  #: aliases of the answer, in order
    rcode: str = ""  #: response code of the answer, as RFC 6895 names it
    truncated: bool = False  #: whether the answer by UDP was cut


class Dial(Step, frozen=True, kw_only=True, tag="dial"):
    """A TCP connection to one address; ``source`` is the local address that the kernel chose."""

    address: str  #: the address
    port: int  #: the TCP port
    source: str = ""  #: local address that the kernel chose
    role: Role = Role.TARGET  #: whom it is with
    mss: int | None = None  #: maximum segment size of the connection, bytes


class Handshake(Step, frozen=True, kw_only=True, tag="handshake"):
    """A TLS handshake that accepts any certificate; what the stores say about the chain is recorded
    beside it."""

    server_name: str  #: name that was sent (SNI)
    peer: Role = Role.TARGET  #: whom it is with
    version: str = ""  #: TLS version agreed on
    cipher: str = ""  #: cipher suite agreed on
    alpn: str = ""  #: application protocol agreed on
    alpn_offered: tuple[str, ...] = ()  #: application protocols offered
    chain: tuple[Certificate, ...] = ()  #: certificates as sent, the leaf first
    trust: tuple[Trust, ...] = ()  #: what each trust store says of the chain
    name_matches: bool | None = None  #: whether the leaf names the server; null: no leaf
    alert: str = ""  #: alert that the peer sent
    first_bytes: str = ""  #: what came first, where it is no TLS record, bounded
    bytes_in: int = 0  #: bytes received
    bytes_out: int = 0  #: bytes sent
    client_hello: int = 0  #: size of the first flight, bytes


class Head(Noun, frozen=True, kw_only=True):
    """The head of an HTTP answer: allow-listed headers, in order, each value bounded; and the first
    bytes of the body."""

    version: str = "1.1"  #: HTTP version
    status: int = 0  #: status code
    reason: str = ""  #: reason phrase
    #: name and value of allow-listed headers, in order, bounded
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""  #: first characters of the body
    informational: tuple[int, ...] = ()  #: status codes of 1xx answers before it

    def header(self, name: str) -> str:
        """All values of a header, its name in lower case, joined as RFC 9110 section 5.3 allows."""
        return ", ".join(text for key, text in self.headers if key.lower() == name)


class Tunnel(Step, frozen=True, kw_only=True, tag="tunnel"):
    """A request to the proxy to open a way to the target: HTTP CONNECT or SOCKS. No ``head``: no
    HTTP answer came."""

    target: str  #: host:port that was asked for
    protocol: str = "connect"  #: connect, socks5 or socks4
    head: Head | None = None  #: HTTP answer of the proxy; null: none came
    credentials: str = ""  #: "basic" or "username" where some were sent; never which
    socks_reply: int | None = None  #: reply code of the SOCKS server (RFC 1928)
    socks_method: int | None = None  #: method that the SOCKS server chose (RFC 1928)
    first_bytes: str = ""  #: what came first, where it is no answer, bounded
    bytes_in: int = 0  #: bytes received

    @property
    def is_open(self) -> bool:
        """Whether Go, the language of most agents, goes on through it: of CONNECT's answers it
        takes 200 alone, and reads one head (net/http, transport.go, dialConn)."""
        if self.failure is not None:
            return False
        return self.head is None or (self.head.status == 200 and not self.head.informational)


class Exchange(Step, frozen=True, kw_only=True, tag="exchange"):
    """One HTTP request and what came back."""

    method: str  #: HTTP method
    path: str  #: path that was requested
    head: Head | None = None  #: the answer; null: none came
    body_bytes: int = 0  #: bytes of the body that were read
    body_short: str = ""  #: why the body was not read to its end
    first_bytes: str = ""  #: what came first, where it is no answer, bounded
    bytes_in: int = 0  #: bytes received
    date_offset: float | None = None  #: Date of the answer minus local clock, seconds


class Upgrade(Step, frozen=True, kw_only=True, tag="upgrade"):
    """A WebSocket opening handshake (RFC 6455 section 4) and, after 101, a ping, its pong, and the
    hold."""

    path: str  #: path that was requested
    head: Head | None = None  #: the answer; null: none came
    accept: str = ""  #: Sec-WebSocket-Accept as it came
    accept_due: str = ""  #: what RFC 6455 section 4.2.2 makes it
    upgrade_headers: bool = False  #: whether Upgrade and Connection are as RFC 6455 4.1 asks
    pong: bool = False  #: whether the ping was answered
    frames_in: int = 0  #: frames received
    close_code: int | None = None  #: code of a close frame (RFC 6455 section 7.4)
    held: float = 0.0  #: how long the connection was held open, seconds
    cut: str = ""  #: how it ended while held: closed, reset, timed-out
    first_bytes: str = ""  #: what came first, where it is no answer, bounded
    bytes_in: int = 0  #: bytes received


class Discovered(Step, frozen=True, kw_only=True, tag="discovered"):
    """Host names read from the answer of the exchange before it."""

    pattern: str  #: the wildcard that they stand for
    hosts: tuple[str, ...] = ()  #: the names
    words: str = ""  #: why there are none


class Surroundings(Step, frozen=True, kw_only=True, tag="surroundings"):
    """What this place looks like to a resolver: name servers, search list, options
    (resolv.conf(5))."""

    name_servers: tuple[str, ...] = ()  #: addresses of name servers
    search: tuple[str, ...] = ()  #: search list
    ndots: int = 1  #: dots from which a name is asked as it is first
    timeout: int = 5  #: limit of one question, seconds
    attempts: int = 2  #: tries of one question
    source: str = ""  #: where it was read
