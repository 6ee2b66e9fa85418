"""What files of products share: templates of lines, and comments in allow lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from arcprobe.knowledge.language import language
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Value, line

HostPort = tuple[str, int]

LONGEST_NAME = 70
"""Characters of a host in the name of an object: FortiOS takes 79 for an address
(docs.fortinet.com, config firewall address), ``arcprobe `` among them. A longer name is refused."""

_FIELD = re.compile(r"\{(name|host|suffix|domain|escaped|regex|object|port|ports|hosts)\}")
_OF_A_HOST = re.compile(r"\{(host|suffix|domain|escaped|regex|object)\}")
_HOST = re.compile(r"[A-Za-z0-9*._:-]+")
_DIGITS = 6  # of the digest in a name: two changes of one kind meet once in 16 million


def filled(blocks: Iterable[str], kind: str, targets: Iterable[HostPort]) -> tuple[str, ...]:
    """The blocks as lines, for these hosts and ports; braces of other words belong to the product.

    A block that names a host ({host}; {suffix}: with a leading dot in place of ``*``; {domain}:
    without ``*.``; {escaped}, {regex}: for regular expressions; {object}: a name made of it) is
    written once for each host, one with {port} once for each port, else once for all. {hosts} are
    those of the port, {ports} all ports. {name} is the ``kind`` and a digest of the hosts: no other
    change and nothing that an earlier one left bears it.
    """
    asked = tuple(dict.fromkeys(pair for pair in targets if _HOST.fullmatch(pair[0])))
    if not asked:
        return ()
    name = _name(kind, asked)
    lines: list[str] = []
    for block in blocks:
        for hosts, port in _times(block, asked):
            words = _words(hosts, port, asked) | {"name": name}
            lines += _filled(block, words).splitlines()
    return tuple(lines)


def _name(kind: str, asked: Iterable[HostPort]) -> str:
    text = " ".join(sorted(f"{host}:{port}" for host, port in asked))
    word = kind.removeprefix("proxy-").replace("-", "_")
    return f"arcprobe_{word}_{sha256(text.encode()).hexdigest()[:_DIGITS]}"


def _times(block: str, asked: Iterable[HostPort]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The hosts and the port of each time that the block is written."""
    fields = {field[1] for field in _FIELD.finditer(block)}
    by_port: dict[int, list[str]] = {}
    for host, port in asked:
        by_port.setdefault(port if "port" in fields else 0, []).append(host)
    for port, hosts in by_port.items():
        if not _OF_A_HOST.search(block):
            yield tuple(hosts), port
            continue
        short = fields & {"suffix", "domain"}
        for host in suffixes(hosts) if short else dict.fromkeys(hosts):
            yield (f"*{host}" if host.startswith(".") else host,), port


def _words(hosts: tuple[str, ...], port: int, asked: Iterable[HostPort]) -> dict[str, str]:
    host = hosts[0]
    domain = host.removeprefix("*.")
    escaped = domain.replace(".", r"\.")
    return {
        "host": host,
        "suffix": host.removeprefix("*"),
        "domain": domain,
        "escaped": escaped,
        "regex": rf".*\.{escaped}" if host.startswith("*.") else escaped,
        "object": f"arcprobe {host[:LONGEST_NAME]}",
        "port": str(port),
        "ports": ",".join(str(number) for number in dict.fromkeys(port for _, port in asked)),
        "hosts": " ".join(dict.fromkeys(hosts)),
    }


def _filled(block: str, words: dict[str, str]) -> str:
    # One pass, so that nothing in a host is taken for a field.
    return _FIELD.sub(lambda field: words[field[1]], block).strip("\n")


def suffixes(hosts: Iterable[str]) -> tuple[str, ...]:
    """Each host once, ``*.x`` as ``.x``, without those that such a suffix covers: Squid refuses a
    list that holds both."""
    names = tuple(dict.fromkeys(host.removeprefix("*") for host in hosts))
    dotted = tuple(name for name in names if name.startswith("."))
    return tuple(name for name in names if not _is_covered(name, dotted))


def _is_covered(name: str, dotted: tuple[str, ...]) -> bool:
    others = tuple(suffix for suffix in dotted if suffix != name)
    return f".{name}".endswith(others)


def heading(selection: Selection, key: str) -> list[str]:
    """The comment lines at the begin of an allow list: what it is a list of, and what to do."""
    return [f"# {selection.title}", *remark(key)]


def remark(key: str, **values: Value) -> list[str]:
    """A sentence of ``knowledge/texts``, as comment lines."""
    text = language().say(line(f"endpoints.{key}", **values))
    return [f"# {part}" for part in text.splitlines()]
