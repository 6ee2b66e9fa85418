"""PAN-OS: what is pasted, read by Palo Alto Networks' own library (``pan-os-python``). The words of
a `set` line are the path in the configuration; what the library does not know, it loses."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from arcprobe.model import Code
from tests.knowledge.products.test_kinds import changes
from tests.support.tools import library

objects, policies = library("panos.objects"), library("panos.policies")
VERSION = (10, 2, 0)

# the path of an entry -> the class of the library
CLASSES = {
    "profiles custom-url-category": objects.CustomUrlCategory,
    "service": objects.ServiceObject,
    "rulebase security rules": policies.SecurityRule,
    "rulebase decryption rules": policies.DecryptionRule,
    "rulebase authentication rules": policies.AuthenticationRule,
}
# what holds one word; all else holds members
_ONE = {"type", "action", "port", "authentication-enforcement"}
_NESTED = {"protocol", "tcp"}
_EMPTY = {"ssl-forward-proxy"}


def entries(lines: list[str]) -> dict[tuple[str, str], ET.Element]:
    """The entry that each line is about, as the configuration has it in XML."""
    found: dict[tuple[str, str], ET.Element] = {}
    for text in lines:
        verb, *words = text.replace('"URL List"', "URL_List").split()
        path = next(path for path in CLASSES if " ".join(words).startswith(f"{path} "))
        name, *rest = words[len(path.split()) :]
        if verb == "move":
            assert ((path, name) in found, rest) == (True, ["top"])
            continue
        assert verb == "set"
        entry = found.setdefault((path, name), ET.Element("entry", name=name))
        fill(entry, rest)
    return found


def fill(entry: ET.Element, words: list[str]) -> None:
    """The words behind the entry's name: a setting and its value, or several in brackets."""
    at = iter(words)
    for key in at:
        place = _child(entry, key)
        if key in _NESTED:
            fill(place, list(at))
            return
        value = next(at)
        values = [value]
        if value == "[":
            values = list(iter(lambda: next(at), "]"))
        for one in values:
            _put(place, key, one.replace("URL_List", "URL List"))


def _put(place: ET.Element, key: str, value: str) -> None:
    if value in _EMPTY:
        ET.SubElement(place, value)
    elif key in _ONE:
        place.text = value
    else:
        ET.SubElement(place, "member").text = value


def _child(entry: ET.Element, key: str) -> ET.Element:
    found = entry.find(key)
    return ET.SubElement(entry, key) if found is None else found


def read_by_the_library(path: str, entry: ET.Element) -> Any:
    """The object that the library makes of an entry."""
    kept = CLASSES[path]()
    kept._UNKNOWN_PANOS_VERSION = VERSION
    holder = ET.Element("rules")
    holder.append(entry)
    (read,) = kept.refreshall_from_xml(holder)
    read._UNKNOWN_PANOS_VERSION = VERSION
    return read


def flat(element: ET.Element, above: str = "") -> set[str]:
    """Each leaf of the tree as its path and its text."""
    here = f"{above}/{element.tag}"
    leaves = {f"{here}={(element.text or '').strip()}"} if len(element) == 0 else set()
    return leaves.union(*(flat(child, here) for child in element))


@pytest.mark.parametrize("code", changes("palo_alto"))
def test_the_library_reads_every_line(code: Code) -> None:
    """Nothing that the lines set is unknown to it (PAN-OS 10.2)."""
    for (path, name), entry in entries(changes("palo_alto")[code]).items():
        read = read_by_the_library(path, entry)
        assert read.name == name
        again = flat(ET.fromstring(read.element_str()))
        assert flat(entry) - again == set()


def test_a_rule_allows_what_was_asked_for() -> None:
    """The rule of the library: category, service, action, clients."""
    found = entries(changes("palo_alto")[Code.PROXY_DENIED])
    rules = [
        read_by_the_library(path, entry)
        for (path, _), entry in found.items()
        if path == "rulebase security rules"
    ]
    assert [(rule.action, rule.source, rule.service) for rule in rules] == [
        ("allow", ["10.0.0.1", "10.1.0.0/16"], [f"arcprobe-tcp-{port}"]) for port in (443, 8084)
    ]
    assert [rule.category for rule in rules] == [[rule.name] for rule in rules]


def test_what_it_does_not_know_is_seen() -> None:
    """Else the first test would say nothing."""
    wrong = ["set rulebase security rules a form any action allow"]
    ((key, entry),) = entries(wrong).items()
    read = read_by_the_library(key[0], entry)
    assert flat(entry) - flat(ET.fromstring(read.element_str())) == {"/entry/form/member=any"}
