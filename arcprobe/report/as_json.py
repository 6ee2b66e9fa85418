"""Report <-> JSON. ``render`` and ``load`` are inverse; ``load`` takes nothing but a whole,
well-formed report of this schema."""

from __future__ import annotations

import re

import msgspec

from arcprobe.knowledge.language import Language
from arcprobe.model import SCHEMA, Report
from arcprobe.model.text import one_line

MOST_BYTES = 48 * 1024 * 1024
"""Of a report: twenty thousand checks have half of it, and memory four times as much."""
_LONGEST_REASON = 200  # characters

# What JSON lets through raw but a terminal may obey: C1 controls (U+009B is CSI), bidirectional
# controls, line separators
_UNPRINTABLE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def render(
    report: Report, *, language: Language | None = None, colour: bool = False, width: int = 100
) -> str:
    """The report as one JSON document, indented, ending in a line feed. Always in English;
    ``colour`` and ``width`` change nothing."""
    return document(report)


def document(content: object) -> str:
    """Anything as one JSON document, without a character that a terminal may obey; indented, ending
    in a line feed."""
    try:
        encoded = msgspec.json.encode(content)
    except UnicodeEncodeError:  # a lone surrogate: bytes from outside that were no UTF-8
        encoded = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(content)))
    text = msgspec.json.format(encoded, indent=2).decode()
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list | tuple):
        return [_without_surrogates(part) for part in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(part) for key, part in value.items()}
    return value


def load(data: bytes) -> Report:
    """The report that ``data`` holds. Raises ``ValueError`` with one line that says what is wrong
    with it."""
    data = _plain(data)
    try:
        version = msgspec.json.decode(data, type=_Version).schema
        if version != SCHEMA:
            raise ValueError(f"schema {version}; this arcprobe reads schema {SCHEMA}")
        return msgspec.json.decode(data, type=Report)
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except RecursionError:
        raise ValueError("not a report: nested too deep") from None
    except msgspec.ValidationError as error:
        why = one_line(str(error), _LONGEST_REASON)
        raise ValueError(
            f"JSON, but not a report of `--format json`, or not a whole one: {why}"
        ) from None
    except msgspec.DecodeError as error:
        why = one_line(str(error), _LONGEST_REASON)
        raise ValueError(f"not JSON, or cut short: {why}") from None


def _plain(data: bytes) -> bytes:
    """The bytes without a byte order mark."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES // 1024 // 1024} MiB")
    if not data.strip():
        raise ValueError("empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("UTF-16; a report is UTF-8 (in PowerShell: `| Out-File -Encoding utf8`)")
    return data.removeprefix(b"\xef\xbb\xbf")


class _Version(msgspec.Struct):
    schema: int
