"""Entries of a bypass list that take required endpoints past the proxy."""

from __future__ import annotations

import pytest

from arcprobe.findings.questions.bypass_breadth import too_broad
from arcprobe.knowledge.language import language
from arcprobe.model import Verdict
from tests.findings.seen import said, value_of

AZURE = (
    ("management.azure.com", 443),
    ("mcr.microsoft.com", 443),
    ("*.servicebus.windows.net", 443),
)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "10.0.0.0/8,.svc",
        "management.azure.com",
        "mcr.microsoft.com:443",
        ".com;x",
        "azure.com:80",
    ],
)
def test_no_breadth(given: str) -> None:
    """A host's own name is meant; another port, a malformed entry, a range of others take
    nothing."""
    assert list(too_broad(given, AZURE)) == []


def test_the_words() -> None:
    """Each entry with what it takes; the first endpoint names the summary; all entries are what is
    to be healed."""
    (only,) = too_broad("x,.com,.windows.net", AZURE)
    assert said(only) == (
        "`.com` bypasses the proxy for: management.azure.com:443, mcr.microsoft.com:443",
        "`.windows.net` bypasses the proxy for: *.servicebus.windows.net:443",
    )
    assert value_of(only, "entry") == ".com, .windows.net"
    assert value_of(only, "entries") == ".com, .windows.net"
    assert value_of(only, "host") == "management.azure.com"
    assert only.subject == ".com, .windows.net"
    assert only.verdict is None


def test_eight_lines() -> None:
    """Of many entries eight are told, all are counted."""
    many = tuple((f"a.b{number}.example", 443) for number in range(9))
    (only,) = too_broad(",".join(f".b{number}.example" for number in range(9)), many)
    assert len(said(only)) == 8
    assert value_of(only, "entries").endswith(".b7.example and 1 more")


def test_what_az_itself_sends_past() -> None:
    """An entry that takes only hosts that az itself sends past the proxy is a warning with advice
    of its own, beside the slip of another."""
    hosts = (("eastus.his.arc.azure.com", 443), ("management.azure.com", 443))
    slip, meant = too_broad(".his.arc.azure.com,management.azure.com,azure.com", hosts)
    assert value_of(slip, "entries") == "azure.com"
    assert slip.verdict is None
    assert (value_of(meant, "entries"), meant.verdict) == (".his.arc.azure.com", Verdict.WARN)
    assert meant.summary is not None
    assert language().say(meant.summary) == (
        "The bypass list sends hosts of Azure Arc past the proxy (.his.arc.azure.com), which is"
        " right only with private endpoints"
    )
    assert meant.remedy is not None
    assert language().say(meant.remedy).endswith("without, remove .his.arc.azure.com.")
