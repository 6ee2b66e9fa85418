"""Reports for the tests of the formats: one with a bit of everything, one that is clean, one in
which every text is hostile."""

from __future__ import annotations

from arcprobe.model import (
    AnyStep,
    Attempt,
    Cause,
    Certificate,
    Check,
    Cluster,
    Code,
    Dial,
    Discovered,
    Exchange,
    Experiment,
    Failure,
    FailureKind,
    Finding,
    Handshake,
    Head,
    Kind,
    Layer,
    Lookup,
    Observation,
    Owner,
    Proxy,
    Range,
    Report,
    Role,
    Route,
    Run,
    Service,
    Settings,
    Skip,
    SkipReason,
    Store,
    Surroundings,
    Trust,
    Tunnel,
    Upgrade,
    Verdict,
)

PROXY = Proxy(
    scheme="http",
    host="proxy.corp.example",
    port=3128,
    setting="--proxy-https",
    has_credentials=True,
)
HOSTILE = (
    "\x1b[31mred\x07 </script><b>&amp; | `tick` ``` \x00 \u202eevil \x9b31m"
    " [x](http://bad.example) ]]> {host} *b* @who\n# h"
)

SETTINGS = Settings(
    region="westeurope",
    proxy_https=PROXY,
    skip_range="10.96.0.0/12,.svc",
    skip_range_setting="NO_PROXY",
)


def check(kind: Kind, target: str, route: Route = Route.PROXY) -> Check:
    host, _, port = target.rpartition(":")
    return Check(
        id=f"{kind} {target} via {route}",
        kind=kind,
        target=target,
        route=route,
        required=True,
        feature="core",
        host=host,
        port=int(port),
        proxy=PROXY if route == "proxy" else None,
    )


def finding(
    of: Check,
    verdict: Verdict,
    layer: Layer,
    code: Code,
    summary: str,
    evidence: tuple[str, ...] = (),
    remedy: str = "",
    owner: Owner = Owner.NOBODY,
    skip: SkipReason | None = None,
) -> Finding:
    return Finding(
        check=of.id,
        kind=of.kind,
        layer=layer,
        target=of.target,
        route=of.route,
        verdict=verdict,
        code=code,
        summary=summary,
        evidence=evidence,
        remedy=remedy,
        owner=owner,
        skip=Skip(reason=skip) if skip else None,
    )


def run(**more: object) -> Run:
    fields: dict[str, object] = {
        "version": "0.1.0",
        "started": "2026-11-23T15:00:00Z",
        "seconds": 4.25,
        "vantage": "pod",
        "host": "worker-3",
        "node": "worker-3",
        "pod": "arcprobe-x7k2p",
        "settings": Settings(
            region="westeurope",
            proxy_https=PROXY,
            skip_range="10.96.0.0/12,.svc",
            skip_range_setting="NO_PROXY",
        ),
        "python": "3.13.1",
        "openssl": "OpenSSL 3.5.1",
    }
    return Run(**(fields | more))  # type: ignore[arg-type]


ARM = check(Kind.HTTPS, "management.azure.com:443")
ARM_TLS = check(Kind.TLS, "management.azure.com:443")
OBO = check(Kind.HTTPS, "westeurope.obo.arc.azure.com:8084")
OBO_TLS = check(Kind.TLS, "westeurope.obo.arc.azure.com:8084")
RELAY = check(Kind.WEBSOCKET, "azgnrelay-westeurope-l1.servicebus.windows.net:443")
NAME = check(Kind.DNS, "management.azure.com:443")
RANGE = check(Kind.SKIP_RANGE, "cluster:0")

CERTIFICATE = Certificate(
    sha256="ab" * 32,
    subject="CN=management.azure.com",
    issuer="CN=Corp Inspection CA,O=Corp",
    serial="01",
    not_before="2026-01-01T00:00:00Z",
    not_after="2027-01-01T00:00:00Z",
    names=("management.azure.com",),
    key_usage=("digital_signature",),
)

TRUST = Trust(store=Store.PUBLIC, accepted=False, code=19)

