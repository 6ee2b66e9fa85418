"""Drawings as SVG."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from arcprobe.report.page.drawings import draw_hops, waterfall
from arcprobe.report.table import table
from arcprobe.report.words import Words
from tests.support.golden import played

from .. import sample


def test_hops() -> None:
    """Each hop is a box with its mark; the drawing has a name for those who do not see it."""
    report = played("everything")
    svg = ET.fromstring(draw_hops(report, table(report), Words()))
    assert [each.text for each in svg.iter("text")] == [
        "laptop",
        "DNS ✓",
        "proxy ✗ 2",
        "TLS ! 2",
        "HTTP ✓",
        "WebSocket ✗ 2",
        "Azure",
    ]
    assert svg.get("aria-label") == "The way to Azure, hop by hop"


def test_waterfall() -> None:
    """A line a connection, a bar a step, within the drawing; nothing where nothing was seen."""
    svg = ET.fromstring(waterfall(played("everything"), Words()))
    bars = list(svg.iter("rect"))
    assert bars
    assert all(float(bar.get("x", "")) + float(bar.get("width", "")) <= 650 for bar in bars)
    assert waterfall(sample.clean(), Words()) == "" or "<svg" in waterfall(sample.clean(), Words())
