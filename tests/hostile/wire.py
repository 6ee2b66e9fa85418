"""The parsers of what peers send, each as a probe calls it, with well-formed examples to begin
from. None of them may raise."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, NamedTuple

import dns.message
from websockets.utils import accept_key

from arcprobe.findings.reading import discovered_hosts, read
from arcprobe.lab.pki import EnterpriseCa
from arcprobe.model import (
    Attempt,
    Check,
    Credentials,
    Exchange,
    Experiment,
    Head,
    Kind,
    Lookup,
    Observation,
    Proxy,
    Role,
    Route,
    Secret,
)
from arcprobe.probes.azure import arm
from arcprobe.probes.cluster import agents, kubectl, objects, ranges
from arcprobe.probes.cluster.collect import Collected
from arcprobe.probes.cluster.reader import read_services, read_surroundings
from arcprobe.probes.registry import smallest
from arcprobe.probes.trust.certificates import describe, name_matches
from arcprobe.probes.trust.stores import Stores
from arcprobe.probes.wire import resolver, socks
from arcprobe.probes.wire.clock import Clock
from arcprobe.probes.wire.connect import ask_for_tunnel
from arcprobe.probes.wire.http import Dialogue, ask, date_offset
from arcprobe.probes.wire.stream import Stream, TcpStream
from arcprobe.probes.wire.tls import Hello, shake_hands
from arcprobe.probes.wire.websocket import open_websocket

_PATIENCE = 1.0  # seconds; nothing here is ever waited for
_PIECE = 997  # bytes that come at once
_KEY = re.compile(rb"Sec-WebSocket-Key: (\S+)")


class Parser(NamedTuple):
    """How bytes of a peer are read, and what they look like when they are well formed."""

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


class Fed(Stream):
    """A peer that says these bytes, whatever it hears, and ends. ``@ACCEPT@`` in them is what RFC
    6455 makes of the key that it heard."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    async def send(self, data: bytes) -> None:
        self.bytes_out += len(data)
        if key := _KEY.search(data):
            due = accept_key(key[1].decode()).encode()
            self._data = self._data.replace(b"@ACCEPT@", due)

    async def receive(self) -> bytes:
        piece, self._data = self._data[:_PIECE], self._data[_PIECE:]
        return self._received(piece)

    def close(self) -> None:
        """Nothing is open."""


def _clock() -> Clock:
    seconds = itertools.count()
    return Clock(now=lambda: float(next(seconds)), timeout=_PATIENCE)


def _run(work: Coroutine[Any, Any, object]) -> object:
    return asyncio.run(work)


# -------------------------------------------------------------------------------- HTTP, TLS, SOCKS


def _connect(data: bytes) -> object:
    headers = [("Host", "endpoint.example:443")]
    return _run(ask_for_tunnel(Fed(data), "endpoint.example:443", headers, timeout=_PATIENCE))


def _answer(data: bytes) -> object:
    async def asked() -> object:
        headers = [("Host", "endpoint.example")]
        answer = await ask(Dialogue(Fed(data)), "GET", "/", headers, timeout=_PATIENCE)
        return date_offset(answer.head or Head(), 0.0)

    return _run(asked())


def _websocket(data: bytes) -> object:
    return _run(open_websocket(Fed(data), "/", "endpoint.example", _clock(), hold=0.01))


def _tls(data: bytes) -> object:
    return _run(shake_hands(Fed(data), "endpoint.example", Role.TARGET, Hello.AGENTS, _clock()))


def _socks(data: bytes) -> object:
    proxy = Proxy(scheme="socks5", host="proxy.example", port=1080, setting="--proxy-https")

    async def negotiated() -> object:
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            there.sendall(data)
            there.shutdown(socket.SHUT_WR)
            pair = Credentials("user", Secret("password"))
            target = ("endpoint.example", 443)
            return await socks.negotiate(TcpStream(here), proxy, pair, *target, _clock())

    _run(negotiated())
    return _run(socks.greet(Fed(data), _clock()))


