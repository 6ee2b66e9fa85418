"""A list of allowed hosts, as people or products write it -> entries. Pure, and lenient: what is
not understood is counted, and never an error."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from arcprobe.knowledge.host_patterns import HOST
from arcprobe.lifecycle.traffic_lines import without_secrets
from arcprobe.model.text import printable

MOST_ENTRIES = 100_000
_LONGEST_LINE = 8_192
_LONGEST_CELL = 131_072
_SAMPLES = 5
_LONGEST_SAMPLE = 120


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. ``mark``: what stands before the name: nothing, ``.``, ``*.`` or ``*``; a name
    that is empty is everything. ``port`` None: any."""

    line: int
    mark: str
    name: str
    port: int | None = None
    has_scheme: bool = False
    has_path: bool = False

    @property
    def text(self) -> str:
        """As it was written, without what may be secret."""
        scheme = "https://" if self.has_scheme else ""
        port = f":{self.port}" if self.port else ""
        path = "/…" if self.has_path else ""
        return f"{scheme}{self.mark}{self.name}{port}{path}"


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What a list holds. ``product``: whose form it has."""

    product: str
    entries: tuple[Entry, ...]
    not_understood: int = 0
    samples: tuple[str, ...] = ()


def read_list(data: bytes) -> Allowed:
    """What a file holds, whatever its bytes are."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\0", "")
    lines = [line[:_LONGEST_LINE].strip() for line in text.splitlines()]
    product, words = _form(lines)
    entries: list[Entry] = []
    strange: list[str] = []
    for number, found in words(lines):
        made = [entry for word in found.words if (entry := _entry(number, word, found.port))]
        entries += made
        if not made and _names_a_host(lines[number - 1]):
            strange.append(lines[number - 1])
    kept = dict.fromkeys(entries[:MOST_ENTRIES])
    samples = (printable(without_secrets(printable(line, 400))) for line in strange[:_SAMPLES])
    return Allowed(
        product=product,
        entries=tuple(kept),
        not_understood=len(strange) + max(0, len(entries) - MOST_ENTRIES),
        samples=tuple(sample[:_LONGEST_SAMPLE] for sample in samples),
    )


# -------------------------------------------------------------------------------------------- forms


class _Words(msgspec.Struct, frozen=True):
    """What of a line may be entries, and the port that stands beside them."""

    words: tuple[str, ...]
    port: int | None = None


_Reader = Callable[[list[str]], Iterable[tuple[int, _Words]]]
_COMMENT = ("#", ";", "//", "!", "<!--")

_ACL = re.compile(r"acl\s+(\S+)\s+(?:dstdomain|ssl::server_name)\s+(?:-\S*\s+)*(?P<words>.+)")
_ACCESS = re.compile(r"http_access\s+(allow|deny)\s+(.+)")
_CATEGORY = re.compile(
    r"set\s.*custom-url-category\s+(?:\"[^\"]*\"|\S+)\s+list\s+(?P<words>.+)"
    r"|<member>(?P<member>[^<]*)</member>.*"
)
_FQDN = re.compile(r"set\s+(?:fqdn|wildcard-fqdn|url)\s+(?P<words>.+)")
_STRUCTURE = re.compile(
    r"edit|next|end|config|append|set\s+(?:member|name|comment)|<entry|set\s+(?:rulebase|service)"
)


_HOST_COLUMNS = "host fqdn url domain hostname destination address pattern name endpoint".split()
_PORT_COLUMNS = "port ports dport".split()


def _form(lines: list[str]) -> tuple[str, _Reader]:
    """Whose form the lines have, and what reads it."""
    for product, sign, reader in _SIGNS:
        if any(sign.match(line) for line in lines):
            return product, reader
    head = next((line for line in lines if line and not line.startswith(_COMMENT)), "")
    cells = [cell.strip().strip('"').lower() for cell in re.split("[,;\t]", head)]
    if len(cells) > 1 and set(cells) & set(_HOST_COLUMNS):
        return "plain", _csv
    return "plain", _plain


def _squid(lines: list[str]) -> Iterator[tuple[int, _Words]]:
    """Lists that only deny are left out."""
    used: dict[str, set[str]] = {"allow": set(), "deny": set()}
    for line in lines:
        if found := _ACCESS.match(line):
            for name in found[2].split():
                used["allow" if name.startswith("!") else found[1]].add(name.lstrip("!"))
    denied = used["deny"] - used["allow"]
    for number, line in enumerate(lines, 1):
        found = _ACL.match(line)
        if found is None or found[1] not in denied:
            yield from _one(number, line, found)


def _palo_alto(lines: list[str]) -> Iterator[tuple[int, _Words]]:
    for number, line in enumerate(lines, 1):
        yield from _one(number, line, _CATEGORY.match(line))


