"""What went through the gateway, for people."""

from __future__ import annotations

from arcprobe.knowledge import catalogue
from arcprobe.lifecycle.traffic import compared, read_log
from arcprobe.lifecycle.traffic_text import as_text


def test_a_page() -> None:
    """A table, what never appears, what was not understood, what is broken."""
    log = [b"CONNECT shop.example.com:443 status=403\nCONNECT mcr.microsoft.com:443\nhello\n"]
    page = as_text(read_log(log), "arc-proxy.log").splitlines()
    assert page[0] == "Log of arc-proxy.log: 3 lines, about 2 hosts"
    assert page[2].split() == ["HOST", "TIMES", "REFUSED", "FAILED", "FIRST", "LAST", "NOTE"]
    assert page[3].split() == ["mcr.microsoft.com:443", "1", "0", "0", "-", "-"]
    assert page[4].endswith("not on the gateway's list of 2026-02-17")
    assert page[-1] == "Never successful, only refused or failed: shop.example.com:443"
    assert "1 lines name no host; such as:" in page


def test_what_is_silent_is_told() -> None:
    """With what is required: each that never appears, or that all do."""
    required = catalogue.removable("AzureCloud", "eastus", ())
    nothing = as_text(compared(read_log([b"hello"]), required), "x")
    assert "  eastus.dp.kubernetesconfiguration.azure.com:443" in nothing.splitlines()
    everything = as_text(compared(read_log([b"hello"]), ()), "x")
    assert "Every host that the settings need through the gateway appears." in everything


def test_an_empty_log() -> None:
    """A log without a line is said to be one."""
    assert as_text(read_log([b"\n"]), "x") == "The log has no line."


def test_further_hosts_are_counted() -> None:
    """Hosts beyond what is told apart are a line."""
    log = [b"".join(b"CONNECT h%d.example.com\n" % number for number in range(5_003))]
    assert "3 lines are about further hosts" in as_text(read_log(log), "x")