_HEADS = (
    b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy (squid/5.7)\r\n\r\nahead",
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n"
    b'Proxy-Authenticate: Basic realm="a, b"\r\nContent-Length: 5\r\n\r\nhello',
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 403 Forbidden\r\nTransfer-Encoding: chunked\r\n"
    b"Trailer: X\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/?u=%00\r\n"
    b"Date: Fri, 27 Nov 2026 00:00:00 GMT\r\nContent-Length: 0\r\nX: a\r\n b\r\n\r\n",
)
_SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: @ACCEPT@\r\n\r\n"
)
_FRAMES = (
    b"\x8a\x08pongpong",
    b"\x89\x04ping\x88\x05\x03\xe8bye",
    b"\x01\x03abc\x80\x03def\x82\x7e\x01\x00" + bytes(256),
    b"\x88\x02\x03\xe7\xf2\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
)
_RECORDS = (
    b"\x15\x03\x03\x00\x02\x02\x28",
    b"\x15\x03\x01\x00\x02\x02\x46",
    b"\x16\x03\x03\x00\x37\x02\x00\x00\x33\x03\x03"
    + bytes(32)
    + b"\x00\xc0\x2f\x00\x00\x0b\xff\x01"
    b"\x00\x01\x00\x00\x0b\x00\x02\x01\x00",
    b"\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x05hello",
    b"HTTP/1.0 400 Bad Request\r\n\r\n",
)
_SOCKS = (
    b"\x05\x02\x01\x00\x05\x00\x00\x01\x0a\x00\x00\x01\x04\x38",
    b"\x05\x00\x05\x02\x00\x03\x04name\x00\x00",
    b"\x05\x02\x01\x01\x05\xff",
    b"\x00\x5a\x00\x00\x00\x00\x00\x00",
)

# ----------------------------------------------------------------------------------------- names


def _name_server(data: bytes) -> object:
    query = resolver.query_for("endpoint.example", "A")
    query.id = int.from_bytes(data[:2], "big")
    asked = Lookup(started=0.0, name="endpoint.example", engine="192.0.2.1", record="A")
    answer = resolver.answer_in(data, query)
    return answer and resolver.read_answer(answer, asked)


@cache
def _names() -> tuple[bytes, ...]:
    head = "id 7\nopcode QUERY\nrcode {}\nflags QR RD RA\n;QUESTION\nendpoint.example. IN A\n"
    answers = (
        "NOERROR|;ANSWER\nendpoint.example. 60 IN CNAME other.example.\n"
        "other.example. 60 IN A 192.0.2.1\nother.example. 60 IN A 192.0.2.2\n",
        "NXDOMAIN|;AUTHORITY\nexample. 60 IN SOA a.example. b.example. 1 2 3 4 5\n",
        "NOERROR|;ANSWER\nendpoint.example. 60 IN TXT text\nendpoint.example. 60 CH A 1 1\n",
    )
    split = (answer.partition("|") for answer in answers[:2])
    texts = [head.format(code) + rest for code, _, rest in split]
    return tuple(dns.message.from_text(text).to_wire() for text in texts)


# ----------------------------------------------------------------------------------- certificates


@cache
def _authority() -> tuple[bytes, bytes]:
    """The root and a leaf of it, DER."""
    import ssl

    authority = EnterpriseCa()
    leaf = authority.server("endpoint.example", "*.endpoint.example").pem().decode()
    first = leaf[leaf.index("-----BEGIN CERT") : leaf.index("-----END CERT") + 26]
    root = authority.pem.decode()
    return ssl.PEM_cert_to_DER_cert(root.strip()), ssl.PEM_cert_to_DER_cert(first.strip())


@cache
def _stores() -> Stores:
    import ssl

    root, _leaf = _authority()
    pem = ssl.DER_cert_to_PEM_cert(root).encode()
    return Stores(pem, (root,), pem)


def _certificate(data: bytes) -> object:
    root, leaf = _authority()
    described = describe(data, keep_pem=True)
    matches = name_matches(data, "a.endpoint.example")
    chains = ((data,), (data, root), (leaf, data), (leaf, data, root))
    return described, matches, [_stores().examine(chain, None) for chain in chains]


# -------------------------------------------------------------------------------- cluster and Azure


