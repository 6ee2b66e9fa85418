"""--only and --skip: what is judged, and what is asked for it."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from arcprobe.model import Kind, Report, Verdict
from arcprobe.model.errors import ConfigError
from arcprobe.pipeline import judged
from arcprobe.plan import further, make_plan
from arcprobe.plan.filters import filtered
from arcprobe.report import as_json
from tests.plan.asked import CARRIERS, PROXY, RELAY, config_of, discovery_of, kinds, one, plan_of
from tests.support.recordings import FOLDER


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


@pytest.mark.parametrize(("name", "glob"), [("only", "nothing"), ("only", ""), ("skip", "*")])
def test_nothing_left(name: str, glob: str) -> None:
    """Filters that leave nothing are a wrong setting, not a pass."""
    with pytest.raises(ConfigError, match=f"--{name}: leaves no check"):
        plan_of(PROXY, **{name: [glob]})


def test_further_is_filtered() -> None:
    """--skip holds for what is discovered, too."""
    config = config_of(PROXY, skip=["*.servicebus.windows.net"])
    discovery = discovery_of("gns")
    assert further(config, make_plan(config), discovery, [f"a{RELAY}"]) == ()


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


def test_a_discovery_of_which_no_check_is_left() -> None:
    """Where --skip takes each kind of check that its hosts would have, nobody asks for the hosts;
    where it leaves one, the carrier of the discovery is asked."""
    wanted = [f"a{RELAY}", "dns"]
    left = plan_of(PROXY, only=wanted, skip=["websocket"])
    assert [check for check in left if check.kind is Kind.DISCOVERY]
    gone = plan_of(PROXY, only=wanted, skip=["websocket", "tls"])
    assert not [check for check in gone if check.kind is Kind.DISCOVERY]
