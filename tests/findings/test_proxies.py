"""A proxy as a whole: what it says to all is said once."""

from __future__ import annotations

import pytest

from arcprobe.findings import judge
from arcprobe.findings.ladder import Climb
from arcprobe.findings.proxies import faults_of_proxies, limit_of_connections
from arcprobe.findings.reading import Rung
from arcprobe.model import (
    Check,
    Code,
    Experiment,
    FailureKind,
    Judgement,
    Kind,
    Observation,
    Tunnel,
)
from tests.findings.seen import (
    PROXY,
    RUN,
    answer,
    attempt,
    check,
    failed,
    head,
    observed,
    reading,
    scene,
    to_proxy,
)


def many(count: int, *ends: Tunnel) -> tuple[tuple[Check, ...], tuple[Observation, ...]]:
    """Checks of that many hosts through one proxy, and observations whose tunnels end in turn as
    given."""
    checks = tuple(check(host=f"host{number}.azure.com", proxy=PROXY) for number in range(count))
    seen = tuple(
        observed(each, *to_proxy(), ends[number % len(ends)]) for number, each in enumerate(checks)
    )
    asked = check(Kind.PROXY, host=PROXY.host, port=PROXY.port, proxy=PROXY)
    return (*checks, asked), seen


def test_what_the_proxy_says_to_all_is_said_once() -> None:
    """A proxy that refuses everybody alike is one finding of its own check; the endpoints' are
    skipped."""
    checks, seen = many(4, answer(head(407, "x", Proxy_Authenticate="Basic realm=x")))
    found = {finding.check: (finding.code, finding.verdict) for finding in judge(checks, seen, RUN)}
    assert found.pop(checks[-1].id) == ("proxy-auth-required", "fail")
    assert {verdict for _code, verdict in found.values()} == {"skip"}


def test_a_proxy_that_opens_one_tunnel_is_not_to_blame_for_all() -> None:
    """As soon as one tunnel was opened, each endpoint that was refused says so itself."""
    checks, seen = many(
        4, answer(head(407, "x", Proxy_Authenticate="Basic realm=x")), answer(head(200))
    )
    found = {finding.check: finding.code for finding in judge(checks, seen, RUN)}
    assert found[checks[-1].id] == "proxy-opens-tunnel"
    assert list(found.values()).count(Code.PROXY_AUTH_REQUIRED) == 2


@pytest.mark.parametrize(
    ("code", "is_its_own"),
    [
        (Code.PROXY_NAME_UNKNOWN, True),
        (Code.PROXY_REFUSED, True),
        (Code.PROXY_SILENT, True),
        (Code.PROXY_UNREACHABLE, True),
        (Code.PROXY_RESET, True),
        (Code.PROXY_NOT_HTTP, True),
        (Code.PROXY_SPEAKS_PLAIN, True),
        (Code.PROXY_SPEAKS_TLS, True),
        (Code.PROXY_CERTIFICATE_UNTRUSTED, True),
        (Code.PROXY_AUTH_REQUIRED, True),
        (Code.PROXY_AUTH_REJECTED, True),
        (Code.PROXY_AUTH_UNSUPPORTED, True),
        (Code.PROXY_HUNG, True),
        (Code.PROXY_CLOSED, True),
        (Code.PROXY_REDIRECTS, True),
        (Code.PROXY_OVERLOADED, True),
        (Code.PROXY_DENIED, False),
        (Code.PROXY_PORT_DENIED, False),
        (Code.PROXY_CANNOT_CONNECT, False),
        (Code.PROXY_CANNOT_RESOLVE, False),
        (Code.TLS_RESET, False),
    ],
)
def test_which_faults_are_the_proxys_own(code: Code, is_its_own: bool) -> None:
    """What all of its tunnels meet alike is said of it, unless it is about what was asked."""
    asked = [check(host=f"{number}.example", proxy=PROXY) for number in range(3)]
    word = Judgement(code=code)
    climbs = {one.id: Climb(check=one.id, said=((Rung.TUNNEL, word),)) for one in asked}
    seen = scene(*((one, observed(one, *to_proxy(), answer(head(503)))) for one in asked))
    found = faults_of_proxies(seen, climbs)
    assert found == ({PROXY.url: word} if is_its_own else {})


CUT = answer(None, failure=failed(FailureKind.RESET))


def overloaded(*alone: Tunnel | None) -> bool:
    """Whether a limit of the proxy is told, where one of the connections was cut and each was then
    asked alone, with this end."""
    asked = tuple(
        check(host=f"host{number}.azure.com", proxy=PROXY) for number in range(len(alone))
    )
    readings = [
        reading(
            each,
            *to_proxy(),
            CUT,
            more=(attempt(*to_proxy(), end, label=Experiment.ALONE),) if end else (),
        )
        for each, end in zip(asked, alone, strict=True)
    ]
    ended = Judgement(code=Code.PROXY_RESET)
    word = limit_of_connections(readings[0], ended, readings)
    return word is not None and word.code is Code.PROXY_OVERLOADED


def test_a_limit_of_connections() -> None:
    """What is cut among many and opened alone is a limit; also for a host that was not asked again,
    where another one was. What is cut alone as well is no limit."""
    opened = answer(head(200))
    assert overloaded(opened)
    assert overloaded(None, opened)
    assert not overloaded(CUT, opened)
    assert not overloaded(None, CUT)
    assert not overloaded(None, None)


def test_an_end_that_is_no_cut() -> None:
    """A refusal is a policy, and without a proxy there is no limit of one."""
    opened = attempt(*to_proxy(), answer(head(200)), label=Experiment.ALONE)
    through = reading(check(proxy=PROXY), *to_proxy(), CUT, more=(opened,))
    direct = reading(check(), *to_proxy(), CUT, more=(opened,))
    denied, cut = Judgement(code=Code.PROXY_DENIED), Judgement(code=Code.PROXY_RESET)
    assert limit_of_connections(through, denied, [through]) is None
    assert limit_of_connections(direct, cut, [direct]) is None
