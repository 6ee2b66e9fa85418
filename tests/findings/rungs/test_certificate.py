"""The judge of TLS, on chains minted as products and public CAs make them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_certificates.certificate import judge
from arcprobe.findings.old_certificates.comparison import Comparison
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Exchange,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Kind,
    Observation,
    Proxy,
    Role,
    Route,
    Settings,
    Tunnel,
    Verdict,
)
from arcprobe.probes.trust.bundle import read_proxy_cert
from arcprobe.probes.trust.certificates import describe, name_matches
from arcprobe.probes.trust.stores import Stores
from tests.support.chains import NOW, PUBLIC_MARKS, Authority, Case, public_web
from tests.support.forged_chains import forged_chains
from tests.support.genuine_chains import genuine_chains

HOST = "gbl.his.arc.azure.com"
PROXY = Proxy(scheme="http", host="proxy.contoso.example", port=3128)
STARTED = NOW - timedelta(seconds=5)


def handshake(
    chain: tuple[bytes, ...],
    host: str = HOST,
    *,
    stores: Stores | None = None,
    when: datetime = NOW,
    **more: object,
) -> Handshake:
    """What the probe records of a handshake in which this chain came."""
    stores = stores or Stores(public_web().roots, None, None)
    certificates = tuple(describe(item) for item in chain)
    options: dict[str, object] = {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", **more}
    return Handshake(
        server_name=host,
        chain=certificates,
        trust=stores.examine(chain, when),
        name_matches=name_matches(certificates[0], host) if certificates else None,
        **options,  # type: ignore[arg-type]
    )


def check(
    host: str = HOST, *, route: Route = Route.PROXY, issuers: tuple[str, ...] = (), **more: object
) -> Check:
    issuers = issuers or (
        ("other",)
        if host == "dl.k8s.io"
        else ()
        if more.get("custom")
        else ("microsoft", "digicert")
    )
    options: dict[str, object] = {"required": True, "feature": "core", **more}
    return Check(
        id=f"tls {host} {route}",
        kind=Kind.TLS,
        target=f"{host}:443",
        host=host,
        route=route,
        issuers=issuers,
        proxy=PROXY if route == "proxy" else None,
        **options,  # type: ignore[arg-type]
    )


class Seen:
    """A run: checks and the handshakes that they saw; judged as a whole."""

    def __init__(self, settings: Settings | None = None, now: datetime = NOW) -> None:
        self.settings = settings or Settings(public_roots_given=True)
        self.now = now
        self.checks: list[Check] = []
        self.observations: list[Observation] = []
        self.handshakes: dict[str, Handshake] = {}

    def add(self, asked: Check, *steps: object) -> Seen:
        self.checks.append(asked)
        self.observations.append(
            Observation(check=asked.id, attempts=(Attempt(label="", steps=tuple(steps)),))
        )  # type: ignore[arg-type]
        self.handshakes[asked.id] = next(step for step in steps if isinstance(step, Handshake))
        return self

    def judged(self, host: str = HOST, route: Route = Route.PROXY) -> tuple[Judgement, ...]:
        comparison = Comparison.built_from(self.checks, self.observations, self.settings, STARTED)
        asked = next(item for item in self.checks if (item.host, item.route) == (host, route))
        return judge(asked, self.handshakes[asked.id], comparison, self.settings, self.now)

    def codes(self, host: str = HOST, route: Route = Route.PROXY) -> list[str]:
        return [item.code for item in self.judged(host, route)]


def run_of(case: Case, further: Iterable[tuple[str, tuple[bytes, ...]]] = ()) -> Seen:
    seen = Seen().add(check(case.host, custom=case.custom), handshake(case.chain, case.host))
    for host, chain in (*case.beside, *further):
        seen.add(check(host), handshake(chain, host))
    return seen


GENUINE = genuine_chains()
FORGED = forged_chains()


def test_corpus_is_large_enough() -> None:
    """At least forty chains of either sort, as the issue asks."""
    assert len(GENUINE) >= 40
    assert len(FORGED) >= 40


@pytest.mark.parametrize("case", GENUINE, ids=lambda case: case.title)
def test_genuine_chain_is_never_called_intercepted(case: Case) -> None:
    """A genuine chain, complete or not, alone or among others, gets its own code and not
    interception's."""
    assert run_of(case).codes(case.host) == [case.code]
    neighbour = ("mcr.microsoft.com", public_web().chain("Microsoft xsign", "mcr.microsoft.com"))
    if not case.beside:
        further = (neighbour, ("dl.k8s.io", public_web().chain("Google", "dl.k8s.io")))
        assert run_of(case, further).codes(case.host) == [case.code]


