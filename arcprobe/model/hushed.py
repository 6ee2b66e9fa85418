"""What was seen, without the secrets of this process: every text of a step that a peer had a hand
in, whichever reader it came through."""

from __future__ import annotations

import base64
from enum import Enum
from typing import Any, TypeVar

import msgspec

from arcprobe.model.redaction import is_known, redact

# Fields that hold words of arcprobe's own, or of its settings: a password that is the number of a
# port must not hide what was asked for.
_OWN = frozenset(
    (
        "check label engine record transport role address source protocol target credentials"
        " server_name peer alpn_offered method path accept_due pattern what cidr"
    ).split()
)
_PEM = "pem"  # Base64 in lines

S = TypeVar("S", bound=msgspec.Struct)


def hushed(seen: S) -> S:
    """What was seen, an observation or one step of a connection, without secrets; the same one
    where none was in it."""
    changed = {}
    for name in seen.__struct_fields__:
        if name not in _OWN:
            before = getattr(seen, name)
            after = _pem(before) if name == _PEM else _value(before)
            if after is not before:
                changed[name] = after
    return msgspec.structs.replace(seen, **changed) if changed else seen


def _value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return _tuple(value)
    return hushed(value) if isinstance(value, msgspec.Struct) else value


def _text(text: str) -> str:
    found = redact(text)
    return text if found == text else found


def _tuple(values: tuple[Any, ...]) -> tuple[Any, ...]:
    found = tuple(map(_value, values))
    pairs = zip(found, values, strict=True)
    return found if any(after is not before for after, before in pairs) else values


def _pem(pem: str) -> str:
    """A certificate that names a secret cannot be shown: it is left out."""
    digits = "".join(line for line in pem.splitlines() if not line.startswith("-"))
    try:
        der = base64.b64decode(digits)
    except ValueError:
        return ""
    return "" if is_known(der.decode("latin-1")) else pem