class _Says:
    """An API that answers everything so."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def get(self, path: str) -> bytes:
        return self._data

    async def dry_run(self, namespace: str, manifest: bytes) -> str:
        return self._data.decode("utf-8", "replace")


def _api(data: bytes) -> object:
    async def all_read() -> object:
        collected, api = Collected("fuzz"), _Says(data)
        await read_services(api, collected)
        await read_surroundings(api, collected, api)
        return collected.cluster(0.0, 0.0)

    return _run(all_read())


def _kubeadm(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    return ranges.kubeadm_ranges(text), ranges.kubeadm_domain(text)


def _arc(data: bytes) -> object:
    content = agents._decoded(data)
    paths = (agents._DEPLOYMENTS, agents._PODS, agents._SECRET, agents._CONFIG)
    return agents._agents({path: content for path in paths if content is not None}, ())


def _azure(data: bytes) -> object:
    return [arm._answer(status, data) for status in (200, 403, 500)]


def _refusal(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    return objects.refusal(data), kubectl.refusal(text), kubectl.last_words(text)


_OBJECTS = (
    b'{"metadata":{"continue":"x"},"items":[{"metadata":{"name":"a","namespace":"b"},'
    b'"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","fd00::1"],"podCIDR":"10.1.0.0/24",'
    b'"podCIDRs":["10.1.0.0/24"],"cidrs":["10.0.0.0/16"],"replicas":1},"status":{"addresses":'
    b'[{"type":"InternalIP","address":"10.2.0.1"}],"phase":"Running","readyReplicas":1},'
    b'"endpoints":[{"addresses":["10.2.0.9"]}]}]}',
    b'{"kind":"Status","status":"Failure","message":"services is forbidden: User \\"x\\" cannot '
    b'list resource","reason":"Forbidden","code":403}',
    b'{"data":{"ClusterConfiguration":"networking:\\n  serviceSubnet: 10.96.0.0/12\\n"}}',
    b'{"error":{"code":"AuthorizationFailed","message":"no"},"value":[],"nextLink":"https://x"}',
    b'{"data":{"HTTPS_PROXY":"aHR0cDovL3A6MzEyOA==","a":"%%"},"items":[{"metadata":{"name":"c"},'
    b'"spec":{"template":{"spec":{"containers":[{"env":[{"name":"NO_PROXY","value":"a"}]}]}}}}]}',
    b"[" * 3_000,
    b'{"a":' * 3_000,
)
_YAML = (
    b"networking:\n  dnsDomain: cluster.local\n  serviceSubnet: 10.96.0.0/12,fd00::/108\n",
    b"a: &a [1, 2]\nb: *a\nnetworking: {serviceSubnet: !!binary aGk=, podSubnet: 1e999}\n",
    b"- - - - -\n? [a]\n: {b: c}\n--- x\n...\n",
)

# ------------------------------------------------------------------------------------- discoveries


def _discovered(data: bytes) -> object:
    head = Head(
        status=200, body=data.decode("utf-8", "replace"), headers=(("location", str(data)[2:-1]),)
    )
    found = []
    for key in ("his", "gns", "mcr"):
        check = Check(
            id="discovery",
            kind=Kind.DISCOVERY,
            target="endpoint.example:443",
            route=Route.PROXY,
            required=True,
            feature="core",
            discovery=key,
            pattern="*.endpoint.example",
        )
        for status in (200, 307):
            answer = Exchange(method="GET", path="/", head=Head(**{**_as(head), "status": status}))
            seen = Attempt(label=Experiment.AGENTS, steps=(answer,))
            observation = Observation(check="discovery", attempts=(seen,))
            found.append(discovered_hosts(check, read(check, observation)))
    return found, smallest(data.decode("utf-8", "replace"))


def _as(head: Head) -> dict[str, Any]:
    return {name: getattr(head, name) for name in head.__struct_fields__}


_ANSWERS = (
    b'["a.endpoint.example","https://b.endpoint.example:443/x"]',
    b'"c.endpoint.example"',
    b'{"schemaVersion":2,"config":{"digest":"sha256:00","size":5},"layers":[{"digest":"x",'
    b'"size":1e400}],"manifests":[{"digest":"y"}]}',
    b"https://[::1]:99999/\xff",
)

PARSERS: dict[str, Parser] = {
    "CONNECT": Parser(_connect, _HEADS),
    "HTTP answer": Parser(_answer, _HEADS),
    "WebSocket": Parser(_websocket, tuple(_SWITCHED + frame for frame in _FRAMES)),
    "TLS": Parser(_tls, _RECORDS),
    "SOCKS": Parser(_socks, _SOCKS),
    "name server": Parser(_name_server, _names()),
    "certificate": Parser(_certificate, _authority()),
    "Kubernetes": Parser(_api, _OBJECTS),
    "refusal": Parser(_refusal, _OBJECTS),
    "kubeadm": Parser(_kubeadm, _YAML),
    "agents": Parser(_arc, _OBJECTS),
    "Azure": Parser(_azure, _OBJECTS),
    "discovery": Parser(_discovered, _ANSWERS),
}
