"""By which route an endpoint is asked, and which names are looked up."""

from __future__ import annotations

from msgspec.structs import replace

from arcprobe.model import Kind, Route
from arcprobe.plan import further, make_plan
from arcprobe.plan.routes import route, routed
from tests.plan.asked import CARRIERS, PROXY, RELAY, config_of, discovery_of, kinds, one, plan_of


def test_no_proxy() -> None:
    """Without a proxy everything goes direct: each name is looked up, no proxy is asked, nothing is
    to be bypassed."""
    checks = plan_of()
    assert {check.route for check in checks} == {"direct"}
    assert Kind.PROXY not in kinds(checks)
    names = {check.host for check in checks if check.kind is Kind.DNS}
    assert {check.host for check in checks if check.kind in CARRIERS} <= names
    assert one(checks, kind=Kind.SKIP_RANGE).note


def test_proxy() -> None:
    """Behind a proxy every endpoint goes through it, only the proxy's own name is looked up, and it
    is asked itself."""
    checks = plan_of(PROXY)
    assert {check.route for check in checks if check.kind in (*CARRIERS, Kind.TLS)} == {"proxy"}
    assert {check.host for check in checks if check.kind is Kind.DNS and check.host} == {
        "proxy.corp"
    }
    asked = one(checks, kind=Kind.PROXY)
    assert (asked.target, asked.required, asked.proxy) == ("proxy.corp:3128", True, asked.proxy)
    assert not one(checks, kind=Kind.SKIP_RANGE).note


def test_bypassed_endpoint() -> None:
    """An endpoint that the skip range bypasses goes direct, its name is looked up, and the entry is
    kept."""
    host = "eastus.dp.kubernetesconfiguration.azure.com"
    checks = plan_of(PROXY, proxy_skip_range=f".svc,{host}")
    carrier = one(checks, host=host, kind=Kind.HTTPS)
    assert (carrier.route, carrier.proxy, carrier.via_bypass) == ("direct", None, host)
    assert one(checks, host=host, kind=Kind.DNS)
    assert one(checks, host="management.azure.com", kind=Kind.HTTPS).route == Route.PROXY


def test_names_that_nobody_asks() -> None:
    """Neither what --resolve fixes nor localhost (RFC 6761) is looked up; another port of the same
    host is."""
    asked = plan_of(
        resolve=["a.corp:443:127.0.0.1"],
        endpoint=[
            "https://a.corp",
            "https://b.corp",
            "https://localhost:8443",
            "https://x.localhost",
        ],
    )
    names = {check.host for check in asked if check.kind is Kind.DNS}
    assert "b.corp" in names
    assert not names & {"a.corp", "localhost", "x.localhost"}
    assert one(
        plan_of(resolve=["a.corp:443:127.0.0.1"], endpoint=["https://a.corp:8443"]), id="dns a.corp"
    )
    assert not [
        check
        for check in plan_of(PROXY, resolve=["proxy.corp:3128:127.0.0.1"])
        if check.kind is Kind.DNS and check.host
    ]


def test_further_by_a_bypass() -> None:
    """A discovered host that the skip range bypasses goes direct."""
    config = config_of(PROXY, proxy_skip_range=".servicebus.windows.net")
    discovery = discovery_of("gns")
    added = further(config, make_plan(config), discovery, [f"a{RELAY}"])
    assert {check.route for check in added} == {"direct"}
    assert {check.kind for check in added} >= {Kind.DNS, Kind.TLS}


MONITOR = "Microsoft.AzureMonitor.Containers"


def test_keywords_of_az() -> None:
    """What --add-proxy-bypass names goes direct and its name is looked up, the rest stays with the
    proxy; the keyword means the same inside the list."""
    host = "eastus.dp.kubernetesconfiguration.azure.com"
    for flags in ({"add-proxy-bypass": ["arc"]}, {"proxy-skip-range": "10.96.0.0/12,Arc"}):
        checks = plan_of({**PROXY, **flags})
        carrier = one(checks, host=host, kind=Kind.HTTPS)
        assert (carrier.route, carrier.via_bypass) == (
            "direct",
            ".dp.kubernetesconfiguration.azure.com",
        )
        assert one(checks, host=host, kind=Kind.DNS)
        assert one(checks, host="gbl.his.arc.azure.com", kind=Kind.HTTPS).route == "direct"
        assert one(checks, host="management.azure.com", kind=Kind.HTTPS).route == "proxy"


def test_keyword_of_the_monitoring_extension() -> None:
    """Its hosts go direct by a ConfigMap, not by the list; the route names the keyword."""
    flags = {**PROXY, "add-proxy-bypass": [f"Arc,{MONITOR}"], "feature": ["container-insights"]}
    checks = plan_of(flags)
    asked = one(checks, host="eastus.handler.control.monitor.azure.com", kind=Kind.HTTPS)
    assert (asked.route, asked.via_bypass) == ("direct", MONITOR)
    without = plan_of({**PROXY, "feature": ["container-insights"]})
    proxied = one(without, host="eastus.handler.control.monitor.azure.com", kind=Kind.HTTPS)
    assert (proxied.route, proxied.via_bypass) == ("proxy", "")


def test_clear_text_has_the_proxy_for_http() -> None:
    """An endpoint of http goes by --proxy-http, and has no TLS to be asked about."""
    config = config_of(PROXY, proxy_http="http://plain.corp:8080")
    proxy, entry = route(config.settings, "http", "a.corp", 80)
    assert proxy is not None
    assert (proxy.url, entry) == ("http://plain.corp:8080", "")
    https = one(plan_of(PROXY, endpoint=["https://a.corp/x"]), host="a.corp", kind=Kind.HTTPS)
    (asked,) = routed(config, replace(https, id="", protocol="http", port=80))
    assert (asked.kind, asked.proxy) == (Kind.HTTPS, proxy)
