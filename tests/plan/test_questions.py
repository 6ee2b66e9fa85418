"""The plan: which questions follow from which settings, by which route, each once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from arcprobe.knowledge import catalogue
from arcprobe.model import Check, Config, Kind, Report, Route, Verdict
from arcprobe.model.errors import ConfigError
from arcprobe.pipeline import judged
from arcprobe.plan import further, make_plan
from arcprobe.plan.filters import filtered
from arcprobe.report import as_json
from arcprobe.settings.load import load
from tests.support.recordings import FOLDER

PROXY = {"proxy-https": "http://proxy.corp:3128"}
GATEWAY = {"gateway-url": "https://contoso.gw.arc.azure.com"}
RELAY = ".servicebus.windows.net"
CARRIERS = (Kind.HTTPS, Kind.WEBSOCKET)
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
                "https://10.1.2.3 https://a.corp/x https://a.corp/y wss://a.corp https://mcr.microsoft.com https://[::1]".split()
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
REGIONS = {
    "AzureCloud": "eastus",
    "AzureUSGovernment": "usgovvirginia",
    "AzureChinaCloud": "chinaeast2",
}


def config_of(flags: Mapping[str, Any] | None = None, **more: Any) -> Config:
    """The settings of these flags, in eastus or a region of the cloud."""
    given_flags = {
        **(flags or {}),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return load({"region": REGIONS[given_flags.get("cloud", "AzureCloud")], **given_flags}, {})


def plan_of(flags: Mapping[str, Any] | None = None, **more: Any) -> tuple[Check, ...]:
    """The plan of these flags."""
    return make_plan(config_of(flags, **more))


def kinds(checks: tuple[Check, ...]) -> set[Kind]:
    """The kinds that occur."""
    return {check.kind for check in checks}


def one(checks: tuple[Check, ...], **fields: Any) -> Check:
    """The only check with these fields."""
    (found,) = [
        check
        for check in checks
        if all(getattr(check, name) == value for name, value in fields.items())
    ]
    return found


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


def test_proxy_by_address() -> None:
    """A proxy that is named by its address has no name to look up."""
    assert Kind.DNS not in kinds(plan_of({"proxy-https": "http://10.0.0.8:3128"}))


def test_endpoints_of_the_cloud_are_all_asked() -> None:
    """Each row of the catalogue is asked as https or wss, or is a pattern with its discovery; no
    other endpoint is."""
    checks = plan_of(PROXY)
    rows = catalogue.endpoints("AzureCloud", "eastus")
    for row in rows:
        kind = (
            Kind.DISCOVERY
            if row.host.startswith("*.")
            else Kind.WEBSOCKET
            if row.protocol == "wss"
            else Kind.HTTPS
        )
        assert one(checks, host=row.host, port=row.port, kind=kind).required is row.required
    known = {row.host for row in rows} | {each for row in rows for each in row.representatives}
    known |= {check.host for check in checks if check.discovery}
    assert {check.host for check in checks if check.kind in CARRIERS} <= known


def test_features() -> None:
    """What belongs to a feature that is off is not asked; switched on it is."""
    without = {check.target for check in plan_of(PROXY)}
    added = {
        check.target
        for check in plan_of(PROXY, feature=["portal", "key-vault"], key_vault=["corp"])
    } - without
    assert "corp.vault.azure.net:443" in added
    assert not [
        check
        for check in plan_of(PROXY, no_feature=["cluster-connect"])
        if check.feature == "cluster-connect"
    ]


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


def test_direct_comparison() -> None:
    """--direct asks every endpoint a second time without the proxy, never required, and not its
    name."""
    checks = plan_of(PROXY, direct=True)
    compared = [check for check in checks if check.compare]
    through = {
        check.target for check in checks if check.route == Route.PROXY and check.kind in CARRIERS
    }
    assert through <= {check.target for check in compared}
    assert {(check.route, check.required) for check in compared} == {("direct", False)}
    assert Kind.DNS not in kinds(tuple(compared))
    assert not [check for check in plan_of(direct=True) if check.compare]


def test_bypassed_endpoint() -> None:
    """An endpoint that the skip range bypasses goes direct, its name is looked up, and the entry is
    kept."""
    host = "eastus.dp.kubernetesconfiguration.azure.com"
    checks = plan_of(PROXY, proxy_skip_range=f".svc,{host}")
    carrier = one(checks, host=host, kind=Kind.HTTPS)
    assert (carrier.route, carrier.proxy, carrier.via_bypass) == ("direct", None, host)
    assert one(checks, host=host, kind=Kind.DNS)
    assert one(checks, host="management.azure.com", kind=Kind.HTTPS).route == Route.PROXY


def test_endpoint_setting() -> None:
    """--endpoint adds its own questions, required, with its path; two paths of one host are two
    questions."""
    checks = plan_of(
        PROXY, endpoint=["https://a.corp/x", "https://a.corp/y", "wss://[fd00::1]:8443"]
    )
    assert sorted(
        check.path for check in checks if check.host == "a.corp" and check.kind is Kind.HTTPS
    ) == ["/x", "/y"]
    upgrade = one(checks, host="fd00::1", kind=Kind.WEBSOCKET)
    assert (upgrade.target, upgrade.required, upgrade.custom) == ("[fd00::1]:8443", True, True)


def test_only() -> None:
    """--only keeps what fits and what that is judged from or stands on; the proxy that is used is
    always asked."""
    checks = plan_of(PROXY, only=["tls"])
    assert kinds(checks) == {Kind.TLS, Kind.HTTPS, Kind.PROXY, Kind.DISCOVERY}
    assert kinds(tuple(check for check in checks if not check.supporting)) == {Kind.TLS, Kind.PROXY}
    checks = plan_of(PROXY, only=["management.azure.com"])
    assert {check.host for check in checks if check.kind is not Kind.PROXY} == {
        "management.azure.com"
    }
    assert kinds(plan_of(PROXY, only=["skip-range"])) == {Kind.SKIP_RANGE}


def test_skip() -> None:
    """--skip leaves out hosts and kinds."""
    checks = plan_of(PROXY, skip=["*.azure.com", "skip-range"])
    assert not [
        check
        for check in checks
        if check.kind in CARRIERS and check.host.endswith(".azure.com") and not check.discovery
    ]
    assert Kind.SKIP_RANGE not in kinds(checks)


@pytest.mark.parametrize(
    "glob",
    ["websocket", "azgnrelay-eastus-l1.servicebus.windows.net", "azgnrelay-*.net:443", f"*{RELAY}"],
)
def test_only_what_is_discovered(glob: str) -> None:
    """--only may name what a discovery has yet to find: that is asked, with what carries it, and
    what it finds is judged."""
    config = config_of(PROXY, only=[glob])
    checks = make_plan(config)
    discovery = one(checks, kind=Kind.DISCOVERY)
    assert discovery.supporting is (glob != f"*{RELAY}")
    assert one(checks, id=discovery.observed_with).supporting
    assert not one(checks, kind=Kind.PROXY).supporting
    added = further(config, checks, discovery, [f"azgnrelay-eastus-l1{RELAY}"])
    assert not one(added, kind=Kind.WEBSOCKET).supporting
    assert not [check for check in added if check.supporting and check.kind is not Kind.TLS]


def test_only_what_no_discovery_finds() -> None:
    """A glob that no host of a pattern can fit asks no discovery; neither does one whose findings
    --skip takes away."""
    assert Kind.DISCOVERY not in kinds(plan_of(PROXY, only=["management.azure.com"]))
    assert Kind.DISCOVERY not in kinds(
        plan_of(PROXY, only=["management.azure.com", f"x{RELAY}:80"])
    )
    with pytest.raises(ConfigError, match="--only: leaves no check"):
        plan_of(PROXY, only=["websocket"], skip=["discovery"])


def test_only_the_proxy() -> None:
    """--only proxy asks what goes through the proxy, which is judged from it, and judges nothing
    else."""
    checks = plan_of(PROXY, only=["proxy"])
    assert {check.kind for check in checks if not check.supporting} == {Kind.PROXY}
    assert {check.kind for check in checks if check.supporting} == {Kind.HTTPS}
    assert len([check for check in checks if check.supporting]) > 5


def test_only_a_target() -> None:
    """A glob may name host and port."""
    checks = plan_of(PROXY, only=["management.azure.com:443"])
    assert {
        check.host for check in checks if not check.supporting and check.kind is not Kind.PROXY
    } == {"management.azure.com"}


@pytest.mark.parametrize("kind", ["https", "websocket"])
def test_skip_a_carrier(kind: str) -> None:
    """What --skip names is asked only as what another check is judged from."""
    config = config_of(PROXY, skip=[kind])
    checks = make_plan(config)
    discovery = one(checks, kind=Kind.DISCOVERY, discovery="gns")
    checks += further(config, checks, discovery, [f"a{RELAY}"])
    found = [check for check in checks if check.kind == kind]
    assert found
    assert all(check.supporting for check in found)
    assert not [check for check in checks if check.supporting and check.kind != kind]


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


@pytest.mark.parametrize(("name", "glob"), [("only", "nothing"), ("skip", "*")])
def test_nothing_left(name: str, glob: str) -> None:
    """Filters that leave nothing are a wrong setting, not a pass."""
    with pytest.raises(ConfigError, match=f"--{name}: leaves no check"):
        plan_of(PROXY, **{name: [glob]})


# --------------------------------------------------------------------------------------------------


def discovery_of(key: str) -> Check:
    """The discovery of that key, behind the proxy."""
    return one(plan_of(PROXY), kind=Kind.DISCOVERY, discovery=key)


def test_discoveries_are_carried() -> None:
    """Each discovery is seen by a check that is asked, and that check asks the discovery's
    question."""
    checks = plan_of(PROXY)
    found = [check for check in checks if check.kind is Kind.DISCOVERY and check.discovery]
    assert {check.discovery for check in found} == {"his", "gns", "mcr"}
    for check in found:
        carrier = one(checks, id=check.observed_with)
        assert (carrier.discovery, carrier.kind, carrier.route) == (
            check.discovery,
            Kind.HTTPS,
            "proxy",
        )


def test_pattern_without_source() -> None:
    """A pattern whose hosts nothing names is kept as a question with its reason."""
    assert all(
        check.note
        for check in plan_of(PROXY, feature=list(catalogue.FEATURES))
        if check.kind is Kind.DISCOVERY and not check.observed_with
    )


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


def test_further_is_filtered() -> None:
    """--skip holds for what is discovered, too."""
    config = config_of(PROXY, skip=["*.servicebus.windows.net"])
    discovery = discovery_of("gns")
    assert further(config, make_plan(config), discovery, [f"a{RELAY}"]) == ()


def test_further_by_a_bypass() -> None:
    """A discovered host that the skip range bypasses goes direct."""
    config = config_of(PROXY, proxy_skip_range=".servicebus.windows.net")
    discovery = discovery_of("gns")
    added = further(config, make_plan(config), discovery, [f"a{RELAY}"])
    assert {check.route for check in added} == {"direct"}
    assert {check.kind for check in added} >= {Kind.DNS, Kind.TLS}


# --------------------------------------------------------------------------------------------------


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


# ------------------------------------------------------------------------------------------ what is

BAD = {Verdict.WARN, Verdict.FAIL, Verdict.ERROR}


@cache
def filtered_run(scenario: str, **filters: str) -> Report:
    """The recording of a scenario as it is judged when these filters leave their checks."""
    report = as_json.load((FOLDER / scenario / "recording.json").read_bytes())
    chosen = msgspec.structs.replace(
        report.run.settings, **{name: (glob,) for name, glob in filters.items()}
    )
    checks = filtered(chosen, report.checks)
    run = msgspec.structs.replace(report.run, settings=chosen)
    ids = {check.id for check in checks}
    return judged(run, checks, tuple(seen for seen in report.observations if seen.check in ids))


@pytest.mark.parametrize("kind", ["https", "websocket", "tls"])
@pytest.mark.parametrize(
    "scenario",
    ["denied", "denied-inside", "websocket-stripped", "inspected", "everything", "sni-filter"],
)
def test_what_is_skipped_is_not_judged(scenario: str, kind: str) -> None:
    """--skip of a kind leaves no finding of that kind but skips."""
    found = [
        finding for finding in filtered_run(scenario, skip=kind).findings if finding.kind == kind
    ]
    assert {finding.verdict for finding in found} <= {Verdict.SKIP}


@pytest.mark.parametrize(
    ("scenario", "filters", "codes"),
    [
        ("websocket-stripped", {"only": "websocket"}, {"websocket-stripped"}),
        ("denied", {"only": "tls"}, {"proxy-denied"}),
        ("denied", {"only": "discovery"}, {"proxy-denied"}),
        ("denied", {"skip": "https"}, {"proxy-denied"}),
        ("denied-inside", {"skip": "https"}, {"block-page"}),
        ("sni-filter", {"skip": "tls"}, {"tls-reset"}),
        ("proxy-blind", {"only": "websocket"}, {"proxy-cannot-resolve"}),
        ("proxy-down", {"only": "proxy"}, {"proxy-refused"}),
        ("clean", {"only": "*.servicebus.windows.net"}, set()),
        ("clean", {"skip": "gbl.his.arc.azure.com"}, set()),
    ],
)
def test_what_is_left_tells_the_fault(
    scenario: str, filters: dict[str, str], codes: set[str]
) -> None:
    """A fault of a check that is left out is told by what is judged from it; a clean network stays
    clean."""
    report = filtered_run(scenario, **filters)
    assert {finding.code for finding in report.findings if finding.verdict in BAD} == codes
