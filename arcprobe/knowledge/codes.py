"""The code table: every code with its layer, its verdict, and who acts. Pure but for the package's
own ``codes.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

import msgspec

from arcprobe.knowledge import tables
from arcprobe.model import Code, Kind, Layer, Owner, Verdict


class Proof(StrEnum):
    """What shows an owner, without arcprobe, that a fault is gone."""

    TUNNEL = "tunnel"  # the proxy's answer to CONNECT
    CONNECTION = "connection"  # an answer of the endpoint
    ISSUER = "issuer"  # who signed its certificate
    UPGRADE = "upgrade"  # its answer to a WebSocket upgrade
    LOOKUP = "lookup"  # addresses of its name


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the code table. ``verdict``: what it means where no judge says otherwise;
    ``proof``: by what an owner sees that it is healed; None: by arcprobe alone."""

    name: Code
    layer: Layer
    verdict: Verdict
    owner: Owner = Owner.NOBODY
    proof: Proof | None = None

    @property
    def passes(self) -> bool:
        """True for codes that say that nothing is wrong."""
        return self.verdict is Verdict.PASS


class UnknownCode(LookupError):
    """A code that the table does not have; ``near`` holds up to three that are spelled alike."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name = name
        self.near = near
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"unknown code {name!r}{hint}")


class _Table(msgspec.Struct, frozen=True):
    code: dict[Code, Row]
    instead: dict[str, tuple[str, ...]]
    proof: dict[str, str]


@cache
def _table() -> _Table:
    raw = tables.read("codes")
    rows = {name: {"name": name, **row} for name, row in raw["code"].items()}
    return msgspec.convert({**raw, "code": rows}, _Table)


def rows() -> tuple[Row, ...]:
    """Every code, in the order of the table: by layer, the passing ones first."""
    return tuple(_table().code.values())


def row(name: str) -> Row:
    """The row of that code. Raises ``UnknownCode``, which suggests the nearest names."""
    found = _table().code.get(name)  # type: ignore[call-overload]  # a Code is a str
    if found is None:
        raise UnknownCode(name, nearest(name))
    return found  # type: ignore[no-any-return]


def passes(name: Code) -> bool:
    """Whether a code says that nothing is wrong."""
    return row(name).passes


_PASSING = {
    Kind.DNS: Code.NAME_RESOLVES,
    Kind.PROXY: Code.PROXY_OPENS_TUNNEL,
    Kind.HTTPS: Code.ENDPOINT_ANSWERS,
    Kind.TLS: Code.CERTIFICATE_GENUINE,
    Kind.WEBSOCKET: Code.WEBSOCKET_UPGRADED,
    Kind.SKIP_RANGE: Code.CLUSTER_TRAFFIC_BYPASSES,
    Kind.GATEWAY: Code.GATEWAY_USABLE,
    Kind.DISCOVERY: Code.HOSTS_DISCOVERED,
    Kind.ONBOARDING: Code.ONBOARDING_READY,
    Kind.CLUSTER: Code.ENDPOINT_ANSWERS,
}


def passing(kind: Kind) -> Code:
    """The code under which a check of this kind is listed where it has no verdict of its own."""
    return _PASSING[kind]


def instead(field: str) -> tuple[str, ...]:
    """The fields that may fill a placeholder in the place of this one, tried in order."""
    return _table().instead.get(field, ())


_FIELD = re.compile(r"\{(through|asked|host|all|command)\}")


def proof(kind: Proof, **values: str) -> str:
    """The command of a proof; what a value leaves empty leaves no gap."""
    return _filled(_table().proof[kind], values)


def each(words: tuple[str, ...], command: str) -> str:
    """The command for each of these words, quoted for a shell, as ``$each``."""
    return _filled(_table().proof["each"], {"all": " ".join(words), "command": command})


def _filled(text: str, values: Mapping[str, str]) -> str:
    # one pass: nothing in a value is taken for a field
    return _FIELD.sub(lambda field: values[field[1]] or "\0", text).replace("\0 ", "")


def nearest(name: str) -> tuple[str, ...]:
    """Up to three codes that are spelled like ``name``, or that contain it."""
    import difflib

    word = name.strip().lower().replace("_", "-")[:80]
    names = [code.value for code in _table().code]
    if word in names:
        return (word,)
    alike = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    holding = [other for other in names if len(word) > 2 and word in other]
    return tuple(dict.fromkeys(alike + holding))[:3]
