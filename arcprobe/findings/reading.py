"""An observation in its normal form. Nobody else in ``findings`` reads ``Observation.attempts`` or
``Attempt.steps``.

One rule says which connection speaks for a check: the agents' own. Where a peer did not understand
its ClientHello (an alert, no loss) and took a smaller one, the connection with the smaller one
speaks: agents with such a hello would be answered. Where CONNECT, the handshake or a request got no
answer, and the same got one once more, the second connection speaks: agents try again, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from itertools import chain
from typing import TypeGuard, TypeVar
from urllib.parse import urlsplit

import msgspec

from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Cluster,
    Dial,
    Exchange,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Kind,
    Line,
    Lookup,
    Machine,
    Observation,
    Role,
    Surroundings,
    Tunnel,
    Upgrade,
    line,
)

S = TypeVar("S", bound=AnyStep)

_ASKED_AGAIN = {FailureKind.TIMED_OUT: Experiment.AGAIN}
_REFUSALS = (FailureKind.TLS_ALERT, FailureKind.TLS_OTHER)
_STANDS_IN = _ASKED_AGAIN | dict.fromkeys(_REFUSALS, Experiment.SMALL_HELLO)
"""By the end of the agents' handshake, the connection that speaks where it succeeded."""
_MOST_DISCOVERED = 32  # hosts; the longest public list had seven in 2026-11
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class Rung(IntEnum):
    """A step of the way to an endpoint, lowest first."""

    NAME = 1
    DIAL = 2
    PROXY_TLS = 3
    TUNNEL = 4
    HANDSHAKE = 5
    VERSION = 6
    CERTIFICATE = 7
    DATES = 8
    ANSWER = 9
    UPGRADE = 10


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One connection, its steps by what they are. ``peer``: the name server that was asked."""

    experiment: Experiment | None
    peer: str = ""
    steps: tuple[AnyStep, ...]

    @property
    def last(self) -> AnyStep | None:
        """The last step."""
        return self.steps[-1] if self.steps else None

    @property
    def broken(self) -> AnyStep | None:
        """The last step, where it failed."""
        return self.last if self.last is not None and self.last.failure is not None else None

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """All names that were looked up."""
        return self._all(Lookup)

    @property
    def dials(self) -> tuple[Dial, ...]:
        """All TCP connections that were tried: to a proxy, or to the addresses of the target."""
        return self._all(Dial)

    @property
    def tunnel(self) -> Tunnel | None:
        """The tunnel that was asked for, opened or not."""
        return next(iter(self._all(Tunnel)), None)

    @property
    def is_tunnel_open(self) -> bool:
        """Whether the proxy said that the tunnel is open (which does not prove that the target was
        reached)."""
        return self.tunnel is not None and self.tunnel.is_open

    @property
    def proxy_handshake(self) -> Handshake | None:
        """TLS with the proxy itself."""
        return next((each for each in self._all(Handshake) if each.peer is Role.PROXY), None)

    @property
    def handshake(self) -> Handshake | None:
        """TLS with the target."""
        return next((each for each in self._all(Handshake) if each.peer is Role.TARGET), None)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The HTTP requests, answered or not."""
        return self._all(Exchange)

    @property
    def exchange(self) -> Exchange | None:
        """The last request that was answered; where none was, the last."""
        asked = self.exchanges
        answered = (step for step in reversed(asked) if step.head is not None)
        return next(answered, asked[-1] if asked else None)

    @property
    def upgrade(self) -> Upgrade | None:
        """The WebSocket upgrade that was asked for."""
        return next(iter(self._all(Upgrade)), None)

    @property
    def surroundings(self) -> Surroundings | None:
        """What this vantage looks like to a resolver."""
        return next(iter(self._all(Surroundings)), None)

    @property
    def cluster(self) -> Cluster | None:
        """What the cluster told of itself."""
        return next(iter(self._all(Cluster)), None)

    @property
    def machine(self) -> Machine | None:
        """What is on the machine that connects the cluster."""
        return next(iter(self._all(Machine)), None)

    @property
    def has_shaken_hands(self) -> bool:
        """Whether a TLS handshake succeeded, with whomever."""
        return any(each.failure is None for each in self._all(Handshake))

    def _all(self, kind: type[S]) -> tuple[S, ...]:
        return tuple(step for step in self.steps if isinstance(step, kind))


