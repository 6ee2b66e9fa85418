"""Who wants to know how a run goes on is told of each check that begins and ends, and may look at
any moment at what is waited for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from arcprobe.model import (
    AnyStep,
    Check,
    Dial,
    Exchange,
    Handshake,
    Kind,
    Layer,
    Lookup,
    Observation,
    Role,
    Route,
    Tunnel,
    Upgrade,
)

if TYPE_CHECKING:
    from arcprobe.probes.connection import Connection

_OF_A_KIND = {Kind.DNS: Layer.DNS, Kind.PROXY: Layer.PROXY, Kind.SKIP_RANGE: Layer.CLUSTER}


class Asked:
    """A check that is being asked, and its connections, which go on."""

    def __init__(self, check: Check, connections: Sequence[Connection]) -> None:
        self.check = check
        self._connections = connections

    @property
    def rung(self) -> Layer:
        """What it waits for."""
        check = self.check
        if check.kind in _OF_A_KIND:
            return _OF_A_KIND[check.kind]
        steps = self._connections[-1].steps if self._connections else []
        return _next(check, steps[-1] if steps else None)


def _next(check: Check, step: AnyStep | None) -> Layer:
    """The rung behind the last step. Up to the tunnel all is about the proxy."""
    answer = Layer.WEBSOCKET if check.kind is Kind.WEBSOCKET else Layer.HTTP
    secure = answer if check.protocol == "http" else Layer.TLS
    is_secure = isinstance(step, Handshake) and step.peer is Role.TARGET
    if is_secure or isinstance(step, (Exchange, Upgrade)):
        return answer
    if isinstance(step, Tunnel):
        return secure
    if check.route is Route.PROXY:
        return Layer.PROXY
    if isinstance(step, Dial):
        return secure
    return Layer.TCP if isinstance(step, Lookup) else Layer.DNS


class Listener:
    """Hears a run; this one does nothing with it. What is called must not wait: the run would."""

    def planned(self, checks: int, deadline: float) -> None:
        """The run begins with so many checks that ask something, and ends after ``deadline``
        seconds at the latest."""

    def began(self, asked: Asked) -> None:
        """A check is being asked."""

    def ended(self, check: Check, observation: Observation, done: int, total: int) -> None:
        """A check has been asked; ``done`` of ``total`` are, with those that a discovery added."""


class Listeners(Listener):
    """Several as one."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)

    def planned(self, checks: int, deadline: float) -> None:
        """See ``Listener``."""
        for listener in self._listeners:
            listener.planned(checks, deadline)

    def began(self, asked: Asked) -> None:
        """See ``Listener``."""
        for listener in self._listeners:
            listener.began(asked)

    def ended(self, check: Check, observation: Observation, done: int, total: int) -> None:
        """See ``Listener``."""
        for listener in self._listeners:
            listener.ended(check, observation, done, total)
