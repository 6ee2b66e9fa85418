"""Where lines go: a function for each ``where`` of a product, that does with a server's files what
a person does who reads it. A ``where`` that no function stands for fails: nobody guesses."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable

from ..zone import INTERNET_DNS

Files = dict[str, str]
"""Texts of a server's files by their names; its command line is ``COMMAND``."""

COMMAND = "command line"
Lines = tuple[str, ...]
Place = Callable[[Files, Lines], Files]


def _inserted(text: str, lines: Iterable[str], at: int) -> str:
    old = text.splitlines()
    return "\n".join((*old[:at], *lines, *old[at:])) + "\n"


def _first(text: str, pattern: str) -> int | None:
    lines = enumerate(text.splitlines())
    return next((at for at, line in lines if re.search(pattern, line)), None)


def above(name: str, pattern: str) -> Place:
    """Above the first line that the pattern finds."""

    def place(files: Files, lines: Lines) -> Files:
        at = _first(files[name], pattern)
        if at is None:
            raise ValueError(f"{name} has no line like {pattern}")
        return files | {name: _inserted(files[name], lines, at)}

    return place


def at_end(name: str) -> Place:
    """Below everything else."""

    def place(files: Files, lines: Lines) -> Files:
        return files | {name: _inserted(files[name], lines, len(files[name].splitlines()))}

    return place


def instead_of(name: str, pattern: str) -> Place:
    """In the place of the lines that the pattern finds; at the end where it finds none."""

    def place(files: Files, lines: Lines) -> Files:
        kept = [line for line in files[name].splitlines() if not re.search(pattern, line)]
        at = _first(files[name], pattern)
        text = _inserted("\n".join(kept), lines, len(kept) if at is None else at)
        return files | {name: text}

    return place


def above_authentication(files: Files, lines: Lines) -> Files:
    """Above the first http_access line that uses an ACL of type proxy_auth."""
    text = files["squid.conf"]
    names = re.findall(r"^acl (\S+) proxy_auth\b", text, re.M)
    asks = rf"^http_access \S+ .*!?\b({'|'.join(map(re.escape, names))})\b"
    return above("squid.conf", asks)(files, lines)


def without_blocks(files: Files, lines: Lines) -> Files:
    """Below the ``<Proxy>`` sections of Apache; what ProxyBlock names and the new sections hold is
    taken out of it."""
    wanted = " ".join(lines).replace("\\", "")
    kept: list[str] = []
    for line in files["httpd.conf"].splitlines():
        word, _, blocked = line.partition(" ")
        if word != "ProxyBlock":
            kept.append(line)
            continue
        left = [name for name in blocked.split() if name not in wanted]
        kept += [f"ProxyBlock {' '.join(left)}"] if left else []
    return at_end("httpd.conf")(files | {"httpd.conf": "\n".join(kept)}, lines)


def in_filter(files: Files, lines: Lines) -> Files:
    """Into tinyproxy's filter where it allows; where it denies, what matches is taken out."""
    if re.search(r"^FilterDefaultDeny\s+(Yes|On)", files["tinyproxy.conf"], re.M | re.I):
        return at_end("filter")(files, lines)
    hosts = [re.sub(r"[\\^$()?]|\.\*", "", line) for line in lines]
    kept = [
        rule
        for rule in files["filter"].splitlines()
        if not any(re.search(rule, host.lstrip(".")) for host in hosts)
    ]
    return files | {"filter": "".join(f"{rule}\n" for rule in kept)}


def on_command_line(files: Files, lines: Lines) -> Files:
    """More arguments for a program that is started anew."""
    return files | {
        COMMAND: shlex.join([*shlex.split(files[COMMAND]), *shlex.split(" ".join(lines))])
    }


def in_location(files: Files, lines: Lines) -> Files:
    """Into nginx's location that proxies."""
    text = files["nginx.conf"]
    at = text.index("proxy_pass ")
    return files | {"nginx.conf": "".join((text[:at], "\n".join(lines), "\n", text[at:]))}


_LOCAL = "local-zone and local-data lines for these names"
_RESOLVER = "in the place of 192.0.2.53 put a resolver that knows Internet names"
_NAME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def without(name: str, directive: str) -> Place:
    """At the end of the file, which loses the directives of that kind that are about one of the
    names in the lines, or about all names."""

    def place(files: Files, lines: Lines) -> Files:
        wanted = set(_NAME.findall("\n".join(lines)))
        kept = [
            line
            for line in files[name].splitlines()
            if not (directive and re.search(directive, line) and _is_about(line, wanted))
        ]
        return at_end(name)(files | {name: "\n".join(kept)}, lines)

    return place


