"""The allow list for Zscaler."""

from __future__ import annotations

from arcprobe.knowledge.products.zscaler import allow_list
from tests.knowledge.products.selections import FOUR, TITLE


def test_a_list_for_a_url_category() -> None:
    """One entry a line, lowest port first; a port that is neither 80 nor 443 is named, its hosts
    stand once with it and once without."""
    assert allow_list(FOUR) == TITLE + (
        "# ZIA custom URL category, one entry a line (leave these # lines out); "
        "not tested in a tenant. Use the category in an\n"
        "# SSL inspection rule `Do not inspect` and in a URL filtering rule `Allow`.\n"
        "crl.example\n"
        ".relay.example\n"
        "# Firewall control: network service TCP 8084 to the next entries, allowed\n"
        "api.example:8084\n"
        "api.example"
    )
