"""The package's own TOML files, read fast. The parser of the standard library is written in Python
and needs 30 ms for all the sentences; what ``pip install`` compiles beside them (``arcprobe/
build.py``) needs less than 1.

A compiled form is taken only where it was made of this very text. Where there is none (an editable
install) the text is parsed.
"""

from __future__ import annotations

import marshal
from datetime import date
from typing import Any, Protocol, cast
from zlib import crc32

_FORMAT = 4  # of marshal: what Python 3.4 to 3.14 read
_DAMAGED = (EOFError, ValueError, TypeError)


class _Loader(Protocol):
    def get_data(self, path: str) -> bytes: ...


# PEP 302, section "Optional Extensions": the loader of this module reads the package's data
_LOADER = cast(_Loader, __loader__)  # type: ignore[name-defined]  # a module has one
_FOLDER = __file__.removesuffix("tables.py")


def read(name: str) -> dict[str, Any]:
    """The tables of a file of ``knowledge/``, by its path there without ``.toml``. ``OSError``
    where there is none."""
    text = _LOADER.get_data(f"{_FOLDER}{name}.toml")
    try:
        made_of, tables = marshal.loads(_LOADER.get_data(f"{_FOLDER}{name}.compiled"))
    except (OSError, *_DAMAGED):
        made_of, tables = None, {}
    return dict(tables) if made_of == crc32(text) else parsed(text)


def compiled(text: bytes) -> bytes:
    """The compiled form of a file's text."""
    return marshal.dumps((crc32(text), parsed(text)), _FORMAT)


def parsed(text: bytes) -> dict[str, Any]:
    """The tables of a file's text; a date is its text, since marshal knows none."""
    import tomllib

    tables: dict[str, Any] = _plain(tomllib.loads(text.decode()))
    return tables


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case date():
            return value.isoformat()
    return value
