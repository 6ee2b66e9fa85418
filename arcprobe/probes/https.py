"""Can an agent talk to the endpoint by its route? One connection; a further one only to explain why
it ended."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import warnings
from typing import TYPE_CHECKING

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
    Role,
    Tunnel,
    Upgrade,
)
from arcprobe.probes.connection import SMALL_SEGMENTS, Connection, Place, Stopped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

AGENTS = "agents"  # the label of the connection that goes the agents' way
REGISTRY = "registry, continued"

_DISCOVERY_BODY = 128 * 1024
_SUCCESS = 200
# "{}", the empty descriptor (OCI image specification 1.1), which registries of artifacts hold:
# asked for where no manifest helps
_EMPTY_BLOB = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
_OTHER_NAME = "www.example.com"  # RFC 2606: no policy is about it
# TEST-NET-1, -2 and -3 (RFC 5737): nobody is there, so whoever takes the connection stands on the
# way.
_CONTROLS = ("192.0.2.77", "198.51.100.77", "203.0.113.77")
_CUT_OFF = (FailureKind.RESET, FailureKind.CLOSED, FailureKind.TIMED_OUT)
_DEFAULT_PORT = 443
# seconds for each operation of an explanation of a silence: what answers at all does so in a
# round trip or two
_PATIENCE = 2.0
_IMAGES_TRIED = 3
_CONTINUED = 5  # connections, for a registry that closes after each answer
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")  # OCI image specification, descriptors


async def probe(check: Check, place: Place) -> tuple[Attempt, ...]:
    """The agents' way to the endpoint, then what explains its end, side by side."""
    return await by_route(check, place, lambda connection: _request(connection, check))


async def by_route(
    check: Check, place: Place, walk: Callable[[Connection], Awaitable[None]]
) -> tuple[Attempt, ...]:
    """``walk`` by the check's route, and what explains its end.

    SOCKS 4 knows addresses only; names are its extension 4A, which some servers lack (Dante 1.4,
    measured). Where the name is refused the address is tried, as curl does for socks4://, and both
    connections are recorded.
    """
    main = await _recorded(place, AGENTS, walk)
    named: tuple[Attempt, ...] = ()
    if check.proxy is not None and check.proxy.scheme == "socks4" and _name_refused(main):
        named = (msgspec.structs.replace(main, label=Experiment.SOCKS_4A),)
        main = await _recorded(place, AGENTS, walk, names_at_proxy=False)
    return (main, *named, *await _continued(check, place, main), *await explain(check, place, main))


def _name_refused(attempt: Attempt) -> bool:
    match attempt.steps[-1] if attempt.steps else None:
        case Tunnel(
            protocol="socks4", failure=Failure(kind=FailureKind.SOCKS_REFUSED | FailureKind.CLOSED)
        ):
            return True
        case _:
            return False


async def request(check: Check, place: Place, label: str) -> Attempt:
    """The agents' way once more, under another label."""
    return await _recorded(place, label, lambda connection: _request(connection, check))


async def _request(connection: Connection, check: Check) -> None:
    """Reach, shake hands, one request (a registry's discovery takes up to three on the same
    connection)."""
    await connection.reach(check)
    if check.protocol != "http":
        await connection.handshake(check.host)
    await ask_endpoint(connection, check)


async def ask_endpoint(connection: Connection, check: Check) -> None:
    """The request that belongs to the check: a discovery's answer is read whole, others only at
    their beginning."""
    authority = check.host if check.port == _DEFAULT_PORT else check.target
    if check.discovery == "mcr":
        await _registry(connection, check, authority)
        return
    target = (
        f"http://{check.target}{check.path}"
        if check.protocol == "http" and check.proxy is not None
        else check.path
    )
    limit = _DISCOVERY_BODY if check.discovery else 4096
    patience = connection.place.timeout if check.discovery else None
    await connection.exchange(
        "GET", target, authority, headers=(("Accept", "*/*"),), body_limit=limit, patience=patience
    )


async def _registry(connection: Connection, check: Check, authority: str) -> None:
    """Manifest, then its smallest blob, whose redirect names the data host (OCI distribution
    specification, pulling)."""
    while (path := _next_path(check, connection.steps)) and connection.reusable:
        accept = check.accept if "/manifests/" in path else ("*/*",)
        headers = tuple(("Accept", value) for value in accept)
        await connection.exchange(
            "GET", path, authority, headers=headers, body_limit=_DISCOVERY_BODY, keep_alive=True
        )


async def _continued(check: Check, place: Place, main: Attempt) -> tuple[Attempt, ...]:
    """A registry that closes after each answer is asked on over further connections, each
    recorded."""
    found: list[Attempt] = []
    steps = list(main.steps)
    authority = check.host if check.port == _DEFAULT_PORT else check.target

    async def walk(connection: Connection) -> None:
        path = _next_path(check, steps)
        await connection.reach(check)
        await connection.handshake(check.host)
        accept = check.accept if "/manifests/" in path else ("*/*",)
        headers = tuple(("Accept", value) for value in accept)
        await connection.exchange(
            "GET", path, authority, headers=headers, body_limit=_DISCOVERY_BODY
        )

    end = place.now() + 2 * place.timeout
    while (
        check.discovery == "mcr"
        and len(found) < _CONTINUED
        and place.now() < end
        and steps
        and _next_path(check, steps)
    ):
        attempt = await _recorded(place, REGISTRY, walk)
        found.append(attempt)
        steps += attempt.steps
        if not any(isinstance(step, Exchange) for step in attempt.steps):
            break
    return tuple(found)


