"""A WebSocket opening handshake and its first frames, by websockets' sans-IO protocol over a
probe's own stream."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import Failure, Head, Upgrade
from arcprobe.probes.wire import http as _http
from arcprobe.probes.wire.failure import Malformed, PeerClosed, TooLarge, classify, words
from arcprobe.probes.wire.http import Dialogue, body_text, header, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcprobe.probes.wire.stream import Stream

_BODY_PATIENCE = 3.0
_FRAMES_LIMIT = 1000
_FRAME_SIZE = 64 * 1024
_SWITCHING = 101


async def open_websocket(
    stream: Stream, path: str, host: str, *, timeout: float, hold: float, now: Callable[[], float]
) -> Upgrade:
    """Upgrades, pings, waits for the pong, holds. Never raises: whatever happened is in the step.

    The answer is read by h11 and kept whole, also where it is no 101; frames are websockets'
    business.
    """
    from websockets.client import ClientProtocol
    from websockets.uri import parse_uri
    from websockets.utils import accept_key

    request = ClientProtocol(parse_uri(f"wss://{host}{path}")).connect()
    due = accept_key(request.headers["Sec-WebSocket-Key"])
    headers = [(name, value) for name, value in request.headers.raw_items()]
    headers += [("User-Agent", "arcprobe"), ("Accept-Encoding", "identity")]
    started, before = now(), stream.bytes_in
    dialogue = Dialogue(stream)
    head: Head | None = None
    failure: Failure | None = None
    try:
        async with asyncio.timeout(timeout):
            await dialogue.request("GET", path, headers)
            head = await dialogue.head()
        if head.status != _SWITCHING:
            data, _short = await dialogue.body(_http.BODY_KEPT, min(timeout, _BODY_PATIENCE))
            head = msgspec.structs.replace(head, body=body_text(head, data, _http.BODY_KEPT))
    except Exception as error:
        failure = classify(error)
    step = Upgrade(
        started=started,
        path=path,
        head=head,
        accept=header(head, "sec-websocket-accept") if head else "",
        accept_due=due,
        upgrade_headers=head is not None and _says_upgrade(head),
        first_bytes=printable(stream.first[:300]) if head is None else "",
    )
    if (
        head is not None
        and head.status == _SWITCHING
        and step.accept == due
        and step.upgrade_headers
    ):
        step, failure = await _frames(
            stream, dialogue.ahead, step, timeout=timeout, hold=hold, now=now
        )
    return msgspec.structs.replace(
        step, took=now() - started, failure=failure, bytes_in=stream.bytes_in - before
    )


def _says_upgrade(head: Head) -> bool:
    """RFC 6455 section 4.1: Upgrade is ``websocket`` and Connection has the token ``Upgrade``, in
    any case."""
    connection = ",".join(value for name, value in head.headers if name.lower() == "connection")
    return header(head, "upgrade").strip().lower() == "websocket" and "upgrade" in [
        token.strip().lower() for token in connection.split(",")
    ]


async def _frames(
    stream: Stream,
    ahead: bytes,
    step: Upgrade,
    *,
    timeout: float,
    hold: float,
    now: Callable[[], float],
) -> tuple[Upgrade, Failure | None]:
    from websockets.exceptions import InvalidState
    from websockets.frames import CloseCode, Opcode
    from websockets.protocol import OPEN, Protocol, Side

    protocol = Protocol(Side.CLIENT, state=OPEN, max_size=_FRAME_SIZE)
    mark = os.urandom(8)
    frames, pong, close_code, cut = 0, False, None, ""
    failure: Failure | None = None
    opened = now()

    async def listen(until: Callable[[], bool]) -> None:
        nonlocal frames, pong, close_code, ahead
        while not until():
            data, ahead = (ahead, b"") if ahead else (await stream.receive(), b"")
            if not data:
                raise PeerClosed("the peer closed the connection after 101")
            protocol.receive_data(data)
            for event in protocol.events_received():
                frames += 1
                opcode = getattr(event, "opcode", None)
                if opcode is Opcode.PONG and bytes(getattr(event, "data", b"")) == mark:
                    pong = True
                elif opcode is Opcode.CLOSE:
                    # not ``protocol.close_code``: that is None until the connection has ended too
                    close_code = (
                        protocol.close_rcvd.code
                        if protocol.close_rcvd is not None
                        else int(CloseCode.NO_STATUS_RCVD)
                    )
            for out in protocol.data_to_send():
                if out:
                    await stream.send(out)
            if protocol.parser_exc is not None:
                raise Malformed(f"no WebSocket frames: {words(protocol.parser_exc)}")
            if close_code is not None:
                raise PeerClosed(f"the peer ended the WebSocket with code {close_code}")
            if frames > _FRAMES_LIMIT and not until():
                raise TooLarge(f"more than {_FRAMES_LIMIT} frames")
            await asyncio.sleep(0)  # a peer that floods must not keep the time-outs from coming

    try:
        protocol.send_ping(mark)
        for out in protocol.data_to_send():
            await stream.send(out)
        async with asyncio.timeout(timeout):
            await listen(lambda: pong)
    except Exception as error:
        failure = classify(error)
    if failure is None and hold > 0:
        try:
            async with asyncio.timeout(hold):
                await listen(lambda: False)
        except (TimeoutError, TooLarge):
            pass  # held to the end, or so busy that no one would take it for idle
        except Exception as error:
            cut = str(classify(error).kind)
    if failure is None and not cut:
        try:
            protocol.send_close(1000)
            for out in protocol.data_to_send():
                if out:
                    await stream.send(out)
        except (OSError, InvalidState):
            pass
    held = now() - opened
    return (
        msgspec.structs.replace(
            step,
            pong=pong,
            frames_in=frames,
            close_code=close_code,
            held=held if hold else 0.0,
            cut=cut,
        ),
        failure,
    )
