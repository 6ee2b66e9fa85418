"""One line of a proxy's log -> the host that it is about and what became of it. Pure.

The format of the Arc proxy pod's log is published nowhere. So no format is demanded: whatever names
a host is read (JSON, ``key=value``, the access formats of Envoy, nginx, Squid, free text), by what
names it most plainly first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple

LONGEST_LINE = 8_192
"""Bytes of a line that are read; what stands behind them is not looked at."""


class Outcome(StrEnum):
    """What became of a connection."""

    CARRIED = "carried"
    REFUSED = "refused"  # somebody said no
    FAILED = "failed"  # nobody answered, or with an error


class Seen(NamedTuple):
    """What a line tells."""

    host: str
    port: int
    outcome: Outcome


class _Rank(IntEnum):
    """How plainly a host is named as the one that a line is about, the plainest first."""

    TUNNEL = 0  # CONNECT host
    KEY = 1  # host=…
    URL = 2
    PORT = 3  # host:port
    NAME = 4  # a name and nothing beside it


# A line is cut into words once, by what is part of no host name; regular expressions over whole
# lines take five times as long, and a log has a gigabyte.
PARTING = b"\"'\\,;=()[]{}<>|/\t\r\0"
_CUT = bytes.maketrans(PARTING, b" " * len(PARTING))

_KEYS = frozenset(
    b"""authority :authority host hostname host_name server servername server_name sni target dest
    destination remote domain fqdn endpoint upstream upstream_host upstreamhost
    requested_server_name requestedservername targethost target_host address uri url""".split()
)
_SCHEMES = {b"https": 443, b"wss": 443, b"http": 80, b"ws": 80}
_PORT_KEYS = frozenset(b"port targetport target_port destinationport destination_port".split())
_STATUS_KEYS = frozenset(
    b"""status status_code statuscode code response response_code responsecode http_status
    httpstatus""".split()
)
_VERSIONS = frozenset(b"1.0 1.1 2 2.0 3".split())  # behind HTTP/
# Envoy, "Access logging", RESPONSE_FLAGS
_FLAGS = frozenset(
    b"UF UH UC UT URX NR NC DC LH LR RL UAEX UO DI FI IH SI DPE UPE OM DF UR".split()
)
_DENIED = tuple(
    b"denied;forbidden;blocked;not allowed;not_allowed;notallowed;unauthorized;rejected".split(b";")
)
_BROKEN = tuple(
    b"""error;err=;"err";fail;timeout;timed out;refused;reset by;unreachable;no such host;
    deadline exceeded;unexpected eof;x509""".replace(b"\n    ", b"").split(b";")
)
_NO_ERROR = re.compile(
    rb"\"?err(?:ors?)?\\?\"?\s?[=:]\s?(?:null|\\?\"\\?\"|0\b|false|nil|none|-|(?=\s|,|$))"
    rb"|(?:no|without|0) errors?"
)
# RFC 9110: of an origin these say no; 404 is an answer like any other
_SAYS_NO = frozenset({401, 403, 407, 429, 451})


class Layout(NamedTuple):
    """Where the words of a line stand that tell something."""

    target: int  # -1: no word is a host
    is_tunnel: bool
    status: int  # -1: no word is a status
    usual: int = 443  # the port where the target names none
    port: int = -1  # the word that is its port; -1: none is


NO_HOST = Layout(-1, False, -1)


def in_words(lines: bytes) -> bytes:
    """The same with a blank for whatever is part of no host name; as long, line by line."""
    return lines.replace(b'":', b'" ').translate(_CUT)


def read_line(line: bytes) -> Seen | None:
    """What a line tells; None for one that names no host. Any bytes are taken."""
    line = line[:LONGEST_LINE]
    words = in_words(line).split() if _may_name_a_host(line) else []
    layout = layout_of(words)
    if layout.target < 0:
        return None
    host, port, _is_name, _is_plain = _host(words[layout.target])
    if not port:
        port = layout.usual if layout.port < 0 else _number(words[layout.port]) or 443
    if layout.status < 0:
        return Seen(host, port, _by_words(line.lower()))
    flag = words[layout.status + 1 : layout.status + 2]
    return Seen(host, port, _by_status(words[layout.status], flag, layout.is_tunnel))


def layout_of(words: list[bytes]) -> Layout:
    """Where the host stands that is named most plainly, and what became of it."""
    best, rank = -1, _Rank.NAME
    for number, word in enumerate(words):
        found = _rank(words, number) if b"." in word else None
        if found is not None and (best < 0 or found < rank):
            best, rank = number, found
    if best < 0:
        return NO_HOST
    status = next((number for number in range(len(words)) if _is_status(words, number)), -1)
    return _with_port(words, Layout(best, rank is _Rank.TUNNEL, status), rank)


def _with_port(words: list[bytes], layout: Layout, rank: _Rank) -> Layout:
    """The layout with what says the port of its target."""
    best = layout.target
    before = words[best - 1] if best else b""
    has_port = rank is _Rank.KEY and _names_a_port(words, best)
    return layout._replace(
        usual=_SCHEMES.get(before.rstrip(b":"), 443), port=best + 2 if has_port else -1
    )


def _rank(words: list[bytes], number: int) -> _Rank | None:
    """How plainly a word is named as the host that a line is about; None: it is none."""
    host, port, is_name, is_plain = _host(words[number])
    if not host:
        return None
    before = words[number - 1].rstrip(b":") if number else b""
    is_of_url = before in _SCHEMES
    verb = words[number - 2] if is_of_url and number > 1 else before
    ranks = (
        (verb == b"CONNECT", _Rank.TUNNEL),
        (not is_name, None),  # an address alone may be anybody's
        (before.lower() in _KEYS, _Rank.KEY),
        (is_of_url, _Rank.URL),
        (port > 0, _Rank.PORT),
        (is_plain, _Rank.NAME),
    )
    return next((rank for holds, rank in ranks if holds), None)


def _names_a_port(words: list[bytes], number: int) -> bool:
    near = words[number + 1 : number + 3]
    return len(near) == 2 and near[0].rstrip(b":").lower() in _PORT_KEYS


class _Host(NamedTuple):
    host: str
    port: int
    is_name: bool
    is_plain: bool  # a name that is one without anything beside it


_NAME = re.compile(rb"((?:[A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]*)\.?(?::(\d{1,5}))?")
_ADDRESS = re.compile(rb"((?:\d{1,3}\.){3}\d{1,3})(?::(\d{1,5}))?")
_PLAIN = (".com", ".net", ".org", ".io", ".us", ".cn", ".ms")
# `main.go:42` is where a program logs, no host
_FILES = (
    *(".go", ".py", ".cs", ".rs", ".js", ".ts", ".java", ".kt", ".cc", ".cpp", ".c", ".h"),
    *(".rb", ".php", ".dll", ".so", ".log", ".json", ".yaml", ".crt", ".pem", ".key"),
)
_NEITHER = _Host("", 0, False, False)
_LABEL = re.compile(
    rb"\.(?!(?i:%b)(?![A-Za-z0-9_-]))[A-Za-z]" % b"|".join(suffix[1:].encode() for suffix in _FILES)
)


def _may_name_a_host(line: bytes) -> bool:
    """Whether a line is worth being looked through: only that of a tunnel names one by address."""
    return _LABEL.search(line) is not None or b"CONNECT" in line


@lru_cache(maxsize=20_000)
def _host(word: bytes) -> _Host:
    """The host that a word is; an empty one where it is none."""
    word = word.rpartition(b"@")[2].strip(b":")
    if found := _NAME.fullmatch(word):
        host = found[1].decode("ascii").lower()
        if host.endswith(_FILES):
            return _NEITHER
        return _Host(host, _number(found[2] or b""), True, host.endswith(_PLAIN))
    if found := _ADDRESS.fullmatch(word):
        return _Host(found[1].decode("ascii"), _number(found[2] or b""), False, False)
    return _NEITHER


def _number(port: bytes) -> int:
    """A port; 0 where it is none."""
    number = int(port) if port.isdigit() and len(port) < 6 else 0
    return number if number < 65_536 else 0


def may_be_status(words: list[bytes], number: int) -> bool:
    """Whether an HTTP status stands there, if it is one: by what stands before it."""
    if not number:
        return False
    before = words[number - 1].rstrip(b":")
    if before in _VERSIONS:
        return number > 1 and words[number - 2] == b"HTTP"
    # Squid: TCP_TUNNEL/200, NONE_NONE/403
    return before.lower() in _STATUS_KEYS or before.startswith((b"TCP_", b"NONE"))


def _is_status(words: list[bytes], number: int) -> bool:
    word = words[number]
    return len(word) == 3 and word.isdigit() and may_be_status(words, number)


def _by_status(digits: bytes, flag: list[bytes], is_tunnel: bool) -> Outcome:
    status = int(digits)
    if status in _SAYS_NO or (is_tunnel and 400 <= status < 500):
        return Outcome.REFUSED
    is_broken = status >= 500 or status < 100 or not _FLAGS.isdisjoint(flag)
    return Outcome.FAILED if is_broken else Outcome.CARRIED


def _by_words(lower: bytes) -> Outcome:
    if any(word in lower for word in _DENIED):
        return Outcome.REFUSED
    return _once_more(lower) if any(word in lower for word in _BROKEN) else Outcome.CARRIED


def _once_more(lower: bytes) -> Outcome:
    """``error=""`` and the like say that there was none."""
    rest = _NO_ERROR.sub(b"", lower)
    return Outcome.FAILED if any(word in rest for word in _BROKEN) else Outcome.CARRIED


# --------------------------------------------------------------------------------------------- time

_ISO = re.compile(rb"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?")
_COMMON = re.compile(rb"(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})")
_EPOCH = re.compile(rb"(?<![\d.])(1\d{9})(?:\d{3})?(?:\.\d+)?(?!\d)")


def when(line: bytes) -> str:
    """The moment of a line, RFC 3339 in UTC; empty where it has none. A time without a zone is
    taken as UTC, as containers have it."""
    line = line[:LONGEST_LINE]
    try:
        moment = _moment(line)
    except (ValueError, OverflowError):
        return ""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(line: bytes) -> datetime | None:
    if found := _ISO.search(line):
        zone = (found[3] or b"Z").decode()
        return datetime.fromisoformat(f"{found[1].decode()}T{found[2].decode()}{zone}")
    if found := _COMMON.search(line):
        return datetime.strptime(found[1].decode(), "%d/%b/%Y:%H:%M:%S %z")
    if found := _EPOCH.search(line):
        return datetime.fromtimestamp(int(found[1]), UTC)
    return None


# ------------------------------------------------------------------------------------------ secrets

# user and password of an URL; what stands behind a scheme of authentication, or a tell-tale name;
# long runs that are no words
_SCHEME = r"(?:basic|bearer|digest|negotiate|ntlm)\s+"
_SECRETS = re.compile(
    r"(?P<url>://)[^\s/@]*@|(?P<login>\b)[^\s/:@\"'=]+:[^\s/@\"']+@(?=\w)"
    rf"|(?i:(?P<scheme>\b{_SCHEME})[^\s\"',;]+)"
    r"|(?i:(?P<name>(?:pass|passwd|password|passphrase|pwd|secret|token|key|sig|signature|cookie"
    r"|credentials?|auth|authorization)\\*[\"']?\s*[:=]\s*\\*[\"']?)"
    rf"(?:(?<=[\"'])[^\"'\\]*|(?:{_SCHEME})?[^\s\"',;&]+))"
    r"|[A-Za-z0-9+/_=-]{24,}"
)


def without_secrets(text: str) -> str:
    """A text in which what may be a secret is ``***``."""
    return _SECRETS.sub(_starred, text)


def _starred(found: re.Match[str]) -> str:
    kept = found["url"] or found["scheme"] or found["name"] or ""
    is_login = found["url"] is not None or found["login"] is not None
    return f"{kept}***{'@' if is_login else ''}"
