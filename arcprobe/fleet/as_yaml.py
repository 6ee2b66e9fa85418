"""Kubernetes objects as YAML that every reader takes for the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some YAML reader could take for something else (``1e3``, ``no``,
    ``0x1f``, ``1_0``)."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_RESERVED = re.compile(r"y|yes|n|no|true|false|on|off|null|nan|inf", re.IGNORECASE)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style: str | None = '"'
    if _is_block(text):
        style = "|"
    elif _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        style = None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand there as it is."""
    lines = text.split("\n")
    clean = all(line.isascii() and line.isprintable() for line in lines)
    return len(lines) > 1 and clean and " \n" not in text


_Dumper.add_representer(str, _text)


def to_yaml(objects: Iterable[Mapping[str, Any]]) -> str:
    """One document for each object, in order."""
    return yaml.dump_all(
        list(objects),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=False,
        explicit_start=True,
        width=4096,
    )
