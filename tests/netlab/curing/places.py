"""Where lines go: a function for each ``where`` of a product, that does with a server's files what
a person does who reads it. A ``where`` that no function stands for fails: nobody guesses."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from ..zone import INTERNET_DNS

Files = dict[str, str]
"""Texts of a server's files by their names; its command line is ``COMMAND``, its port ``PORT``."""

COMMAND = "command line"
PORT = "port"  # that clients use
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


def or_at_end(name: str, pattern: str) -> Place:
    """Above the first line that the pattern finds; at the end where it finds none."""

    def place(files: Files, lines: Lines) -> Files:
        is_there = _first(files[name], pattern) is not None
        return (above(name, pattern) if is_there else at_end(name))(files, lines)

    return place


def instead_of(name: str, pattern: str) -> Place:
    """In the place of the lines that the pattern finds; at the end where it finds none."""

    def place(files: Files, lines: Lines) -> Files:
        kept = [line for line in files[name].splitlines() if not re.search(pattern, line)]
        at = _first(files[name], pattern)
        text = _inserted("\n".join(kept), lines, len(kept) if at is None else at)
        return files | {name: text}

    return place


def above_in_squid(pattern: str) -> Place:
    """Above the first line that the pattern finds, in squid.conf or, where that comes first, in a
    file that it includes."""

    def place(files: Files, lines: Lines) -> Files:
        for name, line in _read_by_squid(files):
            if re.search(pattern, line):
                return above(name, pattern)(files, lines)
        raise ValueError(f"squid.conf has no line like {pattern}")

    return place


def _read_by_squid(files: Files) -> Iterator[tuple[str, str]]:
    """Each line in the order in which Squid reads it, and the file where it stands."""
    for line in files["squid.conf"].splitlines():
        word, _, path = line.partition(" ")
        if word != "include":
            yield "squid.conf", line
            continue
        for name in sorted(files):
            if fnmatch(name, PurePosixPath(path).name) and name != "squid.conf":
                yield from ((name, included) for included in files[name].splitlines())


def above_authentication(files: Files, lines: Lines) -> Files:
    """Above the first http_access line that uses an ACL of type proxy_auth."""
    text = "\n".join(line for _, line in _read_by_squid(files))
    names = re.findall(r"^acl (\S+) proxy_auth\b", text, re.M)
    asks = rf"^http_access \S+ .*!?\b({'|'.join(map(re.escape, names))})\b"
    return above_in_squid(asks)(files, lines)


_REFUSES = r"^ *http-request (deny|auth|return|redirect|reject|tarpit|silent-drop)\b"


def in_sections(files: Files, lines: Lines) -> Files:
    """Into each section of HAProxy that the clients' connections pass, above the first rule that
    refuses or answers."""
    sections = re.split(r"^(?=\S)", files["haproxy.cfg"], flags=re.M)
    entered = [each for each in sections if re.search(rf"^ *bind \S*:{files[PORT]}\b", each, re.M)]
    behind = set(re.findall(r"^ *(?:default|use)_backend (\S+)", "".join(entered), re.M))
    passed = [each for each in sections if each in entered or _title(each) in behind]
    refusing = [each for each in passed if re.search(_REFUSES, each, re.M)]
    if not refusing:
        raise ValueError("no section of haproxy.cfg refuses")
    written = (_above_refusal(each, lines) if each in refusing else each for each in sections)
    return files | {"haproxy.cfg": "".join(written)}


def _title(section: str) -> str:
    return [*section.split(), "", ""][1]


def _above_refusal(section: str, lines: Lines) -> str:
    return _inserted(section, lines, _first(section, _REFUSES) or 0)


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
    """Into nginx's location that proxies; with the headers of its server, where it has none of its
    own."""
    text = files["nginx.conf"]
    at = text.index("proxy_pass ")
    begin, end = text.rindex("{", 0, at), text.index("}", at)
    has_own = "proxy_set_header" in text[begin:end]
    above = [] if has_own else re.findall(r"proxy_set_header [^;]*;", text[:begin])
    return files | {"nginx.conf": "\n".join((text[:at], *above, *lines, text[at:]))}


_OF_NAMES = "^(address|local|server)=/"


def in_dnsmasq(then: Place) -> Place:
    """Into dnsmasq's configuration, and out of the files that it includes and its hosts files."""

    def place(files: Files, lines: Lines) -> Files:
        wanted = set(_NAME.findall("\n".join(lines)))
        for path in re.findall(r"^conf-file=(\S+)", files["dnsmasq.conf"], re.M):
            name = PurePosixPath(path).name
            files = files | {name: _less(files[name], _OF_NAMES, wanted)}
        named = re.findall(r"^addn-hosts=(\S+)", files["dnsmasq.conf"], re.M)
        for name in (PurePosixPath(path).name for path in named):
            rows = files[name].splitlines()
            kept = [row for row in rows if not _holds_one(row.split()[1:], wanted)]
            files = files | {name: "\n".join(kept) + "\n"}
        return then(files, lines)

    return place


def _holds_one(names: Iterable[str], wanted: set[str]) -> bool:
    """Whether one of the names is wanted, or below one that is."""
    return any(f".{name}".endswith(f".{each}") for name in names for each in wanted)


