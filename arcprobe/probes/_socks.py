"""SOCKS over a connection that stands already: PySocks negotiates, what the server answered is kept."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

from arcprobe.model import Failure, FailureKind, Proxy, Tunnel
from arcprobe.probes._failure import classify, words
from arcprobe.probes._http import printable
from arcprobe.probes._resolver import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcprobe.probes._net import Credentials
    from arcprobe.probes._stream import TcpStream

_TRANSCRIPT_LIMIT = 600  # a SOCKS5 dialogue is at most 2 + 2 + 262 bytes from the server
_SOCKS5 = 5
_USERNAME_METHOD = 2  # RFC 1928 section 3


async def negotiate(
    tcp: TcpStream,
    proxy: Proxy,
    credentials: Credentials | None,
    host: str,
    port: int,
    *,
    timeout: float,
    now: Callable[[], float],
) -> Tunnel:
    """Asks a SOCKS server for ``host:port``, by name (RFC 1928, RFC 1929; SOCKS 4A for socks4). Never raises."""
    import socks

    received = bytearray()

    class Recorded(socks.socksocket):  # type: ignore[misc]  # PySocks has no types
        """Keeps what the server sends."""

        def recv_into(self, buffer: Any, *args: Any) -> int:
            size: int = super().recv_into(buffer, *args)
            if len(received) < _TRANSCRIPT_LIMIT:
                received.extend(memoryview(buffer)[:size])
            return size

    five = proxy.scheme.startswith("socks5")
    copy = tcp.sock.dup()
    recorded = Recorded(copy.family, socket.SOCK_STREAM, copy.proto, fileno=copy.detach())
    recorded.settimeout(timeout)
    recorded.set_proxy(
        socks.SOCKS5 if five else socks.SOCKS4,
        proxy.host,
        proxy.port,
        rdns=True,
        username=credentials.user if credentials else None,
        password=credentials.password.reveal() if credentials and five else None,
    )

    def work() -> None:
        # The negotiation alone: ``connect`` would dial as well, and the address that is dialled is ours to choose and record.
        (recorded._negotiate_SOCKS5 if five else recorded._negotiate_SOCKS4)(host, port)

    started = now()
    failure: Failure | None = None
    try:
        await in_thread(work, timeout)
    except TimeoutError as error:
        with contextlib.suppress(OSError):
            recorded.shutdown(socket.SHUT_RDWR)  # wakes the thread
        failure = classify(error)
    except socks.ProxyError as error:
        failure = Failure(kind=_kind(error, bytes(received), five), detail=words(error))
    except Exception as error:
        failure = classify(error)
    finally:
        recorded.close()
    tcp.sock.setblocking(False)
    tcp.bytes_in += len(received)
    return Tunnel(
        started=started,
        took=now() - started,
        failure=failure,
        target=f"{host}:{port}",
        protocol="socks5" if five else "socks4",
        credentials="username" if credentials else "",
        socks_method=received[1] if five and len(received) > 1 and received[0] == _SOCKS5 else None,
        socks_reply=_reply(bytes(received), five),
        first_bytes=printable(bytes(received)) if failure is not None and failure.kind is FailureKind.SOCKS_MALFORMED else "",
        bytes_in=len(received),
    )


def _kind(error: Exception, received: bytes, five: bool) -> FailureKind:
    import socks

    match error:
        case socks.SOCKS5AuthError():
            return FailureKind.SOCKS_AUTH
        case socks.SOCKS5Error() | socks.SOCKS4Error():
            return FailureKind.SOCKS_REFUSED
        case _ if "closed unexpectedly" in str(error):
            return FailureKind.CLOSED
        case _ if received and received[0] != (_SOCKS5 if five else 0):
            return FailureKind.SOCKS_MALFORMED
        case _:
            return FailureKind.SOCKS_MALFORMED


def _reply(received: bytes, five: bool) -> int | None:
    """REP of RFC 1928 section 6, or CD of SOCKS 4: where in the transcript it stands depends on the method that was chosen."""
    if not five:
        return received[1] if len(received) > 1 else None
    at = 2 + (2 if len(received) > 1 and received[1] == _USERNAME_METHOD else 0) + 1
    return received[at] if len(received) > at else None
