"""The entries of a bypass list, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from arcprobe.model import Line, line
from arcprobe.no_proxy.addresses import (
    SPACE,
    ascii_name,
    parse_address,
    parse_network,
    strip_brackets,
)
from arcprobe.no_proxy.dialects import DIALECTS
from arcprobe.no_proxy.entry_forms import EntryKind, Meaning, read_entry

Severity = Literal["malformed", "ineffective", "uneven"]

_Host = tuple[str, int | None]

_HTTPS = 443
_CLUSTER_DOMAIN = ".cluster.local"  # of kubeadm and of every managed cluster, unless changed


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry between commas. ``position`` counts from 1."""

    text: str
    position: int
    meaning: Meaning

    @property
    def kind(self) -> EntryKind:
        """What it is."""
        return self.meaning.kind

    @property
    def problem(self) -> Line | None:
        """Why it is malformed, or why Go never matches it."""
        return self.meaning.problem

    @property
    def instead(self) -> tuple[str, ...]:
        """Entries that say what was meant, where that is certain enough to be offered."""
        return self.meaning.instead


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What ``lint`` says of one entry.

    ``severity``: ``malformed`` (no client takes it for what was meant), ``ineffective`` (Go, the
    agents' language, never matches it), ``uneven`` (right, but the clients in ``dialects`` do not
    understand it).
    """

    entry: Entry
    severity: Severity
    words: Line
    dialects: tuple[str, ...] = ()


def split_host_port(text: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port``, or bare IPv6, as host without brackets and port.
    ``ValueError`` for a bad port."""
    text = text.strip()
    if ":" not in text or parse_address(strip_brackets(text)) is not None:
        return strip_brackets(text), None
    host, _, port = text.rpartition(":")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        return text, None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise ValueError(f"not a port: {port[:20]!r}")
    return strip_brackets(host), int(port)


def entries(skip_range: str) -> tuple[Entry, ...]:
    """The entries as Go separates them. An empty one is reported only between two commas: at the
    ends it harms nobody."""
    tokens = [token.strip(SPACE) for token in skip_range.split(",")]
    plain = frozenset(token.lower() for token in tokens)
    found = []
    for position, text in enumerate(tokens, 1):
        if text:
            meaning = read_entry(text)
            if _is_deliberate(text.lower(), plain):
                meaning = Meaning(meaning.kind)
            found.append(Entry(text=text, position=position, meaning=meaning))
        elif 1 < position < len(tokens):
            nothing = Meaning("malformed", line("list.nothing"))
            found.append(Entry(text="", position=position, meaning=nothing))
    return tuple(found)


def _is_deliberate(text: str, plain: frozenset[str]) -> bool:
    """Whether a form that Go does not match is meant. The dot at the end: Flux asks for its own
    Services with one, and its documents want `.cluster.local.` in NO_PROXY (fluxcd/website #2555);
    another domain beside the same entry without the dot, or that of its Services. Brackets beside
    the same address without them: .NET and urllib compare with them."""
    bare = strip_brackets(text)
    if bare != text:
        return bare in plain
    undotted = text.removesuffix(".")
    if undotted == text or not undotted.startswith("."):
        return False
    beside = {undotted, f".svc{undotted}", f"svc{undotted}"}
    return not plain.isdisjoint(beside) or undotted.endswith(_CLUSTER_DOMAIN)


def is_needed(entry: Entry) -> bool:
    """Whether another client than Go goes direct by an entry, and would not by what Go needs in its
    place."""
    hosts = [_sample(text.lower()) for text in entry.instead]
    instead = ",".join(entry.instead)
    return any(
        _direct(name, entry.text, hosts) - _direct(name, instead, hosts) for name in DIALECTS
    )


def _direct(dialect: str, skip_range: str, hosts: Iterable[_Host]) -> set[_Host]:
    """Those of the hosts that a client goes direct to."""
    match = DIALECTS[dialect].matcher(skip_range)
    return {(host, port) for host, port in hosts if match(host, port, "https").bypassed}


def lint(skip_range: str) -> tuple[Problem, ...]:
    """What is wrong, useless or not understood everywhere, in the order of the list."""
    return tuple(_problems(skip_range))


def _problems(skip_range: str) -> Iterator[Problem]:
    is_everything = skip_range.strip(SPACE) == "*"
    for entry in entries(skip_range):
        if entry.problem is not None:
            kind: Severity = "malformed" if entry.kind == "malformed" else "ineffective"
            yield Problem(entry=entry, severity=kind, words=entry.problem)
        elif deaf := _deaf(entry, is_everything):
            words = line("list.deaf", dialects=deaf)
            yield Problem(entry=entry, severity="uneven", words=words, dialects=deaf)


def _deaf(entry: Entry, is_everything: bool) -> tuple[str, ...]:
    """The dialects in which the entry does not match what it plainly stands for."""
    if entry.text == "*" and not is_everything:
        return tuple(name for name in DIALECTS if name != "go")
    host, port = _sample(entry.text.lower())
    return tuple(
        name
        for name, dialect in DIALECTS.items()
        if not dialect.matcher(entry.text)(host, port, "https").bypassed
    )


def _sample(text: str) -> tuple[str, int | None]:
    """A host that an entry stands for; its port only in the way that most URLs spell it: not at
    all."""
    network = parse_network(text)
    if network is not None:
        return str(network.network_address), None
    try:
        host, port = split_host_port(text)
    except ValueError:
        return text, None
    host = ascii_name(host.removeprefix("*"))
    if not host or host.startswith("."):
        host = f"a{host}"
    return host, None if port == _HTTPS else port
