"""What is pasted into PowerShell on a server is PowerShell."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.products.lines import Asked
from arcprobe.knowledge.products.registry import product, written
from arcprobe.model import Code
from tests.support.powershell import command, parsed

ASKED = Asked(targets=(("a.example", 443), ("*.c.example", 8084)))


@pytest.mark.parametrize("name", ["windows_dns", "forefront_tmg"])
def test_all_lines_are_parsed(name: str) -> None:
    """By a grammar of PowerShell: the lines, and what loads and undoes them."""
    for code in product(name).lines:
        pasted = written(name, code, ASKED)
        assert pasted is not None
        for text in filter(None, ("\n".join(pasted.lines), pasted.apply, pasted.undo)):
            parsed(text)


def test_a_forwarder_is_a_cmdlet_with_its_parameters() -> None:
    """learn.microsoft.com, Add-DnsServerConditionalForwarderZone and Remove-DnsServerZone."""
    pasted = written("windows_dns", Code.NAME_UNKNOWN, ASKED)
    assert pasted is not None
    assert pasted.undo is not None
    assert [command(text) for text in pasted.lines] == [
        ["Add-DnsServerConditionalForwarderZone", "-Name", name, "-MasterServers", "192.0.2.53"]
        for name in ('"a.example"', '"c.example"')
    ]
    assert [command(text) for text in pasted.undo.splitlines()] == [
        ["Remove-DnsServerZone", "-Name", name, "-Force"] for name in ('"a.example"', '"c.example"')
    ]


def test_the_grammar_refuses_what_is_none() -> None:
    """A quote without its end, a bracket too many."""
    for text in ("az x --name 'a", 'Remove-DnsServerZone -Name "a', "az x --a (b", "az x )"):
        with pytest.raises(AssertionError):
            parsed(text)