@pytest.mark.parametrize("case", FORGED, ids=lambda case: case.title)
def test_forged_chain_never_passes(case: Case) -> None:
    """A chain that a product made is called intercepted, alone and beside genuine ones, and the
    sign that decides is told."""
    further = [("sts.windows.net", public_web().chain("DigiCert 2020", "sts.windows.net"))]
    for seen in (run_of(case), run_of(case, further)):
        (judgement,) = seen.judged(case.host)
        assert judgement.code == case.code
        assert judgement.verdict is Verdict.FAIL
        assert any(line.startswith("decides: ") for line in judgement.evidence)


# -------------------------------------------------------------------------------------------------


def test_interception_that_agents_trust_is_a_warning_and_without_their_trust_a_failure() -> None:
    """Without a gateway the verdict hangs on the system store or --proxy-cert; the words say
    which."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root")
    chain = (authority.leaf(HOST),)
    web = public_web()
    for stores, verdict, words in (
        (Stores(web.roots, (authority.der,), None), Verdict.WARN, "this system's store"),
        (Stores(web.roots, None, authority.pem), Verdict.WARN, "the bundle of --proxy-cert"),
        (Stores(web.roots, None, None), Verdict.FAIL, "not trusted"),
    ):
        (judgement,) = Seen().add(check(), handshake(chain, stores=stores)).judged()
        assert (judgement.code, judgement.verdict) == ("tls-intercepted", verdict)
        assert words in judgement.evidence[0]


def test_gateway_mode_fails_interception_even_when_trusted() -> None:
    """With --gateway-url trusted interception fails too, under its own code for the gateway's
    host."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root")
    stores = Stores(public_web().roots, (authority.der,), None)
    gateway = "abc.gw.arc.azure.com"
    seen = Seen(Settings(gateway_url=f"https://{gateway}", gateway_host=gateway))
    for host in (HOST, gateway):
        seen.add(check(host), handshake((authority.leaf(host),), host, stores=stores))
    assert [(item.code, item.verdict) for item in seen.judged()] == [
        ("tls-intercepted", Verdict.FAIL)
    ]
    assert [(item.code, item.verdict) for item in seen.judged(gateway)] == [
        ("gateway-inspected", Verdict.FAIL)
    ]


