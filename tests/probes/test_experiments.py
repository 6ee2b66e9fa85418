"""After each end of the agents' connection exactly the experiments that tell its causes apart."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Dial,
    Exchange,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Kind,
    Observation,
    Role,
    Tunnel,
    Upgrade,
)
from arcprobe.probes.experiments import WALKS, cut_beside_others, experiments_after
from tests.probes import peers

DIRECT = peers.check()
HTTP = peers.check(proxy=peers.proxy("http"))
HTTPS = peers.check(proxy=peers.proxy("https"))
SOCKS = peers.check(proxy=peers.proxy("socks5"))
FAR = Dial(address="198.51.100.9", port=443)
HERE = Dial(address="127.0.0.1", port=443)


def failed(kind: FailureKind) -> Failure:
    return Failure(kind=kind)


def shaken(kind: FailureKind, peer: Role = Role.TARGET) -> Handshake:
    return Handshake(server_name=peers.HOST, peer=peer, failure=failed(kind))


def tunnel(kind: FailureKind | None = None, **changes: object) -> Tunnel:
    step = Tunnel(target="endpoint.example:443", failure=failed(kind) if kind else None)
    return msgspec.structs.replace(step, **changes)


def on_port(check: Check, port: int) -> Check:
    return msgspec.structs.replace(check, port=port)


ALL_OF_A_CUT = "small hello, small segments, other name"

ENDS: tuple[tuple[Check, tuple[AnyStep, ...], str], ...] = (
    (DIRECT, (), ""),
    (DIRECT, (FAR,), ""),
    (DIRECT, (FAR, Exchange(method="GET", path="/", head=Head(status=200))), ""),
    (DIRECT, (FAR, shaken(FailureKind.RESET)), f"{ALL_OF_A_CUT}, control"),
    (DIRECT, (FAR, shaken(FailureKind.TIMED_OUT)), f"{ALL_OF_A_CUT}, again, control"),
    (DIRECT, (FAR, shaken(FailureKind.CLOSED)), f"{ALL_OF_A_CUT}, old TLS, control"),
    (DIRECT, (HERE, shaken(FailureKind.CLOSED)), f"{ALL_OF_A_CUT}, old TLS"),
    (HTTP, (FAR, shaken(FailureKind.RESET)), ALL_OF_A_CUT),
    (DIRECT, (FAR, shaken(FailureKind.TLS_ALERT)), "small hello, old TLS, control"),
    (DIRECT, (FAR, shaken(FailureKind.TLS_OTHER)), "small hello, old TLS, control"),
    (DIRECT, (FAR, shaken(FailureKind.TLS_VERSION)), "old TLS, control"),
    (DIRECT, (FAR, shaken(FailureKind.TLS_PLAINTEXT)), "control"),
    (HTTPS, (FAR, shaken(FailureKind.CLOSED, Role.PROXY)), "proxy in clear text"),
    (HTTP, (FAR, tunnel(FailureKind.CLOSED)), "proxy by TLS, proxy by SOCKS"),
    (HTTP, (FAR, tunnel(FailureKind.TIMED_OUT)), "proxy by TLS, proxy by SOCKS, again"),
    (HTTPS, (FAR, tunnel(FailureKind.CLOSED)), ""),
    (HTTP, (FAR, tunnel(head=Head(status=400))), "proxy by TLS"),
    (HTTP, (FAR, tunnel(head=Head(status=403))), ""),
    (on_port(HTTP, 8084), (FAR, tunnel(head=Head(status=403))), "port 443"),
    (on_port(HTTP, 8084), (FAR, tunnel(head=Head(status=400))), "proxy by TLS, port 443"),
    (SOCKS, (FAR, tunnel(FailureKind.CLOSED, protocol="socks5")), "proxy in clear text"),
    (SOCKS, (FAR, tunnel(FailureKind.SOCKS_REFUSED, protocol="socks5", socks_reply=2)), ""),
    (
        on_port(SOCKS, 8084),
        (FAR, tunnel(FailureKind.SOCKS_REFUSED, protocol="socks5", socks_reply=2)),
        "port 443",
    ),
    (
        DIRECT,
        (FAR, Exchange(method="GET", path="/", failure=failed(FailureKind.RESET))),
        "small segments",
    ),
    (
        DIRECT,
        (FAR, Upgrade(path="/", failure=failed(FailureKind.TIMED_OUT))),
        "small segments, again",
    ),
    (
        DIRECT,
        (FAR, Exchange(method="GET", path="/", failure=failed(FailureKind.HTTP_MALFORMED))),
        "",
    ),
)


@pytest.mark.parametrize(("check", "steps", "labels"), ENDS)
def test_an_end_leads_to_its_experiments(
    check: Check, steps: tuple[AnyStep, ...], labels: str
) -> None:
    """What is tried is what tells this end's causes apart, in order, and nothing where it ended
    well."""
    found = experiments_after(check, Attempt(label=Experiment.AGENTS, steps=steps))
    assert ", ".join(found) == labels
    assert all(experiment in WALKS for experiment in found)


def observed(check: Check, *steps: AnyStep) -> Observation:
    return Observation(check=check.id, attempts=(Attempt(label=Experiment.AGENTS, steps=steps),))


@pytest.mark.parametrize(
    ("end", "again"),
    [
        (tunnel(FailureKind.CLOSED), True),
        (Dial(address="x", port=3128, role=Role.PROXY, failure=failed(FailureKind.REFUSED)), True),
        (tunnel(head=Head(status=503)), False),
        (tunnel(FailureKind.HTTP_MALFORMED), False),
        (shaken(FailureKind.RESET), False),
    ],
)
def test_who_is_asked_again_in_quiet(end: AnyStep, again: bool) -> None:
    """A check that the proxy cut without an answer is asked again, where the same proxy opened a
    tunnel for another; an answer is an answer."""
    other = msgspec.structs.replace(HTTP, id="other", kind=Kind.WEBSOCKET)
    opened = observed(other, tunnel(head=Head(status=200)))
    cut = observed(HTTP, end)
    checks = (HTTP, other)
    expected = (HTTP,) if again else ()
    assert cut_beside_others(checks, {HTTP.id: cut, other.id: opened}) == expected
    assert cut_beside_others(checks, {HTTP.id: cut}) == ()
