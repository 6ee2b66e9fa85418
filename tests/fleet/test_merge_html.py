"""The picture of many places as a page."""

from __future__ import annotations

from arcprobe.fleet import merge_html
from arcprobe.model import Layer
from tests.fleet.sample import DENIED, merged, report


def test_groups_and_every_node() -> None:
    """Each group of places stands in a row, with the rung that is broken there and every node by
    its name."""
    nodes = [report(f"node-{number}", "pod") for number in range(300)]
    html = merge_html.render(merged(report("bad-1", "pod", DENIED), *nodes))
    assert "1 × pod" in html
    assert "300 × pod" in html
    assert all(f"node-{number}" in html for number in range(300))
    marked = '<td class="mark" data-rung="proxy"><span class="fail">✗</span></td>'
    assert html.count(marked) == 1


def test_no_report_has_no_groups() -> None:
    """Where nothing was merged there is no table."""
    assert "Places by what they see" not in merge_html.render(merged())


def test_codes_of_later_versions() -> None:
    """A code that is not known marks no rung."""
    assert merge_html.layer_of("proxy-denied") is Layer.PROXY
    assert merge_html.layer_of("carrier-pigeon-lost") is Layer.RUN
