"""Endpoints from outside the package: a file of the form of ``endpoints-<cloud>.toml``, read and
checked, and what in it differs from other data. Pure.

It is data and nothing else: expressions and sentences are named by keys that the package has, and
what is asked beside the endpoints is asked of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from urllib.parse import urlsplit

import msgspec

from arcprobe.knowledge import catalogue, tables
from arcprobe.knowledge.catalogue import CORE, FEATURES, Catalogue, EndpointRow, Image
from arcprobe.knowledge.host_patterns import LONGEST_NAME, check_pattern, overlap
from arcprobe.knowledge.language import language
from arcprobe.model import PUBLIC_CLOUD
from arcprobe.model.text import printable

LARGEST = 512 * 1024
"""Bytes: the shipped files have 26,000. Larger ones would make who reads them slow."""

_MOST_ROWS, _MOST_REGIONS = 2_000, 1_000
_LONGEST_WORDS, _LONGEST_PATH = 300, 500  # characters
_PATH = re.compile(r"/[!-~]*")
_REGION = re.compile(r"[a-z0-9]{2,60}")
_IMAGE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._/-]{0,200}")  # OCI distribution specification 1.1
_BLANKS = {"{region}": "region", "{vault}": "vault", "{gateway}": "gateway.example"}


def read_data(text: bytes, today: date) -> Catalogue:
    """The data of a file. ``today``: no document is of a later day. ``ValueError`` for what is
    none, in one line."""
    try:
        found = msgspec.convert(tables.parsed(text), Catalogue)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except (ValueError, TypeError) as error:  # of TOML, of UTF-8, of the schema
        raise ValueError(printable(f"is no endpoint data: {error}", _LONGEST_WORDS)) from None
    problem = next(_problems(found, today), "")
    if problem:
        raise ValueError(printable(problem, _LONGEST_WORDS))
    return found


def _problems(data: Catalogue, today: date) -> Iterator[str]:
    if data.cloud not in catalogue.CLOUDS:
        yield f"cloud {data.cloud[:40]!a}: use one of {', '.join(catalogue.CLOUDS)}"
    if len(data.endpoint) > _MOST_ROWS or len(data.regions) > _MOST_REGIONS:
        yield f"more than {_MOST_ROWS} endpoints, or {_MOST_REGIONS} regions"
    yield from _of_regions(data.regions)
    for row in data.endpoint:
        for problem in _of_row(row, data, today):
            yield f"endpoint {row.host[:80]!a}: {problem}"
    yield from _of_marks(data)
    yield from _of_discovery(data)
    yield from _of_all(data)


def _of_regions(regions: dict[str, str]) -> Iterator[str]:
    for name, shown in regions.items():
        if not (_REGION.fullmatch(name) and _is_plain(shown)):
            yield f"region {name[:60]!a}: is no name of a region"


def _of_row(row: EndpointRow, data: Catalogue, today: date) -> Iterator[str]:
    yield from _of_target(row)
    yield from _of_origin(row, today)
    yield from _of_keys(row, data)


def _of_target(row: EndpointRow) -> Iterator[str]:
    if not _is_host(row.host):
        yield "is no host name or pattern"
    if not 0 < row.port < 65_536:
        yield f"port {row.port}"
    if len(row.path) > _LONGEST_PATH or not _PATH.fullmatch(row.path):
        yield "its path is none"


def _of_origin(row: EndpointRow, today: date) -> Iterator[str]:
    if row.as_of > today:
        yield f"as_of {row.as_of}: is in the future"
    if not (row.source and _is_plain(row.source)):
        yield "its source is empty or not one line"


def _of_keys(row: EndpointRow, data: Catalogue) -> Iterator[str]:
    if not language().has(f"purpose.{row.purpose_key}"):
        yield f"purpose {row.purpose_key[:40]!a} is unknown; a newer arcprobe may know it"
    if not row.features or set(row.features) - {CORE, *FEATURES}:
        yield f"features {', '.join(row.features)[:80]!a}; of {CORE}, {', '.join(FEATURES)}"
    if set(row.marks) - set(data.marks):
        yield f"marks {', '.join(row.marks)[:80]!a}: not all are in [marks]"
    named = data.discovery.get(row.discover)
    if row.discover and (named is None or named.pattern != row.host):
        yield f"discover {row.discover!a}: [discovery] has none of that pattern"


def _is_host(host: str) -> bool:
    for blank, name in _BLANKS.items():
        host = host.replace(blank, name)
    try:
        return check_pattern(host) == host
    except ValueError:
        return False


def _is_plain(text: str) -> bool:
    return len(text) <= _LONGEST_WORDS and printable(text) == text


def _of_marks(data: Catalogue) -> Iterator[str]:
    for mark in chain.from_iterable(data.marks.values()):
        if mark.pattern not in catalogue.patterns():
            yield f"mark {mark.pattern[:60]!a}: arcprobe runs no expression but its own"


def _of_discovery(data: Catalogue) -> Iterator[str]:
    known = catalogue.shipped(PUBLIC_CLOUD).discovery
    hosts = [row.host for row in data.endpoint]
    for key, found in data.discovery.items():
        if key not in known:
            yield f"discovery {key[:40]!a}: use one of {', '.join(known)}"
        elif not _is_asked_of(found.url, hosts):
            yield f"discovery {key}: its URL is not https, or of no endpoint in this data"
        elif not all(map(_is_plain, (found.source, *found.accept))):
            yield f"discovery {key}: its source or accept is not one line"
        elif not all(map(_IMAGE.fullmatch, _names(found.images))):
            yield f"discovery {key}: an image is no repository and reference"


def _names(images: Iterable[Image]) -> Iterator[str]:
    return chain.from_iterable((image.repository, image.reference) for image in images)


def _is_asked_of(url: str, hosts: Iterable[str]) -> bool:
    try:
        parts = urlsplit(url)
        asked = (parts.scheme, parts.hostname or "", parts.netloc)
    except ValueError:
        return False
    is_plain = asked[0] == "https" and asked[1] == asked[2] and len(url) <= LONGEST_NAME * 4
    return is_plain and any(overlap(asked[1], host) for host in hosts)


def _of_all(data: Catalogue) -> Iterator[str]:
    keys = [(row.host, row.port) for row in data.endpoint]
    if len(keys) != len(set(keys)):
        yield "a host and port stands in it twice"
    if not any(CORE in row.features and row.required for row in data.endpoint):
        yield "no endpoint is required by all clusters: this is a part of the data"
    if data.cloud == PUBLIC_CLOUD and not any("{gateway}" in host for host, _port in keys):
        yield "the endpoint {gateway} is missing: this is a part of the data"


# -------------------------------------------------------------------------------------- difference


_NOTHING: dict[str, object] = {}
_EMPTY: tuple[object, ...] = ("", (), False)


class Field(msgspec.Struct, frozen=True):
    """A field and both its values."""

    name: str
    old: str
    new: str


class Entry(msgspec.Struct, frozen=True):
    """What differs of an entry: an endpoint as ``host:port``, others by table and key."""

    name: str
    fields: tuple[Field, ...]


class Difference(msgspec.Struct, frozen=True):
    """What is new, gone or changed. What is new has its fields, but for those that say nothing."""

    added: tuple[Entry, ...]
    removed: tuple[str, ...]
    changed: tuple[Entry, ...]

    def __bool__(self) -> bool:
        return any(msgspec.structs.astuple(self))


def difference(old: Catalogue, new: Catalogue) -> Difference:
    """What ``new`` says otherwise than ``old``."""
    before, after = _entries(old), _entries(new)
    fields = {name: tuple(_fields(before.get(name, _NOTHING), after[name])) for name in after}
    entries = [Entry(name, found) for name, found in fields.items() if found]
    return Difference(
        added=tuple(entry for entry in entries if entry.name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(entry for entry in entries if entry.name in before),
    )


def _entries(data: Catalogue) -> dict[str, dict[str, object]]:
    rows = {f"{row.host}:{row.port}": msgspec.to_builtins(row) for row in data.endpoint}
    regions = {f"region {name}": {"name": shown} for name, shown in data.regions.items()}
    marks = {
        f"marks {key}": {"marks": msgspec.to_builtins(found)} for key, found in data.marks.items()
    }
    found = {f"discovery {key}": msgspec.to_builtins(each) for key, each in data.discovery.items()}
    return rows | regions | marks | found


def _fields(old: dict[str, object], new: dict[str, object]) -> Iterator[Field]:
    for name, value in new.items():
        is_empty = old is _NOTHING and value in _EMPTY
        if old.get(name) != value and not is_empty:
            yield Field(name, _shown(old.get(name, "")), _shown(value))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return printable(text, _LONGEST_WORDS)
