"""A WebSocket opening handshake and its first frames, by websockets' sans-IO protocol over a
probe's own stream."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

import msgspec
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, Event, Protocol, Side
from websockets.uri import parse_uri
from websockets.utils import accept_key

from arcprobe.model import Failure, Head, Upgrade
from arcprobe.probes.wire.failure import Malformed, PeerClosed, TooLarge, classify, words
from arcprobe.probes.wire.http import Dialogue, ask, header

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcprobe.probes.wire.clock import Clock
    from arcprobe.probes.wire.stream import Stream

_SWITCHING = 101
_FRAMES_LIMIT = 1000  # of a peer that floods; a relay that is idle sends none
_FRAME_SIZE = 64 * 1024  # bytes of one frame


async def open_websocket(
    stream: Stream, path: str, host: str, clock: Clock, *, hold: float
) -> Upgrade:
    """Upgrades, pings, waits for the pong, holds. Never raises: whatever happened is in the step.

    The answer is read by h11 and kept whole, also where it is no 101; frames are websockets'
    business.
    """
    request = ClientProtocol(parse_uri(f"wss://{host}{path}")).connect()
    headers = list(request.headers.raw_items())
    headers += [("User-Agent", "arcprobe"), ("Accept-Encoding", "identity")]
    started, before = clock.now(), stream.bytes_in
    dialogue = Dialogue(stream)
    answer = await ask(dialogue, "GET", path, headers, timeout=clock.timeout)
    head, failure = answer.head or Head(), answer.failure
    step = Upgrade(
        started=started,
        path=path,
        head=answer.head,
        accept=header(head, "sec-websocket-accept"),
        accept_due=accept_key(request.headers["Sec-WebSocket-Key"]),
        upgrade_headers=_says_upgrade(head),
        first_bytes=answer.first_bytes,
    )
    if head.status == _SWITCHING and step.accept == step.accept_due and step.upgrade_headers:
        frames = _Frames(stream, dialogue.ahead)
        opened_at = clock.now()
        failure = await frames.ping(clock.timeout)
        cut = await frames.hold(hold) if failure is None and hold else ""
        if failure is None and not cut:
            await frames.end()
        step = msgspec.structs.replace(
            step,
            pong=frames.pong,
            frames_in=frames.count,
            close_code=frames.close_code,
            held=clock.now() - opened_at if hold else 0.0,
            cut=cut,
        )
    return msgspec.structs.replace(
        step, took=clock.now() - started, failure=failure, bytes_in=stream.bytes_in - before
    )


def _says_upgrade(head: Head) -> bool:
    """RFC 6455 section 4.1: Upgrade is ``websocket`` and Connection has the token ``Upgrade``, in
    any case."""
    connection = ",".join(value for name, value in head.headers if name.lower() == "connection")
    tokens = [token.strip().lower() for token in connection.split(",")]
    return header(head, "upgrade").strip().lower() == "websocket" and "upgrade" in tokens


class _Frames:
    """The frames of one WebSocket, as far as a probe needs them."""

    def __init__(self, stream: Stream, ahead: bytes) -> None:
        """``ahead``: what came in one piece with the head."""
        self._stream = stream
        self._ahead = ahead
        self._protocol = Protocol(Side.CLIENT, state=OPEN, max_size=_FRAME_SIZE)
        self._mark = os.urandom(8)
        self.count = 0
        self.pong = False
        self.close_code: int | None = None

    async def ping(self, timeout: float) -> Failure | None:
        """A ping, and its pong within ``timeout`` seconds."""
        try:
            self._protocol.send_ping(self._mark)
            await self._flush()
            async with asyncio.timeout(timeout):
                await self._listen(lambda: self.pong)
        except Exception as error:
            return classify(error)
        return None

    async def hold(self, seconds: float) -> str:
        """How the connection was cut within ``seconds``; empty where it was not."""
        try:
            async with asyncio.timeout(seconds):
                await self._listen(lambda: False)
        except (TimeoutError, TooLarge):
            return ""  # held to the end, or so busy that no one would take it for idle
        except Exception as error:
            return classify(error).kind.value
        return ""

    async def end(self) -> None:
        """Says goodbye, and waits for no answer."""
        with contextlib.suppress(OSError, InvalidState):
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
            await self._flush()

    async def _listen(self, is_done: Callable[[], bool]) -> None:
        while not is_done():
            data, self._ahead = self._ahead or await self._stream.receive(), b""
            if not data:
                raise PeerClosed("the peer closed the connection after 101")
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                self._take(event)
            await self._flush()
            if self._protocol.parser_exc is not None:
                raise Malformed(f"no WebSocket frames: {words(self._protocol.parser_exc)}")
            if self.close_code is not None:
                raise PeerClosed(f"the peer ended the WebSocket with code {self.close_code}")
            if self.count > _FRAMES_LIMIT and not is_done():
                raise TooLarge(f"more than {_FRAMES_LIMIT} frames")
            await asyncio.sleep(0)  # a peer that floods must not keep the time-outs from coming

    def _take(self, event: Event) -> None:
        self.count += 1
        if not isinstance(event, Frame):
            return
        if event.opcode is Opcode.PONG and bytes(event.data) == self._mark:
            self.pong = True
        elif event.opcode is Opcode.CLOSE:
            # not ``protocol.close_code``: that is None until the connection has ended too
            received = self._protocol.close_rcvd
            self.close_code = received.code if received else int(CloseCode.NO_STATUS_RCVD)

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                await self._stream.send(data)
