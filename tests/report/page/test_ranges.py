"""The bypass list drawn over the cluster's ranges, and said in words beside it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from arcprobe.model import Attempt, Cluster, Observation, Range, Report
from arcprobe.report.page.ranges import draw_ranges
from arcprobe.report.words import Words
from tests.support.golden import played

SERVICES = Range(cidr="10.96.0.0/12", what="services", source="kubeadm")
PODS = Range(cidr="10.244.0.0/16", what="pods", source="nodes")


def drawn(skip_range: str, cluster: Cluster, *, has_proxy: bool = True) -> ET.Element | None:
    """The section for a bypass list and a cluster; None where there is none."""
    report: Report = played("everything")
    settings = msgspec.structs.replace(report.run.settings, skip_range=skip_range)
    if not has_proxy:
        settings = msgspec.structs.replace(settings, proxy_https=None, proxy_http=None)
    run = msgspec.structs.replace(report.run, settings=settings)
    seen = Observation(check="skip-range", attempts=(Attempt(label="cluster", steps=(cluster,)),))
    report = msgspec.structs.replace(report, run=run, observations=(seen,))
    text = draw_ranges(report, Words())
    return ET.fromstring(text) if text else None


def words(section: ET.Element | None) -> list[str]:
    """What stands beside each strip."""
    assert section is not None
    return ["".join(item.itertext()) for item in section.iter("li")]


def parts(section: ET.Element | None) -> list[tuple[str, float, float]]:
    """The parts of the first strip: class, begin, width."""
    assert section is not None
    strip = next(section.iter("svg"))
    return [
        (part.attrib["class"], float(part.attrib["x"]), float(part.attrib["width"]))
        for part in strip.iter("rect")
    ]


def test_words() -> None:
    """Each range is named with what of it goes to the proxy."""
    cluster = Cluster(source="api", ranges=(SERVICES, PODS))
    assert words(drawn("10.96.0.0/13,10.244.0.0/16", cluster)) == [
        "Services 10.96.0.0/12: to the proxy: 10.104.0.0-10.111.255.255",
        "Pods 10.244.0.0/16: bypasses the proxy",
    ]


def test_strip() -> None:
    """The strip shows the covered half, the open half and the addresses in use, as wide as they are
    of the range, an address as a tick."""
    cluster = Cluster(source="api", ranges=(SERVICES,), addresses=("10.96.0.1", "10.104.0.0"))
    assert parts(drawn("10.96.0.0/13", cluster)) == [
        ("bar pass", 0.0, 500.0),
        ("bar fail", 500.0, 500.0),
        ("bar used", 0.0, 4.0),
        ("bar used", 500.0, 4.0),
    ]


@pytest.mark.parametrize(
    ("addresses", "due"),
    [
        (("10.96.0.1", "10.110.3.99"), "10.96.0.0/12"),
        (("192.0.2.1", "192.0.2.200"), "192.0.2.0/24"),
        (("fd00::1",), ""),
    ],
)
def test_range_that_is_not_known(addresses: tuple[str, ...], due: str) -> None:
    """Where nobody names the Services' range, a usual one round their addresses is drawn, else the
    closest network."""
    found = drawn("", Cluster(source="file", addresses=addresses))
    if not due:
        assert found is None
        return
    (told,) = words(found)
    assert re.match(rf"Services {re.escape(due)}: to the proxy", told)


def test_nothing_to_draw() -> None:
    """Without a proxy, or a cluster that tells a range, there is no section."""
    assert drawn("", Cluster(source="api", ranges=(SERVICES,)), has_proxy=False) is None
    assert drawn("", Cluster(source="api")) is None
