"""A Microsoft Entra ID of the tests: TLS on loopback, as much of OAuth 2.0 as azure-identity asks
of it for a client secret (RFC 6749 section 4.4, OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.support.apiserver import _certificate, _Server


class FakeLogin:
    """A context manager. Gives ``token`` for ``secret``."""

    def __init__(self, folder: Path, secret: str, token: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.secret, self.token = secret, token
        certificate, key = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = _Server(("127.0.0.1", 0), _handler(self), context)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.roots = folder / "ca.pem"

    def __enter__(self) -> FakeLogin:
        run = self._server.serve_forever
        self._thread = threading.Thread(target=run, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _handler(login: FakeLogin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            tenant = f"{login.url}/{self.path.split('/')[1]}"
            found = {
                "issuer": f"{tenant}/v2.0",
                "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
                "token_endpoint": f"{tenant}/oauth2/v2.0/token",
            }
            _send(self, 200 if self.path.endswith("openid-configuration") else 404, found)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            form = parse_qs(self.rfile.read(length).decode())
            if form.get("client_secret") != [login.secret]:
                _send(self, 401, {"error": "invalid_client"})
                return
            _send(
                self, 200, {"token_type": "Bearer", "expires_in": 3600, "access_token": login.token}
            )

    return Handler


def _send(call: BaseHTTPRequestHandler, status: int, body: dict[str, Any]) -> None:
    content = json.dumps(body).encode()
    call.send_response(status)
    call.send_header("Content-Type", "application/json")
    call.send_header("Content-Length", str(len(content)))
    call.end_headers()
    call.wfile.write(content)