def above_refusal(files: Files, lines: Lines) -> Files:
    """Above the first rule of a packet filter that drops or rejects, else at the end of the chain
    whose policy drops."""
    text = files["nftables.conf"]
    at = _first(text, r"^\s+(?!type ).*\b(drop|reject)\b")
    if at is None:
        policy = _first(text, r"^\s+type filter .* policy drop;")
        rows = text.splitlines()
        at = next(row for row in range(policy or 0, len(rows)) if rows[row].strip() == "}")
    return files | {"nftables.conf": _inserted(text, lines, at)}


_LOCAL = "local-zone and local-data lines for these names"
_ELSEWHERE = "elsewhere, views among them, nor an rpz that answers for them"
_RESOLVER = "in the place of 192.0.2.53 put a resolver that knows Internet names"
_NAME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def without(name: str, directive: str) -> Place:
    """At the end of the file, which loses the directives of that kind that are about one of the
    names in the lines, or about all names."""

    def place(files: Files, lines: Lines) -> Files:
        wanted = set(_NAME.findall("\n".join(lines)))
        return at_end(name)(files | {name: _less(files[name], directive, wanted)}, lines)

    return place


def _less(text: str, directive: str, wanted: set[str]) -> str:
    kept = [
        line
        for line in text.splitlines()
        if not (directive and re.search(directive, line) and _is_about(line, wanted))
    ]
    return "".join(f"{line}\n" for line in kept)


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
    """Into BIND's first response policy zone, in the place of records for these names."""
    (first, *_) = re.findall(r'response-policy \{ zone "(\w+)"', files["named.conf"])
    return at_end(f"{first}.zone")(_without_policy(files, lines), lines)


def in_named_conf(files: Files, lines: Lines) -> Files:
    """Into BIND's configuration, without zones of its own for these names, and out of its response
    policy zone."""
    wanted = set(_NAME.findall("\n".join(lines)))
    rows = files["named.conf"].splitlines()
    kept = [row for row in rows if not _is_zone_of(row, wanted)]
    without = _without_policy(files | {"named.conf": "\n".join(kept)}, lines)
    if not any(row.startswith("view ") for row in rows):
        return forwarding("named.conf", "")(without, lines)
    filled = "\n".join(line.replace("192.0.2.53", INTERNET_DNS) for line in lines)
    in_each = re.sub(r"^};$", lambda _: f"{filled}\n}};", without["named.conf"], flags=re.M)
    return without | {"named.conf": in_each}


def _is_zone_of(row: str, wanted: set[str]) -> bool:
    named = re.match(r'\s*zone "([\w.-]+\.[\w.-]+)" \{ type primary', row)
    return named is not None and any(f".{each}".endswith(f".{named[1]}") for each in wanted)


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


_SQUID = "squid.conf, or the file that it includes"
_DNSMASQ = (
    "dnsmasq.conf, in the place of address, local and server lines for these names, there, in the "
    "files that it includes (conf-file, conf-dir) and in its hosts files (addn-hosts, /etc/hosts)"
)

PLACES: dict[str, Place] = {
    f"{_SQUID}, above the first http_access deny": above_in_squid("^http_access deny"),
    f"{_SQUID}, above the first http_access line that asks for proxy_auth": above_authentication,
    f"{_SQUID}, above the first ssl_bump": above_in_squid("^ssl_bump"),
    "squid.conf, Squid 5 or later, above the first http_upgrade_request_protocols": or_at_end(
        "squid.conf", "^http_upgrade_request_protocols"
    ),
    "squid.conf, below any other read_timeout": at_end("squid.conf"),
    "haproxy.cfg, in each section (frontend, listen, backend) that these connections pass, above "
    "the first http-request rule that refuses or answers (deny, auth, return, redirect, reject, "
    "tarpit, silent-drop); an allow ends the rules of its section: what these hosts need of them "
    "(do-resolve, set-dst, set-header) has to stand above it": in_sections,
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
    "named.conf, at its end (with views: in each view that these clients use), without a zone of "
    "your own for these names or for what they are "
    f"below, and without records for them in a response policy zone; {_RESOLVER}": in_named_conf,
    "the file of the first zone of response-policy, in the place of the records for these names; "
    "raise its serial": in_policy_zone,
    f"unbound.conf, at its end, without {_LOCAL} {_ELSEWHERE}; {_RESOLVER}": forwarding(
        "unbound.conf", "^ *(local-zone|local-data):"
    ),
    f"unbound.conf, at its end, without {_LOCAL} {_ELSEWHERE}": without(
        "unbound.conf", "^ *(local-zone|local-data):"
    ),
    f"{_DNSMASQ}; {_RESOLVER}": in_dnsmasq(forwarding("dnsmasq.conf", _OF_NAMES)),
    _DNSMASQ: in_dnsmasq(without("dnsmasq.conf", _OF_NAMES)),
    "the chain that forwards these packets (on the node itself: its output chain), above the rule "
    "that drops or rejects, else at its end, in a file that deletes this table before it defines "
    "it: nft -f adds to what is loaded, and flush ruleset takes away the tables of others; the "
    "addresses are those of this run, and they change": above_refusal,
    "the location that proxies, in the place of proxy_http_version and of these two headers; if it "
    "has no proxy_set_header yet, copy those of its server there too: they are no longer "
    "inherited": in_location,
    "the command line of mitmproxy, mitmdump or mitmweb": on_command_line,
}


def placed(where: str, files: Files, lines: Lines) -> Files:
    """The files with the lines where they belong. ``KeyError``: nobody knows the place;
    ``ValueError``: the files do not have it."""
    return PLACES[where](files, lines)
