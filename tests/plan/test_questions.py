"""The plan: which questions follow from which settings, each once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from arcprobe.knowledge import catalogue
from arcprobe.model import Kind, Route
from arcprobe.model.errors import ConfigError
from arcprobe.plan import bypass_list_checks, further, make_plan
from tests.plan.asked import (
    CARRIERS,
    GATEWAY,
    PROXY,
    RELAY,
    config_of,
    discovery_of,
    kinds,
    one,
    plan_of,
)

SKIP_RANGES = st.sampled_from(
    [
        "",
        "*",
        ".azure.com",
        "*.azure.com",
        "eastus.dp.kubernetesconfiguration.azure.com",
        "10.0.0.0/8",
    ]
)


FLAGS = st.fixed_dictionaries(
    {},
    optional={
        "cloud": st.sampled_from(catalogue.CLOUDS),
        "proxy-https": st.sampled_from(
            ["http://proxy.corp:3128", "https://10.0.0.8:3129", "socks5h://[fd00::8]"]
        ),
        "proxy-http": st.just("http://plain.corp:8080"),
        "gateway-url": st.sampled_from(
            ["contoso.gw.arc.azure.com", "eastus.dp.kubernetesconfiguration.azure.com"]
        ),
        "feature": st.lists(st.sampled_from(catalogue.FEATURES), unique=True, max_size=6),
        "no-feature": st.just(["cluster-connect"]),
        "key-vault": st.lists(st.sampled_from(["vault-one", "vault-two"]), unique=True),
        "endpoint": st.lists(
            st.sampled_from(
                """https://10.1.2.3 https://a.corp/x https://a.corp/y wss://a.corp
                https://mcr.microsoft.com https://[::1]""".split()
            ),
            unique=True,
        ),
        "proxy-skip-range": SKIP_RANGES,
        "direct": st.booleans(),
        "only": st.lists(
            st.sampled_from(["*.azure.com", "dns", "tls", "*", "a.corp", "mcr*"]), max_size=2
        ),
        "skip": st.lists(
            st.sampled_from(
                ["https", "*.azure.com", "discovery", "proxy", "gateway", "skip-range"]
            ),
            max_size=2,
        ),
    },
)


def test_gateway() -> None:
    """With a gateway its host is asked as gateway, https and wss, and what it carries is not
    asked."""
    checks = plan_of(PROXY | GATEWAY)
    host = "contoso.gw.arc.azure.com"
    assert kinds(tuple(check for check in checks if check.host == host)) == {
        Kind.GATEWAY,
        Kind.HTTPS,
        Kind.WEBSOCKET,
        Kind.TLS,
    }
    carried = {each.target for each in plan_of(PROXY)} - {each.target for each in checks}
    assert {
        f"{row.host}:{row.port}" for row in catalogue.removable("AzureCloud", "eastus")
    } <= carried


@pytest.mark.parametrize("cloud", ["AzureUSGovernment", "AzureChinaCloud"])
def test_gateway_elsewhere(cloud: str) -> None:
    """Where there is no gateway in the cloud, that alone is asked."""
    assert kinds(plan_of(PROXY | GATEWAY, cloud=cloud)) == {Kind.GATEWAY}


def test_the_cluster_is_asked_behind_a_proxy() -> None:
    """The cluster is asked only where there is a proxy to bypass; else the check says why not."""
    behind = one(plan_of(PROXY), kind=Kind.SKIP_RANGE)
    assert (behind.asks_cluster, behind.note) == (True, "")
    without = one(plan_of(), kind=Kind.SKIP_RANGE)
    assert not without.asks_cluster
    assert without.note == "no proxy is set: there is nothing to bypass"


def test_bypass_list_alone() -> None:
    """For the bypass list alone its question comes first, with the required endpoints."""
    asked, *endpoints = bypass_list_checks(config_of(PROXY))
    assert asked.kind is Kind.SKIP_RANGE
    assert {check.required for check in endpoints} == {True}
    assert "management.azure.com:443" in {check.target for check in endpoints}


def test_further() -> None:
    """A finished discovery adds the questions of each host, by the same route, as required as the
    pattern; and only once."""
    config = config_of(PROXY)
    planned = make_plan(config)
    discovery = discovery_of("gns")
    added = further(config, planned, discovery, [f"a{RELAY}"])
    assert added
    assert {
        (check.host, check.route, check.pattern, check.required)
        for check in added
        if check.kind is not Kind.DNS
    } == {("a.servicebus.windows.net", "proxy", discovery.pattern, discovery.required)}
    assert further(config, (*planned, *added), discovery, [f"a{RELAY}"]) == ()


@settings(max_examples=150, deadline=None)
@given(FLAGS)
def test_any_settings(flags: dict[str, Any]) -> None:
    """Whatever is set: ids are unique, what a check is judged from is asked, routes are as named;
    the same plan is made again."""
    config = config_of(flags)
    try:
        checks = make_plan(config)
    except ConfigError:
        assert config.settings.only or config.settings.skip
        return
    ids = [check.id for check in checks]
    assert len(set(ids)) == len(ids)
    by_id = {check.id: check for check in checks}
    carriers = set()
    for check in checks:
        assert (check.route == Route.PROXY) == (check.proxy is not None) or check.kind is Kind.DNS
        assert not check.proxy or not check.via_bypass
        assert not check.compare or not check.required
        if check.observed_with:
            carrier = by_id[check.observed_with]
            assert carrier.kind in CARRIERS
            if check.kind is Kind.TLS:
                assert (carrier.host, carrier.port, carrier.proxy) == (
                    check.host,
                    check.port,
                    check.proxy,
                )
        if check.kind in CARRIERS:
            key = (
                check.kind,
                check.host,
                check.port,
                check.route,
                check.path if check.custom else "",
            )
            assert key not in carriers
            carriers.add(key)
            if check.proxy is not None:
                assert f"proxy {check.proxy.url}" in by_id
    assert make_plan(config) == checks


def test_a_discovery_of_another_cloud() -> None:
    """A pattern that is not among the rows of this run adds nothing."""
    config = config_of(PROXY, cloud="AzureChinaCloud")
    assert further(config, make_plan(config), discovery_of("gns"), [f"a{RELAY}"]) == ()
