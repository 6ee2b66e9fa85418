"""The list of the products, and their files, each read once and only when asked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from arcprobe.knowledge.products.base import Issuer, Product, Sign
from arcprobe.knowledge.products.lines import filled
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Code

PRODUCTS = tuple(
    """
    squid mitmproxy zscaler netskope cato cloudflare_gateway fortigate palo_alto cisco_umbrella
    cisco_swa cisco broadcom_proxysg skyhigh forcepoint sophos watchguard barracuda iboss
    check_point aruba huawei unifi trend_micro kaspersky eset avast avg bitdefender charles
    fiddler burp zap smoothwall untangle contentkeeper lightspeed goguardian securly
    menlo_security akamai_etp tinyproxy haproxy apache 3proxy privoxy dante azure_firewall envoy
    nginx entra_internet_access
    """.split()
)
"""The names of the files, in the order in which an issuer is compared: the first match wins."""

ANSWERING = tuple(
    """
    squid tinyproxy haproxy apache 3proxy privoxy mitmproxy zscaler fortigate palo_alto
    broadcom_proxysg skyhigh cisco_swa forcepoint azure_firewall cisco_umbrella netskope cato
    cloudflare_gateway envoy nginx sophos watchguard check_point
    """.split()
)
"""Those that leave signs in HTTP answers, in the order in which an answer is compared."""

ALLOW_LISTS = {
    name.replace("_", ""): name for name in ("squid", "palo_alto", "fortigate", "zscaler")
}
"""Names of ``endpoints --format``, and the module that writes it: ``allow_list(selection)``."""

_SAME_LINE = {Code.GATEWAY_INSPECTED: Code.TLS_INTERCEPTED, Code.BLOCK_PAGE: Code.PROXY_DENIED}
"""Codes that call for the same line as another one."""


@cache
def product(name: str) -> Product:
    """What the file of that name in ``PRODUCTS`` says."""
    data = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(data), Product)


@cache
def _folder() -> Traversable:
    return files(__package__)  # fifty times this would cost more than the files


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


def directive(
    product_name: str, code: Code, *, host: str, port: int, hosts: Sequence[str] = ()
) -> str | None:
    """The line (or lines) to change in the product of that name for a code, filled in; None where
    none is known.

    ``hosts``: all hosts that the cause concerns, ``host`` among them; some products take a list,
    the others are told of ``host`` alone and need the same line again for each.
    """
    lines = _lines_by_name().get(product_name, {})
    template = lines.get(code) or lines.get(_SAME_LINE.get(code, code))
    if template is None:
        return None
    return filled(template, host, port, tuple(hosts) or (host,))


@cache
def _lines_by_name() -> dict[str, dict[Code, str]]:
    return {product(name).name: product(name).lines for name in PRODUCTS}


def allow_list(form: str, selection: Selection) -> str:
    """A selection of endpoints as rules of a product that allow exactly its hosts and ports.
    ``form``: one of ``ALLOW_LISTS``."""
    written: str = import_module(f"{__package__}.{ALLOW_LISTS[form]}").allow_list(selection)
    return written
