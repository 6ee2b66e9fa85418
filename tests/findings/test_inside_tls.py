"""What comes inside TLS that a box on the way may have opened: whose answer it is, and which layer
speaks."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings import judge
from arcprobe.findings.questions import gateway
from arcprobe.model import (
    AnyStep,
    Attempt,
    Certificate,
    Check,
    Dial,
    Exchange,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Kind,
    Observation,
    Proxy,
    Role,
    Route,
    Run,
    Settings,
    Store,
    Trust,
    Tunnel,
    Upgrade,
)

PROXY = Proxy(scheme="http", host="proxy.example", port=3128, setting="--proxy-https")
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
ROOT = "CN=Contoso Root"
ARM_MARK = (("body", "", r'"(?:loginEndpoint|resourceManager|portal)"\s*:\s*"https?://'),)
OPENED = Tunnel(
    started=0.0,
    target="management.azure.com:443",
    head=Head(version="1.1", status=200, reason="OK", headers=()),
)


def leaf(*names: str) -> Certificate:
    return Certificate(
        sha256="leaf",
        subject=f"CN={names[0]}",
        issuer=ROOT,
        serial="1",
        not_before="2026-01-01T00:00:00Z",
        not_after="2027-01-01T00:00:00Z",
        names=names,
        common_name=names[0],
    )


def shaken(host: str, *, name: str = "") -> Handshake:
    """A handshake with a box of Contoso's, which the bundle of --proxy-cert trusts."""
    trust = (
        Trust(
            store=Store.PUBLIC,
            accepted=False,
            code=20,
            words="unable to get local issuer certificate",
        ),
        Trust(store=Store.BUNDLE, accepted=True, anchor=ROOT),
    )
    return Handshake(
        started=0.1,
        server_name=host,
        version="TLSv1.3",
        cipher="TLS_AES_128_GCM_SHA256",
        chain=(leaf(name or host),),
        trust=trust,
        name_matches=not name,
    )


def codes(
    *steps: AnyStep,
    host: str = "management.azure.com",
    kind: Kind = Kind.HTTPS,
    settings: Settings | None = None,
) -> set[str]:
    """The codes of what fails or warns, of one question through the proxy and of the certificate
    that it saw."""
    marks = ARM_MARK if host == "management.azure.com" else ()
    asked = Check(
        id="asked",
        kind=kind,
        target=f"{host}:443",
        route=Route.PROXY,
        required=True,
        feature="core",
        host=host,
        port=443,
        proxy=PROXY,
        path="/",
        issuers=("microsoft",),
        marks=marks,
    )
    tls = msgspec.structs.replace(asked, id="tls", kind=Kind.TLS, observed_with="asked")
    dial = Dial(started=0.0, address="192.0.2.1", port=3128, role=Role.PROXY)
    observation = Observation(
        check="asked", attempts=(Attempt(label=Experiment.AGENTS, steps=(dial, OPENED, *steps)),)
    )
    run = msgspec.structs.replace(RUN, settings=settings or Settings())
    found = judge((asked, tls), (observation,), run)
    return {finding.code for finding in found if finding.verdict in ("fail", "warn")}


def answer(status: int, *headers: tuple[str, str], path: str = "/", body: str = "") -> Exchange:
    head = Head(version="1.1", status=status, reason="", headers=headers, body=body)
    return Exchange(started=0.2, method="GET", path=path, head=head)


HTML = ("Content-Type", "text/html")


def test_page_in_the_place_of_json_is_not_the_endpoints() -> None:
    """An HTML page with 200 where a mark is due in JSON is a middlebox's; with the mark it is the
    endpoint's."""
    host = "management.azure.com"
    assert codes(shaken(host), answer(200, HTML, body="<h1>Good afternoon</h1>")) == {
        "tls-intercepted",
        "answer-from-middlebox",
    }
    assert codes(shaken(host), answer(200, HTML, body='"resourceManager": "https://x"')) == {
        "tls-intercepted"
    }
    assert codes(
        shaken("dl.k8s.io"), answer(200, HTML, body="<h1>Hello</h1>"), host="dl.k8s.io"
    ) == {"tls-intercepted"}


def test_only_blobs_may_lead_away_from_a_registry() -> None:
    """A registry's redirect of a blob is its own business, one of a manifest is a portal's."""
    host, away = "mcr.microsoft.com", ("Location", "https://portal.corp.example/login")
    manifest = answer(307, away, path="/v2/x/manifests/1")
    blob = answer(307, away, path="/v2/x/blobs/sha256:1")
    assert codes(shaken(host), manifest, host=host) == {"tls-intercepted", "answer-redirected"}
    assert codes(shaken(host), blob, host=host) == {"tls-intercepted"}


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("ERR_ACCESS_DENIED 0", "block-page"),
        ("ERR_DNS_FAIL 0", "proxy-cannot-resolve"),
        ("ERR_CONNECT_FAIL 111", "proxy-cannot-connect"),
        ("ERR_INVALID_RESP 0", "websocket-refused"),
    ],
)
def test_squids_own_page_for_an_upgrade_keeps_its_meaning(token: str, code: str) -> None:
    """What Squid says of a host does not become a WebSocket fault because an upgrade was asked;
    only a refused 101 is one."""
    host = "x.servicebus.windows.net"
    head = Head(
        version="1.1",
        status=503,
        reason="Service Unavailable",
        headers=(("Server", "squid/6.13"), ("X-Squid-Error", token)),
    )
    upgrade = Upgrade(started=0.2, path="/", head=head, accept_due="x")
    assert codes(shaken(host), upgrade, host=host, kind=Kind.WEBSOCKET) == {"tls-intercepted", code}


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (
            "HTTP/1.1 500 Internal Server Error\\x0d\nX-Squid-Error: ERR_CANNOT_FORWARD 0\\x0d\n",
            "proxy-cannot-resolve",
        ),
        (
            "HTTP/1.1 503 Service Unavailable\\x0d\nX-Squid-Error: ERR_DNS_FAIL 0\\x0d\n",
            "proxy-cannot-resolve",
        ),
        ("HTTP/1.1 400 Bad Request\\x0d\nServer: nginx\\x0d\n", "tls-plaintext-answer"),
    ],
)
def test_error_that_a_splicing_squid_writes_into_the_tunnel(first: str, code: str) -> None:
    """Plain text where TLS is due is Squid's error when it says so, and else an answer that is no
    TLS."""
    failure = Failure(kind=FailureKind.TLS_PLAINTEXT, detail="wrong version number")
    assert codes(
        Handshake(
            started=0.1, server_name="management.azure.com", failure=failure, first_bytes=first
        )
    ) == {code}


def test_answer_of_another_server_is_not_judged() -> None:
    """Where the certificate is somebody else's, what he answers is nothing about the endpoint."""
    host = "management.azure.com"
    steps = (
        shaken(host, name="portal.corp.example"),
        answer(302, ("Location", "https://portal.corp.example/login")),
    )
    assert codes(*steps) == {"certificate-wrong-name"}


def test_names_of_gateways() -> None:
    """A gateway's host is one label below gw.arc.azure.com, and a host that is none gets no further
    cause of its own."""
    assert gateway.is_gateway("contoso.gw.arc.azure.com")
    assert not any(
        map(
            gateway.is_gateway,
            (
                "gw.arc.azure.com",
                ".gw.arc.azure.com",
                "a.b.gw.arc.azure.com",
                "contoso.arc.azure.com",
            ),
        )
    )
    host = "contoso.arc.azure.com"
    settings = Settings(gateway_url=f"https://{host}", gateway_host=host)
    assert codes(shaken(host), answer(200), host=host, settings=settings) == set()
