"""Which end of the agents' connection leads to which further connections, that tell neighbours
apart; and how each is made. None where it ended well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

import msgspec

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
    Observation,
    Proxy,
    Role,
    Tunnel,
    Upgrade,
)
from arcprobe.probes.connection import Connection, Stopped
from arcprobe.probes.context import ProbeContext, with_short_timeout
from arcprobe.probes.request import HTTPS_PORT, ask, go, recorded
from arcprobe.probes.wire.tls import Hello

SMALL_SEGMENT = 536  # bytes; the segment every IPv4 path must carry (RFC 9293 section 3.7.1)
_OTHER_NAME = "www.example.com"  # RFC 2606: no policy is about it

# TEST-NET-1, -2 and -3 (RFC 5737): nobody is there, so whoever takes the connection stands on the
# way.
_NOBODY = ("192.0.2.77", "198.51.100.77", "203.0.113.77")

_CUT = frozenset({FailureKind.RESET, FailureKind.CLOSED, FailureKind.TIMED_OUT})


# ------------------------------------------------------------------------- which, after which end


class End(NamedTuple):
    """How the agents' connection may have ended, and what tells why."""

    name: str
    matches: Callable[[Check, AnyStep], bool]
    experiments: tuple[Experiment, ...]


def _has_plain_proxy(check: Check) -> bool:
    return check.proxy is not None and check.proxy.scheme == "http"


def _is_proxy_handshake(check: Check, step: AnyStep) -> bool:
    return isinstance(step, Handshake) and step.peer is Role.PROXY and step.failure is not None


def _is_connect_mute(check: Check, step: AnyStep) -> bool:
    match step:
        case Tunnel(protocol="connect", head=None, failure=Failure()):
            return _has_plain_proxy(check)
    return False


def _is_connect_silent(check: Check, step: AnyStep) -> bool:
    return _is_connect_mute(check, step) and _failed(step, {FailureKind.TIMED_OUT})


def _is_bad_request(check: Check, step: AnyStep) -> bool:
    match step:
        case Tunnel(protocol="connect", head=Head(status=400)):
            return _has_plain_proxy(check)  # what a TLS port says of clear text (nginx, Go)
    return False


def _is_socks_mute(check: Check, step: AnyStep) -> bool:
    match step:
        case Tunnel(failure=Failure(), socks_method=None, socks_reply=None):
            return step.protocol != "connect"
    return False


def _is_port_denied(check: Check, step: AnyStep) -> bool:
    match step:
        case Tunnel(head=Head()) | Tunnel(failure=Failure(kind=FailureKind.SOCKS_REFUSED)):
            return check.port != HTTPS_PORT
    return False


def _is_bad_port(check: Check, step: AnyStep) -> bool:
    return _is_bad_request(check, step) and _is_port_denied(check, step)


def _is_request_silent(check: Check, step: AnyStep) -> bool:
    return _is_request_cut(check, step) and _failed(step, {FailureKind.TIMED_OUT})


def _is_request_cut(check: Check, step: AnyStep) -> bool:
    return isinstance(step, Exchange | Upgrade) and step.head is None and _failed(step, _CUT)


_OTHER_PROTOCOLS = (Experiment.PROXY_TLS, Experiment.PROXY_SOCKS)

# The first that matches counts.
ENDS = (
    End("handshake with the proxy", _is_proxy_handshake, (Experiment.PROXY_PLAIN,)),
    End("silence to CONNECT", _is_connect_silent, (*_OTHER_PROTOCOLS, Experiment.AGAIN)),
    End("no answer to CONNECT", _is_connect_mute, _OTHER_PROTOCOLS),
    End("400 at another port", _is_bad_port, (Experiment.PROXY_TLS, Experiment.PORT_443)),
    End("400 to CONNECT", _is_bad_request, (Experiment.PROXY_TLS,)),
    End("no answer of SOCKS", _is_socks_mute, (Experiment.PROXY_PLAIN,)),
    End("another port than 443 denied", _is_port_denied, (Experiment.PORT_443,)),
    End("request silent", _is_request_silent, (Experiment.SMALL_SEGMENTS, Experiment.AGAIN)),
    End("request cut", _is_request_cut, (Experiment.SMALL_SEGMENTS,)),
)

