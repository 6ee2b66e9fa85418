"""A proxy that opens all tunnels but some, and what its refusal means: envoyproxy/envoy #11552,
rossoctl/operator #384, KVIrc/KVIrc #165, and a relay whose parent proxy is away (cntlm,
3proxy/3proxy #222)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript
from tests.cases import FOLDER
from tests.support.fronting import Answers, causes_in, check_behind

OTHER = "eastus.obo.arc.azure.com:8084"
PORT = [("proxy-port-denied", "fail", "proxy")]
DENIED = [("proxy-denied", "fail", "proxy")]
DENIED_BY_TMG = (
    b"HTTP/1.1 502 Proxy Error ( The Forefront TMG denied the specified Uniform Resource Locator"
    b" (URL).  )\r\nVia: 1.1 TMG01\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture(scope="module")
def network() -> Iterator[Rehearsal]:
    """A clean network, whose proxy has another one before it."""
    with Rehearsal(NetworkScript()) as running:
        yield running


def answer(case: str) -> bytes:
    """What a case has as the answer on the wire."""
    return (FOLDER / case / "answer.http").read_bytes()


def with_status(status: str, *headers: str) -> bytes:
    """An answer without a body."""
    lines = (f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "", "")
    return "\r\n".join(lines).encode("ascii")


def to(ending: str, given: bytes) -> Answers:
    """Targets with that ending are refused with that answer, to all others tunnels are opened."""
    return lambda target: given if target.endswith(ending) else None


def only_cause(network: Rehearsal, answers: Answers, wanted: list[tuple[str, str, str]]) -> Any:
    """The one cause of a run, which must be this one."""
    ended = check_behind(network, answers)
    assert (ended.code, causes_in(ended)) == (1, wanted)
    return ended.report["causes"][0]


@pytest.mark.parametrize(
    "given",
    [
        answer("connect-refused-envoy404"),
        answer("connect-refused-m405"),
        answer("connect-refused-isa8084"),
        with_status("400 Bad Request", "Server: nginx"),
        with_status("404 Not Found"),
        with_status("501 Not Implemented", "Server: Apache"),
    ],
    ids=["envoy404", "m405", "isa8084", "nginx400", "plain404", "apache501"],
)
def test_a_port_is_refused(network: Rehearsal, given: bytes) -> None:
    """Whoever opened any tunnel in this run is an HTTP proxy, and refuses this one."""
    cause = only_cause(network, to(":8084", given), PORT)
    assert cause["affects"] == [OTHER]
    assert "not an HTTP proxy" not in str(cause)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (answer("connect-refused-envoy404"), "Envoy"),
        (answer("connect-refused-isa8084"), "TunnelPortRanges"),
    ],
)
def test_the_product_is_named_with_what_to_change(
    network: Rehearsal, given: bytes, name: str
) -> None:
    """A route that matches CONNECT in Envoy, the tunnel port ranges in TMG."""
    assert name in only_cause(network, to(":8084", given), PORT)["remedy"]


@pytest.mark.parametrize(
    "given",
    [DENIED_BY_TMG, answer("connect-refused-envoy404"), with_status("405 Method Not Allowed")],
    ids=["tmg12202", "envoy404", "405"],
)
def test_a_name_is_refused(network: Rehearsal, given: bytes) -> None:
    """The same for one name at port 443."""
    cause = only_cause(network, to("mcr.microsoft.com:443", given), DENIED)
    assert {target.removesuffix(":443") for target in cause["affects"]} <= {
        "mcr.microsoft.com",
        "eastus.data.mcr.microsoft.com",
    }


@pytest.mark.parametrize(
    "given",
    [
        answer("cntlm502"),
        with_status("503 Parent proxy not available"),
        with_status("503 Forwarding failure", "Proxy-Agent: Privoxy 3.0.33"),
        with_status("503 Service Unavailable", "X-Squid-Error: ERR_CANNOT_FORWARD 0"),
        with_status("504 Upstream proxy did not answer"),
    ],
)
def test_the_parent_is_away(network: Rehearsal, given: bytes) -> None:
    """The relay's team, and the parent in headline and remedy."""
    cause = only_cause(network, to("", given), [("proxy-cannot-connect", "fail", "proxy")])
    assert "parent proxy behind it does not answer" in cause["headline"]
    assert "parent proxy" in cause["remedy"]


@pytest.mark.parametrize(
    "status",
    [
        "502 Could not resolve host name",
        "503 Failed to resolve mcr.microsoft.com",
        "500 no such host",
    ],
)
def test_the_proxy_does_not_resolve(network: Rehearsal, status: str) -> None:
    """The words come before the status."""
    wanted = [("proxy-cannot-resolve", "fail", "proxy")]
    only_cause(network, to("mcr.microsoft.com:443", with_status(status)), wanted)


def test_two_refusals_keep_their_names(network: Rehearsal) -> None:
    """A name, and a port in other words: two causes of the proxy's."""
    denied, port = with_status("403 Forbidden"), answer("connect-refused-isa8084")

    def answers(target: str) -> bytes | None:
        return to(":8084", port)(target) or to("mcr.microsoft.com:443", denied)(target)

    ended = check_behind(network, answers)
    assert causes_in(ended) == [*DENIED, *PORT]


def test_a_502_that_says_nothing_of_a_parent(network: Rehearsal) -> None:
    """It stays what it is: the way from the proxy to the Internet."""
    wanted = [("proxy-cannot-connect", "fail", "firewall")]
    cause = only_cause(network, to("", with_status("502 Bad Gateway")), wanted)
    assert "parent proxy behind it" not in cause["headline"]


def test_no_tunnel_at_all(network: Rehearsal) -> None:
    """Where none was opened, a 405 is a web server's."""
    only_cause(network, to("", answer("connect-refused-m405")), [("proxy-not-http", "fail", "you")])
