"""The rehearsed API server pages, authenticates and forbids as a real one."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import ClusterScript, NetworkScript
from tests.lab.clients import ask, dialled


@contextmanager
def api(running: Rehearsal) -> Iterator[ssl.SSLSocket]:
    """TLS to the API server as a pod does it, with the CA of its service account."""
    assert running.service_account is not None
    context = ssl.create_default_context(cafile=str(running.service_account / "ca.crt"))
    host = running.environment["KUBERNETES_SERVICE_HOST"]
    port = int(running.environment["KUBERNETES_SERVICE_PORT"])
    with (
        dialled(port) as connection,
        context.wrap_socket(connection, server_hostname=host) as stream,
    ):
        yield stream


def bearer(running: Rehearsal) -> tuple[str, str]:
    """The service account's credentials."""
    assert running.service_account is not None
    return "Authorization", f"Bearer {(running.service_account / 'token').read_text('ascii')}"


def get(stream: ssl.SSLSocket, path: str, *headers: tuple[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one answer."""
    answer = ask(stream, "GET", path, "127.0.0.1", *headers)
    return answer.status, json.loads(answer.body)


def test_pages() -> None:
    """A list comes in pages whatever the limit asked for, and following continue gives every object
    once."""
    with (
        Rehearsal(NetworkScript(cluster=ClusterScript(source="api", page=3))) as running,
        api(running) as stream,
    ):
        names: list[str] = []
        pages, token = 0, ""
        while pages == 0 or token:
            _, page = get(
                stream,
                f"/api/v1/services?limit=500{'&continue=' + token if token else ''}",
                bearer(running),
            )
            names += [item["metadata"]["name"] for item in page["items"]]
            token = page["metadata"].get("continue", "")
            pages += 1
    assert pages == 3
    assert len(names) == len(set(names)) == 8
    assert "kubernetes" in names


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/nodes", "NodeList"),
        ("/apis/networking.k8s.io/v1/servicecidrs", "ServiceCIDRList"),
        ("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", "EndpointSliceList"),
    ],
)
def test_collections(path: str, kind: str) -> None:
    """Nodes, Service ranges and the API server's own addresses can be listed."""
    with (
        Rehearsal(NetworkScript(cluster=ClusterScript(source="api"))) as running,
        api(running) as stream,
    ):
        status, page = get(stream, path, bearer(running))
    assert (status, page["kind"]) == (200, kind)
    assert page["items"]


def test_refusals() -> None:
    """No token is 401, a forbidden resource 403, an unknown one 404, an expired page 410, each with
    a Status that says so."""
    script = NetworkScript(cluster=ClusterScript(source="api", forbidden=("services",)))
    with Rehearsal(script) as running, api(running) as stream:
        assert get(stream, "/api/v1/services")[0] == 401
        status, body = get(stream, "/api/v1/services", bearer(running))
        assert (status, body["kind"], body["reason"]) == (403, "Status", "Forbidden")
        assert get(stream, "/apis/nothing.example/v1/things", bearer(running))[0] == 404
        assert get(stream, "/api/v1/nodes?continue=old", bearer(running))[0] == 410


def test_file() -> None:
    """Outside a pod the same Services are in a file as kubectl prints them, and no service account
    is there."""
    with Rehearsal(NetworkScript()) as running:
        flags = dict(zip(running.flags[::2], running.flags[1::2], strict=True))
        with open(flags["--services"], encoding="utf-8") as file:
            listed = json.load(file)
        assert running.service_account is None
    assert listed["kind"] == "List"
    assert len(listed["items"]) == 8
