"""Drawings as SVG."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from arcprobe.report.page.drawings import Segment, draw_hops, strip, waterfall
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
    assert svg.get("aria-label") == "The path to Azure, hop by hop"


def test_waterfall() -> None:
    """A line a connection, a bar a step, within the drawing; nothing where nothing was seen."""
    svg = ET.fromstring(waterfall(played("everything"), Words()))
    bars = list(svg.iter("rect"))
    assert bars
    assert all(float(bar.get("x", "")) + float(bar.get("width", "")) <= 650 for bar in bars)
    assert waterfall(sample.clean(), Words()) == "" or "<svg" in waterfall(sample.clean(), Words())


def test_strip() -> None:
    """What is broken stands low, so that no colour is needed to see it; without a label the strip
    is for the eye alone."""
    parts = [Segment(0.0, 0.25, "pass"), Segment(0.25, 0.75, "fail", "three nodes")]
    svg = ET.fromstring(strip(parts))
    assert svg.attrib["aria-hidden"] == "true"
    heights = [(part.attrib["y"], part.attrib["width"]) for part in svg.iter("rect")]
    assert heights == [("0", "250.0"), ("7", "750.0")]
    assert [title.text for title in svg.iter("title")] == ["three nodes"]
    assert ET.fromstring(strip(parts, "tls: broken")).attrib["aria-label"] == "tls: broken"
