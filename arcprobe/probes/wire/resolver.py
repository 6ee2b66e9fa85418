"""Names to addresses: the system's resolver as a program in this place would use it, and single
questions to one name server."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from arcprobe.model import Failure, FailureKind, Lookup, Surroundings
from arcprobe.probes.wire.failure import classify

if TYPE_CHECKING:
    from collections.abc import Callable

    import dns.message

T = TypeVar("T")

RESOLV_CONF = "/etc/resolv.conf"
DNS_PORT = 53
_RESOLV_CONF_LIMIT = 64 * 1024
_ADDRESSES_LIMIT = 64
_CNAMES_LIMIT = 16
_SERVERS_LIMIT = 3  # MAXNS, resolv.conf(5)
_AT_ONCE = (
    2.0  # seconds for a name server that is asked because the system's resolver is still waiting
)
_SEARCH_LIMIT = 32
_EDNS_PAYLOAD = 1232  # bytes; DNS flag day 2020, what today's resolvers offer

_RCODES = {"NXDOMAIN": FailureKind.NAME_UNKNOWN, "REFUSED": FailureKind.RESOLVER_REFUSED}


async def in_thread(work: Callable[[], T], timeout: float) -> T:
    """Runs blocking ``work`` in a daemon thread and stops waiting after ``timeout`` seconds
    (TimeoutError).

    getaddrinfo(3) cannot be cancelled, and asyncio's own executor would hold the interpreter's exit
    until it came back.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(settle: Callable[[], None]) -> None:
        if not future.done():
            settle()

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # the run ended before this thread did
            try:
                result = work()
            except Exception as error:
                failed = error
                loop.call_soon_threadsafe(deliver, lambda: future.set_exception(failed))
            else:
                loop.call_soon_threadsafe(deliver, lambda: future.set_result(result))

    threading.Thread(target=run, daemon=True, name="lookup").start()
    async with asyncio.timeout(timeout):
        return await future


def surroundings(path: str = RESOLV_CONF) -> Surroundings:
    """What resolv.conf(5) says here; empty where there is none (Windows, macOS keep it
    elsewhere)."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_RESOLV_CONF_LIMIT)
            if len(text) == _RESOLV_CONF_LIMIT:
                text = text.rpartition("\n")[0]  # half a line would be another address
    except OSError:
        return Surroundings(source="")
    servers: list[str] = []
    search: tuple[str, ...] = ()
    numbers = {"ndots": 1, "timeout": 5, "attempts": 2}
    most = {
        "ndots": 15,
        "timeout": 30,
        "attempts": 5,
    }  # RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY: glibc, resolv.h
    for line in text.splitlines():
        key, *values = line.split("#")[0].split(";")[0].split() or [""]
        if key == "nameserver" and values:
            servers.append(values[0])
        elif key in ("search", "domain"):
            search = tuple(
                value.rstrip(".") for value in values[:_SEARCH_LIMIT] if value.rstrip(".")
            )
        elif key == "options":
            for option in values:
                name, _, number = option.partition(":")
                if name in numbers and number.isascii() and number.isdecimal():
                    numbers[name] = (
                        int(number) if len(number) < 3 and int(number) < most[name] else most[name]
                    )
    return Surroundings(
        name_servers=tuple(server for server in servers if _is_address(server))[:_SERVERS_LIMIT],
        search=search,
        source=path,
        ndots=numbers["ndots"],
        timeout=numbers["timeout"],
        attempts=numbers["attempts"],
    )


def is_address(text: str) -> bool:
    """Whether ``text`` is an IP address literal, with or without brackets."""
    return _is_address(text.removeprefix("[").removesuffix("]"))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def system_addresses(name: str) -> tuple[str, ...]:
    """getaddrinfo(3) for ``name``, in the order it gives (RFC 6724). Blocks; socket.gaierror, or
    UnicodeError for a bad name."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return tuple(addresses)[:_ADDRESSES_LIMIT]


def _timed(name: str) -> tuple[tuple[str, ...], float]:
    """``system_addresses`` and the seconds that it took, measured where no event loop waits its
    turn."""
    started = time.monotonic()
    addresses = system_addresses(name)
    return addresses, time.monotonic() - started


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
    started = now()
    answer: dns.message.Message | None = None
    failure: Failure | None = None
    try:
        async with asyncio.timeout(timeout):
            answer = await (_ask_udp if transport == "udp" else _ask_tcp)(name, server, record)
    except Exception as error:
        failure = classify(error)
    host, port = server
    engine = host if port == DNS_PORT else f"{host}#{port}"
    if answer is None:
        return Lookup(
            started=started,
            took=now() - started,
            failure=failure,
            name=name,
            engine=engine,
            record=record,
            transport=transport,
        )
    return _read(
        answer,
        Lookup(
            started=started,
            took=now() - started,
            name=name,
            engine=engine,
            record=record,
            transport=transport,
        ),
    )


def _query(name: str, record: str) -> dns.message.Message:
    import dns.message
    import dns.name

    return dns.message.make_query(
        dns.name.from_text(name.rstrip(".") + "."), record, use_edns=0, payload=_EDNS_PAYLOAD
    )


