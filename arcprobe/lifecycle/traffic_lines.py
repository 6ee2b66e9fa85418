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


class _Target(NamedTuple):
    rank: _Rank
    host: str
    port: int


# A line is cut into words once, by what is part of no host name; regular expressions over whole
# lines take five times as long, and a log has a gigabyte.
_PARTING = b"\"'\\,;=()[]{}<>|/\t\r\0"
_CUT = bytes.maketrans(_PARTING, b" " * len(_PARTING))

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


class _Layout(NamedTuple):
    """Where the words of a line stand that tell something."""

    words: int
    target: int  # -1: no word is a host
    rank: _Rank
    status: int  # -1: no word is a status
    before: bytes = b""  # the word before the target
    usual: int = 443  # the port where the target names none
    port: int = -1  # the word that is its port; -1: none is


# Lines of one format differ in times, counts, ports, ids: in digits and in hexadecimal letters.
# Without them a line is known again, and its words need not be looked through once more.
_VARYING = b"0123456789abcdefABCDEF"
_MOST_LAYOUTS = 10_000
_LONGEST_KNOWN = 1_000  # bytes of a line whose layout is kept
_layouts: dict[bytes, _Layout] = {}


def read_line(line: bytes) -> Seen | None:
    """What a line tells; None for one that names no host. Any bytes are taken."""
    line = line[:LONGEST_LINE]
    words = line.replace(b'":', b'" ').translate(_CUT).split()
    layout = _known(line, words)
    if layout.target < 0:
        return None
    host, port, is_name, is_plain = _host(words[layout.target])
    before = words[layout.target - 1] if layout.target else b""
    is_same = bool(host) and before == layout.before
    if not is_same or not _has_rank(layout.rank, port, is_name, is_plain):
        return _read_anew(line, words)  # another line with the same letters
    if not port:
        port = layout.usual if layout.port < 0 else _number(words[layout.port]) or 443
    return _seen(line, words, layout, host, port)


def _has_rank(rank: _Rank, port: int, is_name: bool, is_plain: bool) -> bool:
    if rank is _Rank.TUNNEL:
        return True
    return is_name and (port > 0 or rank < _Rank.PORT or (rank is _Rank.NAME and is_plain))


def _read_anew(line: bytes, words: list[bytes]) -> Seen | None:
    layout = _layout(words)
    found = _target(words, layout.target) if layout.target >= 0 else None
    return None if found is None else _seen(line, words, layout, found.host, found.port)


def _known(line: bytes, words: list[bytes]) -> _Layout:
    """The layout of a line, kept for the next of its sort."""
    key = line.translate(None, _VARYING)
    layout = _layouts.get(key)
    if layout is None or layout.words != len(words):
        layout = _layout(words)
        if len(_layouts) < _MOST_LAYOUTS and len(line) < _LONGEST_KNOWN:
            _layouts[key] = layout
    return layout


def _seen(line: bytes, words: list[bytes], layout: _Layout, host: str, port: int) -> Seen:
    digits = words[layout.status] if layout.status >= 0 else b""
    if len(digits) != 3 or not digits.isdigit():  # or of another line with the same letters
        return Seen(host, port, _by_words(line))
    after = layout.status + 1
    flag = words[after] if after < len(words) else b""
    outcome = _by_status(digits, flag, layout.rank is _Rank.TUNNEL)
    return Seen(host, port, outcome)


def _layout(words: list[bytes]) -> _Layout:
    best, rank = -1, _Rank.NAME
    for number, word in enumerate(words):
        found = _target(words, number) if b"." in word else None
        if found is not None and (best < 0 or found.rank < rank):
            best, rank = number, found.rank
    status = next((number for number in range(len(words)) if _is_status(words, number)), -1)
    layout = _Layout(len(words), best, rank, status)
    return layout if best < 0 else _beside(words, layout)


def _beside(words: list[bytes], layout: _Layout) -> _Layout:
    """The layout with what stands beside its target."""
    best = layout.target
    before = words[best - 1] if best else b""
    usual = _SCHEMES.get(before.rstrip(b":"), 443)
    has_port = layout.rank is _Rank.KEY and _names_a_port(words, best)
    return layout._replace(before=before, usual=usual, port=best + 2 if has_port else -1)


