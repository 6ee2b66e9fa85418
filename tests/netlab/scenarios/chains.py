"""Certificates of the endpoints themselves: chains that are odd, old, new or for somebody else, and
clocks that are wrong."""

from __future__ import annotations

from arcprobe.model import (
    SCHEMA,
    Attempt,
    Certificate,
    Check,
    Experiment,
    Handshake,
    Kind,
    Observation,
    Report,
    Route,
    Run,
    Settings,
    Verdict,
)
from arcprobe.report import as_json

from ..fronts import front, led_to_front
from ..name_servers import bind
from ..scenario import PROXY_FLAGS, Scenario, fails, passes, warns
from ..servers import Server
from ..software import block_page, squid
from ..zone import BLOCK_PAGE

_ONE = led_to_front("arm")
_ALL = led_to_front()
_TEN_DAYS = 864_000


def _shown(shape: str) -> Server:
    """management.azure.com with a chain of `shapes/`."""
    return front(certificates=f"@PKI@/shapes/{shape}.pem")


def _baseline(issuer: str) -> str:
    """The report of an earlier run, in which management.azure.com had this issuer."""
    host = "management.azure.com"
    leaf = Certificate(
        sha256="0",
        subject=f"CN={host}",
        issuer=issuer,
        serial="1",
        not_before="2026-01-01T00:00:00Z",
        not_after="2026-12-31T00:00:00Z",
    )
    check = Check(
        id="arm",
        kind=Kind.HTTPS,
        target=f"{host}:443",
        route=Route.DIRECT,
        required=True,
        feature="core",
        host=host,
    )
    shown = Attempt(label=Experiment.AGENTS, steps=(Handshake(server_name=host, chain=(leaf,)),))
    run = Run(
        version="0.1.0",
        started="2026-11-01T00:00:00Z",
        seconds=1.0,
        vantage="laptop",
        host="clean",
        node="",
        pod="",
        settings=Settings(region="westeurope"),
    )
    report = Report(
        schema=SCHEMA,
        verdict=Verdict.PASS,
        run=run,
        checks=(check,),
        observations=(Observation(check="arm", attempts=(shown,)),),
        findings=(),
        causes=(),
    )
    return as_json.render(report)


_MICROSOFT = "CN=Microsoft TLS G2 RSA CA OCSP 16,O=Microsoft Corporation,C=US"
_GOOGLE = "CN=WR3,O=Google Trust Services,C=US"
_AGAINST = ("--baseline", "@FOLDER@/baseline.json")

_OWN = ("--endpoint", "https://blocked.corp.lab/")
_OWN_ZONE = (f"blocked.corp.lab. A {BLOCK_PAGE}",)

CLEAN = (
    *(
        passes(f"chain-{name}", story, "haproxy", bind(), _shown(shape), filters=_ONE)
        for name, story, shape in (
            (
                "disordered",
                "A front end sends its chain in the wrong order; clients put it in order.",
                "disordered",
            ),
            ("with-root", "A front end sends the public root as well.", "with-root"),
            (
                "with-stranger",
                "A front end sends a certificate that has nothing to do with its chain.",
                "with-stranger",
            ),
            ("sent-twice", "A front end sends an intermediate twice.", "sent-twice"),
            (
                "older-hierarchy",
                "A front end is still on Microsoft's hierarchy of 2017.",
                "by-2017",
            ),
            (
                "ecc-hierarchy",
                "A front end is on Microsoft's G2 hierarchy of elliptic curves.",
                "by-ecc",
            ),
            (
                "sister-authority",
                "A Microsoft endpoint has a certificate by DigiCert, as many do.",
                "by-digicert",
            ),
        )
    ),
    passes(
        "chain-private-endpoint-trusted",
        "An endpoint of the company's own has a certificate by its own authority, which the "
        "agents are given.",
        "nginx",
        bind(),
        block_page(),
        zone=_OWN_ZONE,
        settings=(*_OWN, "--proxy-cert", "@PKI@/corporate-ca.pem"),
    ),
    passes(
        "chain-direct-too",
        "Endpoints are asked through the proxy and, to compare, directly.",
        "squid, bind",
        squid(),
        bind(),
        settings=(*PROXY_FLAGS, "--direct"),
    ),
    passes(
        "chain-baseline-same",
        "The issuer is another of the operator that the baseline shows.",
        "haproxy",
        bind(),
        _shown("by-2017"),
        filters=_ONE,
        files=(("baseline.json", _baseline(_MICROSOFT)),),
        settings=_AGAINST,
    ),
)

