"""What follows: verdicts, findings, causes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from arcprobe.model.asked import Check, Kind, Route
from arcprobe.model.codes import Code
from arcprobe.model.noun import Noun


class Layer(StrEnum):
    """A rung of the way, lowest first: the order in which causes are reported."""

    RUN = "run"
    CLUSTER = "cluster"
    DNS = "dns"
    PROXY = "proxy"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    WEBSOCKET = "websocket"
    GATEWAY = "gateway"
    DISCOVERY = "discovery"
    SKIP_RANGE = "skip-range"


class Verdict(StrEnum):
    """``skip`` always has a reason; ``error`` means that arcprobe itself failed. In order of
    severity."""

    SKIP = "skip"
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"

    @property
    def severity(self) -> int:
        """The higher, the graver."""
        return _SEVERITY[self]

    @property
    def needs_action(self) -> bool:
        """Whether somebody has to do something about it."""
        return self in (Verdict.WARN, Verdict.FAIL, Verdict.ERROR)

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """The gravest of them; ``skip`` when there is none."""
        return max(verdicts, key=_SEVERITY.__getitem__, default=cls.SKIP)


_SEVERITY = {verdict: number for number, verdict in enumerate(Verdict)}


class Owner(StrEnum):
    """Who must act."""

    NOBODY = ""
    PROXY = "proxy"
    FIREWALL = "firewall"
    DNS = "dns"
    PKI = "pki"
    CLUSTER = "cluster"
    AZURE = "azure"
    YOU = "you"  # the settings of this run


class SkipReason(StrEnum):
    """Why a check has no verdict of its own."""

    FILTERED = "filtered"  # left out by --only or --skip
    NOT_ASKED = "not-asked"
    UNNEEDED = "unneeded"  # the settings leave nothing to ask: no proxy, so nothing to bypass
    PROXY_BROKEN = "proxy-broken"  # the proxy lets nothing through
    NAME_BROKEN = "name-broken"  # the name does not resolve to what was meant
    NO_TLS = "no-tls"  # the connection did not lead as far as TLS
    OTHER_SERVER = "other-server"  # another server answered, as its certificate says
    PAGE_CERTIFICATE = "page-certificate"  # the proxy forged it only to show its error page
    TOLD_BY_OTHERS = "told-by-others"  # the checks that it is judged from say what is wrong
    GATEWAY_URL = "gateway-url"  # --gateway-url names no gateway
    NO_ANSWER = "no-answer"  # what would name the hosts gave no answer of its own
    NO_PUBLIC_SOURCE = "no-public-source"  # no public source names the hosts behind a wildcard
    COMPARISON = "comparison"  # asked only to tell what the proxy adds
    MERGED = "merged"  # is asked when reports are merged


Value: TypeAlias = "str | int | float | Line | tuple[Value, ...]"
"""What fills a placeholder. A ``Line`` is put into words first; several are joined with commas."""


class Line(Noun, frozen=True, kw_only=True):
    """A sentence for people by its key in ``knowledge/texts``, and what fills its placeholders."""

    key: str
    values: tuple[tuple[str, Any], ...] = ()


def line(key: str, **values: Value) -> Line:
    """The sentence ``key`` with these values."""
    return Line(key=key, values=tuple(values.items()))


class Skip(Noun, frozen=True, kw_only=True):
    """Why a check has no verdict; ``cause``: the number, from 1, of the cause that it waits for."""

    reason: SkipReason  #: the closed word for it
    cause: int | None = None  #: number, from 1, of the cause that it waits for


class Judgement(Noun, frozen=True, kw_only=True):
    """What a judge says of one check.

    ``verdict`` None: as the code table and ``Check.required`` have it; else it overrides.
    ``evidence``: each one fact seen on the wire. ``values`` fill the sentences of the code, beside
    those that every check has (host, port, target, proxy, route). ``subject``: what is broken,
    where one code can have several roots (a proxy's URL, an issuer's name): causes group by it.
    ``entries``: those of the bypass list that it is about.
    ``product``: known from evidence. ``summary``, ``remedy``, ``owner``: in the place of the code's
    own, where the evidence allows better ones. ``skip``: why, where the verdict is ``skip``;
    ``summary`` then says it.
    """

    code: Code
    evidence: tuple[Line, ...] = ()
    verdict: Verdict | None = None
    values: tuple[tuple[str, Any], ...] = ()
    subject: str = ""
    product: str = ""
    summary: Line | None = None
    remedy: Line | None = None
    owner: Owner = Owner.NOBODY
    skip: SkipReason | None = None
    entries: tuple[str, ...] = ()


def about(check: Check, judgement: Judgement) -> Judgement:
    """What another check tells of this one: its words name what was asked; a product's line would
    name the teller."""
    asked = (
        ("host", check.host),
        ("hosts", check.host),
        ("target", check.target),
        ("targets", check.target),
        ("port", str(check.port)),
    )
    return msgspec.structs.replace(judgement, product="", values=(*asked, *judgement.values))


class Finding(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """A verdict on one check."""

    check: str  #: id of the check
    kind: Kind  #: the question
    layer: Layer  #: rung of the way that the code is about
    target: str  #: host:port that was asked for
    route: Route  #: how the connection left
    verdict: Verdict  #: how bad it is
    code: Code  #: what was found
    summary: str  #: the same in words
    evidence: tuple[str, ...] = ()  #: facts seen on the wire, one a line
    remedy: str = ""  #: what to change, in words
    owner: Owner = Owner.NOBODY  #: who must act
    subject: str = ""  #: what is broken, where a code can have several roots
    product: str = ""  #: product that is known from the evidence
    advice: str = ""  #: what to change in words, where ``remedy`` is lines of the product
    skip: Skip | None = None  #: why there is no verdict; null: there is one
    #: whether the judge wrote the remedy: it knows more than the table
    has_own_remedy: bool = False
    fields: tuple[tuple[str, str], ...] = ()  #: what fills the words of the code: name, value
    entries: tuple[str, ...] = ()  #: entries of the bypass list that it is about


class Change(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What somebody pastes to heal a cause."""

    owner: Owner  #: who must act
    product: str | None  #: file of ``knowledge/products``; null: advice that needs no product
    title: str  #: what it is, in words
    where: str  #: file or screen, and the place in it
    lines: tuple[str, ...]  #: what goes in, verbatim
    apply: str | None  #: command that checks and loads the lines
    hosts: tuple[str, ...]  #: tested hosts that it serves
    #: required hosts and wildcards that were not reached yet, in the lines all the same
    pending: tuple[str, ...]
    done_when: str  #: command for the owner, and what it then prints
    #: commands that take the lines out again; null: a person has to
    undo: str | None = None
    clients: tuple[str, ...] = ()  #: addresses that alone it lets through; empty: everybody
    tried: bool = True  #: false: written by the product's documentation, tried on none


class Cause(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """Why one or several checks did not pass."""

    code: Code  #: what is broken
    verdict: Verdict  #: the worst of its findings
    headline: str  #: the same in words
    remedy: str  #: what to change, in words
    owner: Owner  #: who must act
    explains: tuple[str, ...]  #: ids of the checks that it breaks
    evidence: tuple[str, ...] = ()  #: facts seen on the wire, one a line
    layer: Layer = Layer.RUN  #: rung of the way that the code is about
    affects: tuple[str, ...] = ()  #: host:port that the fault hits, each once
    change: tuple[Change, ...] = ()  #: what to paste: the product's lines first, then the advice
