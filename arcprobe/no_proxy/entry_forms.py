"""The forms of an entry of a bypass list: what it is, what is wrong with it, and how it could be
written so that it works."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, ip_network, summarize_address_range
from typing import Literal

import msgspec

from arcprobe.model import Line, line
from arcprobe.no_proxy.addresses import ascii_name, parse_address, parse_network, strip_brackets

EntryKind = Literal["name", "suffix", "address", "network", "wildcard", "malformed"]

LONGEST_NAME = 253  # characters, RFC 1035 section 3.1
_MOST_NETWORKS = 8  # that a span of addresses is offered as: more of them nobody reads
_PORTS = range(1, 65536)

_WINDOWS_WORDS = ("<local>", "<-loopback>")
"""Of WinINET's lists: names without a dot, and no exception for loopback
(https://learn.microsoft.com/windows/win32/wininet/enabling-internet-functionality)."""

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PLACEHOLDER = re.compile(r"[<>{}]|\$\(|\$[A-Za-z]|%[A-Za-z_]+%")
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]*)*(/.*)?")
_SPAN = re.compile(r"([0-9.]+)\s*-\s*([0-9.]+)")
_STARS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){0,2})((?:\.\*){1,3})")
_MASK = re.compile(r"([0-9.]+)/([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)")


class Meaning(msgspec.Struct, frozen=True):
    """What an entry is. ``problem``: why it is malformed, or why Go never matches it. ``instead``:
    entries that say what was meant, where that is certain enough to be offered."""

    kind: EntryKind
    problem: Line | None = None
    instead: tuple[str, ...] = ()


def read_entry(text: str) -> Meaning:
    """What an entry, without blanks around it, means."""
    lower = text.lower()
    for reader in _READERS:
        if (meaning := reader(lower)) is not None:
            return meaning
    return _name(lower)


def is_windows_word(text: str) -> bool:
    """Whether an entry is a word that the lists of Windows alone have."""
    return text.lower() in _WINDOWS_WORDS


def is_wellformed(text: str) -> bool:
    """Whether a text is an entry that Go takes for what was meant."""
    return bool(text) and read_entry(text).problem is None


def _malformed(key: str, *instead: str) -> Meaning:
    return Meaning("malformed", line(key), instead)


def _if(test: Callable[[str], object], text: str) -> tuple[str, ...]:
    """The text, where it stands the test, as what may be written instead."""
    return tuple(filter(test, (text,)))


# ------------------------------------------------- what no client takes for what was meant


def _invisible(text: str) -> Meaning | None:
    seen = "".join(char for char in text if char.isprintable() or char.isspace())
    if seen == text:
        return None
    return _malformed("list.invisible", *_pieces((seen,)))


def _quoted(text: str) -> Meaning | None:
    rest = text.replace("\\", "").strip("\"'")
    return None if rest == text else _malformed("list.quote", *_pieces((rest,)))


def _separated(text: str) -> Meaning | None:
    if ";" in text:
        return _of_windows(text)
    if "|" not in text:
        return None
    words = line("list.separator", separator="|")
    return Meaning("malformed", words, _pieces(text.split("|")))


def _of_windows(text: str) -> Meaning:
    """A list as Windows has it: `;` between entries, `*` in names and addresses, words of its own.
    What means nothing elsewhere is told, with why."""
    pieces = (piece.strip() for piece in re.split("[;|]", text))
    entries = [re.sub(r"^(https?://)?\*\.", ".", piece) for piece in pieces if piece]
    lost = [meaning.problem for meaning in map(read_entry, entries) if _is_lost(meaning)]
    words = line("list.separator-windows", lost=tuple(filter(None, lost)))
    return Meaning("malformed", words, _pieces(entries))


def _is_lost(meaning: Meaning) -> bool:
    return meaning.problem is not None and not meaning.instead


def _pieces(texts: Iterable[str]) -> tuple[str, ...]:
    """The pieces of an entry that are entries, or what they certainly meant."""
    found: list[str] = []
    for text in filter(None, map(str.strip, texts)):
        meaning = read_entry(text)
        found += meaning.instead if meaning.problem is not None else (text,)
    return tuple(found)


def _windows_word(text: str) -> Meaning | None:
    if not is_windows_word(text):
        return None
    return Meaning("malformed", line("list.windows-word", word=text))


def _placeholder(text: str) -> Meaning | None:
    for word in _WINDOWS_WORDS:
        text = text.replace(word, "")
    return _malformed("list.placeholder") if _PLACEHOLDER.search(text) else None


def _span(text: str) -> Meaning | None:
    if not _SPAN.fullmatch(text):
        return None
    first, last = (parse_address(part.strip()) for part in text.split("-", 1))
    networks: list[str] = []
    if isinstance(first, IPv4Address) and isinstance(last, IPv4Address) and first <= last:
        networks = [str(each) for each in summarize_address_range(first, last)]
    if len(networks) > _MOST_NETWORKS:
        networks = []
    return _malformed("list.span", *(network.removesuffix("/32") for network in networks))


def _blank(text: str) -> Meaning | None:
    parts = text.split()
    if len(parts) < 2:
        return None
    joined = "".join(parts)
    is_torn = "/" in joined and not all(map(is_wellformed, parts))
    whole = (joined,) if is_torn and is_wellformed(joined) else _pieces(parts)
    return _malformed("list.blank", *whole)


