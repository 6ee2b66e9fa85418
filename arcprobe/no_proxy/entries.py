"""The entries of a bypass list, what is wrong with them, and how each could be written so that it
works."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, summarize_address_range
from typing import Literal

import msgspec

from arcprobe.no_proxy import (
    curl as _curl,
    dotnet as _dotnet,
    go as _go,
    python_requests as _python_requests,
    python_urllib as _python_urllib,
)
from arcprobe.no_proxy.addresses import SPACE, ascii_name, bare, go_network, strict
from arcprobe.no_proxy.answer import Matcher

EntryKind = Literal["name", "suffix", "address", "network", "wildcard", "malformed"]

LONGEST = 253  # a name in the DNS, RFC 1035 section 3.1

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PLACEHOLDER = re.compile(r"[<>{}]|\$\(|\$[A-Za-z]|%[A-Za-z_]+%")
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]*)*(/.*)?")
_SPAN = re.compile(r"([0-9.]+)\s*-\s*([0-9.]+)")
_STARS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){0,2})((?:\.\*){1,3})")
_HAND_WRITTEN_MASK = re.compile(r"([0-9.]+)/([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry between commas. ``position`` counts from 1. ``problem``: why it is malformed, or
    why Go never matches it.

    ``instead``: entries that say what was meant, where that is certain enough to be offered.
    """

    text: str
    position: int
    kind: EntryKind
    problem: str = ""
    instead: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What ``lint`` says of one entry.

    ``severity``: ``malformed`` (no client takes it for what was meant), ``ineffective`` (Go, the
    agents' language, never matches it), ``uneven`` (right, but the clients in ``dialects`` do not
    understand it).
    """

    entry: Entry
    severity: Literal["malformed", "ineffective", "uneven"]
    words: str
    dialects: tuple[str, ...] = ()


def split_host_port(text: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port``, or bare IPv6, as host without brackets and port.
    ``ValueError`` for a bad port."""
    text = text.strip()
    if strict(bare(text)) is not None or ":" not in text:
        return bare(text), None
    host, _, port = text.rpartition(":")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        return text, None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise ValueError(f"not a port: {port[:20]!r}")
    return bare(host), int(port)


def entries(skip_range: str) -> tuple[Entry, ...]:
    """The entries as Go separates them. An empty one is reported only between two commas: at the
    ends it harms nobody."""
    tokens = skip_range.split(",")
    out = []
    for place, token in enumerate(tokens, 1):
        text = token.strip(SPACE)
        if text:
            out.append(_entry(text, place))
        elif 1 < place < len(tokens):
            out.append(
                Entry(
                    text="", position=place, kind="malformed", problem="nothing between two commas"
                )
            )
    return tuple(out)


def _entry(text: str, position: int) -> Entry:
    kind, problem, instead = _read(text)
    return Entry(text=text, position=position, kind=kind, problem=problem, instead=instead)


Reading = tuple[EntryKind, str, tuple[str, ...]]


def _read(text: str) -> Reading:
    """Kind, problem, and what to write instead."""
    lower = text.lower()
    for reader in (_spoilt, _numeric):
        if (reading := reader(lower)) is not None:
            return reading
    if lower == "*":
        return "wildcard", "", ()
    if "/" in lower:
        head = lower.partition("/")[0]
        return (
            "malformed",
            "a path or a wrong prefix length",
            () if strict(bare(head)) or not _is_name(head) else (head,),
        )
    return _name(lower)


