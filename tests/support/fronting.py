"""A proxy on loopback before that of a rehearsed network: it answers some requests in its own
words, and hands all others on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from arcprobe.lab.network import Rehearsal
from tests.support.rehearsed import Ended, run_in

_LOOPBACK = "127.0.0.1"
_LONGEST_HEAD = 16_384  # bytes
_PATIENCE = 10.0  # seconds for each read

Answers = Callable[[str], bytes | None]
"""What is answered to CONNECT for ``host:port``; None: the rehearsed proxy answers."""


@contextmanager
def fronting(port: int, answers: Answers) -> Iterator[int]:
    """A running one before the proxy at ``port``; its own port."""
    with closing(socket.create_server((_LOOPBACK, 0))) as server:
        serving = threading.Thread(target=_serve, args=(server, port, answers), daemon=True)
        serving.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    serving.join(_PATIENCE)


def check_behind(network: Rehearsal, answers: Answers, *arguments: str) -> Ended:
    """``check`` as JSON in a rehearsed network whose proxy has such a one before it."""
    with fronting(network.proxy_port, answers) as port:
        proxy = ("--proxy-https", f"http://{_LOOPBACK}:{port}", "--proxy-http", "")
        return run_in(network, *proxy, *arguments, "--format", "json")


def causes_in(ended: Ended) -> list[tuple[str, str, str]]:
    """Code, verdict and owner of each cause."""
    causes: list[dict[str, Any]] = ended.report["causes"]
    return [(cause["code"], cause["verdict"], cause["owner"]) for cause in causes]


def _serve(server: socket.socket, port: int, answers: Answers) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            threading.Thread(target=_converse, args=(client, port, answers), daemon=True).start()


def _converse(client: socket.socket, port: int, answers: Answers) -> None:
    client.settimeout(_PATIENCE)
    with closing(client), suppress(OSError):
        head = _head(client)
        target = head.split(b" ")[1].decode("ascii", "replace") if b" " in head else ""
        answer = answers(target) if head.startswith(b"CONNECT ") else None
        if answer is not None:
            client.sendall(answer)
            return
        with socket.create_connection((_LOOPBACK, port), _PATIENCE) as far:
            far.sendall(head)
            back = threading.Thread(target=_pour, args=(far, client), daemon=True)
            back.start()
            _pour(client, far)
            back.join(_PATIENCE)


def _head(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD:
        more = client.recv(4096)
        if not more:
            break
        head += more
    return head


def _pour(source: socket.socket, into: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            into.sendall(data)
    with suppress(OSError):
        into.shutdown(socket.SHUT_WR)