STEPS: tuple[AnyStep, ...] = (
    Lookup(
        name="proxy.corp.example",
        addresses=("10.0.0.8",),
        cnames=("p.corp.example",),
        rcode="NOERROR",
    ),
    Dial(
        started=0.01,
        took=0.002,
        address="10.0.0.8",
        port=3128,
        source="10.1.2.3",
        role=Role.PROXY,
        mss=1448,
    ),
    Tunnel(
        started=0.02,
        took=0.01,
        target="westeurope.obo.arc.azure.com:8084",
        head=Head(
            status=403,
            reason="Forbidden",
            headers=(("X-Squid-Error", "ERR_ACCESS_DENIED 0"),),
            body="<html>",
        ),
    ),
    Handshake(
        server_name="management.azure.com",
        version="TLSv1.3",
        chain=(CERTIFICATE,),
        trust=(Trust(store=Store.PUBLIC, accepted=False),),
    ),
    Exchange(method="GET", path="/", head=Head(status=400), date_offset=-0.5),
    Upgrade(
        path="/$hc/arcprobe", head=Head(status=401, reason="MissingToken"), upgrade_headers=False
    ),
    Discovered(pattern="*.servicebus.windows.net", hosts=("a.servicebus.windows.net",)),
    Cluster(
        source="api",
        services=(Service(namespace="default", name="kubernetes", addresses=("10.96.0.1",)),),
        service_count=1,
        ranges=(Range(cidr="10.96.0.0/12", what="services", source="ServiceCIDR"),),
    ),
    Surroundings(name_servers=("10.96.0.10",), search=("svc.cluster.local",), ndots=5),
    Dial(
        address="192.0.2.1",
        port=443,
        failure=Failure(kind=FailureKind.TIMED_OUT, detail="after 10 s"),
    ),
)


def broken() -> Report:
    """A proxy that allows CONNECT to 443 only, and a skip range that misses Services; the relay was
    not asked."""
    denied = (
        "Proxy team: allow CONNECT to westeurope.obo.arc.azure.com:8084."
        " Squid: `acl SSL_ports port 8084`"
    )
    findings = (
        finding(NAME, Verdict.PASS, Layer.DNS, Code.NAME_RESOLVES, "management.azure.com resolves"),
        finding(
            ARM,
            Verdict.PASS,
            Layer.HTTP,
            Code.ENDPOINT_ANSWERS,
            "management.azure.com:443 answers",
            evidence=("HTTP/1.1 400",),
        ),
        finding(
            ARM_TLS,
            Verdict.PASS,
            Layer.TLS,
            Code.CERTIFICATE_GENUINE,
            "management.azure.com shows a genuine certificate",
        ),
        finding(
            OBO,
            Verdict.FAIL,
            Layer.PROXY,
            Code.PROXY_PORT_DENIED,
            "port 8084 denied",
            remedy=denied,
            owner=Owner.PROXY,
        ),
        finding(
            OBO_TLS,
            Verdict.SKIP,
            Layer.TLS,
            Code.PROXY_PORT_DENIED,
            f"not asked: no tunnel to {OBO.target}",
        ),
        finding(
            RELAY,
            Verdict.SKIP,
            Layer.WEBSOCKET,
            Code.WILDCARD_UNPROVEN,
            "no host known",
            skip=SkipReason.NO_PUBLIC_SOURCE,
        ),
        finding(
            RANGE,
            Verdict.FAIL,
            Layer.SKIP_RANGE,
            Code.SERVICES_UNCOVERED,
            "10.43.0.1 is uncovered",
            owner=Owner.YOU,
        ),
    )
    causes = (
        Cause(
            code=Code.PROXY_PORT_DENIED,
            verdict=Verdict.FAIL,
            headline="http://proxy.corp.example:3128 blocks CONNECT to port 8084",
            remedy=denied,
            owner=Owner.PROXY,
            explains=(OBO.id, OBO_TLS.id),
            evidence=(
                "CONNECT westeurope.obo.arc.azure.com:8084 → HTTP/1.1 403 Forbidden",
                "X-Squid-Error: ERR_ACCESS_DENIED 0",
            ),
            layer=Layer.PROXY,
        ),
        Cause(
            code=Code.SERVICES_UNCOVERED,
            verdict=Verdict.FAIL,
            headline="The cluster's own Services would go through the proxy: 10.43.0.1",
            remedy="Set --proxy-skip-range to: "
            "10.96.0.0/12,10.43.0.0/16,.svc,.svc.cluster.local,kubernetes.default.svc",
            owner=Owner.YOU,
            explains=(RANGE.id,),
            layer=Layer.SKIP_RANGE,
        ),
    )
    return Report(
        schema=1,
        verdict=Verdict.FAIL,
        run=run(),
        checks=(NAME, ARM, ARM_TLS, OBO, OBO_TLS, RELAY, RANGE),
        observations=(
            Observation(
                check=ARM.id, attempts=(Attempt(label=Experiment.AGENTS.value, steps=STEPS),)
            ),
            Observation(check=OBO.id, unfinished=True),
        ),
        findings=findings,
        causes=causes,
    )