def _next_path(check: Check, steps: Sequence[AnyStep]) -> str:
    """What to ask a registry after what it answered so far; empty when there is no more to ask."""
    # a kept connection may be closed between two questions (RFC 9112 section 9.6): that
    # question was not asked
    asked = [step for step in steps if isinstance(step, Exchange) and step.head is not None]
    if not asked:
        return check.paths[0] if not any(step.failure for step in steps) and check.paths else ""
    last = asked[-1]
    repository, manifests, _reference = last.path.partition("/manifests/")
    if last.head is None or not manifests or last.body_short or last.head.status // 100 == 3:
        return ""
    if last.head.status == _SUCCESS:
        deeper, blob = _smallest(last.head.body)
        if deeper and last.path in check.paths:
            return f"{repository}/manifests/{deeper}"
        return f"{repository}/blobs/{blob or _EMPTY_BLOB}"
    others = [
        path for path in check.paths[:_IMAGES_TRIED] if path not in [step.path for step in asked]
    ]
    return others[0] if others else f"{repository}/blobs/{_EMPTY_BLOB}"


def _smallest(body: str) -> tuple[str, str]:
    """From a manifest: the digest of a manifest below it (an index), and the digest of its smallest
    blob."""
    try:
        manifest = json.loads(body)
        below = [
            entry["digest"] for entry in manifest.get("manifests", ()) if isinstance(entry, dict)
        ]
        blobs = [
            entry
            for entry in (manifest.get("config"), *manifest.get("layers", ()))
            if isinstance(entry, dict)
        ]
        smallest = (
            min(blobs, key=lambda entry: int(entry.get("size", 0)))["digest"] if blobs else ""
        )
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return "", ""
    digests = [str(below[0]) if below else "", str(smallest)]
    kept = [digest if _DIGEST.fullmatch(digest) else "" for digest in digests]
    return kept[0], kept[1]


# --------------------------------------------------------------------------------------------------


def hurried(place: Place) -> Place:
    """The same place with less patience, for questions that only explain: the time-out proper was
    spent already."""
    return msgspec.structs.replace(place, timeout=min(place.timeout, _PATIENCE))


async def explain(check: Check, place: Place, main: Attempt) -> tuple[Attempt, ...]:
    """Further connections that tell neighbours apart. None where the agents' connection ended
    well."""
    last = main.steps[-1] if main.steps else None
    if last is not None and last.failure is not None and last.failure.kind is FailureKind.TIMED_OUT:
        place = hurried(place)
    experiments: list[Awaitable[Attempt]] = []
    match last:
        case Handshake(peer="proxy", failure=Failure()) if check.proxy is not None:
            experiments = [_proxy_plain(check, place)]
        case Tunnel(head=None, failure=Failure(), protocol="connect") if (
            check.proxy is not None and check.proxy.scheme == "http"
        ):
            experiments = [_proxy_tls(check, place), _proxy_socks(check, place)]
        case Tunnel(head=Head(status=400), protocol="connect") if (
            check.proxy is not None and check.proxy.scheme == "http"
        ):
            experiments = [
                _proxy_tls(check, place)
            ]  # what a TLS port says of clear text (nginx, Go's net/http)
        case Tunnel(
            protocol="socks5" | "socks4", failure=Failure(), socks_method=None, socks_reply=None
        ):
            experiments = [_proxy_plain(check, place)]
        case Tunnel(
            protocol="socks5" | "socks4", failure=Failure(kind=FailureKind.SOCKS_REFUSED)
        ) if check.port != _DEFAULT_PORT:
            experiments = [_other_port(check, place)]
        case Tunnel(head=Head()) if check.port != _DEFAULT_PORT:
            experiments = [_other_port(check, place)]
        case Handshake(peer="target", failure=Failure(kind=kind)):
            experiments = _about_handshake(check, place, kind, main)
        case (Exchange() | Upgrade()) as step if step.failure is not None and step.head is None:
            if step.failure.kind in _CUT_OFF:
                experiments = [
                    _again(check, place, Experiment.SMALL_SEGMENTS, mss=SMALL_SEGMENTS, ask=True)
                ]
        case _:
            pass
    return tuple(await asyncio.gather(*experiments))