def _spoilt(text: str) -> Reading | None:
    """What no client takes for what was meant, whatever else it is."""
    if any(not (char.isprintable() or char.isspace()) for char in text):
        rest = "".join(char for char in text if char.isprintable() or char.isspace()).strip()
        return "malformed", "an invisible character in it", (rest,) if _fine(rest) else ()
    if _PLACEHOLDER.search(text):
        return "malformed", "a placeholder that was not filled in", ()
    if text.strip("\"'\\") != text or "\\" in text:
        rest = text.replace("\\", "").strip("\"'")
        return (
            "malformed",
            "a quote or backslash belongs to the entry",
            (rest,) if _fine(rest) else (),
        )
    for separator, words in (
        (";", "`;` does not separate entries, `,` does"),
        ("|", "`|` does not separate entries, `,` does"),
    ):
        if separator in text:
            return "malformed", words, _parts(text.split(separator))
    if _SPAN.fullmatch(text):
        return (
            "malformed",
            "a span of addresses; networks are written as ADDRESS/LENGTH",
            _span(text),
        )
    parts = text.split()
    if len(parts) > 1:
        joined = "".join(parts)
        whole = (
            (joined,)
            if "/" in joined and not all(_fine(part) for part in parts) and _fine(joined)
            else _parts(parts)
        )
        return "malformed", "a blank does not separate entries, `,` does", whole
    if "://" in text:
        host = text.split("://", 1)[1].split("/", 1)[0].rpartition("@")[2]
        host = host if strict(bare(host)) else host.rpartition(":")[0] or host
        return (
            "malformed",
            "a URL; only the host is compared",
            (bare(host),) if _fine(bare(host)) else (),
        )
    return None


def _parts(texts: list[str]) -> tuple[str, ...]:
    """The pieces of an entry that are entries; those that are not are left out."""
    out: list[str] = []
    for text in map(str.strip, texts):
        out += [text] if _fine(text) else _read(text)[2] if text else []
    return tuple(out)


def _fine(text: str) -> bool:
    return bool(text) and not _read(text)[1]


def _span(text: str) -> tuple[str, ...]:
    first, last = (strict(part.strip()) for part in text.split("-", 1))
    if not isinstance(first, IPv4Address) or not isinstance(last, IPv4Address) or first > last:
        return ()
    networks = [
        str(network).removesuffix("/32") for network in summarize_address_range(first, last)
    ]
    return tuple(networks) if len(networks) <= 8 else ()


def _numeric(text: str) -> Reading | None:
    """Addresses and networks, and what was meant to be one."""
    if go_network(text) is not None:
        return "network", "", ()
    if strict(text) is not None:
        return "address", "", ()
    if text.startswith("["):
        return _bracketed(text)
    if stars := _STARS.fullmatch(text):
        known = stars[1].split(".")
        network = ".".join([*known, "0", "0", "0"][:4]) + f"/{8 * len(known)}"
        sound = len(known) + stars[2].count("*") <= 4 and go_network(network) is not None
        return (
            "wildcard",
            "`*` matches no part of an address in any client",
            (network,) if sound else (),
        )
    if "%" in text:
        plain = text.partition("%")[0]
        return (
            "address",
            "an address with a zone is never matched",
            (plain,) if strict(plain) else (),
        )
    if written := _HAND_WRITTEN_MASK.fullmatch(text):
        return (
            "malformed",
            "a network mask; networks are written as ADDRESS/LENGTH",
            _from_mask(written[1], written[2]),
        )
    host, _, port = text.partition(":")
    if strict(host) is not None and port.isdigit():
        good = int(port[:6]) in range(1, 65536)
        return ("address", "", ()) if good else ("malformed", f"{port[:6]} is no port", (host,))
    if _NUMBERS.fullmatch(text):
        head, slash, mask = text.partition("/")
        if slash and (address := strict(head)) is not None:
            most = f" (0 to {address.max_prefixlen})" if mask.isdigit() else ""
            return "malformed", f"/{mask[:20]} is no prefix length{most}", ()
        return "malformed", "neither an IPv4 address nor a network", ()
    if "/" in text and ":" in text and strict(text.partition("/")[0]) is not None:
        return "malformed", "no prefix length of an IPv6 network (0 to 128)", ()
    return None


