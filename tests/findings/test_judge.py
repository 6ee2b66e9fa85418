"""All judges together: no recording raises, none that fails passes, order means nothing, every
fault has one cause."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from arcprobe.diagnosis import diagnose
from arcprobe.findings import judge
from arcprobe.knowledge import codes
from arcprobe.model import (
    AnyStep,
    Attempt,
    Certificate,
    Check,
    Dial,
    Exchange,
    Experiment,
    Failure,
    FailureKind,
    Finding,
    Handshake,
    Head,
    Kind,
    Lookup,
    Observation,
    Proxy,
    Report,
    Role,
    Route,
    Run,
    Settings,
    Store,
    Surroundings,
    Trust,
    Tunnel,
    Upgrade,
    Verdict,
)
from arcprobe.report import as_json

PROXY = Proxy(scheme="http", host="proxy.example", port=3128, setting="HTTPS_PROXY")
HOSTS = ("eastus.his.arc.azure.com", "management.azure.com", "mcr.microsoft.com")
BAD = {Verdict.WARN, Verdict.FAIL, Verdict.ERROR}
RUN = Run(
    version="0",
    started="2026-11-23T12:00:00Z",
    seconds=1.0,
    vantage="pod",
    host="h",
    node="",
    pod="",
    settings=Settings(),
)

WORDS = st.sampled_from(
    [
        "",
        "x",
        "HTTP/1.1 403 Forbidden",
        "Access Denied",
        "\\x15\\x03",
        "SSH-2.0",
        "{host} [[x]]",
        "\x1b[2J",
    ]
)
FAILURES = st.builds(Failure, kind=st.sampled_from(FailureKind), detail=WORDS)
MAYBE = st.none() | FAILURES
SECONDS = st.sampled_from([0.0, 0.01, 3.0, 10.0])
ADDRESSES = st.lists(
    st.sampled_from(["192.88.99.1", "10.0.0.1", "0.0.0.0", "::1", "fe80::1%eth0", "nonsense"]),
    max_size=3,
).map(tuple)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Server",
                "Via",
                "Location",
                "Proxy-Authenticate",
                "X-Squid-Error",
                "Proxy-Status",
                "Content-Type",
                "Date",
            ]
        ),
        st.sampled_from(
            [
                "squid/5.7",
                "1.1 x (squid)",
                "http://[",
                "https://portal.corp/",
                "Basic realm=x",
                "NTLM",
                ",",
                "ERR_ACCESS_DENIED 0",
                "403 x",
                "x; error=dns_error",
                "text/html",
                "",
            ]
        ),
    ),
    max_size=4,
).map(tuple)
HEADS = st.builds(
    Head,
    version=st.sampled_from(["1.1", "1.0", ""]),
    status=st.sampled_from(
        [
            100,
            101,
            200,
            204,
            302,
            400,
            401,
            403,
            404,
            407,
            426,
            429,
            451,
            470,
            500,
            502,
            503,
            511,
            999,
        ]
    ),
    reason=WORDS,
    headers=HEADERS,
    body=WORDS,
)
CERTIFICATES = st.builds(
    Certificate,
    sha256=st.sampled_from(["a", "b"]),
    subject=st.sampled_from(["CN=x", "CN=root", ""]),
    issuer=st.sampled_from(["CN=x", "CN=root", "O=Zscaler", ""]),
    serial=st.just("1"),
    not_before=st.sampled_from(["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z", ""]),
    not_after=st.sampled_from(["2027-01-01T00:00:00Z", "2020-01-01T00:00:00Z", ""]),
    names=st.sampled_from([(), HOSTS, ("other.example",)]),
    is_ca=st.sampled_from([None, True, False]),
    key_sha256=st.sampled_from(["", "k"]),
    ski=st.sampled_from(["", "s"]),
    aki=st.sampled_from(["", "s"]),
)
TRUSTS = st.lists(
    st.builds(
        Trust,
        store=st.sampled_from(Store),
        accepted=st.booleans(),
        code=st.sampled_from([0, 9, 10, 18, 19, 20, 30]),
        anchor=st.sampled_from(["", "CN=root"]),
    ),
    max_size=3,
).map(tuple)
STEPS: st.SearchStrategy[AnyStep] = st.one_of(
    st.builds(
        Lookup,
        name=st.sampled_from(HOSTS),
        failure=MAYBE,
        took=SECONDS,
        engine=st.sampled_from(["system", "10.0.0.53"]),
        record=st.sampled_from(["", "A", "AAAA"]),
        transport=st.sampled_from(["", "udp", "tcp"]),
        addresses=ADDRESSES,
        cnames=st.sampled_from([(), ("x.privatelink.azure.com",)]),
        rcode=st.sampled_from(["", "NOERROR", "NXDOMAIN"]),
        truncated=st.booleans(),
    ),
    st.builds(Surroundings, search=st.sampled_from([(), ("corp",)]), ndots=st.sampled_from([1, 5])),
    st.builds(
        Dial,
        address=st.sampled_from(["192.88.99.1", "::1", ""]),
        port=st.just(443),
        failure=MAYBE,
        took=SECONDS,
        role=st.sampled_from(Role),
    ),
    st.builds(
        Handshake,
        server_name=st.sampled_from(HOSTS),
        peer=st.sampled_from([Role.TARGET, Role.PROXY]),
        failure=MAYBE,
        took=SECONDS,
        chain=st.lists(CERTIFICATES, max_size=3).map(tuple),
        trust=TRUSTS,
        name_matches=st.sampled_from([None, True, False]),
        version=st.sampled_from(["", "TLSv1", "TLSv1.2", "TLSv1.3"]),
        alert=st.sampled_from(["", "unknown_ca", "protocol_version"]),
        first_bytes=WORDS,
        client_hello=st.sampled_from([0, 1700]),
        bytes_in=st.sampled_from([0, 500]),
    ),
    st.builds(
        Tunnel,
        target=st.just("x:443"),
        protocol=st.sampled_from(["connect", "socks5", "socks4"]),
        head=st.none() | HEADS,
        failure=MAYBE,
        took=SECONDS,
        credentials=st.sampled_from(["", "basic"]),
        socks_reply=st.sampled_from([None, 0, 2, 91, 93, 255]),
        socks_method=st.sampled_from([None, 0, 255]),
        first_bytes=WORDS,
        bytes_in=st.sampled_from([0, 9]),
    ),
    st.builds(
        Exchange,
        method=st.just("GET"),
        path=st.just("/"),
        head=st.none() | HEADS,
        failure=MAYBE,
        took=SECONDS,
        date_offset=st.sampled_from([None, 0.0, 4000.0, -1e9, 3e9]),
        first_bytes=WORDS,
    ),
    st.builds(
        Upgrade,
        path=st.just("/"),
        head=st.none() | HEADS,
        failure=MAYBE,
        accept=st.sampled_from(["", "k"]),
        accept_due=st.just("k"),
        upgrade_headers=st.booleans(),
        pong=st.booleans(),
        close_code=st.sampled_from([None, 1000]),
        cut=st.sampled_from(["", "reset"]),
    ),
)
LABELS = st.sampled_from(
    [
        "agents",
        "system",
        "resolver 10.0.0.53",
        "search list",
        "small hello",
        "small segments",
        "old TLS",
        "other name",
        "control",
        "port 443",
        "proxy by TLS",
        "proxy in clear text",
        "proxy by SOCKS",
        "SOCKS 4A",
        "alone",
        "",
    ]
)
ATTEMPTS = st.lists(
    st.builds(Attempt, label=LABELS, steps=st.lists(STEPS, max_size=5).map(tuple)), max_size=4
).map(tuple)


def plan() -> tuple[Check, ...]:
    """Checks of every kind that this wire half judges, by both routes."""
    checks: list[Check] = []
    for host in HOSTS:
        for proxy in (None, PROXY):
            route = Route.PROXY if proxy else Route.DIRECT
            for kind in (Kind.DNS, Kind.HTTPS, Kind.TLS, Kind.WEBSOCKET):
                carrier = f"https {host} {route}"
                checks.append(
                    Check(
                        id=f"{kind} {host} {route}",
                        kind=kind,
                        target=f"{host}:443",
                        route=route,
                        required=True,
                        feature="core",
                        host=host,
                        proxy=proxy,
                        observed_with=carrier if kind is Kind.TLS else "",
                        issuers=("microsoft",),
                    )
                )
    checks.append(
        Check(
            id="proxy",
            kind=Kind.PROXY,
            target="proxy.example:3128",
            route=Route.PROXY,
            required=True,
            feature="core",
            host="proxy.example",
            proxy=PROXY,
        )
    )
    checks.append(
        Check(
            id="discovery",
            kind=Kind.DISCOVERY,
            target="*.x:443",
            route=Route.PROXY,
            required=True,
            feature="core",
            host="*.x",
            pattern="*.x",
            discovery="gns",
            observed_with=f"https {HOSTS[0]} proxy",
            proxy=PROXY,
        )
    )
    checks.append(
        Check(
            id="gateway",
            kind=Kind.GATEWAY,
            target="g:443",
            route=Route.DIRECT,
            required=True,
            feature="core",
            host="x.gw.arc.azure.com",
        )
    )
    checks.append(
        Check(
            id="unknown",
            kind=Kind.DNS,
            target="name-servers:53",
            route=Route.DIRECT,
            required=False,
            feature="core",
        )
    )
    return tuple(checks)


CHECKS = plan()
ASKED = tuple(check for check in CHECKS if check.kind in (Kind.DNS, Kind.HTTPS, Kind.WEBSOCKET))


@st.composite
def recordings(draw: st.DrawFn) -> tuple[Observation, ...]:
    found: list[Observation] = []
    for check in ASKED:
        if draw(st.integers(0, 9)):
            crash, unfinished = draw(
                st.sampled_from([("", False)] * 8 + [("ValueError: x", False), ("", True)])
            )
            found.append(
                Observation(
                    check=check.id, attempts=draw(ATTEMPTS), crash=crash, unfinished=unfinished
                )
            )
    return tuple(found)


SETTINGS = st.builds(
    Settings,
    gateway_host=st.sampled_from(["", "x.gw.arc.azure.com"]),
    gateway_url=st.sampled_from(["", "https://x.gw.arc.azure.com"]),
    cloud=st.sampled_from(["AzureCloud", "AzureUSGovernment"]),
    proxy_notes=st.sampled_from([(), ("HTTPS_PROXY and https_proxy differ",)]),
    public_roots_given=st.booleans(),
)
MANY = settings(
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def explained(findings: tuple[Finding, ...], checks: tuple[Check, ...], run: Run) -> None:
    """Every finding that is no pass is explained by exactly one cause of its own, and no cause
    explains nothing."""
    causes = diagnose(findings, checks, run)
    bad = {finding.check for finding in findings if finding.verdict in BAD}
    assert {check for cause in causes for check in cause.explains} == bad
    per_check: dict[str, int] = {}
    for cause in causes:
        assert cause.explains
        assert cause.headline
        for check in cause.explains:
            per_check[check] = per_check.get(check, 0) + 1
    for check, count in per_check.items():
        assert count <= len(
            [finding for finding in findings if finding.check == check and finding.verdict in BAD]
        )


@MANY
@given(recordings(), SETTINGS, st.randoms(use_true_random=False))
def test_any_recording_is_judged(
    observations: tuple[Observation, ...], chosen: Settings, chance: random.Random
) -> None:
    """Any steps in any order with any failures are judged without raising, in any order to the
    same, each fault to one cause."""
    run = msgspec.structs.replace(RUN, settings=chosen)
    findings = judge(CHECKS, observations, run)
    assert {finding.check for finding in findings} == {check.id for check in CHECKS}
    for finding in findings:
        assert codes.row(finding.code)
        assert finding.summary
        if finding.verdict in BAD:
            assert finding.owner or finding.verdict is Verdict.ERROR
            assert finding.evidence or finding.verdict is Verdict.ERROR
    explained(findings, CHECKS, run)
    shuffled = list(observations)
    chance.shuffle(shuffled)
    assert judge(CHECKS, shuffled, run) == findings
    checks = list(CHECKS)
    chance.shuffle(checks)
    again = judge(checks, observations, run)
    # of faults that a proxy shares, one stands for all: which one may depend on the order of
    # the plan, its code may not
    assert sorted((each.check, each.code, each.verdict) for each in again) == sorted(
        (each.check, each.code, each.verdict) for each in findings
    )


# -------------------------------------------------------------- a failure never passes as a success

GENUINE = Certificate(
    sha256="a",
    subject="CN=x",
    issuer="CN=Microsoft TLS G2 RSA CA OCSP 02,O=Microsoft Corporation,C=US",
    serial="1",
    not_before="2026-01-01T00:00:00Z",
    not_after="2027-01-01T00:00:00Z",
    names=HOSTS,
    is_ca=False,
    scts=2,
)


def good(check: Check) -> tuple[AnyStep, ...]:
    """The steps of a connection on which all is well."""
    steps: list[Any] = [Lookup(name=check.host, addresses=("192.88.99.1",))]
    steps.append(
        Dial(address="192.88.99.1", port=443, role=Role.PROXY if check.proxy else Role.TARGET)
    )
    if check.proxy:
        steps.append(Tunnel(target=check.target, head=Head(status=200)))
    steps.append(
        Handshake(
            server_name=check.host,
            version="TLSv1.3",
            chain=(GENUINE,),
            name_matches=True,
            trust=(Trust(store=Store.PUBLIC, accepted=True, anchor="CN=root", anchor_sha256="r"),),
        )
    )
    if check.kind is Kind.WEBSOCKET:
        steps.append(
            Upgrade(
                path="/",
                head=Head(status=101),
                accept="k",
                accept_due="k",
                upgrade_headers=True,
                pong=True,
            )
        )
    else:
        steps.append(Exchange(method="GET", path="/", head=Head(status=200)))
    return tuple(steps)


def recorded(
    broken: Check | None = None, steps: tuple[AnyStep, ...] = ()
) -> tuple[Observation, ...]:
    found: list[Observation] = []
    for check in ASKED:
        if check.kind is Kind.DNS:
            attempt = Attempt(
                label=Experiment.SYSTEM,
                steps=(Lookup(name=check.host or "x", addresses=("192.88.99.1",)),),
            )
            found.append(Observation(check=check.id, attempts=(attempt,) if check.host else ()))
        else:
            mine = steps if check is broken else good(check)
            found.append(
                Observation(
                    check=check.id, attempts=(Attempt(label=Experiment.AGENTS, steps=mine),)
                )
            )
    return tuple(found)


def test_a_clean_recording_accuses_nobody() -> None:
    """What the next test breaks is clean to begin with."""
    findings = judge(CHECKS, recorded(), RUN)
    assert [
        finding
        for finding in findings
        if finding.verdict in BAD and finding.check not in ("gateway", "discovery")
    ] == []


CARRIERS = [check for check in ASKED if check.kind is not Kind.DNS and check.host == HOSTS[0]]


@pytest.mark.parametrize("check", CARRIERS, ids=lambda check: check.id)
@pytest.mark.parametrize("kind", [FailureKind.RESET, FailureKind.UNREACHABLE, FailureKind.OTHER])
def test_no_failed_step_of_the_agents_way_passes(check: Check, kind: FailureKind) -> None:
    """A failure on whichever step of the agents' connection never lets the check of that connection
    pass."""
    steps = good(check)
    for number, step in enumerate(steps):
        changes: dict[str, Any] = {"failure": Failure(kind=kind, detail="x")}
        changes |= {"head": None} if isinstance(step, Tunnel | Exchange) else {}
        changes |= (
            {"chain": (), "trust": (), "name_matches": None} if isinstance(step, Handshake) else {}
        )
        changes |= {"addresses": ()} if isinstance(step, Lookup) else {}
        failed = (*steps[:number], msgspec.structs.replace(step, **changes))
        findings = judge(CHECKS, recorded(check, failed), RUN)
        mine = [finding for finding in findings if finding.check == check.id]
        assert all(finding.verdict is not Verdict.PASS for finding in mine), (step, mine)
        related = [
            each
            for each in findings
            if each.check == check.id or each.check == f"tls {check.host} {check.route}"
        ]
        assert any(finding.verdict in BAD for finding in related), (step, related)
        explained(findings, CHECKS, RUN)


@pytest.mark.parametrize("check", CARRIERS, ids=lambda check: check.id)
def test_a_connection_that_stops_short_never_passes(check: Check) -> None:
    """A record that ends before the question was asked proves nothing."""
    steps = good(check)
    for number in range(len(steps)):
        findings = judge(CHECKS, recorded(check, steps[:number]), RUN)
        assert all(
            each.verdict is not Verdict.PASS for each in findings if each.check == check.id
        ), steps[:number]


@MANY
@given(recordings(), SETTINGS)
def test_a_report_is_judged_again_to_the_same(
    observations: tuple[Observation, ...], chosen: Settings
) -> None:
    """A report written as JSON and read back is judged to equal findings and causes."""
    run = msgspec.structs.replace(RUN, settings=chosen)
    findings = judge(CHECKS, observations, run)
    causes = diagnose(findings, CHECKS, run)
    report = Report(
        schema=1,
        verdict=Verdict.FAIL,
        run=run,
        checks=CHECKS,
        observations=observations,
        findings=findings,
        causes=causes,
    )
    again = as_json.load(as_json.render(report).encode())
    assert again == report
    assert judge(again.checks, again.observations, again.run) == findings
    assert diagnose(again.findings, again.checks, again.run) == causes