def clean() -> Report:
    """One endpoint, and it answers."""
    return Report(
        schema=1,
        verdict=Verdict.PASS,
        run=run(),
        checks=(ARM, ARM_TLS),
        observations=(),
        findings=(
            finding(
                ARM,
                Verdict.PASS,
                Layer.HTTP,
                Code.ENDPOINT_ANSWERS,
                "management.azure.com:443 answers: 400",
            ),
            finding(
                ARM_TLS,
                Verdict.PASS,
                Layer.TLS,
                Code.CERTIFICATE_GENUINE,
                "management.azure.com shows a genuine certificate",
            ),
        ),
        causes=(),
    )


def hostile() -> Report:
    """Every text that comes from outside is ``HOSTILE``."""
    asked = Check(
        id=f"https {HOSTILE}",
        kind=Kind.HTTPS,
        target=HOSTILE,
        route=Route.PROXY,
        required=True,
        feature=HOSTILE,
        host=HOSTILE,
    )
    later = Check(
        id=f"tls {HOSTILE}",
        kind=Kind.TLS,
        target=HOSTILE,
        route=Route.PROXY,
        required=True,
        feature=HOSTILE,
        host=HOSTILE,
    )
    return Report(
        schema=1,
        verdict=Verdict.FAIL,
        run=run(
            host=HOSTILE,
            node=HOSTILE,
            pod=HOSTILE,
            vantage=HOSTILE,
            started=HOSTILE,
            interrupted=HOSTILE,
            settings=Settings(
                region=HOSTILE, skip_range=HOSTILE, gateway_url=HOSTILE, proxy_notes=(HOSTILE,)
            ),
        ),
        checks=(asked, later),
        observations=(Observation(check=asked.id, crash=HOSTILE),),
        findings=(
            finding(
                asked,
                Verdict.FAIL,
                Layer.HTTP,
                Code.BLOCK_PAGE,
                HOSTILE,
                (HOSTILE,),
                HOSTILE,
                Owner.PROXY,
            ),
            finding(
                later,
                Verdict.WARN,
                Layer.TLS,
                Code.TLS_INTERCEPTED,
                HOSTILE,
                (HOSTILE,),
                HOSTILE,
                Owner.PROXY,
            ),
            finding(
                later,
                Verdict.SKIP,
                Layer.TLS,
                Code.TLS_INTERCEPTED,
                HOSTILE,
                (HOSTILE,),
                HOSTILE,
                Owner.PROXY,
            ),
            finding(
                later,
                Verdict.PASS,
                Layer.TLS,
                Code.TLS_INTERCEPTED,
                HOSTILE,
                (HOSTILE,),
                HOSTILE,
                Owner.PROXY,
            ),
            finding(
                later,
                Verdict.ERROR,
                Layer.TLS,
                Code.TLS_INTERCEPTED,
                HOSTILE,
                (HOSTILE,),
                HOSTILE,
                Owner.PROXY,
            ),
        ),
        causes=(
            Cause(
                code=Code.BLOCK_PAGE,
                verdict=Verdict.FAIL,
                headline=HOSTILE,
                remedy=HOSTILE,
                owner=Owner.PROXY,
                explains=(asked.id,),
                evidence=(HOSTILE,),
            ),
        ),
    )