def _about_handshake(
    check: Check, place: Place, kind: FailureKind, main: Attempt
) -> list[Awaitable[Attempt]]:
    found: list[Awaitable[Attempt]] = []
    if kind in _CUT_OFF or kind in (FailureKind.TLS_ALERT, FailureKind.TLS_OTHER):
        found.append(_again(check, place, Experiment.SMALL_HELLO, padded=False, ask=True))
    if kind in _CUT_OFF:
        found.append(_again(check, place, Experiment.SMALL_SEGMENTS, mss=SMALL_SEGMENTS))
        found.append(_again(check, place, Experiment.OTHER_NAME, server_name=_OTHER_NAME))
    if kind in (
        FailureKind.TLS_VERSION,
        FailureKind.TLS_ALERT,
        FailureKind.TLS_OTHER,
        FailureKind.CLOSED,
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found.append(
                _again(check, place, Experiment.OLD_TLS, padded=False, oldest=ssl.TLSVersion.TLSv1)
            )
    if check.proxy is None and not _local(main):
        found.append(_control(check, place, main))
    return found


def _local(attempt: Attempt) -> bool:
    """Whether the way ends on this machine, where no one can stand on it."""
    addresses = [step.address for step in attempt.steps if isinstance(step, Dial)]
    return any(address.startswith("127.") or address == "::1" for address in addresses)


async def _recorded(
    place: Place,
    label: str,
    walk: Callable[[Connection], Awaitable[None]],
    *,
    mss: int | None = None,
    names_at_proxy: bool = True,
) -> Attempt:
    async with Connection(place, label, mss=mss, names_at_proxy=names_at_proxy) as connection:
        await walk(connection)
    return connection.attempt


async def _again(
    check: Check,
    place: Place,
    label: str,
    *,
    mss: int | None = None,
    padded: bool = True,
    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    server_name: str = "",
    ask: bool = False,
) -> Attempt:
    """The same way with one thing changed. ``ask``: and the same request over it."""

    async def walk(connection: Connection) -> None:
        await connection.reach(check)
        await connection.handshake(server_name or check.host, padded=padded, oldest=oldest)
        if ask and check.kind.value == "websocket":
            await connection.upgrade(check.path, check.host)
        elif ask:
            await ask_endpoint(connection, check)

    return await _recorded(place, label, walk, mss=mss)


async def _control(check: Check, place: Place, main: Attempt) -> Attempt:
    """A connection to an address where nobody is: does someone on the way take it?"""

    async def walk(connection: Connection) -> None:
        dialled = [step.address for step in main.steps if isinstance(step, Dial)]
        nets = [address.rpartition(".")[0] for address in dialled]
        free = [each for each in _CONTROLS if each.rpartition(".")[0] not in nets] or list(
            _CONTROLS
        )
        await connection.dial((free[0],), check.port, role=Role.CONTROL)

    return await _recorded(place, Experiment.CONTROL, walk)


async def _other_port(check: Check, place: Place) -> Attempt:
    """The same name on 443: a denial of the name shows there too, a denial of the port does not."""

    async def walk(connection: Connection) -> None:
        await connection.reach(check, port=_DEFAULT_PORT)

    return await _recorded(place, Experiment.PORT_443, walk)


async def _proxy_plain(check: Check, place: Place) -> Attempt:
    """CONNECT in clear text to a proxy that the settings name with https:// or socks5://."""
    proxy = check.proxy
    if proxy is None:
        raise Stopped

    async def walk(connection: Connection) -> None:
        await connection.reach_proxy(proxy, tls=False)
        await connection.tunnel(
            msgspec.structs.replace(proxy, scheme="http"), check.host, check.port, anonymous=True
        )

    return await _recorded(place, Experiment.PROXY_PLAIN, walk)


async def _proxy_tls(check: Check, place: Place) -> Attempt:
    """A TLS handshake with a proxy that the settings name with http://."""
    proxy = check.proxy
    if proxy is None:
        raise Stopped

    async def walk(connection: Connection) -> None:
        await connection.reach_proxy(proxy, tls=True)

    return await _recorded(place, Experiment.PROXY_TLS, walk)


async def _proxy_socks(check: Check, place: Place) -> Attempt:
    """A SOCKS greeting to a proxy that the settings name with http://."""
    proxy = check.proxy
    if proxy is None:
        raise Stopped

    async def walk(connection: Connection) -> None:
        await connection.reach_proxy(proxy, tls=False)
        await connection.greet()

    return await _recorded(place, Experiment.PROXY_SOCKS, walk)


# --------------------------------------------------------------------------------------------- what


def tunnel_opened(observation: Observation | None) -> bool:
    """Whether the proxy said that the way is open."""
    steps = (
        observation.attempts[0].steps if observation is not None and observation.attempts else ()
    )
    return any(
        isinstance(step, Tunnel) and step.failure is None and _is_open(step.head) for step in steps
    )


def _is_open(head: Head | None) -> bool:
    return head is None or head.status // 100 == 2


def was_cut_by_proxy(observation: Observation) -> bool:
    """Whether the connection ended at the proxy without any answer of it."""
    last = (
        observation.attempts[0].steps[-1]
        if observation.attempts and observation.attempts[0].steps
        else None
    )
    match last:
        case (
            Dial(role="proxy", failure=Failure(kind=kind))
            | Tunnel(head=None, failure=Failure(kind=kind))
        ):
            return kind in (*_CUT_OFF, FailureKind.REFUSED)
        case _:
            return False
