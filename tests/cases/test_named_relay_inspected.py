"""dotnet/aspnetcore #7308: a proxy replaces certificates, and the relay's upgrade alone breaks."""

from __future__ import annotations

import ssl

import pytest

from arcprobe.model import Check, Handshake, Head, Kind, Observation, Settings, Upgrade
from arcprobe.probes.trust.certificates import describe, name_matches
from arcprobe.probes.trust.roots import public_roots
from arcprobe.probes.trust.stores import Stores
from tests.cases import FOLDER, causes_of, report_of
from tests.findings.seen import PROXY, answer, head, observed, to_proxy
from tests.plan.asked import plan_of
from tests.support.chains import NOW

RELAY = "azgnrelay-westeurope-l1.servicebus.windows.net"
CASE = FOLDER / "named-relay-inspected"
ROOT = (CASE / "corporate-root.pem").read_bytes()
OPENED = head(200)


def _chain() -> tuple[bytes, ...]:
    text = (CASE / "shown-for-the-relay.pem").read_text("ascii")
    parts = text.split("-----BEGIN CERTIFICATE-----")[1:]
    return tuple(ssl.PEM_cert_to_DER_cert("-----BEGIN CERTIFICATE-----" + part) for part in parts)


def _refused() -> Head:
    text = (CASE / "answer-to-the-upgrade.http").read_text("ascii")
    top, _, body = text.partition("\n\n")
    first, *lines = top.splitlines()
    headers = tuple((name, value) for name, value in (line.split(": ", 1) for line in lines))
    return Head(status=int(first.split()[1]), reason="Forbidden", headers=headers, body=body)


def _asked(url: str) -> tuple[Check, Check]:
    """The upgrade's question, and that about the certificate, which is judged from it."""
    plan = plan_of({"proxy-https": "http://proxy.example:3128"}, endpoint=[url])
    asked = next(check for check in plan if check.custom and check.kind is not Kind.TLS)
    return asked, next(check for check in plan if check.observed_with == asked.id)


def _seen(asked: Check, root: bytes | None) -> Observation:
    chain, stores = _chain(), Stores(public_roots()[0], None, root)
    certificates = tuple(describe(der) for der in chain)
    shown = Handshake(
        server_name=asked.host,
        version="TLSv1.3",
        chain=certificates,
        trust=stores.examine(chain, NOW),
        name_matches=name_matches(chain[0], asked.host),
    )
    upgrade = Upgrade(path="/", head=_refused())
    return observed(asked, *to_proxy(PROXY), answer(OPENED), shown, upgrade)


@pytest.mark.parametrize(
    ("root", "wanted"),
    [
        # the agents trust it, the upgrade is refused all the same
        (ROOT, [("tls-intercepted", "warn", "proxy"), ("websocket-refused", "fail", "proxy")]),
        # one fault: what happens in a session that the agents refuse is told with it
        (None, [("tls-intercepted", "fail", "proxy")]),
    ],
)
def test_the_relay_by_name(root: bytes | None, wanted: list[tuple[str, str, str]]) -> None:
    """A host below a pattern of the catalogue has no private CA, however it was named; the 403 is
    the inspector's."""
    asked, certificate = _asked(f"wss://{RELAY}")
    settings = Settings(proxy_https=PROXY, proxy_cert="corporate-root.pem" if root else "")
    seen = _seen(asked, root)
    nothing = Observation(check=certificate.id, attempts=())
    report = report_of([(asked, seen), (certificate, nothing)], settings)
    assert causes_of(report) == wanted
    assert report.verdict.value == "fail"