def _fortigate(lines: list[str]) -> Iterator[tuple[int, _Words]]:
    """What stands between ``edit`` and ``next`` is one; one that blocks is left out."""
    block: list[tuple[int, _Words]] = []
    for number, line in enumerate(lines, 1):
        if line.split() == ["set", "action", "block"]:
            block.clear()
        elif line in ("next", "end"):
            yield from block
            block.clear()
        else:
            block += _one(number, line, _FQDN.match(line))
    yield from block


def _one(number: int, line: str, found: re.Match[str] | None) -> Iterator[tuple[int, _Words]]:
    """The words of one line: those of the pattern, or an entry alone, as in a list that such a file
    names."""
    if found is not None:
        yield number, _Words(_split(next(filter(None, found.groupdict().values()), "")))
    elif line and not line.startswith(_COMMENT) and not _STRUCTURE.match(line):
        yield number, _Words((line,) if _ENTRY.fullmatch(line) else ())


_SIGNS: tuple[tuple[str, re.Pattern[str], _Reader], ...] = (
    ("squid", re.compile(r"acl\s+\S+\s+\S+|http_access\s"), _squid),
    ("paloalto", re.compile(r"set\s.*custom-url-category\s|<member>|[\w*^.-]+\.\w+/$"), _palo_alto),
    (
        "fortigate",
        re.compile(r"config\s+(?:firewall|webfilter)\s|set\s+(?:wildcard-)?fqdn\s"),
        _fortigate,
    ),
)


def _plain(lines: list[str]) -> Iterator[tuple[int, _Words]]:
    for number, line in enumerate(lines, 1):
        if not line or line.startswith(_COMMENT):
            continue
        words = _split(re.split(r"\s#", line, maxsplit=1)[0])
        # in a sentence `*.` is no entry, and neither is .NET
        names = (
            words if len(words) == 1 else tuple(word for word in words if "." in word.lstrip("*."))
        )
        yield number, _Words(names, next(filter(None, map(_port, words)), None))


def _csv(lines: list[str]) -> Iterator[tuple[int, _Words]]:
    first = next(number for number, line in enumerate(lines) if line[:1] not in ("", "#"))
    delimiter = max(",;\t", key=lines[first].count)
    csv.field_size_limit(_LONGEST_CELL)
    names = [cell.lower() for cell in _cells(lines[first], delimiter)]
    host, port = _place(names, _HOST_COLUMNS), _place(names, _PORT_COLUMNS)
    for number, line in enumerate(lines[first + 1 :], first + 2):
        cells = dict(enumerate(_cells(line, delimiter)))
        if cells:
            yield number, _Words(_split(cells.get(host, "")), _port(cells.get(port, "")))


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line; an apostrophe before one is a spreadsheet's."""
    read = next(csv.reader([line], delimiter=delimiter), [])
    return [cell.strip().lstrip("'") for cell in read]


def _place(names: list[str], wanted: list[str]) -> int:
    return next((place for place, name in enumerate(names) if name in wanted), -1)


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[\s,;\[\]\"'<>()]+", text)))


# ------------------------------------------------------------------------------------------ entries

_ENTRY = re.compile(
    r"(?P<scheme>[a-zA-Z]+://)?(?:[^\s/@]*@)?"
    r"(?:(?P<mark>\*\.|\.|\*)?(?P<name>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)|(?P<all>\*))"
    r"\.?(?::(?P<port>\d{1,5}))?(?P<path>/\S*)?"
)
_ANY_PATH = ("", "/", "/*")


def _entry(line: int, word: str, port: int | None) -> Entry | None:
    """An entry that a word is; None where it is none."""
    found = _ENTRY.fullmatch(word)
    if found is None:
        return None
    parts = found.groupdict("")
    name = parts["name"].lower()
    if name and not _is_name(name, parts["mark"]):
        return None
    return Entry(
        line=line,
        mark=parts["mark"] or parts["all"],
        name=name,
        port=_port(parts["port"]) or port,
        has_scheme=bool(parts["scheme"]),
        has_path=parts["path"] not in _ANY_PATH,
    )


def _is_name(name: str, mark: str) -> bool:
    """Not an address, and not just a word."""
    if "." not in name and not mark:
        return False
    is_host = HOST.fullmatch(name if "." in name else f"x.{name}") is not None
    return is_host and not name.rpartition(".")[2].isdigit()


def _port(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if 0 < number < 65_536 else None


_LIKE_A_HOST = re.compile(r"[A-Za-z0-9*-]+\\?\.[A-Za-z]{2,}")


def _names_a_host(line: str) -> bool:
    return bool(_LIKE_A_HOST.search(line))