async def _ask_udp(name: str, server: tuple[str, int], record: str) -> dns.message.Message:
    import dns.exception
    import dns.message

    query = _query(name, record)
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        # connected, so that ICMP errors come back as errors, and answers from elsewhere do not
        sock.connect(_socket_address(server))
        await loop.sock_sendall(sock, query.to_wire())
        while True:
            data = await loop.sock_recv(sock, 65535)
            try:
                answer = dns.message.from_wire(
                    data, ignore_trailing=True, raise_on_truncation=False
                )
            except (dns.exception.DNSException, ValueError):
                answer = None
            if answer is not None and query.is_response(answer):
                return answer
            await asyncio.sleep(0)  # a flood of such answers must not keep the time-out from coming


def _socket_address(server: tuple[str, int]) -> Any:
    """As bind and connect want it: the scope of a link-local address (fe80::1%eth0) stands apart.
    No look-up is made."""
    host, port = server
    if "%" not in host:
        return server
    return socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0][4]


async def _ask_tcp(name: str, server: tuple[str, int], record: str) -> dns.message.Message:
    import dns.message

    query = _query(name, record)
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


def _read(answer: dns.message.Message, lookup: Lookup) -> Lookup:
    import dns.flags
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import msgspec

    addresses: list[str] = []
    cnames: list[str] = []
    for rrset in answer.answer:
        if rrset.rdclass != dns.rdataclass.IN:
            continue  # an A of another class is no address (RFC 1035 section 3.2.4)
        if rrset.rdtype == dns.rdatatype.CNAME:
            cnames += [str(item.target).rstrip(".") for item in rrset]
        elif dns.rdatatype.to_text(rrset.rdtype) == lookup.record:
            addresses += [item.address for item in rrset]
    rcode = dns.rcode.to_text(answer.rcode())
    failure = None
    if rcode != "NOERROR":
        failure = Failure(kind=_RCODES.get(rcode, FailureKind.RESOLVER_FAILED), detail=rcode)
    elif not addresses:
        failure = Failure(kind=FailureKind.NAME_EMPTY, detail=f"no {lookup.record} record")
    return msgspec.structs.replace(
        lookup,
        failure=failure,
        addresses=tuple(addresses[:_ADDRESSES_LIMIT]),
        cnames=tuple(cnames[:_CNAMES_LIMIT]),
        rcode=rcode,
        truncated=bool(answer.flags & dns.flags.TC),
    )


class Resolver:
    """The resolver of this place: the system's, or, in a rehearsal, a stub over the name servers
    that it was given."""

    def __init__(
        self, now: Callable[[], float], name_servers: tuple[tuple[str, int], ...] = ()
    ) -> None:
        self.now = now
        self.place = surroundings()
        self._rehearsed = name_servers
        self.servers = name_servers or tuple(
            (address, DNS_PORT) for address in self.place.name_servers
        )

    async def lookup(self, name: str, timeout: float) -> Lookup:
        """``name`` to addresses as a program here gets them (search list, hosts file and all)."""
        started = self.now()
        try:
            if self._rehearsed:
                addresses = await self._stub(name, timeout)
            else:
                addresses, took = await in_thread(lambda: _timed(name), timeout)
                return Lookup(started=started, took=took, name=name, addresses=addresses)
        except TimeoutError as error:
            # the system still waits, for AAAA or for a dead server; what a name
            # server says at once it will say in the end
            if late := await self._from_servers(name):
                return Lookup(started=started, took=self.now() - started, name=name, addresses=late)
            return Lookup(
                started=started, took=self.now() - started, failure=classify(error), name=name
            )
        except Exception as error:
            failure = error.failure if isinstance(error, _Answered) else classify(error)
            return Lookup(started=started, took=self.now() - started, failure=failure, name=name)
        return Lookup(started=started, took=self.now() - started, name=name, addresses=addresses)

    async def _from_servers(self, name: str) -> tuple[str, ...]:
        questions = (
            ask(name, server, "A", transport="udp", timeout=_AT_ONCE, now=self.now)
            for server in self.servers
        )
        answers = await asyncio.gather(*questions)
        return next((each.addresses for each in answers if each.addresses), ())

    async def _stub(self, name: str, timeout: float) -> tuple[str, ...]:
        last = Failure(kind=FailureKind.TIMED_OUT, detail="no name server answered")
        share = timeout / max(1, len(self._rehearsed))
        for server in self._rehearsed:
            pair = await asyncio.gather(
                *(
                    ask(name, server, record, transport="udp", timeout=share, now=self.now)
                    for record in ("A", "AAAA")
                )
            )
            if addresses := tuple(address for lookup in pair for address in lookup.addresses):
                return addresses
            last = pair[0].failure or last
            if last.kind in (FailureKind.NAME_UNKNOWN, FailureKind.NAME_EMPTY):
                break
        raise _Answered(last)


class _Answered(Exception):
    """A lookup whose failure is already a ``Failure``."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure
