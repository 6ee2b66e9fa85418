"""The reverse of an allow list."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.host_patterns import is_below
from arcprobe.knowledge.products.allow_list import allow_list
from arcprobe.knowledge.products.closing import closing_forms, closing_list, closings
from arcprobe.knowledge.selection import Selection
from tests.knowledge.products.selections import endpoint, selection
from tests.knowledge.products.test_allow_list import IN_LAB
from tests.knowledge.products.test_parsers import parsed

CLOUD = ("AzureCloud", "eastus", catalogue.FEATURES)
EVERYTHING = selection(*catalogue.endpoints(*CLOUD))
CLOSED = selection(*catalogue.removable(*CLOUD))
COMMANDS = ("fortigate", "paloalto", "windowsdns")
FILES = tuple(form for form in closing_forms() if form not in COMMANDS)


def is_below_another(host: str) -> bool:
    """Whether a pattern of the list covers a host: some products then take no line for it."""
    patterns = (row.host for row in EVERYTHING.endpoints if row.host != host)
    return any(is_below(host, pattern) for pattern in patterns)


def left_of(form: str, everything: Selection, closed: Selection) -> list[str]:
    """The allow list, without its comments, once the lines are taken out and put in."""
    lines = [line for line in allow_list(form, everything).splitlines() if line[0] != "#"]
    for part in closings(form, everything, closed):
        if part.is_comment:
            continue
        for gone in part.gone:
            take_out(lines, gone.splitlines())
        lines += "\n".join(part.instead).splitlines()
    return lines


def take_out(lines: list[str], block: list[str]) -> None:
    """Takes out lines that stand together; an error where they do not."""
    places = range(len(lines) - len(block) + 1)
    place = next(place for place in places if lines[place : place + len(block)] == block)
    del lines[place : place + len(block)]


@pytest.mark.parametrize("form", FILES)
def test_what_is_taken_out_was_in(form: str) -> None:
    """Every line stands in the allow list of the same settings; what is left names each host that
    stays open, and none that may be closed."""
    left = "\n".join(left_of(form, EVERYTHING, CLOSED)).replace("\\", "")
    gone = {row.host.removeprefix("*.") for row in CLOSED.endpoints}
    kept = {row.host.removeprefix("*.") for row in EVERYTHING.endpoints} - gone
    assert [name for name in sorted(kept) if name not in left and not is_below_another(name)] == []
    hidden = [name for name in gone if any(other.endswith(name) for other in kept)]
    assert [name for name in sorted(gone.difference(hidden)) if name in left] == []


@pytest.mark.parametrize(("form", "product"), IN_LAB.items())
def test_the_products_parser_takes_what_is_left(form: str, product: str, tmp_path: Path) -> None:
    """The list is still one that the product loads."""
    parsed(product, left_of(form, EVERYTHING, CLOSED), tmp_path)


@pytest.mark.parametrize("form", COMMANDS)
def test_commands_name_what_is_closed_alone(form: str) -> None:
    """A product that is configured by commands gets those that take back, under the name of the
    list that was pasted."""
    ran = "\n".join(line for part in closings(form, EVERYTHING, CLOSED) for line in part.gone)
    for row in CLOSED.endpoints:
        assert row.host.removeprefix("*.") in ran or is_below_another(row.host)
    kept = {row.host for row in EVERYTHING.endpoints} - {row.host for row in CLOSED.endpoints}
    words = {word.strip('"/') for word in ran.split()}
    assert words & kept == set()
    assert "\nend" in ran or form != "fortigate"
    name = (
        next(word for word in allow_list(form, EVERYTHING).split() if "arcprobe_denied" in word)
        if form != "windowsdns"
        else "Remove-DnsServerZone"
    )
    assert name in ran


def test_a_name_that_a_pattern_hid_is_put_in() -> None:
    """Squid's list has no name below a suffix of it: where the suffix goes, the name comes."""
    everything = selection(endpoint("*.x.example"), endpoint("a.x.example"), endpoint("b.example"))
    closed = selection(endpoint("*.x.example"))
    (part,) = (part for part in closings("squid", everything, closed) if not part.is_comment)
    assert [line.split()[-1] for line in part.gone] == [".x.example"]
    assert [line.split()[-1] for line in part.instead] == ["a.x.example"]
    assert "put these in their place" in closing_list("squid", everything, closed)


def test_a_port_that_is_closed_leaves_no_rule() -> None:
    """Where the last host of a port goes, its rule goes too."""
    everything = selection(endpoint("a.example"), endpoint("b.example", 8084))
    closed = selection(endpoint("b.example", 8084))
    left = "\n".join(left_of("squid", everything, closed))
    assert "8084" not in left
    assert "a.example" in left


def test_nothing_to_close_is_no_line() -> None:
    """Where nothing may be closed there are comments alone."""
    text = closing_list("fortigate", EVERYTHING, msgspec.structs.replace(CLOSED, endpoints=()))
    assert [line for line in text.splitlines() if not line.startswith("#")] == []


def test_rules_of_addresses_have_no_reverse() -> None:
    """Hosts of Azure share addresses: what allows those has none, what allows names has one."""
    assert {"nftables", "iptables", "aws", "azurensg"}.isdisjoint(closing_forms())
    assert {"squid", "bind", "zscaler", "azurefirewall"} <= set(closing_forms())
