"""A selection of endpoints as the rules of a product: the lines that a cause of `check` gives, for
all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.product_names import PRODUCTS
from arcprobe.knowledge.products.base import Lines
from arcprobe.knowledge.products.lines import Asked, heading, remark
from arcprobe.knowledge.products.registry import product, written
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Code

_OPENS = (Code.PROXY_DENIED, Code.NAME_UNKNOWN, Code.TARGET_SILENT)
"""Codes whose lines open all endpoints: in a proxy, in a name server, in a firewall."""

_PLAIN_PORTS = (80, 443)


def _every(row: Endpoint) -> bool:
    return True


def _has_odd_port(row: Endpoint) -> bool:
    return row.port not in _PLAIN_PORTS


def _is_encrypted(row: Endpoint) -> bool:
    return row.protocol != "http"


def _is_upgraded(row: Endpoint) -> bool:
    return row.protocol == "wss"


_SECTIONS: tuple[tuple[Code, Callable[[Endpoint], bool], bool], ...] = (
    *((code, _every, False) for code in _OPENS),
    (Code.PROXY_PORT_DENIED, _has_odd_port, False),
    (Code.TLS_INTERCEPTED, _is_encrypted, True),
    (Code.WEBSOCKET_STRIPPED, _is_upgraded, True),
)
"""Codes in order, the endpoints that each is about, and whether its lines are an error in a product
that does not inspect: they stand as a comment."""


def allows_names(name: str) -> bool:
    """Whether the product of that file judges by names. By addresses, which hosts of Azure share,
    closing one would close others."""
    return _opening(name) is not Code.TARGET_SILENT


def _opening(name: str) -> Code | None:
    return next((code for code in _OPENS if code in product(name).lines), None)


def allow_lists() -> dict[str, str]:
    """Names of ``endpoints --format``, and the file of the product."""
    return {name.replace("_", ""): name for name in PRODUCTS if _opening(name)}


def allow_list(form: str, selection: Selection) -> str:
    """A selection of endpoints as lines of a product that allow exactly its hosts and ports.
    ``form``: one of ``allow_lists``."""
    name = allow_lists()[form]
    rules = heading(selection, "only")
    for section in sections(name, selection):
        pasted = written(name, section.code, section.asked)
        if pasted is None:
            continue
        rules += [f"# {line}" for line in pasted.where.splitlines()]
        rules += [f"# {line}" if section.is_comment else line for line in pasted.lines]
        rules += remark("apply", command=pasted.apply) if pasted.apply else []
    return "\n".join(rules)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an allow list: the code whose lines it is, what they are written for, and whether
    they stand there as a comment."""

    code: Code
    asked: Asked
    is_comment: bool


def sections(name: str, selection: Selection) -> Iterator[Section]:
    """The parts of the list of the product of that file, in their order."""
    opening, lines = _opening(name), product(name).lines
    for code, is_meant, is_comment in _SECTIONS:
        is_own = code not in _OPENS and isinstance(lines.get(code), Lines)
        if code is not opening and not is_own:
            continue
        rows = [row for row in selection.endpoints if is_meant(row)]
        targets = tuple((row.host, row.port) for row in rows)
        asked = Asked(targets=targets, clients=selection.clients, addresses=_named(rows))
        yield Section(code=code, asked=asked, is_comment=is_comment)


def _named(rows: Iterable[Endpoint]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """In the place of addresses, which nobody asked for: names, where they are no patterns."""
    return tuple((row.host, (row.host,)) for row in rows if not row.host.startswith("*"))
