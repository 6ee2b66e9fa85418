"""What files of products share: templates of lines, and comments in allow lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from itertools import chain, product

import msgspec

from arcprobe.knowledge.language import language
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Value, line

HostPort = tuple[str, int]

LONGEST_NAME = 70
"""Characters of a host in the name of an object: FortiOS takes 79 for an address
(docs.fortinet.com, config firewall address), ``arcprobe `` among them. A longer name is refused."""

_FIELD = re.compile(
    r"\{(name|host|suffix|domain|escaped|regex|request_target|object|port|ports|ports_apart|hosts"
    r"|client|clients|network|address6?|addresses6?)\}"
)
_OF_A_HOST = re.compile(r"\{(host|suffix|domain|escaped|regex|request_target|object|address6?)\}")
_OF_CLIENTS = re.compile(r"\[\[(.*?)(?:\|\|(.*?))?\]\]", re.S)
_HOST = re.compile(r"[A-Za-z0-9*._:-]+")
_CLIENT = re.compile(r"[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?")
_EVERYBODY = ("0.0.0.0/0",)
_OF_A_PORT = frozenset({"port", "request_target"})
_OF_SIX = frozenset({"address6", "addresses6"})
_ONE_ADDRESS = frozenset({"address", "address6"})
_ADDRESSES = _OF_SIX | {"address", "addresses"}
_HTTP = 80  # what is asked without CONNECT
_DIGITS = 6  # of the digest in a name: two changes of one kind meet once in 16 million


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What lines are written for: hosts with their ports; the addresses or networks of the clients,
    where they are known; the addresses of hosts. ``named``: the targets that {name} is made of,
    where it is that of other lines."""

    targets: tuple[HostPort, ...]
    named: tuple[HostPort, ...] = ()
    clients: tuple[str, ...] = ()
    addresses: tuple[tuple[str, tuple[str, ...]], ...] = ()


def filled(blocks: Iterable[str], kind: str, asked: Asked) -> tuple[str, ...]:
    """The blocks as lines, for these hosts and ports; braces of other words belong to the product.

    A block that names a host ({host}; {suffix}: with a leading dot in place of ``*``; {domain}:
    without ``*.``; {escaped}, {regex}: for regular expressions; {request_target}: the same, with
    its port, as a proxy is asked (RFC 9112 section 3.2); {object}: a name made of it; {address},
    {address6}: each of its addresses of that IP version) is written once for each host, one with
    {port} once for each port, one with {client} or {network} (the same with a length of prefix)
    once for each client, else once for all. {hosts} are those of the port, {ports} all ports
    ({ports_apart}: apart by spaces, 443 before them), {clients} all clients, {addresses} and
    {addresses6} those of the hosts: without any the block is left out. ``[[a||b]]`` is a where
    clients are known, else b.
    {name} is the ``kind`` and a digest of the hosts and clients: no other change and nothing that
    an earlier one left bears it.
    """
    written = (written_blocks(block, kind, asked) for block in blocks)
    return tuple(chain.from_iterable(text.splitlines() for text in chain.from_iterable(written)))


def written_blocks(block: str, kind: str, asked: Asked) -> tuple[str, ...]:
    """One block, each time that it is written. Never where a client is no address or range, as in
    a report of strangers: without it the lines might be for everybody."""
    targets = _named_well(asked.targets)
    if not targets or not all(map(_CLIENT.fullmatch, asked.clients)):
        return ()
    name = change_name(kind, asked)
    block = _of_clients(block, bool(asked.clients))
    times = _times(block, targets, asked)
    return tuple(_filled(block, words | {"name": name}) for words in times)


def is_of_a_host(block: str) -> bool:
    """Whether a block is written for each host, not once for all."""
    return bool(_OF_A_HOST.search(block))


def _named_well(targets: Iterable[HostPort]) -> tuple[HostPort, ...]:
    """The targets, each once, without those whose names are no names."""
    return tuple(dict.fromkeys(pair for pair in targets if _HOST.fullmatch(pair[0])))