_NOTHING = Connection(experiment=None, steps=())


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen for one check. ``speaks``: the connection that stands for the agents'; without
    steps where none was made.

    ``connections``: all of them, in the order of the recording. ``crash``: a fault of arcprobe's
    own. ``is_asked`` False: there is no observation at all.
    """

    check: Check
    speaks: Connection = _NOTHING
    connections: tuple[Connection, ...] = ()
    crash: str = ""
    unfinished: bool = False
    is_asked: bool = True

    @property
    def is_usable(self) -> bool:
        """Whether something can be judged from it."""
        has_ended = not self.crash and not self.unfinished
        return self.is_asked and has_ended and not self.local_limit

    @property
    def local_limit(self) -> str:
        """What this host did not give, in its own words: then nothing is said of the network."""
        failures = (step.failure for step in self.all_steps())
        return next((each.detail for each in failures if _is_local(each)), "")

    def experiment(self, which: Experiment) -> Connection | None:
        """The first connection that was made for this experiment."""
        return next((each for each in self.connections if each.experiment is which), None)

    def all_of(self, which: Experiment) -> tuple[Connection, ...]:
        """All connections that were made for this experiment, such as one for each name server."""
        return tuple(each for each in self.connections if each.experiment is which)

    def succeeded(self, which: Experiment) -> Handshake | None:
        """The handshake with the target of an experiment, where it succeeded."""
        made = self.experiment(which)
        handshake = made.handshake if made is not None else None
        return handshake if handshake is not None and handshake.failure is None else None

    @property
    def rejected_hello(self) -> Handshake | None:
        """The agents' handshake that a peer did not understand, where a smaller hello speaks in its
        place."""
        rejected = self._replaced_by(Experiment.SMALL_HELLO)
        return rejected if isinstance(rejected, Handshake) else None

    @property
    def silent_once(self) -> AnyStep | None:
        """The agents' step that got no answer, where the same once more speaks in its place."""
        return self._replaced_by(Experiment.AGAIN)

    def _replaced_by(self, which: Experiment) -> AnyStep | None:
        agents = self.experiment(Experiment.AGENTS)
        return agents.broken if agents and self.speaks.experiment is which else None

    def all_steps(self) -> Iterator[AnyStep]:
        """The steps of all connections, in the order of the recording."""
        return chain.from_iterable(made.steps for made in self.connections)

    def handshakes(self) -> Iterator[Handshake]:
        """Every handshake with the target or another name behind its address: the one that speaks
        first."""
        for made in (self.speaks, *(each for each in self.connections if each is not self.speaks)):
            for step in made.steps:
                if isinstance(step, Handshake) and step.peer is Role.TARGET:
                    yield step


# What ends the connection of a check that is judged from it, where no step before it failed.
_LAST_STEPS: Mapping[Kind, type[AnyStep]] = {
    Kind.HTTPS: Exchange,
    Kind.DISCOVERY: Exchange,
    Kind.WEBSOCKET: Upgrade,
    Kind.TLS: Handshake,
}


def has_ended(reading: Reading) -> bool:
    """Whether the connection of a check came to its end, well or not."""
    wanted = _LAST_STEPS.get(reading.check.kind)
    asks_nobody = reading.check.kind is Kind.DISCOVERY and not reading.check.observed_with
    if wanted is None or asks_nobody:
        return True
    speaks = reading.speaks
    has_failed = any(step.failure is not None for step in speaks.steps[-1:])
    is_refused = speaks.tunnel is not None and not speaks.is_tunnel_open
    return has_failed or is_refused or any(isinstance(step, wanted) for step in speaks.steps)


def _is_local(failure: Failure | None) -> TypeGuard[Failure]:
    return failure is not None and failure.kind is FailureKind.LOCAL_LIMIT


def read(check: Check, observation: Observation | None) -> Reading:
    """The observation of a check, read."""
    if observation is None:
        return Reading(check=check, is_asked=False)
    made = tuple(_connection(attempt) for attempt in observation.attempts)
    return Reading(
        check=check,
        speaks=_speaking(made),
        connections=made,
        crash=observation.crash,
        unfinished=observation.unfinished,
    )


def read_all(checks: tuple[Check, ...], seen: Mapping[str, Observation]) -> dict[str, Reading]:
    """The readings by check. A check without a connection of its own is read from the one that it
    is judged from."""
    return {check.id: read(check, seen.get(check.observed_with or check.id)) for check in checks}


def _connection(attempt: Attempt) -> Connection:
    return Connection(experiment=attempt.experiment, peer=attempt.peer, steps=tuple(attempt.steps))