def _bracketed(text: str) -> Reading:
    """``[v6]:port`` is Go's; ``[v6]`` alone is .NET's and urllib's, and Go never matches it."""
    inside, _, rest = text[1:].partition("]")
    if strict(inside) is None:
        return "malformed", "brackets hold an IPv6 address", ()
    if not rest:
        return "address", "Go compares without the brackets", (inside,)
    good = rest[0] == ":" and rest[1:].isdigit() and int(rest[1:7]) in range(1, 65536)
    return (
        ("address", "", ())
        if good
        else ("malformed", "after the brackets comes :PORT or nothing", (inside,))
    )


def _from_mask(address: str, mask: str) -> tuple[str, ...]:
    from ipaddress import ip_network

    try:
        return (str(ip_network(f"{address}/{mask}", strict=False)),)
    except ValueError:
        return ()


def _name(text: str) -> Reading:
    host, colon, port = text.rpartition(":")
    if not colon:
        host = text
    elif not (host and port.isascii() and port.isdigit() and int(port[:6]) in range(1, 65536)):
        plain = (host,) if host and _is_name(host) else ()
        return (
            "malformed",
            "no host before the port" if not host else "after `:` comes a port number",
            plain,
        )
    kind: EntryKind = "suffix" if host.startswith(".") else "wildcard" if "*" in host else "name"
    plain_name = host.removeprefix("*")
    if kind == "wildcard" and not (host.startswith("*.") and "*" not in plain_name):
        better = plain_name if "*" not in plain_name and _is_name(plain_name) else ""
        return (
            "wildcard",
            "`*` stands only for the whole list, or before the first dot (in Go)",
            (better,) if better else (),
        )
    if not _is_name(plain_name):
        return "malformed", "not a host name, an address or a network", ()
    if plain_name.endswith("."):
        return (
            kind,
            "with the dot at its end it matches only names that are written with one",
            (host.rstrip("."),),
        )
    return kind, "", ()


def _is_name(text: str) -> bool:
    name = ascii_name(text).removeprefix(".").removesuffix(".")
    return 0 < len(name) <= LONGEST and all(_LABEL.fullmatch(label) for label in name.split("."))


_SAMPLED: tuple[tuple[str, Callable[[str], Matcher]], ...] = (
    ("go", _go.matcher),
    ("curl", _curl.matcher),
    ("python-requests", _python_requests.matcher),
    ("python-urllib", _python_urllib.matcher),
    ("dotnet", _dotnet.matcher),
)


def lint(skip_range: str) -> tuple[Problem, ...]:
    """What is wrong, useless or not understood everywhere, in the order of the list."""
    out = []
    whole = skip_range.strip(SPACE) == "*"
    for entry in entries(skip_range):
        if entry.kind == "malformed":
            out.append(Problem(entry=entry, severity="malformed", words=entry.problem))
        elif entry.problem:
            out.append(Problem(entry=entry, severity="ineffective", words=entry.problem))
        elif deaf := _deaf(entry, whole):
            out.append(
                Problem(
                    entry=entry,
                    severity="uneven",
                    words=f"not understood by {', '.join(deaf)}",
                    dialects=deaf,
                )
            )
    return tuple(out)


def _deaf(entry: Entry, whole: bool) -> tuple[str, ...]:
    """The dialects in which the entry does not match what it plainly stands for."""
    if entry.text == "*" and not whole:
        return tuple(name for name, _ in _SAMPLED if name != "go")
    host, port = _sample(entry)
    return tuple(
        name for name, build in _SAMPLED if not build(entry.text)(host, port, "https").bypassed
    )


def _sample(entry: Entry) -> tuple[str, int | None]:
    """A host that the entry stands for; its port only in the way that most URLs spell it: not at
    all."""
    text = entry.text.lower()
    if (network := go_network(text)) is not None:
        return str(network.network_address), None
    try:
        host, port = split_host_port(text)
    except ValueError:
        return text, None
    host = ascii_name(host.removeprefix("*"))
    return ("a" + host if host.startswith(".") else host or "a"), None if port == 443 else port