# A handshake with the target, by how it failed. Some end it by FIN instead of an alert.
_AFTER_A_CUT = (Experiment.SMALL_HELLO, Experiment.SMALL_SEGMENTS, Experiment.OTHER_NAME)
HANDSHAKE_ENDS = {
    FailureKind.RESET: _AFTER_A_CUT,
    FailureKind.TIMED_OUT: (*_AFTER_A_CUT, Experiment.AGAIN),
    FailureKind.CLOSED: (*_AFTER_A_CUT, Experiment.OLD_TLS),
    FailureKind.TLS_ALERT: (Experiment.SMALL_HELLO, Experiment.OLD_TLS),
    FailureKind.TLS_OTHER: (Experiment.SMALL_HELLO, Experiment.OLD_TLS),
    FailureKind.TLS_VERSION: (Experiment.OLD_TLS,),
}


def experiments_after(check: Check, main: Attempt) -> tuple[Experiment, ...]:
    """What would tell why the agents' connection ended as it did."""
    match main.steps[-1:]:
        case (Handshake(peer=Role.TARGET, failure=Failure(kind=kind)),):
            chosen = HANDSHAKE_ENDS.get(kind, ())
            has_a_way = check.proxy is None and not _ends_on_this_machine(main)
            return (*chosen, Experiment.CONTROL) if has_a_way else chosen
        case (last,):
            return next((end.experiments for end in ENDS if end.matches(check, last)), ())
    return ()


def is_silent(main: Attempt) -> bool:
    """Whether the connection ended because nothing came for as long as one waits."""
    return bool(main.steps) and _failed(main.steps[-1], {FailureKind.TIMED_OUT})


async def ask_alone(check: Check, context: ProbeContext) -> Attempt:
    """The agents' way once more, when nothing else is asked."""
    quiet = with_short_timeout(context)
    return await recorded(quiet, Experiment.ALONE, lambda connection: go(connection, check))


def cut_beside_others(checks: Iterable[Check], seen: dict[str, Observation]) -> tuple[Check, ...]:
    """The checks that a proxy cut while it opened tunnels for others: a limit of connections, or
    a policy, which only asking again in quiet tells apart."""
    ends = {check.id: _main_steps(seen.get(check.id)) for check in checks}
    open_proxies = {check.proxy for check in checks if _is_tunnel_open(ends[check.id])}
    return tuple(
        check
        for check in checks
        if check.proxy in open_proxies and _is_cut_by_proxy(ends[check.id])
    )


# ------------------------------------------------------------------------------------ how each goes


async def made(
    experiment: Experiment, check: Check, context: ProbeContext, main: Attempt
) -> Attempt:
    """The connection of one experiment, to explain the end of ``main``."""
    mss = SMALL_SEGMENT if experiment is Experiment.SMALL_SEGMENTS else None
    walk = WALKS[experiment]
    return await recorded(
        context, experiment, lambda connection: walk(connection, check, main), mss=mss
    )


async def _again(connection: Connection, check: Check, main: Attempt) -> None:
    """Packets are lost, and a host that is short of CPU is late: neither is the network's fault."""
    await go(connection, check)


async def _small_hello(connection: Connection, check: Check, main: Attempt) -> None:
    await connection.reach(check)
    await connection.handshake(check.host, hello=Hello.SMALL)
    await ask(connection, check)


async def _small_segments(connection: Connection, check: Check, main: Attempt) -> None:
    if not isinstance(main.steps[-1], Handshake):
        await go(connection, check)
        return
    await connection.reach(check)
    await connection.handshake(check.host)