def test_inspected_endpoints_are_counted_and_spared_ones_named() -> None:
    """Proxies exempt some hosts: the evidence says how many are inspected and which are not."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root")
    seen = Seen()
    for host in (HOST, "sts.windows.net"):
        seen.add(check(host), handshake((authority.leaf(host),), host))
    seen.add(
        check("mcr.microsoft.com"),
        handshake(public_web().chain(host="mcr.microsoft.com"), "mcr.microsoft.com"),
    )
    (judgement,) = seen.judged()
    assert "inspected: 2 of 3, not: mcr.microsoft.com" in judgement.evidence


def test_one_interceptor_has_one_subject() -> None:
    """Squid's two names, one for origins that it distrusts, and chains sent in part, are one box:
    causes group by the subject."""
    root = Authority("C=NL; O=Contoso; CN=Contoso Web Filter")
    untrusted = Authority('C=NL; O=Contoso; CN=Not trusted by "Contoso Web Filter"')
    seen = Seen()
    seen.add(check(), handshake((root.leaf(HOST), root.der)))
    seen.add(
        check("sts.windows.net"), handshake((root.leaf("sts.windows.net"),), "sts.windows.net")
    )
    seen.add(
        check("mcr.microsoft.com"),
        handshake((untrusted.leaf("mcr.microsoft.com"), untrusted.der), "mcr.microsoft.com"),
    )
    subjects = {
        seen.judged(host)[0].subject for host in (HOST, "sts.windows.net", "mcr.microsoft.com")
    }
    assert subjects == {"CN=Contoso Web Filter,O=Contoso,C=NL"}


def test_product_is_named_and_only_likely_where_unproven() -> None:
    """A known product stands in the finding; an unknown issuer is quoted as it came, and is as
    certain."""
    zscaler = Authority(
        "C=US; ST=California; O=Zscaler Inc.; OU=Zscaler Inc.; CN=Zscaler Intermediate Root CA (zscaler.net) (t) "
    )
    (judgement,) = Seen().add(check(), handshake((zscaler.leaf(HOST),))).judged()
    assert "Zscaler" in judgement.product
    unknown = Authority("C=NL; O=Contoso; CN=Contoso Root")
    (judgement,) = Seen().add(check(), handshake((unknown.leaf(HOST),))).judged()
    assert judgement.product == ""
    assert dict(judgement.fields)["issuer"] == "CN=Contoso Root,O=Contoso,C=NL"


def test_marks_inside_tls_name_the_product() -> None:
    """A CA of the enterprise's own name, and Squid's marks in the answer inside TLS: Squid is
    named, the issuer stays quoted."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root")
    answer = Exchange(
        method="GET",
        path="/",
        head=Head(status=403, headers=(("X-Squid-Error", "ERR_ACCESS_DENIED 0"),)),
    )
    (judgement,) = Seen().add(check(), handshake((authority.leaf(HOST),)), answer).judged()
    assert judgement.product == "Squid"
    assert judgement.subject == "CN=Contoso Root,O=Contoso,C=NL"
    assert any("X-Squid-Error: ERR_ACCESS_DENIED 0" in line for line in judgement.evidence)


def test_direct_way_decides() -> None:
    """The same endpoint with a public certificate without the proxy: the proxy is who adds the
    other one."""
    web = public_web()
    authority = Authority("C=US; O=Microsoft Corporation; CN=Microsoft Azure RSA TLS Issuing CA 99")
    seen = Seen().add(check(), handshake((authority.leaf(HOST, marks=PUBLIC_MARKS),)))
    assert seen.codes() == ["chain-incomplete"]
    seen.add(check(route=Route.DIRECT, required=False, compare=True), handshake(web.chain()))
    (judgement,) = seen.judged()
    assert judgement.code == Code.TLS_INTERCEPTED
    assert any("without the proxy" in line for line in judgement.evidence)