def _target(words: list[bytes], number: int) -> _Target | None:
    host, port, is_name, _is_plain = _host(words[number])
    if not host:
        return None
    before = words[number - 1].rstrip(b":") if number else b""
    scheme = _SCHEMES.get(before, 0)
    verb = words[number - 2] if scheme and number > 1 else before
    if verb == b"CONNECT":
        return _Target(_Rank.TUNNEL, host, port or 443)
    if not is_name:  # an address alone may be anybody's
        return None
    return _named(words, number, before, scheme)


def _named(words: list[bytes], number: int, before: bytes, scheme: int) -> _Target | None:
    host, port, _is_name, is_plain = _host(words[number])
    if before.lower() in _KEYS:
        return _Target(_Rank.KEY, host, port or _port(words, number))
    if scheme:
        return _Target(_Rank.URL, host, port or scheme)
    if port:
        return _Target(_Rank.PORT, host, port)
    return _Target(_Rank.NAME, host, 443) if is_plain else None


def _port(words: list[bytes], number: int) -> int:
    """The port that a key of its own names near the host's."""
    return _number(words[number + 2]) or 443 if _names_a_port(words, number) else 443


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
_NO_HOST = _Host("", 0, False, False)


@lru_cache(maxsize=20_000)
def _host(word: bytes) -> _Host:
    """The host that a word is; an empty one where it is none."""
    word = word.rpartition(b"@")[2].strip(b":")
    if found := _NAME.fullmatch(word):
        host = found[1].decode("ascii").lower()
        if host.endswith(_FILES):
            return _NO_HOST
        return _Host(host, _number(found[2] or b""), True, host.endswith(_PLAIN))
    if found := _ADDRESS.fullmatch(word):
        return _Host(found[1].decode("ascii"), _number(found[2] or b""), False, False)
    return _NO_HOST


def _number(port: bytes) -> int:
    """A port; 0 where it is none."""
    number = int(port) if port.isdigit() and len(port) < 6 else 0
    return number if number < 65_536 else 0


def _is_status(words: list[bytes], number: int) -> bool:
    """Whether a word is an HTTP status: three digits, by what stands before them."""
    if not number or len(words[number]) != 3 or not words[number].isdigit():
        return False
    before = words[number - 1].rstrip(b":")
    if before in _VERSIONS:
        return number > 1 and words[number - 2] == b"HTTP"
    # Squid: TCP_TUNNEL/200, NONE_NONE/403
    return before.lower() in _STATUS_KEYS or before.startswith((b"TCP_", b"NONE"))


@lru_cache(maxsize=1_000)
def _by_status(digits: bytes, flag: bytes, is_tunnel: bool) -> Outcome:
    status = int(digits)
    if status in _SAYS_NO or (is_tunnel and 400 <= status < 500):
        return Outcome.REFUSED
    is_broken = status >= 500 or status < 100 or flag in _FLAGS
    return Outcome.FAILED if is_broken else Outcome.CARRIED


# What the words of a line say does not hang on its digits, but for x509 and counts of errors.
_DIGITS = b"0123456789"
_WITH_DIGITS = b"509"
_outcomes: dict[bytes, Outcome] = {}


def _by_words(line: bytes) -> Outcome:
    key = line.translate(None, _DIGITS)
    outcome = _outcomes.get(key)
    if outcome is not None and _WITH_DIGITS not in line:
        return outcome
    outcome, is_of_words = _judged(line.lower())
    if is_of_words and len(_outcomes) < _MOST_LAYOUTS and len(line) < _LONGEST_KNOWN:
        _outcomes[key] = outcome
    return outcome


def _judged(lower: bytes) -> tuple[Outcome, bool]:
    """The outcome, and whether any line of the same words has it."""
    if any(word in lower for word in _DENIED):
        return Outcome.REFUSED, True
    if any(word in lower for word in _BROKEN):
        # only what is said of an error, and x509, hangs on digits
        has_digits = b"err" in lower or _WITH_DIGITS in lower
        return _once_more(lower), not has_digits
    return Outcome.CARRIED, True


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
