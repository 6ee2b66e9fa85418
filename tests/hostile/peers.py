"""Peers that misbehave: a proxy, or who answers in its place, that does one wrong thing with each
name that is asked for. Real sockets on loopback; each row is what some box does, or may do."""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator

OPEN = b"HTTP/1.1 200 OK\r\n\r\n"
LONG = 4 * 1024 * 1024  # bytes that a peer pours out at most
_PATIENCE = 6.0  # seconds for which a peer keeps a connection

Act = Callable[[socket.socket], None]


def _send(*parts: bytes) -> Act:
    def act(peer: socket.socket) -> None:
        for part in parts:
            peer.sendall(part)

    return act


def _slowly(data: bytes, pause: float = 0.2) -> Act:
    def act(peer: socket.socket) -> None:
        for byte in data:
            peer.sendall(bytes((byte,)))
            time.sleep(pause)

    return act


def _for_ever(part: bytes, before: bytes = b"") -> Act:
    def act(peer: socket.socket) -> None:
        peer.sendall(before)
        for _ in range(LONG // len(part)):
            peer.sendall(part)

    return act


def _silent(before: bytes = b"") -> Act:
    def act(peer: socket.socket) -> None:
        peer.sendall(before)
        peer.settimeout(_PATIENCE)
        while peer.recv(65_536):
            pass

    return act


def _reset(before: bytes = b"") -> Act:
    def act(peer: socket.socket) -> None:
        peer.sendall(before)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return act


def _echo(before: bytes = b"") -> Act:
    def act(peer: socket.socket) -> None:
        peer.sendall(before)
        peer.settimeout(_PATIENCE)
        while data := peer.recv(65_536):
            peer.sendall(data)

    return act


def _answer(status: str, *headers: str, body: bytes = b"") -> Act:
    head = "\r\n".join((f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""))
    return _send(head.encode() + body)


def _record(kind: int, payload: bytes, version: bytes = b"\x03\x03", size: int = -1) -> bytes:
    """A TLS record (RFC 8446 section 5.1), its length as it is or as a liar has it."""
    length = len(payload) if size < 0 else size
    return bytes((kind,)) + version + length.to_bytes(2, "big") + payload


_ESC = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J"
_ALERTS: tuple[int, ...] = (
    *(0, 10, 20, 21, 22, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 70, 71, 80, 86, 90, 109),
    *(110, 112, 113, 115, 116, 120, 255),
)

ROWS: dict[str, Act] = {
    # ---------------------------------------------------------------- instead of an answer
    "closes at once": _send(),
    "resets at once": _reset(),
    "is silent": _silent(),
    "echoes": _echo(),
    "a line feed": _send(b"\n"),
    "zeros": _send(b"\0" * 4096),
    "all bytes": _send(bytes(range(256)) * 16),
    "noise": _send(os.urandom(4096)),
    "noise for ever": _for_ever(os.urandom(65_536)),
    "one byte at a time": _slowly(b"HTTP/1.1 200 OK", 0.3),
    "an ssh banner": _send(b"SSH-2.0-OpenSSH_9.7\r\n"),
    "an smtp banner": _send(b"220 mail ESMTP\r\n"),
    "an ftp banner": _send(b"220 ready\r\n"),
    "a mysql greeting": _send(b"J\0\0\0\x0a8.0.36\0" + b"x" * 64),
    "a socks5 reply": _send(b"\x05\xff"),
    "a socks4 reply": _send(b"\0\x5b\0\0\0\0\0\0"),
    "an http2 preface": _send(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64"),
    "a tls alert in clear": _send(_record(21, b"\x02\x28")),
    "a proxy protocol line": _send(b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
    # ------------------------------------------------------------------------- status lines
    "http 0.9": _send(b"<html>no head</html>"),
    "http 1.0": _send(b"HTTP/1.0 403 no\r\n\r\n"),
    "http 2 by word": _send(b"HTTP/2 200 OK\r\n\r\n"),
    "http 9.9": _send(b"HTTP/9.9 200 OK\r\n\r\n"),
    "lower case": _send(b"http/1.1 200 ok\r\n\r\n"),
    "icy": _send(b"ICY 200 OK\r\n\r\n"),
    "no reason": _send(b"HTTP/1.1 403\r\n\r\n"),
    "no status": _send(b"HTTP/1.1\r\n\r\n"),
    "status of two digits": _send(b"HTTP/1.1 20 OK\r\n\r\n"),
    "status of four digits": _send(b"HTTP/1.1 2000 OK\r\n\r\n"),
    "status 000": _send(b"HTTP/1.1 000 OK\r\n\r\n"),
    "status 999": _send(b"HTTP/1.1 999 no\r\n\r\n"),
    "negative status": _send(b"HTTP/1.1 -200 OK\r\n\r\n"),
    "status in words": _send(b"HTTP/1.1 OK 200\r\n\r\n"),
    "blank before": _send(b" HTTP/1.1 200 OK\r\n\r\n"),
    "empty lines before": _send(b"\r\n" * 50 + b"HTTP/1.1 403 no\r\n\r\n"),
    "a line without end": _for_ever(b"A" * 65_536, b"HTTP/1.1 403 "),
    "half a line": _send(b"HTTP/1.1 40"),
    "half a line, then silence": _silent(b"HTTP/1.1 40"),
    "half a line, then a reset": _reset(b"HTTP/1.1 40"),
    "a long reason": _send(b"HTTP/1.1 403 " + b"r" * 60_000 + b"\r\n\r\n"),
    "escapes in the reason": _answer(f"403 {_ESC}"),
    "bare line feeds": _send(b"HTTP/1.1 403 no\nX: y\n\n"),
    "bare carriage returns": _send(b"HTTP/1.1 403 no\rX: y\r\r"),
    "a zero byte": _send(b"HTTP/1.1 403 n\0o\r\n\r\n"),
    # ------------------------------------------------------------------------------ headers
    "headers for ever": _for_ever(b"X-A: b\r\n" * 4096, b"HTTP/1.1 403 no\r\n"),
    "a long header": _send(b"HTTP/1.1 403 no\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"),
    "many headers": _send(b"HTTP/1.1 403 no\r\n" + b"X: y\r\n" * 5_000 + b"\r\n"),
    "no colon": _send(b"HTTP/1.1 403 no\r\nnonsense\r\n\r\n"),
    "blank before the colon": _send(b"HTTP/1.1 403 no\r\nVia : x\r\n\r\n"),
    "an empty name": _send(b"HTTP/1.1 403 no\r\n: x\r\n\r\n"),
    "a folded header": _send(b"HTTP/1.1 403 no\r\nVia: x\r\n y\r\n\r\n"),
    "escapes in headers": _answer("403 no", f"Via: {_ESC}", f"Server: {_ESC}"),
    "latin letters": _send(b"HTTP/1.1 403 verweigert f\xfcr alle\r\nServer: \xe4\xff\r\n\r\n"),
    "half a head": _send(b"HTTP/1.1 403 no\r\nVia: x"),
    "half a head, then silence": _silent(b"HTTP/1.1 403 no\r\nVia: x"),
    "half a head, then a reset": _reset(b"HTTP/1.1 403 no\r\nVia: x"),
    "slow headers": _slowly(b"HTTP/1.1 403 no\r\nVia: x\r\n", 0.3),
    # ----------------------------------------------------------------------- lengths and bodies
    "a negative length": _send(b"HTTP/1.1 403 no\r\nContent-Length: -1\r\n\r\n"),
    "a length in words": _send(b"HTTP/1.1 403 no\r\nContent-Length: many\r\n\r\n"),
    "a huge length": _send(b"HTTP/1.1 403 no\r\nContent-Length: 99999999999999999999\r\n\r\nx"),
    "two lengths": _send(b"HTTP/1.1 403 no\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
    "a longer length": _send(b"HTTP/1.1 403 no\r\nContent-Length: 100\r\n\r\nshort"),
    "a shorter length": _send(b"HTTP/1.1 403 no\r\nContent-Length: 1\r\n\r\nlonger"),
    "a body without end": _for_ever(b"y" * 65_536, b"HTTP/1.1 403 no\r\n\r\n"),
    "a body that stays out": _silent(b"HTTP/1.1 403 no\r\nContent-Length: 9\r\n\r\n"),
    "length and chunks": _send(
        b"HTTP/1.1 403 no\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a bad chunk": _send(b"HTTP/1.1 403 no\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a huge chunk": _send(
        b"HTTP/1.1 403 no\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"
    ),
    "chunks for ever": _for_ever(
        b"1\r\nx\r\n" * 9_000, b"HTTP/1.1 403 no\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    "an unknown coding": _send(b"HTTP/1.1 403 no\r\nTransfer-Encoding: gzip, magic\r\n\r\nx"),
    "a packed body": _answer("403 no", "Content-Encoding: gzip", body=b"\x1f\x8b\x08" + b"\0" * 99),
    "a charset that is none": _answer("403 no", "Content-Type: text/html; charset=x-\0", body=b"x"),
    "utf-7": _answer("403 no", "Content-Type: text/html; charset=utf-7", body=b"+ADw-script+AD4-"),
    "a codec of python": _answer("403 no", "Content-Type: text/html; charset=zlib", body=b"x\x9c"),
    "idna": _answer("403 no", "Content-Type: text/html; charset=idna", body=b"xn--" * 5_000),
    "punycode": _answer("403 no", "Content-Type: text/html; charset=punycode", body=b"a-" * 8_000),
    "escapes in the body": _answer("403 no", body=_ESC.encode()),
    "a page of tags": _answer("403 no", "Content-Type: text/html", body=b"<title>" * 20_000),
    "a page of script": _answer("403 no", body=b"<script>alert(1)</script>]]>&lt;"),
    "deep json": _answer("200 OK", "Content-Type: application/json", body=b"[" * 60_000),
    # --------------------------------------------------------------------------- other answers
    "100 alone": _silent(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 for ever": _for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 400),
    "101": _send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "103, then 200": _silent(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OPEN),
    "204": _send(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "301 to nowhere": _answer("301 Moved", "Location: http://[::1"),
    "302 for ever": _answer("302 Found", "Location: " + "a" * 8_000),
    "401": _answer("401 no", "WWW-Authenticate: Negotiate"),
    "407 without a scheme": _answer("407 no"),
    "407 of many schemes": _answer("407 no", "Proxy-Authenticate: " + "NTLM, " * 900),
    "407 with quotes": _answer("407 no", 'Proxy-Authenticate: Basic realm="' + '\\"' * 200),
    "407, then silence": _silent(b"HTTP/1.1 407 no\r\nContent-Length: 9\r\n\r\n"),
    "426": _answer("426 Upgrade Required", "Upgrade: h2c"),
    "429 for ever": _answer("429 no", "Retry-After: 99999999999999999999"),
    "451": _answer("451 no"),
    "500": _answer("500 no"),
    "502": _answer("502 no"),
    "504": _answer("504 no"),
    "511": _answer("511 Network Authentication Required"),
    # ------------------------------------------------------------------- behind an open tunnel
    "open, then closed": _send(OPEN),
    "open, then reset": _reset(OPEN),
    "open, then silence": _silent(OPEN),
    "open, then an echo": _echo(OPEN),
    "open, then a page": _send(OPEN + b"HTTP/1.1 403 no\r\n\r\n<html>no</html>"),
    "open twice": _send(OPEN + OPEN),
    "open, then noise": _send(OPEN + os.urandom(2_000)),
    "open, then noise for ever": _for_ever(os.urandom(65_536), OPEN),
    "open, then zeros for ever": _for_ever(b"\0" * 65_536, OPEN),
    "half a record": _silent(OPEN + b"\x16\x03\x03"),
    "a record without content": _send(OPEN + _record(22, b"")),
    "empty records for ever": _for_ever(_record(22, b"") * 4_000, OPEN),
    "a record that lies": _silent(OPEN + _record(22, b"\x02\0\0\x30", size=16_000)),
    "a record too long": _send(OPEN + _record(22, b"x" * 60_000)),
    "a record of tls 9": _send(OPEN + _record(22, b"\x02\0\0\x30", b"\x09\x09")),
    "an sslv2 hello": _send(OPEN + b"\x80\x2e\x04\0\x01\0\x02"),
    "a server hello of nothing": _send(OPEN + _record(22, b"\x02\0\0\0")),
    "a server hello without end": _for_ever(
        _record(22, b"x" * 16_000), OPEN + _record(22, b"\x02\xff\xff\xff")
    ),
    "application data first": _send(OPEN + _record(23, b"hello")),
    "a finished first": _send(OPEN + _record(22, b"\x14\0\0\x0c" + b"x" * 12)),
    "change cipher for ever": _for_ever(_record(20, b"\x01") * 4_000, OPEN),
    "warnings for ever": _for_ever(_record(21, b"\x01\x5a") * 4_000, OPEN),
    "a heartbeat": _send(OPEN + _record(24, b"\x01\x40\0")),
    "a record a byte at a time": _slowly(OPEN + _record(22, b"\x02\0\0\x30"), 0.1),
    **{f"alert {code}": _send(OPEN + _record(21, bytes((2, code)))) for code in _ALERTS},
}


class _Peer(socketserver.BaseRequestHandler):
    server: HostileProxy

    def handle(self) -> None:
        """Reads CONNECT, and does what the row of that name does."""
        with contextlib.suppress(OSError):
            self.request.settimeout(_PATIENCE)
            head = self.request.recv(65_536)
            host = head.split(b" ", 2)[1].partition(b":")[0].decode() if b" " in head else ""
            self.server.rows.get(host, _send())(self.request)


class HostileProxy(socketserver.ThreadingTCPServer):
    """The proxy. ``rows``: the name that is asked for -> what is done."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, rows: dict[str, Act]) -> None:
        super().__init__(("127.0.0.1", 0), _Peer)
        self.rows = rows

    def shutdown_request(self, request: object) -> None:
        """Closes without the FIN that would come before a reset."""
        assert isinstance(request, socket.socket)
        request.close()


@contextlib.contextmanager
def hostile_proxy(rows: dict[str, Act]) -> Iterator[int]:
    """Its port, while the ``with`` lasts."""
    with HostileProxy(rows) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()
        yield proxy.server_address[1]
        proxy.shutdown()