# -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        ({"names": ()}, "common name"),
        ({"serial": -9}, "negative"),
        ({"sha1": True}, "sha1"),
        ({"for_clients": True}, "not for servers"),
    ],
    ids=["no alternative names", "negative serial", "SHA-1", "for clients"],
)
def test_trusted_interception_that_go_refuses_fails(leaf: dict[str, object], words: str) -> None:
    """What OpenSSL takes and Go agents do not is a failure, and told."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root")
    stores = Stores(public_web().roots, (authority.der,), None)
    (judgement,) = (
        Seen().add(check(), handshake((authority.leaf(HOST, **leaf),), stores=stores)).judged()
    )  # type: ignore[arg-type]
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", Verdict.FAIL)
    assert any("Go refuses" in line and words in line for line in judgement.evidence)


# --------------------------------------------------------------------------------------------------


def test_what_if_names_an_intermediate_without_its_root() -> None:
    """A bundle with only the intermediate: Go accepts, OpenSSL does not, so it fails and the
    missing root is named."""
    root = Authority("C=NL; O=Contoso; CN=Contoso Root")
    below = Authority("C=NL; O=Contoso; CN=Contoso Issuing", root)
    bundle = read_proxy_cert(below.pem, "ca.pem", NOW)
    settings = Settings(proxy_cert="ca.pem", proxy_cert_notes=bundle.notes, public_roots_given=True)
    stores = Stores(public_web().roots, None, bundle.pem)
    (judgement,) = (
        Seen(settings)
        .add(check(), handshake((below.leaf(HOST), below.der), stores=stores))
        .judged()
    )
    assert judgement.verdict is Verdict.FAIL
    told = "\n".join(judgement.evidence)
    assert "Go programs would accept it, OpenSSL and .NET do not" in told
    assert "CN=Contoso Root" in told


def test_what_if_says_what_is_needed_when_nothing_was_given() -> None:
    """Without --proxy-cert the evidence names the root that would be needed."""
    root = Authority("C=NL; O=Contoso; CN=Contoso Root")
    (judgement,) = Seen().add(check(), handshake((root.leaf(HOST), root.der))).judged()
    assert any(
        "--proxy-cert was not given" in line and "CN=Contoso Root" in line
        for line in judgement.evidence
    )


# ------------------------------------------------------------------------------------------------ n


def test_endpoint_with_a_ca_of_its_own() -> None:
    """A person's endpoint under a private CA: untrusted unless the agents' trust has it, and never
    interception by itself."""
    host = "registry.contoso.example"
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root")
    chain = (authority.leaf(host),)
    assert Seen().add(check(host, custom=True), handshake(chain, host)).codes(host) == [
        "certificate-untrusted"
    ]
    stores = Stores(public_web().roots, None, authority.pem)
    assert Seen().add(check(host, custom=True), handshake(chain, host, stores=stores)).codes(
        host
    ) == ["certificate-genuine"]
    seen = Seen().add(check(host, custom=True), handshake((authority.leaf("other.example"),), host))
    assert seen.codes(host) == ["certificate-wrong-name"]


def test_private_certificate_for_another_name_is_another_server() -> None:
    """A default certificate of an ingress is a wrong turn, not an interceptor."""
    fake = Authority("O=Acme Co; CN=Kubernetes Ingress Controller Fake Certificate")
    chain = (fake.leaf("ingress.local"),)
    (judgement,) = Seen().add(check(), handshake(chain)).judged()
    assert judgement.code == Code.CERTIFICATE_WRONG_NAME
    assert "ingress.local" in judgement.evidence[0]


def test_incomplete_chain_that_the_agents_complete_is_a_warning() -> None:
    """chain-incomplete fails, and warns where a store of the agents has the missing certificate."""
    web = public_web()
    chain = web.chain("Microsoft G2")[:2]
    (judgement,) = Seen().add(check(), handshake(chain)).judged()
    assert (judgement.code, judgement.verdict) == ("chain-incomplete", Verdict.FAIL)
    stores = Stores(web.roots, (web.new_root.der,), None)
    (judgement,) = Seen().add(check(), handshake(chain, stores=stores)).judged()
    assert (judgement.code, judgement.verdict) == ("chain-incomplete", Verdict.WARN)


def test_empty_or_small_system_store_accuses_nobody() -> None:
    """A public chain stays genuine whatever a system store with few roots, or roots of the person's
    choice, make of it."""
    web = public_web()
    stranger = Authority("C=NL; O=Contoso; CN=Contoso Root").der
    stores = Stores(web.roots, (stranger,), None)
    for roots, given in ((0, False), (1, False), (140, True)):
        settings = Settings(system_roots=roots, public_roots_given=given)
        assert Seen(settings).add(check(), handshake(web.chain(), stores=stores)).codes() == [
            "certificate-genuine"
        ]
    (judgement,) = (
        Seen(Settings(system_roots=140))
        .add(check(), handshake(web.chain(), stores=stores))
        .judged()
    )
    assert (judgement.code, judgement.verdict) == ("certificate-untrusted", Verdict.WARN)


def test_baseline_tells_operators_apart_not_certificates() -> None:
    """Issuers rotate within a family; another operator is issuer-changed."""
    web = public_web()
    rotated = Settings(
        baseline=((HOST, "CN=Microsoft TLS G2 RSA CA OCSP 16,O=Microsoft Corporation,C=US"),),
        public_roots_given=True,
    )
    assert Seen(rotated).add(check(), handshake(web.chain())).codes() == ["certificate-genuine"]
    assert Seen(rotated).add(check(), handshake(web.chain("DigiCert 2020"))).codes() == [
        "certificate-genuine"
    ]
    assert Seen(rotated).add(check(), handshake(web.chain("Let's Encrypt"))).codes() == [
        "issuer-changed"
    ]


def test_unexpected_public_issuer_needs_a_comparison() -> None:
    """One unusual public issuer is information; among endpoints that have the usual ones it is
    worth a warning."""
    web = public_web()
    seen = Seen().add(check(), handshake(web.chain("Let's Encrypt")))
    assert seen.codes() == ["certificate-genuine"]
    for host in ("mcr.microsoft.com", "sts.windows.net"):
        seen.add(check(host), handshake(web.chain(host=host), host))
    assert seen.codes() == ["issuer-unexpected"]
    assert seen.codes("mcr.microsoft.com") == ["certificate-genuine"]


# --------------------------------------------------------------------------------------------------


def exchange(offset: float) -> Exchange:
    return Exchange(method="GET", path="/", head=Head(status=200), date_offset=offset)


def test_one_expired_certificate_is_not_the_clock() -> None:
    """With other clocks agreeing, an expired leaf is the server's fault alone."""
    web = public_web()
    old = web.chain(days=30, begin=NOW - timedelta(days=60))
    seen = Seen().add(check(), handshake(old), exchange(0.4))
    seen.add(
        check("mcr.microsoft.com"),
        handshake(web.chain(host="mcr.microsoft.com"), "mcr.microsoft.com"),
        exchange(-0.6),
    )
    assert seen.codes() == ["certificate-expired"]
    assert seen.codes("mcr.microsoft.com") == ["certificate-genuine"]


