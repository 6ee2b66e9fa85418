"""``arcprobe report ticket``."""

from __future__ import annotations

from tests.support.golden import ROOT
from tests.support.rehearsed import run

FILE = str(ROOT / "fixtures" / "everything" / "recording.json")


def test_ticket() -> None:
    """The page of one owner, exit 0."""
    ended = run("report", "ticket", FILE, "--owner", "proxy")
    assert ended.code == 0
    assert ended.out.startswith("Proxy team: a change is needed for Azure Arc\n")
    markdown = run("report", "ticket", FILE, "--owner", "proxy", "--format", "markdown")
    assert markdown.out.startswith("## Proxy team")


def test_wrong_owner_and_product() -> None:
    """An owner without a part, and a product that is not known, cost one line and exit 2."""
    ended = run("report", "ticket", FILE, "--owner", "dns")
    assert (ended.code, ended.out) == (2, "")
    assert "nothing in this report is for dns; it has something for proxy, you" in ended.err
    ended = run("report", "ticket", FILE, "--owner", "proxy", "--product", "squidd")
    assert ended.code == 2
    assert "nearest: squid" in ended.err
