"""The rehearsed resolver: one name server on loopback, UDP and TCP on the same port, that answers
as its script says."""

from __future__ import annotations

import asyncio
import zlib
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from arcprobe.lab.origins import exists
from arcprobe.lab.peer import LOOPBACK, Peer
from arcprobe.lab.script import DnsRule, DnsScript, matches

# The block of the abolished 6to4 relays (RFC 7526): it looks public to every program, is not
# routed, and so cannot be mistaken for someone's. Nothing is ever sent there: the rehearsal's
# dial map leads all of them to loopback.
PUBLIC_ADDRESSES = tuple(f"192.88.99.{number}" for number in range(1, 129))
_TTL = 60
_RCODES = {
    "nxdomain": dns.rcode.NXDOMAIN,
    "servfail": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED,
}
_PORT_ATTEMPTS = 20


def public_address(name: str) -> str:
    """The address of a public name in the rehearsal: always the same one, and unrelated names
    rarely share one."""
    return PUBLIC_ADDRESSES[zlib.crc32(name.encode()) % len(PUBLIC_ADDRESSES)]


class NameServer(Peer):
    """``private``: the enterprise's own names and their addresses."""

    def __init__(self, script: DnsScript, private: dict[str, str]) -> None:
        super().__init__()
        self._script = script
        self._private = private
        self._datagrams: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen on a port that is free for UDP, and for TCP where the script wants that."""
        for _ in range(_PORT_ATTEMPTS):
            loop = asyncio.get_running_loop()
            transport, _protocol = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self), local_addr=(LOOPBACK, 0)
            )
            port: int = transport.get_extra_info("sockname")[1]
            try:
                if self._script.listens_on_tcp:
                    await self.listen(port=port)
            except OSError:
                transport.close()
                continue
            self._datagrams, self.port = transport, port
            return
        raise OSError("no port is free for both UDP and TCP")

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")  # RFC 1035 section 4.2.2
            answer = self.answer(await reader.readexactly(length), "tcp")
            if answer is not None:
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()

    async def close(self) -> None:
        if self._datagrams is not None:
            self._datagrams.close()
        await super().close()

    def answer(self, wire: bytes, transport: str) -> bytes | None:
        """The answer to one question in wire format; None: silence, which is also what a malformed
        question gets."""
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return None
        name = question.name.to_text().rstrip(".").lower()
        record = dns.rdatatype.to_text(question.rdtype)
        rule = self._rule(name, record)
        if rule.answer == "silent":
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if rule.answer in _RCODES:
            response.set_rcode(_RCODES[rule.answer])
        elif rule.answer == "truncated" and transport == "udp":
            response.flags |= dns.flags.TC
        elif rule.answer != "empty":
            self._add_addresses(response, question.name.to_text(), name, record, rule)
        return response.to_wire()

    def _rule(self, name: str, record: str) -> DnsRule:
        for rule in self._script.rules:
            if matches(name, (rule.pattern,)) and rule.record in ("", record):
                return rule
        known = name in self._private or exists(name)
        return DnsRule(pattern=name, answer="address" if known else "nxdomain")

    def _add_addresses(
        self, response: dns.message.Message, owner: str, name: str, record: str, rule: DnsRule
    ) -> None:
        addresses = rule.addresses or (self._private.get(name) or public_address(name),)
        texts = [address for address in addresses if (":" in address) == (record == "AAAA")]
        if record not in ("A", "AAAA") or not texts:
            return
        if name not in self._private and not rule.addresses:
            alias = f"{name.replace('.', '-')}.edge.rehearsal.trafficmanager.net."
            response.answer.append(dns.rrset.from_text(owner, _TTL, "IN", "CNAME", alias))
            owner = alias
        response.answer.append(dns.rrset.from_text_list(owner, _TTL, "IN", record, texts))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # not a subclass of it in 3.11 and on Windows
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        answer = self._server.answer(data, "udp")
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, address)
