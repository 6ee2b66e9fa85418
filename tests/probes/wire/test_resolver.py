"""Name servers that lie, flood and fall silent, and a resolv.conf that nobody should have
written."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from arcprobe.model import FailureKind, Lookup
from arcprobe.probes.wire import descriptors, listening
from arcprobe.probes.wire.resolver import Resolver, ask
from tests.probes import peers as wire

NAME = "endpoint.example"
Answer = Callable[[dns.message.Message, Callable[[bytes], object]], object]


@contextmanager
def server(
    udp: Answer, tcp: Callable[[wire.Wire], None] | None = None
) -> Iterator[tuple[str, int]]:
    """A name server on loopback; ``udp`` sends what it likes for each question."""

    def refuse(connection: wire.Wire) -> None:
        connection.reset()

    with wire.peer(tcp or refuse) as listening:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", listening.port))
        sock.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    data, peer = sock.recvfrom(4096)
                except TimeoutError:
                    continue
                except OSError:
                    return
                begun = time.monotonic()

                def send(
                    wire_data: bytes, peer: tuple[str, int] = peer, begun: float = begun
                ) -> bool:
                    sock.sendto(wire_data, peer)
                    return not stop.is_set() and time.monotonic() - begun < wire.LIMIT

                try:
                    udp(dns.message.from_wire(data), send)
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield "127.0.0.1", listening.port
        finally:
            stop.set()
            thread.join(wire.LIMIT)
            sock.close()


def asked(where: tuple[str, int], transport: str = "udp", record: str = "A") -> Lookup:
    async def bounded() -> Lookup:
        async with asyncio.timeout(wire.LIMIT):
            return await ask(
                NAME, where, record, transport=transport, timeout=wire.PATIENCE, now=time.monotonic
            )

    return listening.run(bounded())


def answer(
    query: dns.message.Message,
    *records: tuple[str, str, str],
    rcode: str = "NOERROR",
    truncated: bool = False,
) -> bytes:
    message = dns.message.make_response(query)
    message.set_rcode(dns.rcode.from_text(rcode))
    if truncated:
        message.flags |= dns.flags.TC
    for owner, kind, value in records:
        message.answer.append(dns.rrset.from_text(owner, 60, "IN", kind, value))
    return message.to_wire(max_size=65535)


def says(*records: tuple[str, str, str], rcode: str = "NOERROR", truncated: bool = False) -> Answer:
    return lambda query, send: send(answer(query, *records, rcode=rcode, truncated=truncated))


GOOD = (f"{NAME}.", "A", "192.88.99.9")


def wrong_id(query: dns.message.Message, send: Callable[[bytes], object]) -> None:
    data = bytearray(answer(query, GOOD))
    data[0] ^= 0xFF
    send(bytes(data))


def malformed(query: dns.message.Message, send: Callable[[bytes], object]) -> None:
    for data in (b"", b"\0", answer(query, GOOD)[:20], struct.pack(">H", query.id) + b"\xff" * 400):
        send(data)


def flood(query: dns.message.Message, send: Callable[[bytes], object]) -> None:
    data = bytearray(answer(query, GOOD))
    data[0] ^= 0xFF
    while send(bytes(data)):
        pass


def other_class(query: dns.message.Message, send: Callable[[bytes], object]) -> None:
    message = answer(query, GOOD)
    for code in (3, 4, 254, 255):  # CH, HS, NONE, ANY in place of IN in the answer's record
        at = message.rindex(b"\0\x01\0\x01\0\0\0\x3c")
        send(message[: at + 2] + struct.pack(">H", code) + message[at + 4 :])


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (says(rcode="NXDOMAIN"), FailureKind.NAME_UNKNOWN),
        (says(), FailureKind.NAME_EMPTY),
        (says(rcode="SERVFAIL"), FailureKind.RESOLVER_FAILED),
        (says(rcode="NOTIMP"), FailureKind.RESOLVER_FAILED),
        (says(rcode="REFUSED"), FailureKind.RESOLVER_REFUSED),
        (lambda query, send: None, FailureKind.TIMED_OUT),
        (
            says((f"{NAME}.", "CNAME", "a.example."), ("a.example.", "CNAME", f"{NAME}.")),
            FailureKind.NAME_EMPTY,
        ),
        (says(truncated=True), FailureKind.NAME_EMPTY),
        (wrong_id, FailureKind.TIMED_OUT),
        (malformed, FailureKind.TIMED_OUT),
        (flood, FailureKind.TIMED_OUT),
    ],
    ids=[
        "nxdomain",
        "nodata",
        "servfail",
        "notimp",
        "refused",
        "silent",
        "loop",
        "truncated",
        "wrong id",
        "malformed",
        "flood",
    ],
)
def test_an_answer_without_an_address_is_named(script: Answer, kind: FailureKind) -> None:
    """Every answer without an address has its own word; what is not the answer to the question is
    silence, however much of it."""
    with server(script) as where:
        lookup = asked(where)
    assert lookup.failure is not None
    assert lookup.failure.kind is kind


def test_only_addresses_of_the_internet_class_count() -> None:
    """A record of another class gives no address and breaks nothing."""
    with server(other_class) as where:
        lookup = asked(where)
    assert lookup.failure is not None
    assert lookup.addresses == ()


def test_a_right_answer_after_wrong_ones() -> None:
    """Wrong ids and malformed datagrams before the answer are passed over (RFC 5452 section
    9.1)."""

    def script(query: dns.message.Message, send: Callable[[bytes], object]) -> None:
        wrong_id(query, send)
        malformed(query, send)
        send(answer(query, GOOD))

    with server(script) as where:
        assert asked(where).addresses == ("192.88.99.9",)


def test_an_answer_from_elsewhere_is_not_heard() -> None:
    """A datagram from another port of the same host is not the name server's."""

    def script(query: dns.message.Message, send: Any) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            peer = send.__defaults__[0]
            other.sendto(answer(query, GOOD), peer)

    with server(script) as where:
        lookup = asked(where)
    assert lookup.failure is not None
    assert lookup.failure.kind is FailureKind.TIMED_OUT