async def _other_name(connection: Connection, check: Check, main: Attempt) -> None:
    await connection.reach(check)
    await connection.handshake(_OTHER_NAME)


async def _old_tls(connection: Connection, check: Check, main: Attempt) -> None:
    await connection.reach(check)
    await connection.handshake(check.host, hello=Hello.ANY_VERSION)


async def _control(connection: Connection, check: Check, main: Attempt) -> None:
    """To an address where nobody is: does someone on the way take it?"""
    dialled = {_network(address) for address in _dialled(main)}
    free = [address for address in _NOBODY if _network(address) not in dialled]
    await connection.dial(((free or _NOBODY)[0],), check.port, role=Role.CONTROL)


async def _port_443(connection: Connection, check: Check, main: Attempt) -> None:
    """A denial of the name shows on 443 too, a denial of the port does not."""
    await connection.reach(check, port=HTTPS_PORT)


async def _proxy_plain(connection: Connection, check: Check, main: Attempt) -> None:
    """CONNECT in clear text to a proxy that the settings name with https:// or socks5://."""
    proxy = _proxy_of(check)
    await connection.reach_proxy(proxy, tls=False)
    plain = msgspec.structs.replace(proxy, scheme="http")
    await connection.tunnel(plain, check.host, check.port, anonymous=True)


async def _proxy_tls(connection: Connection, check: Check, main: Attempt) -> None:
    """A TLS handshake with a proxy that the settings name with http://."""
    await connection.reach_proxy(_proxy_of(check), tls=True)


async def _proxy_socks(connection: Connection, check: Check, main: Attempt) -> None:
    """A SOCKS greeting to a proxy that the settings name with http://."""
    await connection.reach_proxy(_proxy_of(check), tls=False)
    await connection.greet()


Walk = Callable[[Connection, Check, Attempt], Awaitable[None]]

WALKS: dict[Experiment, Walk] = {
    Experiment.AGAIN: _again,
    Experiment.SMALL_HELLO: _small_hello,
    Experiment.SMALL_SEGMENTS: _small_segments,
    Experiment.OTHER_NAME: _other_name,
    Experiment.OLD_TLS: _old_tls,
    Experiment.CONTROL: _control,
    Experiment.PORT_443: _port_443,
    Experiment.PROXY_PLAIN: _proxy_plain,
    Experiment.PROXY_TLS: _proxy_tls,
    Experiment.PROXY_SOCKS: _proxy_socks,
}


# ----------------------------------------------------------------------------- of what was recorded


def _failed(step: AnyStep, kinds: Iterable[FailureKind]) -> bool:
    return step.failure is not None and step.failure.kind in kinds


def _dialled(attempt: Attempt) -> tuple[str, ...]:
    return tuple(step.address for step in attempt.steps if isinstance(step, Dial))


def _network(address: str) -> str:
    return address.rpartition(".")[0]


def _ends_on_this_machine(attempt: Attempt) -> bool:
    """Where no one can stand on the way."""
    return any(address == "::1" or address.startswith("127.") for address in _dialled(attempt))


def _proxy_of(check: Check) -> Proxy:
    if check.proxy is None:
        raise Stopped
    return check.proxy


def _main_steps(observation: Observation | None) -> tuple[AnyStep, ...]:
    return observation.attempts[0].steps if observation and observation.attempts else ()


def _is_tunnel_open(steps: tuple[AnyStep, ...]) -> bool:
    return any(step.is_open for step in steps if isinstance(step, Tunnel))


def _is_cut_by_proxy(steps: tuple[AnyStep, ...]) -> bool:
    """Whether the connection ended at the proxy without any answer of it."""
    match steps[-1:]:
        case [Dial(role=Role.PROXY) | Tunnel(head=None) as last]:
            return _failed(last, _CUT | {FailureKind.REFUSED})
        case _:
            return False
