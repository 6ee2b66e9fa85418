"""Names of products that inspect or answer on the way, from what they leave behind; and the line to
change in each of them.

Pure apart from reading package data, once and only when asked. Everything given comes from the
network and is bounded here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

# Bounds on what is looked at: more than any of the signs needs.
LONGEST_ISSUER = 8_192
LONGEST_VALUE = 4_096
LONGEST_BODY = 65_536
MOST_HEADERS = 200

# Codes that call for the same line as another one.
SAME_LINE = {"gateway-inspected": "tls-intercepted", "block-page": "proxy-denied"}

# OIDs that `rfc4514_string` of cryptography leaves as numbers (RFC 2985 section 5.2.1), and other
# spellings of the same type.
_TYPES = {"1.2.840.113549.1.9.1": "EMAILADDRESS", "E": "EMAILADDRESS", "EMAIL": "EMAILADDRESS"}


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product. ``proves``: the sign that named it proves that it was there; else it only names
    what is known to be there."""

    name: str
    confidence: Literal["seen", "unproven"]
    source: str
    proves: bool = True


class _Interceptor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    confidence: Literal["seen", "unproven"]
    match: tuple[dict[str, str], ...]
    source: str


class _Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    header: str = ""
    pattern: str = "."
    body: str = ""
    reason: str = ""
    proves: bool = True


class _Middlebox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    confidence: Literal["seen", "unproven"]
    source: str
    signatures: tuple[_Signature, ...] = ()
    directives: dict[str, str] = {}


def _read(name: str) -> str:
    return (files("arcprobe.knowledge") / name).read_text(encoding="utf-8")


@cache
def _interceptors() -> tuple[_Interceptor, ...]:
    return msgspec.convert(
        tomllib.loads(_read("interceptors.toml"))["interceptor"], tuple[_Interceptor, ...]
    )


@cache
def _middleboxes() -> tuple[_Middlebox, ...]:
    return msgspec.convert(
        tomllib.loads(_read("middleboxes.toml"))["middlebox"], tuple[_Middlebox, ...]
    )


def interceptor_of(issuer: str) -> Product | None:
    """The product whose name stands in ``issuer`` (RFC 4514), or None.

    To be asked only of a chain that does not end in a public root: some of these names belong to
    genuine authorities too. None says nothing against an interception: most enterprises sign with
    an authority of their own name.
    """
    values = _attributes(issuer[:LONGEST_ISSUER])
    for product in _interceptors():
        if any(_matches(alternative, values) for alternative in product.match):
            return Product(name=product.name, confidence=product.confidence, source=product.source)
    return None


def middlebox_of(
    headers: Iterable[tuple[str, str]], reason: str = "", body: str = ""
) -> Product | None:
    """The product that wrote this answer, by its headers, reason phrase and first bytes of body, or
    None.

    ``Product.proves`` False: the sign is shared with servers on the Internet; it names the product
    only where it is certain for another reason that something on the way answered (as with the
    answer to CONNECT).
    """
    seen: dict[str, list[str]] = {}
    for number, (name, value) in enumerate(headers):
        if number >= MOST_HEADERS:
            break
        seen.setdefault(name.lower(), []).append(value[:LONGEST_VALUE])
    for proves in (True, False):
        for product in _middleboxes():
            for sign in product.signatures:
                if sign.proves == proves and _shows(
                    sign, seen, reason[:LONGEST_VALUE], body[:LONGEST_BODY]
                ):
                    confidence = product.confidence if proves else "unproven"
                    return Product(
                        name=product.name,
                        confidence=confidence,
                        source=product.source,
                        proves=proves,
                    )
    return None


def directive(
    product_name: str, code: str, *, host: str, port: int, hosts: Sequence[str] = ()
) -> str | None:
    """The line (or lines) to change in the product for a code of the contract, filled in; None
    where none is known.

    ``hosts``: all hosts that the cause concerns, ``host`` among them; some products take a list,
    the others are told of ``host`` alone and need the same line again for each.
    """
    for product in _middleboxes():
        if product.name == product_name:
            template = product.directives.get(code) or product.directives.get(
                SAME_LINE.get(code, "")
            )
            return _filled(template, host, port, tuple(hosts) or (host,)) if template else None
    return None


def suffixes(hosts: Iterable[str]) -> tuple[str, ...]:
    """Each host once, ``*.x`` as ``.x``, without those that such a suffix covers: Squid refuses a
    list that holds both."""
    names = tuple(dict.fromkeys(host.removeprefix("*") for host in hosts))
    dotted = tuple(name for name in names if name.startswith("."))
    return tuple(
        name
        for name in names
        if not any(name != suffix and f".{name}".endswith(suffix) for suffix in dotted)
    )


def product_names() -> tuple[str, ...]:
    """The names of all products that have lines to change, in the order of the data."""
    return tuple(product.name for product in _middleboxes() if product.directives)


def _filled(template: str, host: str, port: int, hosts: tuple[str, ...]) -> str:
    # One pass, so that nothing in a host is taken for a placeholder; other braces belong to
    # the product's own syntax.
    words = {
        "host": host,
        "port": str(port),
        "suffix": host.removeprefix("*"),
        "domain": host.removeprefix("*."),
        "regex": re.escape(host).replace(r"\*\.", r".*\."),
        "hosts": " ".join(dict.fromkeys(hosts)),
        "suffixes": " ".join(suffixes(hosts)),
    }
    filled = re.sub(
        r"\{(host|port|suffix|domain|regex|hosts|suffixes)\}",
        lambda found: words[found[1]],
        template,
    )
    return filled.strip("\n")


def _shows(sign: _Signature, headers: dict[str, list[str]], reason: str, body: str) -> bool:
    if sign.header:
        return any(_found(sign.pattern, value) for value in headers.get(sign.header, ()))
    if sign.body:
        return bool(body) and _found(sign.body, body)
    return bool(reason) and _found(sign.reason, reason)


def _matches(alternative: dict[str, str], values: dict[str, list[str]]) -> bool:
    for name, pattern in alternative.items():
        among = (
            [value for each in values.values() for value in each]
            if name == "any"
            else values.get(name.upper(), [])
        )
        if not any(_found(pattern, value) for value in among):
            return False
    return True


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _attributes(name: str) -> dict[str, list[str]]:
    """The values of an RFC 4514 string by attribute type, in capitals. What is malformed is left
    out, never an error."""
    values: dict[str, list[str]] = {}
    # Section 3: a comma or plus sign ends an attribute unless it is escaped.
    for part in re.findall(r"(?:\\.|[^\\,+])+", name, re.DOTALL):
        kind, equals, value = part.partition("=")
        if equals:
            kind = kind.strip().upper()
            values.setdefault(_TYPES.get(kind, kind), []).append(
                _unescaped(value.strip())[:LONGEST_VALUE]
            )
    return values


def _unescaped(value: str) -> str:
    # Section 2.4: a backslash before two hexadecimal digits is a byte of UTF-8, before
    # anything else that character.
    def one(found: re.Match[str]) -> str:
        run = found[0]
        if re.fullmatch(r"(?:\\[0-9a-fA-F]{2})+", run):
            return bytes.fromhex(run.replace("\\", "")).decode("utf-8", "replace")
        return run[1:]

    return re.sub(r"(?:\\[0-9a-fA-F]{2})+|\\.", one, value, flags=re.DOTALL)
