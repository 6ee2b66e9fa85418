"""What a judge says of one check: a code of the contract, its evidence, and what fills the words of
the code table."""

from __future__ import annotations

import msgspec

from arcprobe.model import Verdict


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A judge's word. ``verdict`` None: as the code table and ``Check.required`` have it; else it
    overrides.

    ``evidence``: lines for a person, each one fact seen on the wire, with its source where it is
    weak. ``fields``: values for the placeholders of the code's summary and remedy (``{host}``,
    ``{proxy}``, …), beside those that every check has (``host``, ``port``, ``target``, ``proxy``,
    ``route``). ``subject``: what is broken, where one code can have several roots (a proxy's URL,
    an issuer's name): causes group by it. ``product``: the product that is known from evidence, so
    that the remedy names its own directive. ``summary``, ``remedy``, ``owner``: override the
    table's words where the evidence allows better ones.
    """

    code: str
    evidence: tuple[str, ...] = ()
    verdict: Verdict | None = None
    fields: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    product: str = ""
    summary: str = ""
    remedy: str = ""
    owner: str = ""
