"""The picture of many places as a page."""

from __future__ import annotations

import re

from arcprobe.fleet import merge_html
from arcprobe.model import Layer
from tests.fleet.sample import DENIED, large, merged, report


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


def test_map() -> None:
    """Each rung is a strip in which every group has its part, in the order of the groups; those
    that are alike are one part, and the label says what is broken."""
    nodes = [report(f"node-{number}", "pod") for number in range(3)]
    html = merge_html.render(merged(report("bad-1", "pod", DENIED), *nodes))
    section = html.partition('id="map"')[2].partition("</section>")[0]
    strips = re.findall(r"<svg.*?</svg>", section)
    labels = [re.findall(r'aria-label="([^"]*)"', strip)[0] for strip in strips]
    assert "proxy: broken: 1 × pod: bad-1" in labels
    (proxy,) = (strip for strip in strips if 'aria-label="proxy' in strip)
    assert re.findall(r'class="bar (\w+)" x="([\d.]+)" y="(\d+)" width="([\d.]+)"', proxy) == [
        ("fail", "0.0", "7", "250.0"),
        ("pass", "250.0", "0", "750.0"),
    ]
    (dns,) = (strip for strip in strips if 'aria-label="dns' in strip)
    assert dns.count("<rect") == 1


def test_five_thousand_nodes_are_below_5_mb() -> None:
    """Ten thousand places in a hundred groups: the page has every node and is below 5 MB."""
    html = merge_html.render(large())
    assert all(f"aks-nodepool1-{number:08}-vmss" in html for number in range(5_000))
    assert len(html.encode()) < 5_000_000
