"""A name server for what real software cannot be made to do; what it has no rule for it forwards to
the lab's internet.

`python -m tests.netlab.scripted_dns ADDRESS RULES` with RULES a JSON list of `Rule`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Literal

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import msgspec
from msgspec import Struct

from .zone import INTERNET_DNS

Act = Literal[
    "silent",
    "wrong-id",
    "malformed",
    "truncate",
    "forward",
    "answer",
    "mute-question",
    "nodata",
    "nxdomain",
    "servfail",
    "refused",
]
_CODES = {
    "nodata": dns.rcode.NOERROR,
    "nxdomain": dns.rcode.NXDOMAIN,
    "servfail": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED,
}


class Rule(Struct, frozen=True, kw_only=True):
    """What happens to a question: the first rule whose name suffix, record type and transport fit
    decides."""

    act: Act
    suffix: str = ""
    kind: str = ""
    over: str = ""
    value: str = ""
    delay: float = 0.0


async def _upstream(wire: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            if not answer.done():
                answer.set_result(data)

    transport, _ = await loop.create_datagram_endpoint(Client, remote_addr=(INTERNET_DNS, 53))
    try:
        transport.sendto(wire)
        return await asyncio.wait_for(answer, 5)
    finally:
        transport.close()


async def respond(wire: bytes, rules: tuple[Rule, ...], over: str) -> bytes | None:
    """The bytes to send back, or None for silence."""
    query = dns.message.from_wire(wire)
    question = query.question[0]
    name = question.name.to_text(omit_final_dot=True).lower()
    kind = dns.rdatatype.to_text(question.rdtype)
    fitting = (
        rule
        for rule in rules
        if name.endswith(rule.suffix) and rule.kind in ("", kind) and rule.over in ("", over)
    )
    rule = next(fitting, Rule(act="forward"))
    await asyncio.sleep(rule.delay)
    if rule.act == "silent":
        return None
    if rule.act == "malformed":
        # The right id and the answer bit, then a name whose compression pointer leads to
        # itself (RFC 1035 4.1.4).
        return wire[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x01"
    if rule.act == "forward":
        return await _upstream(wire)
    if rule.act == "wrong-id":
        answer = await _upstream(wire)
        return bytes([answer[0] ^ 0x5A, answer[1] ^ 0xA5]) + answer[2:]
    response = dns.message.make_response(query, recursion_available=True)
    response.set_rcode(_CODES.get(rule.act, dns.rcode.NOERROR))
    if rule.act == "truncate":
        response.flags |= dns.flags.TC
    elif rule.act == "answer":
        values = rule.value.split()
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
    elif rule.act == "mute-question":
        response.question = []
    return response.to_wire()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        with contextlib.suppress(Exception):
            if (response := await respond(data, self.rules, "udp")) is not None:
                self.transport.sendto(response, addr)


async def serve(address: str, rules: tuple[Rule, ...]) -> None:
    """Answers over UDP and TCP on port 53 of `address` until it is killed."""

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                response = await respond(await reader.readexactly(length), rules, "tcp")
                if response is None:
                    continue
                writer.write(len(response).to_bytes(2) + response)
                await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: _Udp(rules), local_addr=(address, 53))
    server = await asyncio.start_server(over_tcp, address, 53)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], msgspec.json.decode(sys.argv[2], type=tuple[Rule, ...])))
