"""What a probe would have recorded, as values: the ground of the judges' table tests. No
network."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from arcprobe.findings.comparison import Comparison
from arcprobe.findings.interception import ChainKind, ChainState
from arcprobe.findings.ladder import climb
from arcprobe.findings.reading import Reading, read
from arcprobe.findings.scene import Scene, look
from arcprobe.knowledge.language import language
from arcprobe.model import (
    AnyStep,
    Attempt,
    Certificate,
    Check,
    Dial,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Judgement,
    Kind,
    Lookup,
    Observation,
    Proxy,
    Role,
    Route,
    Run,
    Settings,
    Store,
    Trust,
    Tunnel,
)

HOST = "eastus.his.arc.azure.com"
ADDRESS = "20.49.97.1"
PROXY = Proxy(scheme="http", host="proxy.example", port=3128, setting="--proxy-https")
TLS_PROXY = Proxy(scheme="https", host="proxy.example", port=3129, setting="--proxy-https")
SOCKS_PROXY = Proxy(scheme="socks5", host="proxy.example", port=1080, setting="--proxy-https")


def check(
    kind: Kind = Kind.HTTPS,
    *,
    host: str = HOST,
    port: int = 443,
    proxy: Proxy | None = None,
    **more: Any,
) -> Check:
    """A required question."""
    route = Route.PROXY if proxy else Route.DIRECT
    given = {"required": True, "feature": "core", **more}
    return Check(
        id=f"{kind} {host}:{port} {route}",
        kind=kind,
        target=f"{host}:{port}",
        route=route,
        host=host,
        port=port,
        proxy=proxy,
        **given,
    )


DIRECT = check()
THROUGH = check(proxy=PROXY)


def failed(kind: FailureKind, detail: str = "") -> Failure:
    """A failure of that kind."""
    return Failure(kind=kind, detail=detail)


def head(
    status: int, reason: str = "", body: str = "", *, version: str = "1.1", **headers: str
) -> Head:
    """The head of an answer; underscores in the names of headers stand for hyphens."""
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Head(version=version, status=status, reason=reason, body=body, headers=named)


def attempt(*steps: AnyStep, label: Experiment = Experiment.AGENTS) -> Attempt:
    """One connection."""
    return Attempt(label=label, steps=steps)


def observed(asked: Check, *steps: AnyStep, more: tuple[Attempt, ...] = ()) -> Observation:
    """An observation whose first connection has these steps; ``more``: the further connections,
    made to explain."""
    return Observation(check=asked.id, attempts=(attempt(*steps), *more))


def to_proxy(proxy: Proxy = PROXY, *, failure: Failure | None = None) -> tuple[AnyStep, ...]:
    """The proxy's name looked up, and its port dialled."""
    lookup = Lookup(name=proxy.host, addresses=("10.20.0.8",))
    return (lookup, Dial(address="10.20.0.8", port=proxy.port, role=Role.PROXY, failure=failure))


def to_target(*, failure: Failure | None = None, host: str = HOST) -> tuple[AnyStep, ...]:
    """The target's name looked up, and its port dialled."""
    return (
        Lookup(name=host, addresses=(ADDRESS,)),
        Dial(address=ADDRESS, port=443, failure=failure),
    )


def answer(given: Head | None, **more: Any) -> Tunnel:
    """A CONNECT and its answer."""
    return Tunnel(**{"target": f"{HOST}:443", "head": given, **more})


LEAF = Certificate(
    sha256="l",
    subject=f"CN={HOST}",
    issuer="CN=Microsoft Azure RSA TLS Issuing CA 03,O=Microsoft Corporation,C=US",
    serial="1",
    not_before="2026-10-01T00:00:00Z",
    not_after="2027-03-01T00:00:00Z",
    names=(HOST,),
    is_ca=False,
    scts=2,
    aia=("http://www.microsoft.com/pkiops/certs/x.crt",),
    policies=("2.23.140.1.2.2",),
    aki="i",
    ski="s",
)


def shaken(
    peer: Role = Role.TARGET, *, trusted: bool = True, name_matches: bool = True, **more: Any
) -> Handshake:
    """A handshake that stood."""
    trust = Trust(
        store=Store.PUBLIC,
        accepted=trusted,
        code=0 if trusted else 20,
        anchor="CN=root" if trusted else "",
        words="x",
    )
    return Handshake(
        **{
            "server_name": HOST,
            "peer": peer,
            "version": "TLSv1.3",
            "chain": (LEAF,),
            "trust": (trust,),
            **more,
        },
        name_matches=name_matches,
    )


def unshaken(kind: FailureKind, peer: Role = Role.TARGET, **more: Any) -> Handshake:
    """A handshake that ended early."""
    return Handshake(
        **{
            "server_name": HOST,
            "peer": peer,
            "failure": failed(kind),
            "client_hello": 1700,
            "took": 10.0,
            **more,
        }
    )


def scene_of(asked: Check, *, is_genuine: bool) -> Scene:
    """A run of one check, whose TLS is intercepted or not."""
    states = {} if is_genuine else {asked.id: ChainState(kind=ChainKind.INTERCEPTED)}
    return Scene(
        settings=Settings(),
        started=datetime(2026, 11, 23, 12, tzinfo=UTC),
        readings={},
        comparison=Comparison(),
        states=states,
    )


def said(judgement: Judgement) -> tuple[str, ...]:
    """The evidence of a judgement in English."""
    return tuple(language().say(evidence) for evidence in judgement.evidence)


def value_of(judgement: Judgement, name: str) -> str:
    """What fills a placeholder of the sentences of a judgement, in English."""
    return language().fill(f"{{{name}}}", dict(judgement.values))


RUN = Run(
    version="0",
    started="2026-11-23T12:00:00Z",
    seconds=1.0,
    vantage="pod",
    host="h",
    node="",
    pod="",
    settings=Settings(),
)


def scene(*seen: tuple[Check, Observation], chosen: Settings | None = None) -> Scene:
    """The scene of these checks and what was observed for them."""
    run = msgspec.structs.replace(RUN, settings=chosen or Settings())
    return look([asked for asked, _ in seen], [observation for _, observation in seen], run)


def reading(asked: Check, *steps: AnyStep, more: tuple[Attempt, ...] = ()) -> Reading:
    """The reading of an observation whose first connection has these steps."""
    return read(asked, observed(asked, *steps, more=more))


def ended_at(asked: Check, *steps: AnyStep, more: tuple[Attempt, ...] = ()) -> str:
    """The code with which the connection ended below TLS, "" where it stood; with evidence that can
    be put into words."""
    seen = observed(asked, *steps, more=more)
    ended = climb(read(asked, seen), scene((asked, seen))).below
    if ended is None:
        return ""
    assert ended.evidence
    assert all(language().say(line) for line in ended.evidence)
    return ended.code.value
