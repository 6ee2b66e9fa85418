"""What was seen for one check."""

from __future__ import annotations

from enum import StrEnum
from itertools import chain as _joined
from typing import NamedTuple

from arcprobe.model.certificates import Certificate
from arcprobe.model.cluster import Cluster
from arcprobe.model.machine import Machine
from arcprobe.model.noun import Noun
from arcprobe.model.wire import (
    Dial,
    Discovered,
    Exchange,
    Handshake,
    Lookup,
    Role,
    Surroundings,
    Tunnel,
    Upgrade,
)

AnyStep = (
    Lookup
    | Dial
    | Handshake
    | Tunnel
    | Exchange
    | Upgrade
    | Discovered
    | Cluster
    | Surroundings
    | Machine
)


class Experiment(StrEnum):
    """Which connection of a check this is: the agents' own, or one that was made to explain or to
    complete it."""

    AGENTS = "agents"  # goes the agents' way
    REGISTRY_CONTINUED = (
        "registry, continued"  # a registry that closes after each answer is asked on
    )
    SOCKS_4A = "SOCKS 4A"  # a name given to a SOCKS 4 server, which it refused
    AGAIN = "again"  # the same once more: a silence that does not come back is no fault
    SMALL_HELLO = "small hello"  # a ClientHello that fits into one segment
    SMALL_SEGMENTS = "small segments"  # TCP segments of 536 bytes
    OTHER_NAME = "other name"  # the same handshake for a name that no policy is about
    OLD_TLS = "old TLS"  # with every version and cipher allowed
    CONTROL = "control"  # to an address where nobody is
    PORT_443 = "port 443"  # the same name on port 443
    PROXY_PLAIN = "proxy in clear text"
    PROXY_TLS = "proxy by TLS"
    PROXY_SOCKS = "proxy by SOCKS"
    ALONE = "alone"  # asked again after all others had ended
    SYSTEM = "system"  # a name asked of the system's resolver
    NAME_SERVER = "name server"  # … of one name server; the label ends with its address
    SEARCH_LIST = "search list"  # … with the suffixes of the search list
    UNKNOWN_NAMES = "unknown names"  # names that do not exist
    CLUSTER = "cluster"

    def of(self, whom: str) -> str:
        """The label of this experiment with one of several peers, such as ``name server
        10.0.0.1``."""
        return f"{self.value} {whom}"


class Attempt(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """One connection from nothing. At most one failure, and only on the last step (dials of further
    addresses excepted)."""

    label: str  #: what the connection is made for: the agents' own, or an experiment
    steps: tuple[AnyStep, ...]  #: what was done, in order

    @property
    def experiment(self) -> Experiment | None:
        """What the label stands for; None for one of a later version."""
        if self.label.startswith(f"{Experiment.NAME_SERVER.value} "):
            return Experiment.NAME_SERVER
        return _EXPERIMENTS.get(self.label)

    @property
    def peer(self) -> str:
        """The address behind ``Experiment.NAME_SERVER``."""
        return self.label.removeprefix(f"{Experiment.NAME_SERVER.value} ")


_EXPERIMENTS = {each.value: each for each in Experiment}


class Span(NamedTuple):
    """One step in time: what it was, its begin and length in seconds, and whether it failed."""

    name: str
    started: float
    took: float
    is_failed: bool


class Observation(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What happened for one check; ``crash`` when arcprobe itself failed, ``unfinished`` when time
    ran out."""

    check: str  #: id of the check
    attempts: tuple[Attempt, ...] = ()  #: the connections, in order
    crash: str = ""  #: what failed in arcprobe itself; empty: nothing
    unfinished: bool = False  #: whether time ran out

    @property
    def seconds(self) -> float:
        """From the start of its first step to the end of its last, seconds."""
        steps = list(_joined.from_iterable(attempt.steps for attempt in self.attempts))
        ends = (step.started + step.took for step in steps)
        return max(ends, default=0.0) - min((step.started for step in steps), default=0.0)

    @property
    def began(self) -> float:
        """When its first step began, seconds after the start of the run."""
        steps = _joined.from_iterable(attempt.steps for attempt in self.attempts)
        return min((step.started for step in steps), default=0.0)

    @property
    def sources(self) -> tuple[str, ...]:
        """The addresses from which it connected, each once."""
        steps = _joined.from_iterable(attempt.steps for attempt in self.attempts)
        dials = (step.source for step in steps if isinstance(step, Dial))
        return tuple(dict.fromkeys(filter(None, dials)))

    @property
    def destinations(self) -> tuple[str, ...]:
        """The addresses of the endpoint that it tried to connect to, each once."""
        steps = _joined.from_iterable(attempt.steps for attempt in self.attempts)
        dials = (step for step in steps if isinstance(step, Dial) and step.role is Role.TARGET)
        return tuple(dict.fromkeys(filter(None, (dial.address for dial in dials))))

    @property
    def resolvers_without(self) -> tuple[str, ...]:
        """The engines of the look-ups that failed, such as addresses of name servers, each once."""
        steps = _joined.from_iterable(attempt.steps for attempt in self.attempts)
        failed = (step for step in steps if isinstance(step, Lookup) and step.failure is not None)
        return tuple(dict.fromkeys(step.engine for step in failed))

    @property
    def cluster(self) -> Cluster | None:
        """What the cluster told of itself, where this check asked it."""
        steps = _joined.from_iterable(attempt.steps for attempt in self.attempts)
        return next((step for step in steps if isinstance(step, Cluster)), None)

    @property
    def timeline(self) -> tuple[Span, ...]:
        """The steps of its first connection, in time."""
        steps = self.attempts[0].steps if self.attempts else ()
        return tuple(
            Span(str(step.__struct_config__.tag), step.started, step.took, step.failure is not None)
            for step in steps
            if step.took > 0
        )

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """The certificates that were shown first by an endpoint, the leaf first."""
        steps = _joined.from_iterable(attempt.steps for attempt in self.attempts)
        shown = (
            step.chain
            for step in steps
            if isinstance(step, Handshake) and step.peer is Role.TARGET and step.chain
        )
        return next(shown, ())