def _is_about(line: str, wanted: set[str]) -> bool:
    named = _NAME.search(line)
    return named is None or any(f".{each}".endswith(f".{named[0]}") for each in wanted)


def forwarding(name: str, directive: str) -> Place:
    """The same, with the address of the lab's own resolver that knows Internet names."""

    def place(files: Files, lines: Lines) -> Files:
        filled = tuple(line.replace("192.0.2.53", INTERNET_DNS) for line in lines)
        return without(name, directive)(files, filled)

    return place


def in_policy_zone(files: Files, lines: Lines) -> Files:
    """Into BIND's response policy zone, in the place of records for these names."""
    return at_end("rpz.zone")(_without_policy(files, lines), lines)


def in_named_conf(files: Files, lines: Lines) -> Files:
    """Into BIND's configuration, and out of its response policy zone."""
    return forwarding("named.conf", "")(_without_policy(files, lines), lines)


def _without_policy(files: Files, lines: Lines) -> Files:
    """The response policy zone without records for these names or for all, its serial raised."""
    if "rpz.zone" not in files:
        return files
    wanted = set(_NAME.findall("\n".join(lines)))
    kept = [line for line in files["rpz.zone"].splitlines() if not _names_one(line, wanted)]
    text = "\n".join(kept).replace("root.localhost. 1 ", "root.localhost. 2 ")
    return files | {"rpz.zone": text}


def _names_one(line: str, wanted: set[str]) -> bool:
    name = (line.split() or [""])[0].removeprefix("*.").rstrip(".")
    return any(f".{each}".endswith(f".{name}") for each in wanted) and not line.startswith("$")


PLACES: dict[str, Place] = {
    "squid.conf, above the first http_access deny": above("squid.conf", "^http_access deny"),
    "squid.conf, above the first http_access line that asks for proxy_auth": above_authentication,
    "squid.conf, above the first ssl_bump": above("squid.conf", "^ssl_bump"),
    "squid.conf, Squid 5 or later": at_end("squid.conf"),
    "squid.conf, in the place of read_timeout": instead_of("squid.conf", "^read_timeout"),
    "haproxy.cfg, in the frontend, above the first http-request deny": above(
        "haproxy.cfg", "^ *http-request deny"
    ),
    "haproxy.cfg, in defaults, in the place of timeout tunnel": instead_of(
        "haproxy.cfg", "^ *timeout tunnel"
    ),
    "the proxy's virtual host, below its own <Proxy> sections; and take out of ProxyBlock every "
    "word that one of these names contains": without_blocks,
    "beside ProxyRequests On": above("httpd.conf", "^ProxyRequests On"),
    "the file that Filter names, with FilterDefaultDeny Yes; with No these lines would deny: take "
    "out those that match": in_filter,
    "tinyproxy.conf": at_end("tinyproxy.conf"),
    "sockd.conf, above the first socks block": above("danted.conf", "^socks (block|pass)"),
    "named.conf, at its end, without records for these names in a response policy zone; "
    f"{_RESOLVER}": in_named_conf,
    "the file of the response policy zone, in the place of the records for these names; raise its "
    "serial": in_policy_zone,
    f"unbound.conf, at its end, without {_LOCAL} elsewhere; {_RESOLVER}": forwarding(
        "unbound.conf", "^ *(local-zone|local-data):"
    ),
    f"unbound.conf, at its end, without {_LOCAL} elsewhere": without(
        "unbound.conf", "^ *(local-zone|local-data):"
    ),
    f"dnsmasq.conf, in the place of address, local and server lines for these names; {_RESOLVER}": (
        forwarding("dnsmasq.conf", "^(address|local|server)=/")
    ),
    "dnsmasq.conf, in the place of address, local and server lines for these names": without(
        "dnsmasq.conf", "^(address|local|server)=/"
    ),
    "the chain that forwards these packets (on the node itself: its output chain), above the rule "
    "that drops or rejects; the addresses are those of this run, and they change": above(
        "nftables.conf", r"\b(drop|reject)\b"
    ),
    "the location that proxies, in the place of proxy_http_version and of these two headers": (
        in_location
    ),
    "the command line of mitmproxy, mitmdump or mitmweb": on_command_line,
}


def placed(where: str, files: Files, lines: Lines) -> Files:
    """The files with the lines where they belong. ``KeyError``: nobody knows the place;
    ``ValueError``: the files do not have it."""
    return PLACES[where](files, lines)
