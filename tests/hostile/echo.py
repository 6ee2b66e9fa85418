"""A proxy that echoes who asks: in each place of an answer where bytes of a peer become text, in
each form in which a page, a header or a certificate may hold them. Real sockets on loopback."""

from __future__ import annotations

import base64
import codecs
import contextlib
import datetime
import html
import json
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER = "canary-user-7"
PASSWORD = "Kanarien+Vogel/9%"
BEFORE, AFTER = "evidence-begins", "evidence-ends"

# --------------------------------------------------------------------------------------- the forms


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "swapped case": str.swapcase,
    "reversed": lambda text: text[::-1],
    "base64": _base64,
    "base64 after one byte": lambda text: _base64(f"x{text}"),
    "base64 after two bytes": lambda text: _base64(f"xy{text} and more"),
    "base64 for urls": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 reversed": lambda text: _base64(text)[::-1],
    "base64 of the reversed": lambda text: _base64(text[::-1]),
    "base64 twice": lambda text: _base64(_base64(text)),
    "base64 without padding": lambda text: _base64(text).rstrip("="),
    "base64 in hex": lambda text: _base64(text).encode().hex(),
    "base64 with percent": lambda text: quote(_base64(text), safe=""),
    "percent": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: quote(text, safe="").lower(),
    "percent of all": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with blanks": lambda text: text.encode().hex(" "),
    "escaped bytes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "entities in hex": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "html": html.escape,
    "json": lambda text: json.dumps(text),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "utf-16 in base64": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
}

WHOLE = {
    "user": "{user}",
    "password": "{password}",
    "pair": "{user}:{password}",
    "url": "http://{user}:{password}@proxy.corp.example:3128/",
}


def echoed(what: str, form: str, user: str, password: str) -> str:
    """What is echoed, in its form, between words that a report should keep."""
    text = FORMS[form](WHOLE[what].format(user=user, password=password))
    return f"{BEFORE} {text} {AFTER}"


# -------------------------------------------------------------------------------------- the places


class Echo(socketserver.StreamRequestHandler):
    """One connection: reads CONNECT, and echoes where and as the name that is asked for says."""

    timeout = 10
    server: EchoProxy

    def handle(self) -> None:
        """``PLACE-WHAT-FORM.canary.example`` chooses the row of ``PLACES``."""
        with contextlib.suppress(OSError, ValueError):
            line, *headers = self._head()
            host = line.split()[1].partition(":")[0]
            place, what, form = self.server.rows[host]
            user, _, password = _credentials(headers).partition(":")
            PLACES[place](self, echoed(what, form, user, password))

    def _head(self) -> list[str]:
        lines: list[str] = []
        while (line := self.rfile.readline(65_536).strip()) and len(lines) < 50:
            lines.append(line.decode("latin-1"))
        return lines or ["GET x:0"]

    def say(self, start: str, *headers: str, body: str = "") -> None:
        """An HTTP answer."""
        head = "\r\n".join((start, *headers, f"Content-Length: {len(body.encode())}", "", ""))
        self.wfile.write(head.encode("latin-1") + body.encode())

    def inside_tls(self, text: str, *names: str) -> None:
        """A handshake with a certificate that holds the text."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with context_of(text, names).wrap_socket(self.connection, server_side=True) as wrapped:
            wrapped.recv(65_536)
            body = text.encode()
            head = f"HTTP/1.1 403 no\r\nServer: {text}\r\nContent-Length: {len(body)}\r\n\r\n"
            wrapped.sendall(head.encode("latin-1") + body)


def _credentials(headers: list[str]) -> str:
    for header in headers:
        name, _, value = header.partition(":")
        if name.lower() == "proxy-authorization":
            return base64.b64decode(value.split()[-1]).decode()
    return ":"


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@lru_cache(maxsize=256)
def context_of(text: str, names: tuple[str, ...]) -> ssl.SSLContext:
    """A server's context, its certificate with the text as organisation and the names beside it."""
    key = _key()
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names or ("x.example",)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.write(built.public_bytes(serialization.Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _raw(echo: Echo, text: str) -> None:
    echo.wfile.write(text.encode() + b"\r\n")


def _after_200(echo: Echo, text: str) -> None:
    echo.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + text.encode() + b"\r\n")


PLACES: dict[str, Callable[[Echo, str], None]] = {
    "page": lambda echo, text: echo.say(
        "HTTP/1.1 403 Forbidden", "Content-Type: text/html", body=f"<title>{text}</title>{text}"
    ),
    "reason": lambda echo, text: echo.say(f"HTTP/1.1 403 {text}"),
    "via": lambda echo, text: echo.say("HTTP/1.1 503 no", f"Via: 1.1 {text}"),
    "realm": lambda echo, text: echo.say(
        "HTTP/1.1 407 no", f'Proxy-Authenticate: Basic realm="{text}"'
    ),
    "location": lambda echo, text: echo.say(
        "HTTP/1.1 302 Found", f"Location: http://login.corp.example/?u={text}"
    ),
    "error header": lambda echo, text: echo.say("HTTP/1.1 403 no", f"X-Squid-Error: {text}"),
    "after 200": _after_200,
    "no http": _raw,
    "organisation": lambda echo, text: echo.inside_tls(text),
    "names": lambda echo, text: echo.inside_tls("x", text, f"{text.split()[1]}.example"),
}


class EchoProxy(socketserver.ThreadingTCPServer):
    """The proxy. ``rows``: the name that is asked for -> place, what, form."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, rows: dict[str, tuple[str, str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.rows = rows

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


@contextlib.contextmanager
def echo_proxy(rows: dict[str, tuple[str, str, str]]) -> Iterator[EchoProxy]:
    """The proxy, while the ``with`` lasts."""
    with EchoProxy(rows) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()
        yield proxy
        proxy.shutdown()
