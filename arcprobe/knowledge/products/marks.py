"""Recognises products by what they leave behind. Everything given comes from the network and is
bounded here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from arcprobe.knowledge.products.base import Found, Sign
from arcprobe.knowledge.products.registry import issuers, signs
from arcprobe.model.text import LONGEST_NAME, name_attributes

# More than any of the signs needs; a longer text loses its end.
LONGEST_VALUE = 4_096
LONGEST_BODY = 65_536
MOST_HEADERS = 200


def interceptor_of(issuer: str) -> Found | None:
    """The product whose name stands in ``issuer`` (RFC 4514), or None.

    To be asked only of a chain that does not end in a public root: some of these names belong to
    genuine authorities too. None says nothing against an interception: most enterprises sign with
    an authority of their own name.
    """
    values: dict[str, list[str]] = {"ANY": []}
    for kind, value in name_attributes(issuer[:LONGEST_NAME]):
        values.setdefault(kind, []).append(value)
        values["ANY"].append(value)
    for name, written in issuers():
        if any(_matches(table, values) for table in written.match):
            return Found(name=name, confidence=written.confidence, source=written.source)
    return None


def middlebox_of(
    headers: Iterable[tuple[str, str]], reason: str = "", body: str = ""
) -> Found | None:
    """The product that wrote this answer, by its headers, reason phrase and first bytes of body, or
    None. Signs that prove come first."""
    answer: dict[str, list[str]] = {}
    for name, value in islice(headers, MOST_HEADERS):
        answer.setdefault(name.lower(), []).append(value[:LONGEST_VALUE])
    for product, sign in signs():
        pattern, texts = _looks_at(sign, answer, reason[:LONGEST_VALUE], body[:LONGEST_BODY])
        if _is_found(pattern, texts):
            return Found(
                name=product.name,
                confidence=product.confidence if sign.proves else "unproven",
                source=product.source,
                proves=sign.proves,
            )
    return None


def _looks_at(
    sign: Sign, headers: dict[str, list[str]], reason: str, body: str
) -> tuple[str, Iterable[str]]:
    """The pattern of a sign, and the texts of an answer that it is searched in."""
    if sign.header:
        return sign.pattern, headers.get(sign.header, ())
    if sign.body:
        return sign.body, (body,)
    return sign.reason, (reason,)


def _matches(table: dict[str, str], values: dict[str, list[str]]) -> bool:
    return all(_is_found(pattern, values.get(kind.upper(), ())) for kind, pattern in table.items())


def _is_found(pattern: str, texts: Iterable[str]) -> bool:
    return any(text and re.search(pattern, text, re.IGNORECASE) for text in texts)