def test_two_hundred_addresses_are_bounded() -> None:
    """More addresses than anyone dials are not all kept."""
    many = tuple((f"{NAME}.", "A", f"192.88.99.{number}") for number in range(1, 201))
    with server(says(*many)) as where:
        lookup = asked(where)
    assert lookup.failure is None
    assert 0 < len(lookup.addresses) <= 64


def over_tcp(*datas: Callable[[dns.message.Message], bytes]) -> Callable[[wire.Wire], None]:
    def script(connection: wire.Wire) -> None:
        size = struct.unpack(">H", connection.exactly(2))[0]
        query = dns.message.from_wire(connection.exactly(size))
        for make in datas:
            data = make(query)
            connection.send(struct.pack(">H", len(data)) + data)
        connection.drain()

    return script


def swapped(query: dns.message.Message) -> bytes:
    data = bytearray(answer(query, (f"{NAME}.", "A", "203.0.113.66")))
    data[0] ^= 0xFF
    return bytes(data)


def test_over_tcp_too_the_id_decides() -> None:
    """Over TCP an answer with another id is passed over as well."""
    with server(
        says(truncated=True), over_tcp(swapped, lambda query: answer(query, GOOD))
    ) as where:
        assert asked(where, "tcp").addresses == ("192.88.99.9",)
    with server(says(truncated=True), over_tcp(swapped)) as where:
        failure = asked(where, "tcp").failure
        assert failure is not None
        assert failure.kind is FailureKind.TIMED_OUT


@pytest.mark.parametrize(
    "tcp",
    [
        wire.Wire.reset,
        lambda connection: None,
        lambda connection: (connection.send(b"\0\x05ab"), connection.drain()),
        wire.Wire.drain,
    ],
    ids=["reset", "closed", "half", "silent"],
)
def test_tcp_that_ends_early(tcp: Callable[[wire.Wire], None]) -> None:
    """A name server whose TCP is cut, short or silent is a failure in time, not an exception."""
    with server(says(truncated=True), tcp) as where:
        assert asked(where, "tcp").failure is not None


def test_the_stub_of_a_rehearsal_asks_the_next_server() -> None:
    """A silent first name server is followed by the second."""
    with server(lambda query, send: None) as first, server(says(GOOD)) as second:
        lookup = asyncio.run(
            Resolver(time.monotonic, (first, second)).lookup(NAME, 2 * wire.PATIENCE)
        )
    assert lookup.addresses == ("192.88.99.9",)


def test_a_name_is_looked_up_once_in_a_run() -> None:
    """Who asks for a name again, at once or later, gets the first look-up's answer, also where one
    who waited for it gave up."""
    questions: list[str] = []

    def counted(query: dns.message.Message, send: Callable[[bytes], object]) -> None:
        questions.append(query.question[0].to_text())
        says(GOOD)(query, send)

    async def many() -> set[Lookup]:
        resolver = Resolver(time.monotonic, (where,))
        given_up = asyncio.create_task(resolver.lookup(NAME, wire.PATIENCE))
        await asyncio.sleep(0)
        given_up.cancel()
        found = await asyncio.gather(*(resolver.lookup(NAME, wire.PATIENCE) for _ in range(5)))
        return {*found, await resolver.lookup(NAME, wire.PATIENCE)}

    with server(counted) as where:
        (lookup,) = asyncio.run(many())
    assert lookup.addresses == ("192.88.99.9",)
    assert sorted(questions) == [f"{NAME}. IN A", f"{NAME}. IN AAAA"]


def test_a_scope_reaches_the_socket() -> None:
    """The scope of an IPv6 name server (fe80::1%eth0) is handed to the kernel apart."""
    from arcprobe.probes.wire.stream import socket_address

    if not socket.has_ipv6:
        pytest.fail("this test needs IPv6 in the socket module")
    name = socket.if_indextoname(1)
    assert socket_address(f"fe80::1%{name}", 53)[3] == 1
    assert socket_address("10.0.0.1", 53) == ("10.0.0.1", 53)


@pytest.mark.parametrize(
    ("script", "addresses"),
    [(says(GOOD), ("192.88.99.9",)), (lambda query, send: None, ())],
    ids=["answered", "silent"],
)
def test_a_name_without_a_turn_is_asked_directly(
    script: Callable[..., None], addresses: tuple[str, ...]
) -> None:
    """While other names hold the system's resolver, a name server that answers is believed, and one
    that is silent is a silence."""

    async def looked_up() -> Lookup:
        async with asyncio.timeout(wire.LIMIT):
            descriptors.begin(is_rehearsed=False)
            while True:  # all turns are held
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(descriptors.take_lookup(), 0.05)
                    continue
                break
            resolver = Resolver(time.monotonic)
            resolver.servers = (where,)
            return await resolver.lookup(NAME, 2.0)

    with server(script) as where:
        lookup = asyncio.run(looked_up())
    assert lookup.addresses == addresses
    assert (lookup.failure is None) == bool(addresses)
    assert lookup.failure is None or lookup.failure.kind is FailureKind.TIMED_OUT