def _url(text: str) -> Meaning | None:
    _, scheme, rest = text.partition("://")
    if not scheme:
        return None
    host = rest.split("/", 1)[0].rpartition("@")[2]
    if parse_address(strip_brackets(host)) is None:
        host = host.rpartition(":")[0] or host
    return _malformed("list.url", *_if(is_wellformed, strip_brackets(host)))


# -------------------------------------------- addresses and networks, and what was meant to be one


def _sound(text: str) -> Meaning | None:
    if parse_network(text) is not None:
        return Meaning("network")
    return Meaning("address") if parse_address(text) is not None else None


def _half_bracketed(text: str) -> Meaning | None:
    """A list that was written as YAML or JSON has it: `[a`, then `b]`."""
    if text.startswith("[") is text.endswith("]") or ("[" in text and "]" in text):
        return None
    return _malformed("list.brackets", *_pieces((text.strip("[]"),)))


def _bracketed(text: str) -> Meaning | None:
    """``[v6]:port`` is Go's; ``[v6]`` alone is .NET's and urllib's, and Go never matches it."""
    if not text.startswith("["):
        return None
    inside, _, rest = text[1:].partition("]")
    if parse_address(inside) is None:
        return _malformed("list.brackets")
    if not rest:
        return Meaning("address", line("list.go-brackets"), (inside,))
    if rest[0] == ":" and _is_port(rest[1:]):
        return Meaning("address")
    return _malformed("list.after-brackets", inside)


def _starred(text: str) -> Meaning | None:
    stars = _STARS.fullmatch(text)
    if stars is None:
        return None
    known = stars[1].split(".")
    network = ".".join([*known, "0", "0", "0"][:4]) + f"/{8 * len(known)}"
    if len(known) + stars[2].count("*") > 4:
        network = ""
    return Meaning("wildcard", line("list.star-in-address"), _if(parse_network, network))


def _zoned(text: str) -> Meaning | None:
    plain, percent, _ = text.partition("%")
    if not percent:
        return None
    return Meaning("address", line("list.zone"), _if(parse_address, plain))


def _masked(text: str) -> Meaning | None:
    if not _MASK.fullmatch(text):
        return None
    try:
        return _malformed("list.mask", str(ip_network(text, strict=False)))
    except ValueError:
        return _malformed("list.mask")


def _with_port(text: str) -> Meaning | None:
    host, _, port = text.partition(":")
    if parse_address(host) is None or not port.isdigit():
        return None
    if _is_port(port):
        return Meaning("address")
    return Meaning("malformed", line("list.no-port", port=port[:6]), (host,))


def _numbers(text: str) -> Meaning | None:
    if not _NUMBERS.fullmatch(text):
        return None
    head, slash, mask = text.partition("/")
    address = parse_address(head)
    if not slash or address is None:
        return _malformed("list.no-address")
    most = address.max_prefixlen if mask.isdigit() else ""
    return Meaning("malformed", line("list.no-prefix", prefix=mask[:20], most=most))


def _network_6(text: str) -> Meaning | None:
    head, slash, _ = text.partition("/")
    is_address = slash and ":" in text and parse_address(head) is not None
    return _malformed("list.no-prefix-6") if is_address else None


def _is_port(text: str) -> bool:
    return text.isdecimal() and int(text[:6]) in _PORTS


# ------------------------------------------------------------------------------------------- names


def _everything(text: str) -> Meaning | None:
    return Meaning("wildcard") if text == "*" else None


def _path(text: str) -> Meaning | None:
    head, slash, _ = text.partition("/")
    if not slash:
        return None
    is_host = parse_address(head) is None
    return _malformed("list.path", *(_if(_is_name, head) if is_host else ()))


def _name(text: str) -> Meaning:
    host, colon, port = text.rpartition(":")
    if not colon:
        return _plain_name(text)
    if not host:
        return _malformed("list.no-host")
    if not (port.isascii() and _is_port(port)):
        return _malformed("list.after-colon", *_if(_is_name, host))
    return _plain_name(host)


def _plain_name(host: str) -> Meaning:
    kind, name = _kind(host), host.removeprefix("*")
    if kind == "wildcard" and ("*" in name or not host.startswith("*.")):
        return Meaning(kind, line("list.star"), _if(_is_name, name))
    if not _is_name(name):
        return _malformed("list.no-name")
    if name.endswith("."):
        return Meaning(kind, line("list.dot-at-end"), (host.rstrip("."),))
    return Meaning(kind)


def _kind(host: str) -> EntryKind:
    if host.startswith("."):
        return "suffix"
    return "wildcard" if "*" in host else "name"


def _is_name(text: str) -> bool:
    name = ascii_name(text).removeprefix(".").removesuffix(".")
    return 0 < len(name) <= LONGEST_NAME and all(map(_LABEL.fullmatch, name.split(".")))


_READERS: tuple[Callable[[str], Meaning | None], ...] = (
    _invisible,
    _quoted,
    _separated,
    _windows_word,
    _placeholder,
    _span,
    _blank,
    _url,
    _sound,
    _half_bracketed,
    _bracketed,
    _starred,
    _zoned,
    _masked,
    _with_port,
    _numbers,
    _network_6,
    _everything,
    _path,
)
