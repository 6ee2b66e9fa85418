"""A file over https."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from arcprobe.probes.download import NotLoaded, download
from arcprobe.probes.http_client import Way
from tests.support.apiserver import _certificate, _Server

FILE = b"cloud = 'x'\n" * 100
SECRET = "Gr33n-Teapot"


class Server:
    """Answers of a path: status, headers, body. ``seen``: what was asked for."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {"/file": (200, {}, FILE)}
        self.seen: list[str] = []
        certificate, key = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = _Server(("127.0.0.1", 0), _handler(self), context)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        self.roots = (folder / "ca.pem").read_bytes()

    def way(self, url: str) -> Way:
        return Way(endpoint=url, roots=self.roots, timeout=5)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            server.seen.append(self.path)
            status, headers, body = server.answers.get(self.path.partition("?")[0], (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    run = server.server.serve_forever
    thread = threading.Thread(target=run, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        server.server.server_close()
        thread.join(10)


@pytest.fixture(name="server")
def started(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "server") as server:
        yield server


def refused(server: Server, url: str) -> str:
    with pytest.raises(NotLoaded) as error:
        download(url, server.way, 4096)
    assert SECRET not in str(error.value)
    return str(error.value)


def test_a_file_with_its_redirects(server: Server) -> None:
    """The bytes as they are; a redirect is followed, within https, and the query goes along."""
    server.answers["/first"] = (302, {"Location": "/second?x=1"}, b"")
    server.answers["/second"] = (307, {"Location": f"{server.url}/file"}, b"")
    assert download(f"{server.url}/first?sig={SECRET}", server.way, 4096) == FILE
    assert server.seen == [f"/first?sig={SECRET}", "/second?x=1", "/file"]


def test_what_is_not_taken(server: Server) -> None:
    """An error, a loop, a redirect to plain http, a larger or a packed body, an authority that is
    not trusted: words without a secret."""
    server.answers["/loop"] = (302, {"Location": "/loop"}, b"")
    server.answers["/plain"] = (301, {"Location": "http://127.0.0.1:1/"}, b"")
    server.answers["/large"] = (200, {}, b"#" * 5000)
    packed = {"Content-Encoding": "gzip"}
    server.answers["/packed"] = (200, packed, gzip.compress(b"#" * 10_000_000))
    server.answers["/nowhere"] = (302, {}, b"")
    for path, words in {
        "/missing": "HTTP 404",
        "/nowhere": "HTTP 302",
        "/loop": "more than 5 redirects",
        "/plain": "is no https URL",
        "/large": "more than 4 KiB",
        "/packed": "packed",
    }.items():
        assert words in refused(server, f"{server.url}{path}?sig={SECRET}"), path
    server.roots = b""
    assert "CERTIFICATE_VERIFY_FAILED" in refused(server, f"{server.url}/file")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        f"https://arc:{SECRET}@a.example/",
        "https://",
        "https://[",
        "https://a:b/",
        "https://a.example/ x",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_url(server: Server, url: str) -> None:
    """Nothing is asked where the URL is not https, or holds a password."""
    assert "URL" in refused(server, url)
