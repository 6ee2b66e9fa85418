"""FortiOS: what is pasted against Fortinet's own schema of the configuration, version by version,
as its modules for Ansible carry it (Debian's package ``ansible``, fortinet.fortios)."""

from __future__ import annotations

import ast
import shlex
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from tests.knowledge.products.test_kinds import changes
from tests.support.tools import named_folder

VERSIONS = ("v7.0.8", "v7.2.4", "v7.4.0")
NAMED_BY_NUMBER = {"ssl-exempt": "id", "firewall proxy-policy": "policyid"}
# the names of 79 characters, as docs.fortinet.com has them
LONGEST = 79


@cache
def schema(path: str) -> dict[str, Any]:
    """Of the table that `config PATH` opens. The module's file is read, not run."""
    name = path.replace(" ", "_").replace("-", "_").replace(".", "_")
    folder = named_folder("ARCPROBE_TEST_FORTIOS", "Fortinet's modules")
    text = (folder / f"fortios_{name}.py").read_text()
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and "versioned_schema" in ast.dump(statement):
            return dict(ast.literal_eval(statement.value))
    raise AssertionError(path)


@dataclass
class Table:
    """An open `config`, and the entry that is being edited."""

    name: str
    schema: dict[str, Any]
    entry: str = ""
    told: list[str] = field(default_factory=list)


def has(thing: dict[str, Any]) -> bool:
    """Whether each of the versions knows it."""
    return all(thing["revisions"].get(version) for version in VERSIONS)


def read(lines: list[str]) -> list[str]:
    """Each setting as `table entry setting value`; AssertionError where FortiOS has none such."""
    stack: list[Table] = []
    found: list[str] = []
    for text in lines:
        word, *rest = shlex.split(text)
        if word == "config":
            stack.append(opened(" ".join(rest), stack))
        elif word == "edit":
            (stack[-1].entry,) = rest
            assert_name(stack[-1])
        elif word in ("set", "append"):
            assert stack[-1].entry
            assert_value(stack[-1].schema["children"], word, *rest)
            found.append(f"{stack[-1].name} {stack[-1].entry}: {' '.join(rest)}")
        elif word == "next":
            assert stack[-1].entry
            stack[-1].entry = ""
        else:
            assert word == "end", text
            assert not stack.pop().entry
    assert stack == []
    return found


def opened(path: str, stack: list[Table]) -> Table:
    """A table of the configuration, or one inside an entry."""
    if not stack:
        return Table(path, schema(path))
    assert stack[-1].entry
    inside = stack[-1].schema["children"][path.replace("-", "_")]
    assert has(inside)
    return Table(path, inside)


def assert_name(table: Table) -> None:
    """What is edited has a name, or a number where the table is one of numbers."""
    assert has(table.schema)
    assert table.schema["type"] == "list"
    key = NAMED_BY_NUMBER.get(table.name, "name")
    kind = table.schema["children"][key]["type"]
    assert kind == ("string" if key == "name" else "integer")
    assert 0 < len(table.entry) <= LONGEST
    assert key == "name" or table.entry == "0"


def assert_value(children: dict[str, Any], word: str, name: str, *values: str) -> None:
    """The setting is there in each version, holds as many values, and knows this one."""
    setting = children[name.replace("-", "_")]
    assert has(setting), name
    is_list = setting["type"] == "list"
    assert (len(values) == 1) or is_list, name
    assert word == "set" or is_list, name
    if setting["type"] == "integer":
        assert values[0].isdecimal()
    known = [one["value"] for one in setting.get("options", ()) if has(one)]
    assert not known or set(values) <= set(known), (name, values, known)


@pytest.mark.parametrize("code", changes("fortigate"))
def test_every_line_is_in_the_schema(code: Any) -> None:
    """FortiOS 7.0, 7.2, 7.4: tables, settings, their types and words."""
    found = read(changes("fortigate")[code])
    assert len(found) == sum(
        text.split()[0] in ("set", "append") for text in changes("fortigate")[code]
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["config firewall address", 'edit "a"', "set typ fqdn", "next", "end"],
        ["config firewall address", 'edit "a"', "set type name", "next", "end"],
        ["config firewall addres", "end"],
        ["config firewall address", 'edit "a"', 'append fqdn "b"', "next", "end"],
        ["config firewall address", 'edit "a"', 'set fqdn "b"', "end"],
    ],
)
def test_what_it_does_not_have_is_refused(lines: list[str]) -> None:
    """Else the test above would say nothing."""
    with pytest.raises((AssertionError, KeyError, FileNotFoundError)):
        read(lines)
