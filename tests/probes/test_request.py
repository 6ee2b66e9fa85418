"""What is asked of an endpoint, and how a registry that hangs up is asked on."""

from __future__ import annotations

import json

import msgspec
import pytest

from arcprobe.model import Exchange
from tests.probes import peers

BLOB = f"sha256:{'a' * 64}"
MANIFEST = json.dumps({"config": {"digest": BLOB, "size": 1}}).encode()
REGISTRY = msgspec.structs.replace(
    peers.check(),
    discovery="mcr",
    paths=("/v2/a/manifests/1",),
    accept=("application/vnd.oci.image.manifest.v1+json",),
)


def answer(body: bytes, *, close: bool) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(body)
    return head + (b"Connection: close\r\n" if close else b"") + b"\r\n" + body


@pytest.mark.parametrize(
    ("close", "labels"), [(False, ["agents"]), (True, ["agents", "registry, continued"])]
)
def test_a_registry_is_asked_to_its_blob(close: bool, labels: list[str]) -> None:
    """Manifest and blob are asked over one connection where the registry keeps it, over two where
    it does not; the manifest's types are asked for with the manifest alone."""
    received: list[bytes] = []

    def script(wire: peers.Wire) -> None:
        inner = wire.tls(peers.server_context())
        while True:
            received.append(inner.until())
            is_blob = b"/blobs/" in received[-1]
            inner.send(answer(b"" if is_blob else MANIFEST, close=close))
            if close:
                break

    with peers.peer(script) as server:
        context = peers.context((peers.HOST, 443, server.port), timeout=5)
        attempts = peers.probed(REGISTRY, context)
    assert [attempt.label for attempt in attempts] == labels
    exchanges = [
        step for attempt in attempts for step in attempt.steps if isinstance(step, Exchange)
    ]
    assert [step.path for step in exchanges] == ["/v2/a/manifests/1", f"/v2/a/blobs/{BLOB}"]
    assert b"Accept: application/vnd.oci.image.manifest.v1+json\r\n" in received[0]
    assert b"Accept: */*\r\n" in received[1]


@pytest.mark.parametrize(
    ("port", "host"), [(443, b"endpoint.example"), (8084, b"endpoint.example:8084")]
)
def test_the_port_is_named_where_it_is_not_the_usual_one(port: int, host: bytes) -> None:
    """Host carries the port for any but 443, as Go's net/http has it."""

    heads: list[bytes] = []

    def script(wire: peers.Wire) -> None:
        inner = wire.tls(peers.server_context())
        heads.append(inner.until())
        inner.send(answer(b"", close=True))

    with peers.peer(script) as server:
        context = peers.context((peers.HOST, port, server.port), timeout=5)
        peers.probed(peers.check(port=port), context)
    assert b"\r\nHost: " + host + b"\r\n" in heads[0]


def test_a_registry_without_end_is_left_after_five_connections() -> None:
    """A registry that closes after each answer, and has none of the images, is asked over six
    connections at most."""
    paths = tuple(f"/v2/{number}/manifests/1" for number in range(3))
    question = msgspec.structs.replace(REGISTRY, paths=paths)
    index = json.dumps({"manifests": [{"digest": BLOB}]}).encode()

    def script(wire: peers.Wire) -> None:
        inner = wire.tls(peers.server_context())
        inner.until()
        inner.send(answer(index, close=True))

    with peers.peer(script) as server:
        context = peers.context((peers.HOST, 443, server.port), timeout=5)
        attempts = peers.probed(question, context)
    assert 2 <= len(attempts) <= 6
