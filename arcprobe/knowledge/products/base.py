"""What a file of a product holds."""

from __future__ import annotations

from typing import Literal

import msgspec

from arcprobe.model import Code

Confidence = Literal["seen", "unproven"]
"""``seen``: in public captures, code or makers' documents; ``unproven``: general knowledge."""

Role = Literal["proxy", "resolver", "filter"]
"""What a product is on the way: a proxy, a name server, a filter of packets."""


class Issuer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names that a product writes as the issuer of the certificates that it forges.

    ``match``: any of the tables; in one table all attributes must match. An attribute (RFC 4514
    name, emailAddress, or ``any``) is a regular expression, case ignored, searched in the values of
    that attribute.
    """

    match: tuple[dict[str, str], ...]
    confidence: Confidence
    source: str


class Sign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a product leaves in an HTTP answer: a regular expression, case ignored, for the value of
    ``header`` (lower case), for the body, or for the reason phrase of the status line.

    ``proves`` False: servers on the Internet share the sign, or it is only general knowledge. It
    names the product once it is certain that something on the way answered, and is no evidence of
    that by itself.
    """

    header: str = ""
    pattern: str = "."  # of the header's value
    body: str = ""
    reason: str = ""
    proves: bool = True


class Lines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody pastes into a product.

    ``where``: the file or screen, and the place in it. ``apply``: the command that checks and loads
    it. ``lines``: blocks of text; what their fields stand for, and how often a block is written, is
    in ``lines.filled``. A comment stands on a line of its own, or in ``where``: not every product
    takes one behind a directive.

    ``source``: where their form is from, where that is not the product's ``form``.

    ``file``: where that file usually is. Then the lines stand between two comments that begin with
    ``comment`` and bear the name of the change, and what undoes them is a command that takes out
    what is between; else ``undo`` are blocks of commands, empty where a person has to.
    """

    where: str
    lines: tuple[str, ...]
    apply: str | None = None
    source: str = ""
    file: str = ""
    comment: str = "#"
    undo: tuple[str, ...] = ()


class Product(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a product. ``confidence`` and ``source`` are those of its answers and lines;
    ``form``: a page that has the form of its lines, and the product's version.

    ``lines``: what to change in it, in its own words, by code; a code in their place means that the
    lines of that one do. ``cannot``: why it has none, a key of [change.cannot], by the code that
    stands for the kind of change; ``role``: what it is, from which other reasons follow.
    ``remembers``: a key of [change.remembers], how long it holds a name for unknown that is healed.
    ``tried``: whether tests/netlab pastes them into the product itself.
    ``closing``: commands that take single hosts out of what the lines of a code did, for a product
    whose lines are commands.
    """

    name: str
    confidence: Confidence = "unproven"
    source: str = ""
    form: str = ""
    issuers: tuple[Issuer, ...] = ()
    answers: tuple[Sign, ...] = ()
    lines: dict[Code, Lines | Code] = {}
    cannot: dict[Code, str] = {}
    role: Role = "proxy"
    remembers: str = ""
    tried: bool = False
    closing: dict[Code, tuple[str, ...]] = {}


class Paste(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a product for the hosts of one cause. ``product``: the name of its file;
    ``tried``: whether they were tried on it; ``undo``: what takes them out again; ``clients``: whom
    alone they are for; empty: everybody."""

    product: str
    where: str
    lines: tuple[str, ...]
    apply: str | None
    undo: str | None = None
    clients: tuple[str, ...] = ()
    tried: bool = False


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A product that was recognised. ``proves``: the sign that named it proves that it was there;
    else it only names what is known to be there."""

    name: str
    confidence: Confidence
    source: str
    proves: bool = True
