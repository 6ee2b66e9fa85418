"""The cards of the causes."""

from __future__ import annotations

from arcprobe.report.page.cards import Cards
from arcprobe.report.words import Words
from tests.support.golden import played


def cards(scenario: str) -> str:
    """The cards of a scenario."""
    return "".join(Cards(played(scenario), Words()).sections())


def test_a_card_is_enough_to_act() -> None:
    """Headline, code, who acts, the lines with a button that copies them, when it is done, the
    endpoint with its purpose, and what the code means."""
    html = cards("denied")
    for words in (
        '<article id="cause-1" class="fail" data-verdict="fail" data-owners="proxy">',
        "<code>proxy-denied</code> – the proxy team",
        'data-copy="change-1-1"',
        "squid -k parse &amp;&amp; squid -k reconfigure",
        "prints 200",
        "Names the region&#x27;s identity host.",
        "What it means",
    ):
        assert words in html


def test_certificate_expected_beside_seen() -> None:
    """Where a certificate was replaced, who should have signed stands beside who did, and the row
    is marked."""
    html = cards("inspected")
    assert '<th scope="col">Expected</th>' in html
    assert '<tr class="differs fail"><th scope="row">Issuer</th>' in html
    assert "Contoso Corporate Root CA" in html
    assert "differs" not in cards("denied")
