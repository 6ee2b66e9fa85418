"""Text that strangers sent, and names in their one spelling: printable lines, host:port, addresses,
domains, RFC 4514 names."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from arcprobe.model.redaction import STARS, redact

LONGEST_NAME = 8_192
"""Characters of a distinguished name that are read; real ones have some hundred."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


# -------------------------------------------------------------------------------- strangers' text


def printable(text: str | bytes, most: int | None = None, *, keep: str = "") -> str:
    r"""One line in which every character prints, of at most ``most`` characters.

    Controls, bidirectional overrides, zero-width characters and the like become escapes such as
    ``\x1b``, every blank a space; bytes that are no UTF-8 become escapes too. ``keep``: characters
    that stay as they are, such as a line feed.
    """
    if isinstance(text, bytes):
        text = text[: 4 * most + 4 if most is not None else None].decode(
            "utf-8", "backslashreplace"
        )
    if most is not None:
        text = text[: most + 1]
    if not (text.isascii() and text.isprintable()):
        text = "".join(each if each in keep else _escaped(each) for each in text)
    return text if most is None or len(text) <= most else text[: most - 1] + "…"


# Characters beyond what is kept: a secret that begins before the bound is known whole.
_MARGIN = 1_024


def heard(text: str | bytes, most: int, *, keep: str = "") -> str:
    """What a peer sent, without the secrets of this process, ``printable`` in ``most`` characters.

    This is the only door by which what peers sent becomes text.
    """
    if isinstance(text, bytes):
        text = text[: 4 * (most + _MARGIN)].decode("utf-8", "backslashreplace")
    return printable(redact(text[: most + _MARGIN]), most, keep=keep)


def one_line(text: str, most: int = 400) -> str:
    """Words of another program on one line: blanks and line feeds as one space; no user and
    password of a URL, no token, and no secret of this process."""
    flat = " ".join(text[: most * 8].split())
    return printable(without_credentials(redact(flat)), most)


# Users and passwords in URLs, also with blanks; tokens as HTTP, kubectl and login helpers write
# them (RFC 6750 section 2.1; RFC 7519: both parts begin with {" in Base64).
_USERINFO = re.compile(r"(?<=://)[^/@]{0,600}@")
_TOKENS = re.compile(
    r"\beyJ[\w-]+(?:\.[\w-]*){0,4}"
    r"|(?<=bearer )[\w.~+/=-]{6,}|(?<=basic )[\w+/=-]{8,}"
    r"|(?:(?<=token[=:])|(?<=secret[=:])|(?<=password[=:])|(?<=passwd[=:])) ?[^\s,;&]+",
    re.IGNORECASE,
)


def without_credentials(text: str) -> str:
    """A line with stars for what is a user, a password or a token by where it stands."""
    return _TOKENS.sub(STARS, _USERINFO.sub(f"{STARS}@", text))


def without_userinfo(text: str) -> str:
    """A text with stars for what stands before an @, in URLs and in entries of a list."""
    return re.sub(r"(?<![^\s,])[^\s,/@]+@", f"{STARS}@", _USERINFO.sub(f"{STARS}@", text))


_NAMED = {"\n": "\\n", "\r": "\\r", "\t": " "}


def _escaped(character: str) -> str:
    category = unicodedata.category(character)
    if character == " " or category[0] not in "CZ":
        return character
    if category == "Zs":
        return " "  # every other blank: harmless, but not told apart by eye
    if character in _NAMED:
        return _NAMED[character]
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


# ------------------------------------------------------------------------------ hosts and addresses


def host_port(host: str, port: int) -> str:
    """``host:port``, an IPv6 address in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_address(text: str) -> IPAddress | None:
    """The IP address that a text is, without brackets, port or zone; None for any other text."""
    if ":" not in text and not text[-1:].isdigit():
        return None  # a name: most texts that are asked are
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether a text is an IP address, without brackets, port or zone."""
    return parse_address(text) is not None


def registered_domain(host: str) -> str:
    """The last two labels of a name, in lower case: Azure's own domains are no public suffixes
    below that."""
    return ".".join(host.lower().rstrip(".").split(".")[-2:])


# ------------------------------------------------------------------------------- RFC 4514 names

# OIDs that cryptography's rfc4514_string leaves as numbers (RFC 2985 section 5.2.1), and other
# spellings of the same type.
_TYPES = {"1.2.840.113549.1.9.1": "EMAILADDRESS", "E": "EMAILADDRESS", "EMAIL": "EMAILADDRESS"}


@lru_cache(maxsize=1024)
def name_attributes(name: str) -> tuple[tuple[str, str], ...]:
    """Attribute types, in capitals, and values of a distinguished name as RFC 4514 writes it, in
    its order.

    What is malformed is left out, never an error.
    """
    return tuple(_attributes(name[:LONGEST_NAME]))


def attribute(name: str, kind: str) -> str:
    """The first value of an attribute (``CN``, ``O``) of an RFC 4514 name, unescaped; empty where
    there is none."""
    return next((value for found, value in name_attributes(name) if found == kind), "")


def _attributes(name: str) -> Iterator[tuple[str, str]]:
    # Section 3: a comma or plus sign ends an attribute unless it is escaped.
    for part in re.findall(r"(?:\\.|[^\\,+])+", name, re.DOTALL):
        kind, equals, value = part.partition("=")
        if equals:
            kind = kind.strip().upper()
            yield _TYPES.get(kind, kind), _unescaped(value.strip())


def _unescaped(value: str) -> str:
    # Section 2.4: a backslash before two hexadecimal digits is a byte of UTF-8, before
    # anything else that character.
    return re.sub(r"(?:\\[0-9a-fA-F]{2})+|\\.", _character, value, flags=re.DOTALL)


def _character(found: re.Match[str]) -> str:
    run = found[0]
    if re.fullmatch(r"(?:\\[0-9a-fA-F]{2})+", run):
        return bytes.fromhex(run.replace("\\", "")).decode("utf-8", "replace")
    return run[1:]
