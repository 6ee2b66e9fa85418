"""A proxy as a whole: what it says to all is said once."""

from __future__ import annotations

from arcprobe.findings import judge
from arcprobe.model import Check, Code, Kind, Observation, Tunnel
from tests.findings.seen import PROXY, RUN, answer, check, head, observed, to_proxy


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
