"""How products read entries of lists."""

from __future__ import annotations

from arcprobe.knowledge.products.wildcards import WILDCARDS


def test_products_differ() -> None:
    """Squid and Zscaler take a dot, Palo Alto and FortiGate a star; none of them both."""
    taken = {name: (each.dot, each.star) for name, each in WILDCARDS.items()}
    assert taken == {
        "plain": (True, True),
        "squid": (True, False),
        "paloalto": (False, True),
        "fortigate": (False, True),
        "zscaler": (True, False),
    }
