"""What files of products share: templates of lines, and comments in allow lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from arcprobe.knowledge.language import language
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Value, line

_FIELD = re.compile(r"\{(host|port|suffix|domain|regex|hosts|suffixes)\}")


def filled(template: str, host: str, port: int, hosts: tuple[str, ...]) -> str:
    """The template with its fields filled in; other braces belong to the product's own syntax."""
    words = {
        "host": host,
        "port": str(port),
        "suffix": host.removeprefix("*"),
        "domain": host.removeprefix("*."),
        "regex": re.escape(host).replace(r"\*\.", r".*\."),
        "hosts": " ".join(dict.fromkeys(hosts)),
        "suffixes": " ".join(suffixes(hosts)),
    }
    # One pass, so that nothing in a host is taken for a field.
    return _FIELD.sub(lambda field: words[field[1]], template).strip("\n")


def suffixes(hosts: Iterable[str]) -> tuple[str, ...]:
    """Each host once, ``*.x`` as ``.x``, without those that such a suffix covers: Squid refuses a
    list that holds both."""
    names = tuple(dict.fromkeys(host.removeprefix("*") for host in hosts))
    dotted = tuple(name for name in names if name.startswith("."))
    return tuple(name for name in names if not _is_covered(name, dotted))


def _is_covered(name: str, dotted: tuple[str, ...]) -> bool:
    others = tuple(suffix for suffix in dotted if suffix != name)
    return f".{name}".endswith(others)


def heading(selection: Selection, key: str) -> list[str]:
    """The comment lines at the begin of an allow list: what it is a list of, and what to do."""
    return [f"# {selection.title}", *remark(key)]


def remark(key: str, **values: Value) -> list[str]:
    """A sentence of ``knowledge/texts``, as comment lines."""
    text = language().say(line(f"endpoints.{key}", **values))
    return [f"# {part}" for part in text.splitlines()]