@pytest.mark.parametrize("days", [400, -400], ids=["ahead", "behind"])
def test_wrong_clock_is_one_cause(days: int) -> None:
    """A clock that is wrong by more than certificates live: every endpoint says so, under one
    subject."""
    web = public_web()
    now = NOW + timedelta(days=days)
    seen = Seen(now=now)
    for host in (HOST, "mcr.microsoft.com", "sts.windows.net"):
        seen.add(
            check(host), handshake(web.chain(host=host), host, when=now), exchange(-days * 86400.0)
        )
    judgements = [seen.judged(host)[0] for host in (HOST, "mcr.microsoft.com", "sts.windows.net")]
    assert {(item.code, item.subject) for item in judgements} == {("clock-skewed", "clock")}
    assert dict(judgements[0].fields)["seconds"] == str(400 * 86400)


def test_wrong_clock_without_any_date_is_seen_by_all_certificates_together() -> None:
    """Without a Date header, every public certificate out of date on the same side tells the
    clock."""
    web = public_web()
    now = NOW + timedelta(days=400)
    seen = Seen(now=now)
    for host in (HOST, "mcr.microsoft.com", "sts.windows.net"):
        seen.add(check(host), handshake(web.chain(host=host), host, when=now))
    assert seen.codes() == ["clock-skewed"]
    assert Seen(now=now).add(check(), handshake(web.chain(), when=now)).codes() == [
        "certificate-expired"
    ]


def test_date_of_the_proxy_tells_the_clock_before_any_tls() -> None:
    """The Date of the proxy's own answer counts: its clock is compared with this host's at that
    moment."""
    web = public_web()
    head = Head(status=200, headers=(("Date", "Mon, 23 Nov 2026 11:59:56 GMT"),))
    now = NOW + timedelta(days=400)
    seen = Seen(now=now).add(
        check(), Tunnel(target=f"{HOST}:443", head=head), handshake(web.chain(), when=now)
    )
    comparison = Comparison.built_from(seen.checks, seen.observations, seen.settings, STARTED)
    assert [clock.source for clock in comparison.clocks] == ["http://proxy.contoso.example:3128"]
    assert comparison.clocks[0].offset == pytest.approx(1.0)
    late = Comparison.built_from(
        seen.checks, seen.observations, seen.settings, STARTED + timedelta(days=400)
    )
    (judgement,) = judge(
        seen.checks[0], seen.handshakes[seen.checks[0].id], late, seen.settings, now
    )
    assert judgement.code == Code.CLOCK_SKEWED


def test_canned_dates_accuse_no_clock() -> None:
    """Answers with a Date at which the certificate did not exist yet say nothing of this host's
    clock."""
    web = public_web()
    seen = Seen()
    for host in (HOST, "mcr.microsoft.com"):
        seen.add(check(host), handshake(web.chain(host=host), host), exchange(-900 * 86400.0))
    assert seen.codes() == ["certificate-genuine"]


