"""A relay before the API server that takes its time for each request: python -m tests.cluster.slow
ADDRESS:PORT SECONDS, with ``KUBECONFIG`` of who asks. It speaks plain HTTP, as ``kubectl proxy``.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
import tempfile
import time
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

_OURS = {"host", "connection", "transfer-encoding", "accept-encoding", "content-length"}
_SECONDS = 120


class Relay(BaseHTTPRequestHandler):
    """One request, later."""

    protocol_version = "HTTP/1.1"
    server_address: tuple[str, int]
    trust: ssl.SSLContext
    pause: float

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(self.pause)
        handed = {name: text for name, text in self.headers.items() if name.lower() not in _OURS}
        upstream = HTTPSConnection(*self.server_address, timeout=_SECONDS, context=self.trust)
        upstream.request(self.command, self.path, body, handed)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _relay

    def log_message(self, format: str, *args: object) -> None:
        """Each request with its time."""
        sys.stderr.write(f"{time.time():.1f} {format % args}\n")


def _trust(kubeconfig: dict[str, list[dict[str, dict[str, str]]]]) -> ssl.SSLContext:
    cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=ca)
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("certificate", "key"):
            path = Path(scratch) / name
            path.write_bytes(base64.b64decode(user[f"client-{name}-data"]))
        context.load_cert_chain(f"{scratch}/certificate", f"{scratch}/key")
    return context


def main(where: str, seconds: str) -> None:
    """Serves until it is killed."""
    kubeconfig = json.loads(Path(os.environ["KUBECONFIG"]).read_text())
    server = urlsplit(kubeconfig["clusters"][0]["cluster"]["server"])
    assert server.hostname
    assert server.port
    Relay.server_address, Relay.trust = (server.hostname, server.port), _trust(kubeconfig)
    Relay.pause = float(seconds)
    host, _, port = where.rpartition(":")
    ThreadingHTTPServer((host, int(port)), Relay).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
