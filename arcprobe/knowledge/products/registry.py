"""The list of the products, and their files, each read once and only when asked."""

from __future__ import annotations

from functools import cache

import msgspec

from arcprobe.knowledge import tables
from arcprobe.knowledge.product_names import PRODUCTS
from arcprobe.knowledge.products.base import Issuer, Lines, Paste, Product, Role, Sign
from arcprobe.knowledge.products.lines import Asked, change_name, filled, is_for_clients
from arcprobe.model import Code

ANSWERING = tuple(
    """
    squid tinyproxy haproxy apache 3proxy privoxy mitmproxy zscaler fortigate palo_alto
    broadcom_proxysg skyhigh cisco_swa forcepoint azure_firewall cisco_umbrella netskope cato
    cloudflare_gateway envoy nginx sophos watchguard check_point
    forefront_tmg
    traffic_server
    """.split()
)
"""Those that leave signs in HTTP answers, in the order in which an answer is compared."""

_SAME_LINE = {Code.GATEWAY_INSPECTED: Code.TLS_INTERCEPTED, Code.BLOCK_PAGE: Code.PROXY_DENIED}
"""Codes that call for the same line as another one."""

KINDS = (
    Code.PROXY_DENIED,
    Code.PROXY_PORT_DENIED,
    Code.TLS_INTERCEPTED,
    Code.WEBSOCKET_STRIPPED,
    Code.PROXY_AUTH_REQUIRED,
    Code.NAME_UNKNOWN,
)
"""Codes that stand for the kinds of change: allow names, allow a port, exempt from inspection, let
WebSockets pass, exempt from authentication, forward names."""

_OF_A_KIND = {
    Code.GATEWAY_INSPECTED: Code.TLS_INTERCEPTED,
    Code.BLOCK_PAGE: Code.PROXY_DENIED,
    Code.PROXY_REDIRECTS: Code.PROXY_DENIED,
    Code.ANSWER_REDIRECTED: Code.PROXY_DENIED,
    Code.PROXY_AUTH_UNSUPPORTED: Code.PROXY_AUTH_REQUIRED,
    Code.NAME_EMPTY: Code.NAME_UNKNOWN,
    Code.NAME_SINKHOLED: Code.NAME_UNKNOWN,
    Code.PROXY_CANNOT_RESOLVE: Code.NAME_UNKNOWN,
}
"""Codes whose change is of such a kind."""

_OF_A_CONNECTION = KINDS[:-1]
_BY_ROLE: dict[Role, dict[Code, str]] = {
    "proxy": {Code.NAME_UNKNOWN: "forwards-no-names"},
    "resolver": dict.fromkeys(_OF_A_CONNECTION, "sees-no-connections"),
    "filter": dict.fromkeys(KINDS, "sees-no-requests"),
}
"""What a product cannot, by what it is."""


@cache
def product(name: str) -> Product:
    """What the file of that name in ``PRODUCTS`` says."""
    return msgspec.convert(tables.read(f"products/{name}"), Product)


@cache
def issuers() -> tuple[tuple[str, Issuer], ...]:
    """What products write as issuers, with their names, in the order to compare."""
    pairs: list[tuple[str, Issuer]] = []
    for known in map(product, PRODUCTS):
        pairs += [(known.name, written) for written in known.issuers]
    return tuple(pairs)


@cache
def signs() -> tuple[tuple[Product, Sign], ...]:
    """Products with each of their signs in answers, in the order to compare: what proves first."""
    pairs: list[tuple[Product, Sign]] = []
    for known in map(product, ANSWERING):
        pairs += [(known, sign) for sign in known.answers]
    return tuple(sorted(pairs, key=lambda pair: not pair[1].proves))


def paste(product_name: str, code: Code, asked: Asked) -> Paste | None:
    """What to paste into the product of that name for a code, for all these hosts and ports; None
    where nothing is known."""
    file = _files_by_name().get(product_name)
    return None if file is None else written(file, code, asked)


def written(file: str, code: Code, asked: Asked) -> Paste | None:
    """The same for the product of that file."""
    known = product(file).lines
    kind = code if code in known else _SAME_LINE.get(code, code)
    found = known.get(kind)
    if isinstance(found, Code):
        kind, found = found, known[found]
    lines = filled(found.lines, kind, asked) if isinstance(found, Lines) else ()
    if not isinstance(found, Lines) or not lines:
        return None
    name = change_name(kind, asked)
    return Paste(
        product=file,
        where=found.where,
        lines=_between(found, name, lines),
        apply=found.apply,
        undo=_undo(found, name, filled(found.undo, kind, asked)),
        clients=asked.clients if is_for_clients(found.lines) else (),
        tried=product(file).tried,
    )


def _between(found: Lines, name: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines between the comments by which they are found again."""
    if not found.file:
        return lines
    begin, end = (f"{found.comment} {name} {word}" for word in ("begin", "end"))
    return (begin, *lines, end)


_DEPTH = 3  # parts of the path of a program's folder: /etc/squid


def _undo(found: Lines, name: str, commands: tuple[str, ...]) -> str | None:
    """The command that takes them out, and loads what is left."""
    if not found.file:
        return "\n".join(commands) or None
    where = f"/{name} begin/,/{name} end/d"
    folder = "/".join(found.file.split("/")[:_DEPTH])
    cut = f"sed -i '{where}' {found.file}"
    if folder != found.file:  # the lines may stand in a file that this one includes
        files = f"grep -RlF '{name} begin' {folder}"
        cut = f"{files} | xargs -r sed -i --follow-symlinks '{where}'"
    return f"{cut} && {found.apply}" if found.apply else cut


def why_not(product_name: str, code: Code) -> str:
    """The key of [change.cannot] that says why the product of that name has no lines for a code;
    empty where nobody knows."""
    file = _files_by_name().get(product_name)
    if file is None:
        return ""
    kind, known = _OF_A_KIND.get(code, code), product(file)
    return known.cannot.get(kind) or _BY_ROLE[known.role].get(kind, "")


def memory_of(product_name: str) -> str:
    """The key of [change.remembers] for the product of that name; empty where there is none."""
    file = _files_by_name().get(product_name)
    return product(file).remembers if file else ""


@cache
def has_lines(code: Code) -> bool:
    """Whether any product has lines for a code."""
    return any(_SAME_LINE.get(code, code) in product(name).lines for name in PRODUCTS)


def name_of(file: str) -> str:
    """What the product of that file is called."""
    return product(file).name


@cache
def _files_by_name() -> dict[str, str]:
    return {product(name).name: name for name in PRODUCTS}


def label(product_name: str, where: str) -> str:
    """What stands above the lines: never on the same line as one of them."""
    return f"{product_name} ({where}):"