def _speaking(made: tuple[Connection, ...]) -> Connection:
    """The one rule."""
    agents = next((each for each in made if each.experiment is Experiment.AGENTS), _NOTHING)
    ended = agents.broken
    if ended is None or ended.failure is None:
        return agents
    rules = _ASKED_AGAIN if isinstance(ended, Exchange | Upgrade) else _STANDS_IN
    which = rules.get(ended.failure.kind)
    other = next((each for each in made if which and each.experiment is which), _NOTHING)
    return other if _goes_past(other, ended) else agents


def _goes_past(other: Connection, ended: AnyStep) -> bool:
    """Whether a connection got an answer where another ended."""
    match ended:
        case Handshake(peer=Role.TARGET):
            return _has_succeeded(other.handshake)
        case Tunnel():
            return _has_succeeded(other.tunnel)
        case Exchange() | Upgrade():  # of several requests the same one: the last of the way
            return type(other.last) is type(ended) and _has_succeeded(other.last)
    return False


def _has_succeeded(step: AnyStep | None) -> bool:
    return step is not None and step.failure is None


# ----------------------------------------------------------------------- hosts that an answer names


def discovered_hosts(discovery: Check, reading: Reading) -> tuple[str, ...]:
    """The host names in the answer to a discovery, checked and bounded; none where it holds none
    that fit its pattern."""
    continued = reading.all_of(Experiment.REGISTRY_CONTINUED)
    answering = (reading.speaks, *continued)
    exchanges = chain.from_iterable(connection.exchanges for connection in answering)
    heads = (step.head for step in exchanges if step.head is not None)
    names = chain.from_iterable(_names_in(discovery.discovery, head) for head in heads)
    fitting = (name.lower().rstrip(".") for name in names if _fits(name, discovery.pattern))
    return tuple(dict.fromkeys(fitting))[:_MOST_DISCOVERED]


def _names_in(key: str, head: Head) -> list[str]:
    if key == "mcr":  # a registry redirects to where its blobs are (OCI distribution specification)
        location = head.header("location")
        return [_host_of(location)] if head.status // 100 == 3 and location else []
    if head.status != 200:
        return []
    try:
        content = json.loads(head.body)
    except (ValueError, RecursionError):
        content = head.body.strip()
    names = content if isinstance(content, list) else [content]
    return [_host_of(name) for name in names if isinstance(name, str)]


def _host_of(text: str) -> str:
    if "://" not in text:
        return text.strip().split("/")[0].split(":")[0]
    try:
        return urlsplit(text.strip()).hostname or ""
    except ValueError:
        return ""


def _fits(host: str, pattern: str) -> bool:
    host = host.lower().rstrip(".")
    return bool(_HOST.fullmatch(host)) and host.endswith(pattern.removeprefix("*").lower())


# -------------------------------------------------------------------------------- words of one step

# The headers that tell who sent an answer.
_TELLING = frozenset(
    (
        "server via proxy-agent proxy-authenticate proxy-status location retry-after"
        " x-squid-error x-cache www-authenticate sec-websocket-accept upgrade x-azure-ref"
        " x-ms-request-id mise-correlation-id"
    ).split()
)
_MOST_HEADERS = 8
_LONGEST_BODY = 160  # characters of a body that has no title


def status_line(head: Head) -> str:
    """``HTTP/1.1 403 Forbidden``, as it came."""
    return f"HTTP/{head.version} {head.status} {head.reason}".rstrip()


def status(head: Head) -> str:
    """``403 Forbidden``."""
    return f"{head.status} {head.reason}".strip()


def head_lines(head: Head, who: Line | str) -> tuple[Line, ...]:
    """What an answer shows of who sent it: its status, the telling headers, the title of its page
    or its first words."""
    lines = [line("answer.status", who=who, status=status_line(head))]
    telling = [(name, text) for name, text in head.headers if name.lower() in _TELLING]
    lines += [line("answer.header", name=name, text=text) for name, text in telling[:_MOST_HEADERS]]
    title = re.search(r"<title[^>]*>\s*([^<]{1,200})", head.body, re.IGNORECASE)
    if title:
        lines.append(line("answer.title", text=" ".join(title[1].split())))
    elif head.body.strip():
        lines.append(line("answer.body", text=" ".join(head.body.split())[:_LONGEST_BODY]))
    return tuple(lines)


def failure_words(failure: Failure | None) -> str:
    """How a step ended, in the words of the system or the library; else the closed word for it."""
    if failure is None:
        return FailureKind.OTHER.value
    return failure.detail or failure.kind.value


def failure_kind(failure: Failure | None) -> FailureKind:
    """The closed word for how a step ended."""
    return failure.kind if failure is not None else FailureKind.OTHER
