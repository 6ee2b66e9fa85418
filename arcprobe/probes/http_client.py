"""A client for what is read beside the endpoints (Azure Resource Manager, a file of newer
endpoints): by the run's own proxy and trust, nothing of the environment."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx
import msgspec
import socks

from arcprobe.model import Credentials, Proxy

_SOCKS = {"socks5": socks.SOCKS5, "socks5h": socks.SOCKS5, "socks4": socks.SOCKS4}

FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)
"""What who asks may meet."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is reached. ``endpoint``: its URL; ``proxy`` None: direct. ``proxy_cert``,
    ``roots``: PEM; the roots stand in the place of the system's."""

    endpoint: str
    proxy: Proxy | None = None
    credentials: Credentials | None = None
    proxy_cert: bytes = b""
    roots: bytes = b""
    timeout: float = 10.0


def client(way: Way) -> httpx.Client:
    """A client that goes this way and follows no redirect."""
    context = _trust(way)
    return httpx.Client(
        transport=_transport(way, context),
        timeout=way.timeout,
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "arcprobe"},
    )


@contextmanager
def closed_after(asking: httpx.Client, seconds: float) -> Iterator[None]:
    """Closes a client after so many seconds, whatever it waits for: httpx limits each read alone,
    and who sends a byte now and then would never end. ``TimeoutError`` then."""
    words = "not ended in time"
    if seconds <= 0:
        raise TimeoutError(words)
    guard = threading.Timer(seconds, asking.close)
    guard.daemon = True
    guard.start()
    try:
        yield
    except (*FAULTS, RuntimeError):  # the last: a client that was closed asks nothing more
        if asking.is_closed:
            raise TimeoutError(words) from None
        raise
    finally:
        guard.cancel()


def _trust(way: Way) -> ssl.SSLContext:
    roots = way.roots.decode("utf-8", "replace") or None
    context = ssl.create_default_context(cadata=roots)
    # Python 3.13 asks of a company's CA what Go and az do not (RFC 5280's key identifiers).
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if way.proxy_cert:
        context.load_verify_locations(cadata=way.proxy_cert.decode("utf-8", "replace"))
    return context


def _transport(way: Way, context: ssl.SSLContext) -> httpx.HTTPTransport:
    if way.proxy is None:
        return httpx.HTTPTransport(verify=context, trust_env=False)
    if way.proxy.scheme in _SOCKS:
        return _BySocks(way, context)
    pair = way.credentials
    auth = None if pair is None else (pair.user, pair.password.reveal())
    is_tls = way.proxy.scheme == "https"
    proxy = httpx.Proxy(way.proxy.url, auth=auth, ssl_context=context if is_tls else None)
    return httpx.HTTPTransport(verify=context, trust_env=False, proxy=proxy)


class _BySocks(httpx.HTTPTransport):
    """httpx speaks SOCKS with a further library, and version 5 alone; PySocks is here anyway."""

    def __init__(self, way: Way, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_Socks(way))


class _Socks(httpcore.NetworkBackend):
    """The proxy looks names up, as Go's net/http has it do (net/http, socks_bundle.go)."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        proxy, pair = self._way.proxy, self._way.credentials
        assert proxy is not None
        return _Stream(
            socks.create_connection(
                (host, port),
                timeout=timeout,
                proxy_type=_SOCKS[proxy.scheme],
                proxy_addr=proxy.host,
                proxy_port=proxy.port,
                proxy_rdns=True,
                proxy_username=None if pair is None else pair.user,
                proxy_password=None if pair is None else pair.password.reveal(),
            )
        )


class _Stream(httpcore.NetworkStream):
    def __init__(self, connected: Any) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(timeout)
        return bytes(self._socket.recv(max_bytes))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._socket.settimeout(timeout)
        self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        self._socket.settimeout(timeout)
        return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "socket" else None
