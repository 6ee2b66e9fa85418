"""``arcprobe report ticket``."""

from __future__ import annotations

import pytest

from tests.support.golden import ROOT
from tests.support.rehearsed import run

FILE = str(ROOT / "fixtures" / "everything" / "recording.json")


def test_ticket() -> None:
    """The page of one owner, exit 0."""
    ended = run("report", "ticket", FILE, "--owner", "proxy")
    assert ended.code == 0
    assert ended.out.startswith("Proxy team: Azure Arc needs a change or a repair\n")
    markdown = run("report", "ticket", FILE, "--owner", "proxy", "--format", "markdown")
    assert markdown.out.startswith("## Proxy team")


def test_wrong_owner_and_product() -> None:
    """An owner without a part, and a product that is not known, cost one line and exit 2."""
    ended = run("report", "ticket", FILE, "--owner", "dns")
    assert (ended.code, ended.out) == (2, "")
    assert "nothing in this report is for dns; it has something for proxy, you" in ended.err
    ended = run("report", "ticket", FILE, "--owner", "proxy", "--product", "squidd")
    assert ended.code == 2
    assert "'squidd' is unknown; use one of squid" in ended.err


@pytest.mark.parametrize("name", ["paloalto", "palo_alto", "Palo Alto"])
def test_product_however_it_is_spelled(name: str) -> None:
    """A product has the name that `endpoints --format` has, and the one that people write."""
    ended = run("report", "ticket", FILE, "--owner", "proxy", "--product", name)
    assert ended.code == 0, ended.err
    assert "Palo Alto Networks" in ended.out


def test_whom_the_change_is_for() -> None:
    """The addresses that others see are told by whoever asks: the lines are for them alone; what is
    no address costs one line and exit 2."""
    words = ("report", "ticket", FILE, "--owner", "proxy", "--product", "squid", "--client")
    ended = run(*words, "10.20.4.0/24")
    assert ended.code == 0, ended.err
    assert "Its addresses:   10.20.4.0/24\n" in ended.out
    assert "_clients src 10.20.4.0/24\n" in ended.out
    assert "are for every client" not in ended.out
    ended = run(*words, "everybody")
    assert (ended.code, ended.out) == (2, "")
    assert "--client" in ended.err
