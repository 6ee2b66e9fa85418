"""Sessions with minted chains, as probes record them: what the tests about certificates share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from arcprobe.findings.reading import Reading
from arcprobe.findings.scene import Scene, look
from arcprobe.model import (
    AnyStep,
    Attempt,
    Certificate,
    Check,
    Exchange,
    Handshake,
    Head,
    Judgement,
    Kind,
    Observation,
    Proxy,
    Route,
    Settings,
    Store,
    Trust,
)
from arcprobe.probes.trust.certificates import describe, name_matches
from arcprobe.probes.trust.stores import Stores
from tests.findings.seen import RUN, observed, said
from tests.support.chains import NOW, public_web

HOST = "gbl.his.arc.azure.com"
STS = "sts.windows.net"
MCR = "mcr.microsoft.com"
PROXY = Proxy(scheme="http", host="proxy.contoso.example", port=3128)
CONTOSO = "CN=Contoso Root,O=Contoso,C=NL"
MICROSOFT = "CN=Microsoft Azure RSA TLS Issuing CA 03,O=Microsoft Corporation,C=US"

Judge = Callable[[Reading, Scene], Judgement | None]


def check(host: str = HOST, *, route: Route = Route.PROXY, **more: Any) -> Check:
    """A required question through the proxy, whose issuers are Microsoft's or DigiCert's."""
    proxy = PROXY if route is Route.PROXY else None
    issuers: tuple[str, ...] = ("microsoft", "digicert")
    if host == "dl.k8s.io":
        issuers = ("other",)
    if more.get("custom"):
        issuers = ()
    options = {"required": True, "feature": "core", "issuers": issuers, "proxy": proxy, **more}
    return Check(
        id=f"https {host} {route.value}",
        kind=Kind.HTTPS,
        target=f"{host}:443",
        host=host,
        route=route,
        **options,
    )


def handshake(
    chain: tuple[bytes, ...],
    host: str = HOST,
    *,
    stores: Stores | None = None,
    when: datetime = NOW,
    **more: Any,
) -> Handshake:
    """What the probe records of a handshake in which this chain came."""
    stores = stores or Stores(public_web().roots, None, None)
    certificates = tuple(describe(der) for der in chain)
    options = {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", **more}
    return Handshake(
        server_name=host,
        chain=certificates,
        trust=stores.examine(chain, when),
        name_matches=name_matches(chain[0], host),
        **options,
    )


def certificate(subject: str, issuer: str, **more: Any) -> Certificate:
    """A certificate of half a year, as values; its fingerprint is its subject."""
    given = {
        "sha256": subject,
        "serial": "1",
        "not_before": "2026-10-01T00:00:00Z",
        "not_after": "2027-03-01T00:00:00Z",
        "names": (HOST,),
        **more,
    }
    return Certificate(subject=subject, issuer=issuer, **given)


def shown(*chain: Certificate, anchor: str = "", host: str = HOST, **more: Any) -> Handshake:
    """A handshake in which this chain came, as values. ``anchor``: the public root that it ends
    in."""
    public = Trust(
        store=Store.PUBLIC, accepted=bool(anchor), code=0 if anchor else 20, anchor=anchor
    )
    options = {"trust": (public,), "name_matches": True, "version": "TLSv1.3", **more}
    return Handshake(server_name=host, chain=chain, **options)


def exchange(offset: float | None = None, *, status: int = 200, **headers: str) -> Exchange:
    """An answer whose Date is ``offset`` seconds ahead of this host's clock."""
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    head = Head(status=status, headers=named)
    return Exchange(method="GET", path="/", head=head, date_offset=offset)


class Sessions:
    """A run: checks and what they saw; judged as a whole."""

    def __init__(self, settings: Settings | None = None, now: datetime = NOW) -> None:
        self._settings = settings or Settings(public_roots_given=True)
        self._now = now
        self._checks: list[Check] = []
        self._observations: list[Observation] = []

    def add(self, asked: Check, *steps: AnyStep, more: tuple[Attempt, ...] = ()) -> Sessions:
        """One more check; ``more``: the further connections, made to explain."""
        self._checks.append(asked)
        self._observations.append(observed(asked, *steps, more=more))
        return self

    @property
    def scene(self) -> Scene:
        """What all of them say together."""
        run = msgspec.structs.replace(RUN, settings=self._settings, started=self._now.isoformat())
        return look(self._checks, self._observations, run)

    def judged(
        self, judge: Judge, host: str = HOST, route: Route = Route.PROXY
    ) -> Judgement | None:
        """What a judge says of one check."""
        scene = self.scene
        wanted = (host, route)
        found = [each for each in scene.readings.values() if _asked(each) == wanted]
        return judge(found[0], scene)

    def code(self, judge: Judge, host: str = HOST, route: Route = Route.PROXY) -> str:
        """Its code, "" for none."""
        judgement = self.judged(judge, host, route)
        return judgement.code.value if judgement is not None else ""

    def told(self, judge: Judge, host: str = HOST, route: Route = Route.PROXY) -> tuple[str, ...]:
        """Its evidence in English."""
        judgement = self.judged(judge, host, route)
        assert judgement is not None
        return said(judgement)


def _asked(reading: Reading) -> tuple[str, Route]:
    return reading.check.host, reading.check.route
