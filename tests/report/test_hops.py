"""The hops of the way, from the table."""

from __future__ import annotations

from arcprobe.model import Layer, Verdict
from arcprobe.report import hops
from arcprobe.report.table import About, table
from tests.support.golden import played


def test_worst_of_each_rung_and_how_many() -> None:
    """A hop has the gravest verdict of its rung and the number of endpoints with it."""
    found = {hop.layer: (hop.verdict, hop.count) for hop in hops.hops(table(played("everything")))}
    assert found[Layer.PROXY] == (Verdict.FAIL, 2)
    assert found[Layer.TLS] == (Verdict.WARN, 2)
    assert found[Layer.WEBSOCKET] == (Verdict.FAIL, 2)


def test_working_counts_endpoints_alone() -> None:
    """Wildcards, the proxy and the bypass list are no endpoints; a warning works."""
    assert hops.working(table(played("everything"))) == (10, 14)


def test_beside() -> None:
    """The bypass list and the gateway are told apart, where they were judged."""
    assert hops.beside(table(played("everything"))) == ((About.BYPASS_LIST, Verdict.FAIL),)
    gateway = dict(hops.beside(table(played("gateway-inspected"))))
    assert gateway[About.GATEWAY] is Verdict.FAIL