def test_clock_a_little_wrong_is_evidence_only() -> None:
    """Ten minutes do not hurt certificates: said on the passing finding, no accusation."""
    web = public_web()
    seen = Seen()
    for host in (HOST, "mcr.microsoft.com"):
        seen.add(check(host), handshake(web.chain(host=host), host), exchange(600.0))
    (judgement,) = seen.judged()
    assert judgement.code == Code.CERTIFICATE_GENUINE
    assert any("clock" in line for line in judgement.evidence)


def test_expired_root_of_the_bundle_is_told() -> None:
    """An inspection CA that is out of date breaks the path though its name is trusted: beside the
    interception."""
    old = Authority("C=NL; O=Contoso; CN=Contoso Root", end=NOW - timedelta(days=1))
    stores = Stores(public_web().roots, None, old.pem)
    for chain in ((old.leaf(HOST),), (old.leaf(HOST), old.der)):
        judged = Seen().add(check(), handshake(chain, stores=stores)).judged()
        assert [item.code for item in judged] == ["tls-intercepted", "certificate-expired"]
        assert "CN=Contoso Root" in judged[1].subject


# ---------------------------------------------------------------------------------------------- fai


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (FailureKind.RESET, {}, "tls-reset"),
        (FailureKind.CLOSED, {}, "tls-closed"),
        (FailureKind.TIMED_OUT, {}, "tls-silent"),
        (FailureKind.TLS_ALERT, {"alert": "access_denied"}, "tls-rejected"),
        (FailureKind.TLS_ALERT, {"alert": "protocol version"}, "tls-too-old"),
        (FailureKind.TLS_ALERT, {"alert": "insufficient_security"}, "tls-too-old"),
        (FailureKind.TLS_VERSION, {}, "tls-too-old"),
        (
            FailureKind.TLS_PLAINTEXT,
            {"first_bytes": "HTTP/1.1 403 Forbidden"},
            "tls-plaintext-answer",
        ),
        (FailureKind.TLS_OTHER, {}, "tls-rejected"),
    ],
)
def test_failed_handshake_has_its_name(kind: FailureKind, more: dict[str, str], code: str) -> None:
    """RST, FIN, silence, alerts, plain text and old versions each get their code, and what was seen
    stands in the evidence."""
    failed = Handshake(server_name=HOST, failure=Failure(kind=kind, detail="words"), **more)  # type: ignore[arg-type]
    (judgement,) = Seen().add(check(), failed).judged()
    assert judgement.code == code
    assert judgement.evidence
    if more.get("first_bytes"):
        assert any("403 Forbidden" in line for line in judgement.evidence)


def test_filter_by_name_is_told_from_filter_by_address() -> None:
    """A second handshake with another name that is answered shows that the name is what stops the
    first."""
    reset = Handshake(server_name=HOST, failure=Failure(kind=FailureKind.RESET))
    other = handshake(public_web().chain(host="example.com"), "example.com")
    (judgement,) = Seen().add(check(), reset, other).judged()
    assert any(line.startswith("decides: another name, example.com") for line in judgement.evidence)


def test_old_versions_and_ciphers_that_go_refuses() -> None:
    """A genuine chain over TLS 1.1, or with RSA key exchange alone, is of no use to Go agents."""
    chain = public_web().chain()
    assert Seen().add(
        check(), handshake(chain, version="TLSv1.1", cipher="AES128-SHA")
    ).codes() == ["tls-too-old"]
    assert Seen().add(
        check(), handshake(chain, version="TLSv1.2", cipher="AES256-GCM-SHA384")
    ).codes() == ["tls-too-old"]
    seen = Seen().add(
        check(), handshake(chain, version="TLSv1.2", cipher="ECDHE-RSA-AES256-GCM-SHA384")
    )
    assert seen.codes() == ["certificate-genuine"]


def test_handshake_with_the_proxy_itself_is_not_judged_here() -> None:
    """The proxy's own certificate is a question of another judge."""
    chain = handshake(public_web().chain(), peer=Role.PROXY)
    assert judge(check(), chain, Comparison(), Settings(), NOW) == ()
