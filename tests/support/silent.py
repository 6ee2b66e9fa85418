"""A peer that takes every connection and never says a word: a way that swallows everything."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class SilentPeer:
    """Listens on loopback. ``port`` is where, ``taken`` how many connections came."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.taken = 0
        self._kept: list[socket.socket] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._take, daemon=True)

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._changed:
                    self._kept.append(connection)
                    self.taken += 1
                    self._changed.notify_all()

    def wait_for(self, count: int, limit: float = 30.0) -> bool:
        """Whether that many connections came, within ``limit`` seconds. None of them was ever
        closed from here."""
        with self._changed:
            return self._changed.wait_for(lambda: self.taken >= count, limit)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for connection in self._kept:
            connection.close()