def _of_clients(block: str, are_known: bool) -> str:
    return _OF_CLIENTS.sub(lambda found: (found[1] if are_known else found[2]) or "", block)


def is_for_clients(blocks: Iterable[str]) -> bool:
    """Whether the blocks say whom they are for, where that is known."""
    return any(
        _OF_CLIENTS.search(block) or re.search("{(client|network)", block) for block in blocks
    )


def change_name(kind: str, asked: Asked) -> str:
    """What a change is called in the product: of the ``kind``, for these hosts, ports, clients."""
    from hashlib import sha256  # 3 ms, for who prints lines alone

    targets = _named_well(asked.named) or _named_well(asked.targets)
    words = (*sorted(f"{host}:{port}" for host, port in targets), *sorted(asked.clients))
    text = " ".join(words)
    word = kind.removeprefix("proxy-").replace("-", "_")
    return f"arcprobe_{word}_{sha256(text.encode()).hexdigest()[:_DIGITS]}"


def _times(block: str, targets: tuple[HostPort, ...], asked: Asked) -> Iterator[dict[str, str]]:
    """The words of each time that the block is written. One that names addresses is written for
    those of its family alone, and for clients of that family."""
    fields = {field[1] for field in _FIELD.finditer(block)}
    is_of_addresses = bool(fields & _ADDRESSES)
    for hosts, port in _groups(block, fields, targets):
        words = _words(hosts, port, targets) | {"clients": " ".join(asked.clients)}
        known = _addresses_of(hosts, asked, is_of_six=bool(fields & _OF_SIX))
        if is_of_addresses and not known:
            continue
        clients = asked.clients or _EVERYBODY if fields & {"client", "network"} else ("",)
        places = known if fields & _ONE_ADDRESS else ("",)
        for client, address in product(clients, places):
            if _is_one_family(client, address):
                yield words | _addressed(client, address, known)


def _addressed(client: str, address: str, known: Iterable[str]) -> dict[str, str]:
    every = " ".join(known)
    network = {"client": client, "network": _network(client)}
    return network | {
        "address": address,
        "address6": address,
        "addresses": every,
        "addresses6": every,
    }


def _addresses_of(hosts: Iterable[str], asked: Asked, *, is_of_six: bool) -> tuple[str, ...]:
    """Those of one IP version; what stands in the place of an address, a name, is of the fourth."""
    addresses = dict(asked.addresses)
    found = filter(_HOST.fullmatch, chain.from_iterable(addresses.get(host, ()) for host in hosts))
    return tuple(address for address in dict.fromkeys(found) if (":" in address) is is_of_six)


def _is_one_family(client: str, address: str) -> bool:
    return not client or not address or (":" in client) is (":" in address)


def _network(client: str) -> str:
    """An address as a network of one."""
    if not client or "/" in client:
        return client
    return f"{client}/128" if ":" in client else f"{client}/32"


def _groups(
    block: str, fields: Set[str], targets: Iterable[HostPort]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """The hosts and the port of each time that the block is written."""
    by_port: dict[int, list[str]] = {}
    for host, port in targets:
        by_port.setdefault(port if fields & _OF_A_PORT else 0, []).append(host)
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
    ports = tuple(dict.fromkeys(str(port) for _, port in asked))
    escaped = domain.replace(".", r"\.")
    regex = rf".*\.{escaped}" if host.startswith("*.") else escaped
    return {
        "host": host,
        "suffix": host.removeprefix("*"),
        "domain": domain,
        "escaped": escaped,
        "regex": regex,
        "request_target": f"http://{regex}(:80)?/.*" if port == _HTTP else f"{regex}:{port}",
        "object": f"arcprobe {host[:LONGEST_NAME]}",
        "port": str(port),
        "ports": ",".join(ports),
        "ports_apart": " ".join(dict.fromkeys(("443", *ports))),
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
    text = language().say(line(f"endpoints.product.{key}", **values))
    return [f"# {part}" for part in text.splitlines()]
