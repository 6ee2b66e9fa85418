"""The questions about each proxy: does its name resolve, does it open tunnels?"""

from __future__ import annotations

from arcprobe.model import Duty, Kind
from tests.plan.asked import PROXY, kinds, one, plan_of


def test_proxy_by_address() -> None:
    """A proxy that is named by its address has no name to look up."""
    assert Kind.DNS not in kinds(plan_of({"proxy-https": "http://10.0.0.8:3128"}))


def test_proxy_that_resolve_fixes() -> None:
    """Neither has one whose address --resolve fixes."""
    checks = plan_of(PROXY, resolve=["proxy.corp:3128:10.0.0.8"])
    assert Kind.DNS not in kinds(checks)


def test_unused_proxy() -> None:
    """--proxy-http is asked for its own sake where nothing goes by http; it cannot fail the run."""
    checks = plan_of(PROXY, proxy_http="http://plain.corp:8080")
    unused = one(checks, kind=Kind.PROXY, host="plain.corp")
    assert (unused.duty, unused.required) == (Duty.UNUSED, False)
    assert unused.purpose == "the proxy of --proxy-http"


def test_one_proxy_for_both() -> None:
    """A proxy that both settings name is asked once, as the one of https."""
    checks = plan_of(PROXY, proxy_http="http://proxy.corp:3128")
    assert one(checks, kind=Kind.PROXY).purpose == "the proxy of --proxy-https"