ODD = (
    fails(
        "chain-private-endpoint-untrusted",
        "An endpoint of the company's own has a certificate by its own authority, which the "
        "agents are not given.",
        "nginx",
        "certificate-untrusted",
        bind(),
        block_page(),
        zone=_OWN_ZONE,
        settings=_OWN,
    ),
    fails(
        "chain-leaf-only",
        "A front end sends its leaf alone; other endpoints send the intermediate.",
        "haproxy",
        "chain-incomplete",
        bind(),
        _shown("leaf-only"),
        filters=_ONE,
    ),
    fails(
        "chain-without-cross",
        "A front end leaves out the cross-certificate of Microsoft TLS RSA Root G2.",
        "haproxy",
        "chain-incomplete",
        bind(),
        _shown("without-cross"),
        filters=_ONE,
    ),
    fails(
        "chain-without-cross-squid",
        "A front end leaves out the cross-certificate, seen through a proxy.",
        "haproxy, squid",
        "chain-incomplete",
        squid(),
        _shown("without-cross"),
        filters=_ONE,
        settings=PROXY_FLAGS,
    ),
    fails(
        "chain-without-cross-everywhere",
        "Every front end of the G2 hierarchy leaves out the cross-certificate: nobody in this "
        "run sends it.",
        "haproxy",
        "chain-incomplete",
        bind(),
        front(certificates="@PKI@/without-cross"),
        filters=_ALL,
    ),
    warns(
        "chain-without-cross-completed",
        "A front end leaves out the cross-certificate, the agents' bundle has what is missing.",
        "haproxy, squid",
        "chain-incomplete",
        squid(),
        _shown("without-cross"),
        filters=_ONE,
        settings=(*PROXY_FLAGS, "--proxy-cert", "@PKI@/completed-bundle.pem"),
    ),
    fails(
        "chain-newer-root",
        "A front end ends in the self-signed Microsoft TLS RSA Root G2, which the shipped roots "
        "do not have.",
        "haproxy",
        "certificate-untrusted",
        bind(),
        _shown("newer-root"),
        filters=_ONE,
    ),
    warns(
        "chain-unexpected-issuer",
        "Azure Resource Manager has a certificate by Google, while its neighbours have "
        "Microsoft's.",
        "haproxy",
        "issuer-unexpected",
        bind(),
        _shown("by-google"),
        filters=_ONE,
    ),
    fails(
        "chain-issuer-changed",
        "The baseline shows a Microsoft issuer, here it is Google's.",
        "haproxy",
        "issuer-changed",
        bind(),
        _shown("by-google"),
        filters=_ONE,
        files=(("baseline.json", _baseline(_MICROSOFT)),),
        settings=_AGAINST,
    ),
    fails(
        "chain-issuer-changed-back",
        "The baseline shows Google's issuer for Azure Resource Manager, here it is Microsoft's "
        "own.",
        "bind",
        "issuer-changed",
        bind(),
        files=(("baseline.json", _baseline(_GOOGLE)),),
        settings=_AGAINST,
    ),
    *(
        fails(f"chain-{name}", story, "haproxy", code, bind(), _shown(shape), filters=_ONE)
        for name, story, code, shape in (
            (
                "expired",
                "The certificate of one host has expired.",
                "certificate-expired",
                "expired",
            ),
            (
                "expired-signer",
                "The intermediate of one host has expired.",
                "certificate-expired",
                "expired-signer",
            ),
            (
                "not-yet-valid",
                "The certificate of one host is not valid yet.",
                "certificate-not-yet-valid",
                "future",
            ),
            (
                "wrong-name",
                "One name leads to somebody else's server, with a public certificate.",
                "certificate-wrong-name",
                "other-name",
            ),
            (
                "portal-name",
                "One name leads to a server of the company, under its own name.",
                "certificate-wrong-name",
                "portal",
            ),
        )
    ),
    fails(
        "chain-expired-squid",
        "The certificate of one host has expired, seen through a proxy.",
        "haproxy, squid",
        "certificate-expired",
        squid(),
        _shown("expired"),
        filters=_ONE,
        settings=PROXY_FLAGS,
    ),
    fails(
        "chain-two-faults",
        "One host's certificate has expired, another's chain is incomplete: two causes.",
        "haproxy, haproxy",
        "certificate-expired chain-incomplete",
        bind(),
        _shown("expired"),
        front(certificates="@PKI@/without-cross", port=9444),
        filters=(*_ONE, *led_to_front("registry", port=9444)),
    ),
)


def _dated(seconds: int) -> str:
    return f"http-response set-header Date %[date({seconds}),http_date]"


CLOCKS = (
    fails(
        "clock-ahead",
        "This host's clock is ahead: to it every certificate has expired, and every Date is old.",
        "haproxy",
        "clock-skewed",
        bind(),
        front(_dated(-40 * 86_400), certificates="@PKI@/expired"),
        filters=_ALL,
    ),
    fails(
        "clock-behind",
        "This host's clock is behind: to it no certificate is valid yet, and every Date is in "
        "the future.",
        "haproxy",
        "clock-skewed",
        bind(),
        front(_dated(40 * 86_400), certificates="@PKI@/future"),
        filters=_ALL,
    ),
    fails(
        "clock-behind-squid",
        "This host's clock is behind, seen through a proxy.",
        "haproxy, squid",
        "clock-skewed",
        squid(),
        front(_dated(40 * 86_400), certificates="@PKI@/future"),
        filters=_ALL,
        settings=PROXY_FLAGS,
    ),
    passes(
        "clock-date-odd",
        "One front end's Date is ten days off; certificates and the other clocks agree with this "
        "host.",
        "haproxy",
        bind(),
        front(_dated(-_TEN_DAYS), certificates="@PKI@/leaves"),
        filters=_ONE,
    ),
    passes(
        "clock-seconds-off",
        "All Dates are a minute and a half off, which nobody minds.",
        "haproxy",
        bind(),
        front(_dated(-90), certificates="@PKI@/leaves"),
        filters=_ALL,
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*CLEAN, *ODD, *CLOCKS)
