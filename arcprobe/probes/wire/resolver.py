"""Names to addresses: the system's resolver as a program in this place would use it, and single
questions to one name server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from arcprobe.model import Failure, FailureKind, Lookup
from arcprobe.probes.wire import descriptors
from arcprobe.probes.wire.failure import classify
from arcprobe.probes.wire.resolv_conf import surroundings
from arcprobe.probes.wire.stream import socket_address
from arcprobe.probes.wire.system_lookup import ADDRESSES_LIMIT, Found, HeadStart, timed
from arcprobe.probes.wire.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import dns.message

    _Work = Coroutine[None, None, Found]

T = TypeVar("T")

DNS_PORT = 53
_CNAMES_LIMIT = 16
_EDNS_PAYLOAD = 1232  # bytes; DNS flag day 2020, what today's resolvers offer
_LARGEST_DATAGRAM = 65535

# Seconds for name servers that are asked because the system's resolver is still waiting: what one
# says at once it will say in the end. Longer would add to a look-up that failed already.
_LATE_ANSWER = 2.0

# Shares of the time-out. After the first, the name servers are asked directly, beside the system's
# resolver; where none of them has said anything after the second, the system's is not waited for
# any longer. One that another server will answer for (resolv.conf(5): 5 s for each) is.
_UNDOUBTED = 0.25
_ASKED_DIRECTLY = 0.24

# Shares of the time-out for a name that has no turn at the system's resolver: after the first the
# name servers are asked directly, and are silent after the second.
_AT_ONCE = 0.01
_UNHEARD = _UNDOUBTED + _ASKED_DIRECTLY

# Seconds that the first question of a process waits, since it imports what encodes it, which takes
# about as long: until then every check has begun what it waits for, and asked a proxy for a tunnel.
_OTHERS_FIRST = 0.06

_ENCODER = "dns.message"

_RCODES = {"NXDOMAIN": FailureKind.NAME_UNKNOWN, "REFUSED": FailureKind.RESOLVER_REFUSED}


async def ask(
    name: str,
    server: tuple[str, int],
    record: str,
    *,
    transport: str,
    timeout: float,
    now: Callable[[], float],
) -> Lookup:
    """One question to one name server, without search list and without retry. Answers with a wrong
    id, from elsewhere or malformed are ignored, as resolvers do (RFC 5452 section 9.1). ``name`` is
    taken as absolute."""
    host, port = server
    engine = host if port == DNS_PORT else f"{host}#{port}"
    async with descriptors.held():
        if _ENCODER not in sys.modules:
            await asyncio.sleep(_OTHERS_FIRST)
        step = Lookup(started=now(), name=name, engine=engine, record=record, transport=transport)
        try:
            async with asyncio.timeout(timeout):
                answer = await (_ask_udp if transport == "udp" else _ask_tcp)(name, server, record)
        except Exception as error:
            return msgspec.structs.replace(step, took=now() - step.started, failure=classify(error))
    return read_answer(answer, msgspec.structs.replace(step, took=now() - step.started))


def query_for(name: str, record: str) -> dns.message.Message:
    """A question about ``name``, taken as absolute."""
    import dns.message
    import dns.name

    return dns.message.make_query(
        dns.name.from_text(name.rstrip(".") + "."), record, use_edns=0, payload=_EDNS_PAYLOAD
    )


async def _ask_udp(name: str, server: tuple[str, int], record: str) -> dns.message.Message:
    query = query_for(name, record)
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        # connected, so that ICMP errors come back as errors, and answers from elsewhere do not
        sock.connect(socket_address(*server))
        await loop.sock_sendall(sock, query.to_wire())
        while True:
            data = await loop.sock_recv(sock, _LARGEST_DATAGRAM)
            if (answer := answer_in(data, query)) is not None:
                return answer
            await asyncio.sleep(0)  # a flood of such answers must not keep the time-out from coming


def answer_in(data: bytes, query: dns.message.Message) -> dns.message.Message | None:
    """The answer to ``query`` that the bytes of a datagram are, if they are."""
    import dns.exception
    import dns.message

    with contextlib.suppress(dns.exception.DNSException, ValueError):
        answer = dns.message.from_wire(data, ignore_trailing=True)
        if query.is_response(answer):
            return answer
    return None


async def _ask_tcp(name: str, server: tuple[str, int], record: str) -> dns.message.Message:
    import dns.message

    query = query_for(name, record)
    wire = query.to_wire()
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(len(wire).to_bytes(2, "big") + wire)
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            answer = dns.message.from_wire(await reader.readexactly(length), ignore_trailing=True)
            if query.is_response(answer):
                return answer
            await asyncio.sleep(0)
    finally:
        writer.close()


def read_answer(answer: dns.message.Message, lookup: Lookup) -> Lookup:
    """``lookup`` with what was answered."""
    import dns.flags
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype

    addresses: list[str] = []
    cnames: list[str] = []
    for rrset in answer.answer:
        if rrset.rdclass != dns.rdataclass.IN:
            continue  # an A of another class is no address (RFC 1035 section 3.2.4)
        if rrset.rdtype == dns.rdatatype.CNAME:
            cnames += [str(record.target).rstrip(".") for record in rrset]
        elif dns.rdatatype.to_text(rrset.rdtype) == lookup.record:
            addresses += [record.address for record in rrset]
    rcode = dns.rcode.to_text(answer.rcode())
    failure = None
    if rcode != "NOERROR":
        failure = Failure(kind=_RCODES.get(rcode, FailureKind.RESOLVER_FAILED), detail=rcode)
    elif not addresses:
        failure = Failure(kind=FailureKind.NAME_EMPTY, detail=f"no {lookup.record} record")
    return msgspec.structs.replace(
        lookup,
        failure=failure,
        addresses=tuple(addresses[:ADDRESSES_LIMIT]),
        cnames=tuple(cnames[:_CNAMES_LIMIT]),
        rcode=rcode,
        truncated=bool(answer.flags & dns.flags.TC),
    )


class Resolver:
    """The resolver of this place: the system's, or, in a rehearsal, a stub over the name servers
    that it was given."""

    def __init__(
        self,
        now: Callable[[], float],
        name_servers: tuple[tuple[str, int], ...] = (),
        ahead: HeadStart | None = None,
    ) -> None:
        """``ahead``: the look-up of one name, which has begun."""
        self.now = now
        self._ahead = ahead
        self.surroundings = surroundings()
        self._rehearsed = name_servers
        self.servers = name_servers or tuple(
            (address, DNS_PORT) for address in self.surroundings.name_servers
        )
        self._asked: dict[str, asyncio.Task[Lookup]] = {}

    async def lookup(self, name: str, timeout: float) -> Lookup:
        """``name`` to addresses as a program here gets them (search list, hosts file and all).
        Asked once: the connections of a run, of which many begin with the proxy's name, share the
        answer."""
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = asyncio.create_task(self._lookup(name, timeout))
        return await asyncio.shield(asked)  # who gives up waiting leaves it to the others

    async def _lookup(self, name: str, timeout: float) -> Lookup:
        step = Lookup(started=self.now(), name=name)
        try:
            if not self._rehearsed:
                started, work = await self._begun(name, timeout)
                step = msgspec.structs.replace(step, started=started)
                addresses, took = await self._by_system(name, work, timeout)
                return msgspec.structs.replace(step, took=took, addresses=addresses)
            addresses, failure = await self._stub(name, timeout), None
        except _NoTurn as error:
            step = msgspec.structs.replace(step, started=self.now())
            addresses = error.addresses
            failure = None if addresses else classify(error)
        except _Silent as error:
            addresses, failure = (), classify(error)
        except TimeoutError as error:
            # the system still waits, for AAAA or for a dead server
            addresses = await self._from_servers(name)
            failure = None if addresses else classify(error)
        except _Answered as answered:
            addresses, failure = (), answered.failure
        except Exception as error:
            addresses, failure = (), classify(error)
        took = self.now() - step.started
        return msgspec.structs.replace(step, took=took, addresses=addresses, failure=failure)

    async def _begun(self, name: str, timeout: float) -> tuple[float, _Work]:
        """When the look-up began, and what waits for what it finds."""
        if self._ahead is not None and self._ahead.name == name:
            return self._ahead.started, _found_by(self._ahead, timeout)
        lease = await self._turn(name, timeout)
        return self.now(), in_thread(partial(timed, name), timeout, lease.give_back)

    async def _turn(self, name: str, timeout: float) -> descriptors.Lease:
        """A turn at the system's resolver. While others hold all that there are, the name servers
        are asked directly: ``_Silent`` where they say nothing; ``_NoTurn`` where they do, and no
        turn comes within ``timeout`` seconds."""
        if (lease := descriptors.take_lookup_now()) is not None:
            return lease
        turn = asyncio.create_task(descriptors.take_lookup())
        try:
            await asyncio.wait({turn}, timeout=timeout * _AT_ONCE)
            answers: list[Lookup] = []
            if not turn.done() and self.servers:
                answers = await self._doubted(name, turn, timeout * _UNHEARD)
            await asyncio.wait({turn}, timeout=timeout * (1 - _UNHEARD))
            if turn.done():
                return turn.result()
            raise _NoTurn(_first_addresses(answers))
        finally:
            turn.cancel()

    async def _by_system(self, name: str, work: _Work, timeout: float) -> Found:
        """What the system's resolver finds. ``_Silent`` as soon as it is clear that nobody is there
        for it to hear from."""
        system = asyncio.create_task(work)
        try:
            await asyncio.wait({system}, timeout=timeout * _UNDOUBTED)
            if not system.done() and self.servers:
                await self._doubted(name, system, timeout * _ASKED_DIRECTLY)
            return await system
        finally:
            system.cancel()

    async def _doubted(self, name: str, system: asyncio.Task[T], patience: float) -> list[Lookup]:
        """Asks all name servers, until the system's resolver is done; what they said. ``_Silent``
        where it is not, and none of them answered."""
        asking = asyncio.create_task(self._answers(name, patience))
        await asyncio.wait({system, asking}, return_when=asyncio.FIRST_COMPLETED)
        if system.done():
            asking.cancel()
            return []
        if all(answer.rcode == "" for answer in asking.result()):
            raise _Silent("no name server answers")
        return asking.result()

    async def _answers(self, name: str, patience: float) -> list[Lookup]:
        questions = (
            ask(name, server, "A", transport="udp", timeout=patience, now=self.now)
            for server in self.servers
        )
        return await asyncio.gather(*questions)

    async def _from_servers(self, name: str) -> tuple[str, ...]:
        return _first_addresses(await self._answers(name, _LATE_ANSWER))

    async def _stub(self, name: str, timeout: float) -> tuple[str, ...]:
        last = Failure(kind=FailureKind.TIMED_OUT, detail="no name server answered")
        share = timeout / len(self._rehearsed)
        for server in self._rehearsed:
            v4, v6 = await asyncio.gather(
                ask(name, server, "A", transport="udp", timeout=share, now=self.now),
                ask(name, server, "AAAA", transport="udp", timeout=share, now=self.now),
            )
            if addresses := v4.addresses + v6.addresses:
                return addresses
            last = v4.failure or last
            if last.kind in (FailureKind.NAME_UNKNOWN, FailureKind.NAME_EMPTY):
                break
        raise _Answered(last)


async def _found_by(ahead: HeadStart, timeout: float) -> Found:
    return ahead.wait() if ahead.is_done else await in_thread(ahead.wait, timeout)


class _Silent(TimeoutError):
    """No name server says anything."""


class _NoTurn(TimeoutError):
    """Other look-ups hold all descriptors that there are for them. ``addresses``: what the name
    servers say, asked directly."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        super().__init__("the system's resolver is busy with other names")
        self.addresses = addresses


class _Answered(Exception):
    """A lookup whose failure is already a ``Failure``."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def _first_addresses(answers: list[Lookup]) -> tuple[str, ...]:
    return next((answer.addresses for answer in answers if answer.addresses), ())
