"""The judge of certificates, on chains minted as products and public CAs make them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from arcprobe.findings.ladder import climb
from arcprobe.findings.rungs import certificate
from arcprobe.model import (
    Attempt,
    Experiment,
    FailureKind,
    Judgement,
    Owner,
    Route,
    Settings,
    Store,
    Trust,
    Verdict,
)
from arcprobe.probes.trust.bundle import read_proxy_cert
from arcprobe.probes.trust.stores import Stores
from tests.findings import sessions
from tests.findings.seen import said, unshaken, value_of
from tests.findings.sessions import (
    CONTOSO,
    HOST,
    MCR,
    MICROSOFT,
    STS,
    Sessions,
    check,
    exchange,
    handshake,
    shown,
)
from tests.support.chains import NOW, PUBLIC_MARKS, Authority, Case, public_web
from tests.support.forged_chains import forged_chains
from tests.support.genuine_chains import genuine_chains

GENUINE = genuine_chains()
FORGED = forged_chains()
WEB = public_web()
ROOT = Authority("C=NL; O=Contoso; CN=Contoso Root")


def run_of(case: Case, further: Iterable[tuple[str, tuple[bytes, ...]]] = ()) -> Sessions:
    seen = Sessions().add(check(case.host, custom=case.custom), handshake(case.chain, case.host))
    for host, chain in (*case.beside, *further):
        seen.add(check(host), handshake(chain, host))
    return seen


def codes(seen: Sessions, host: str = HOST) -> list[str]:
    """All that is said of one session."""
    reading = next(one for one in seen.scene.readings.values() if one.check.host == host)
    return [judgement.code.value for judgement in climb(reading, seen.scene).session]


def judged(seen: Sessions, host: str = HOST) -> Judgement:
    judgement = seen.judged(certificate.judge, host)
    assert judgement is not None
    return judgement


def test_corpus_is_large_enough() -> None:
    """At least forty chains of either sort."""
    assert len(GENUINE) >= 40
    assert len(FORGED) >= 40


@pytest.mark.parametrize("case", GENUINE, ids=lambda case: case.title)
def test_genuine_chain_is_never_called_intercepted(case: Case) -> None:
    """A genuine chain, complete or not, alone or among others, gets its own code and not
    interception's."""
    assert codes(run_of(case), case.host) == [case.code]
    neighbour = (MCR, WEB.chain("Microsoft xsign", MCR))
    if not case.beside:
        further = (neighbour, ("dl.k8s.io", WEB.chain("Google", "dl.k8s.io")))
        assert codes(run_of(case, further), case.host) == [case.code]


@pytest.mark.parametrize("case", FORGED, ids=lambda case: case.title)
def test_forged_chain_never_passes(case: Case) -> None:
    """A chain that a product made is called intercepted, alone and beside genuine ones, and the
    sign that decides is told."""
    further = [(STS, WEB.chain("DigiCert 2020", STS))]
    for seen in (run_of(case), run_of(case, further)):
        judgement = judged(seen, case.host)
        assert (judgement.code, judgement.verdict) == (case.code, Verdict.FAIL)
        assert any(line.startswith("proof: ") for line in said(judgement))


def test_nothing_is_said_without_a_chain() -> None:
    """A handshake that failed is another rung's."""
    seen = Sessions().add(check(), unshaken(FailureKind.RESET))
    assert seen.code(certificate.judge) == ""


# ------------------------------------------------------------------------------- interception


@pytest.mark.parametrize(
    ("stores", "verdict", "words"),
    [
        (
            Stores(WEB.roots, (ROOT.der,), None),
            Verdict.WARN,
            "trusted by the agents: this system's store",
        ),
        (
            Stores(WEB.roots, None, ROOT.pem),
            Verdict.WARN,
            "trusted by the agents: the bundle of --proxy-cert",
        ),
        (
            Stores(WEB.roots, (ROOT.der,), ROOT.pem),
            Verdict.WARN,
            "trusted by the agents: the bundle of --proxy-cert and this system's store",
        ),
        (
            Stores(WEB.roots, None, None),
            Verdict.FAIL,
            "not trusted by any store that the agents may use",
        ),
        (
            Stores(WEB.roots, (WEB.new_root.der,), WEB.new_root.pem),
            Verdict.FAIL,
            "not trusted by the agents: not by the bundle of --proxy-cert nor by "
            "this system's store",
        ),
    ],
)
def test_interception_that_agents_trust_is_a_warning(
    stores: Stores, verdict: Verdict, words: str
) -> None:
    """Without a gateway the verdict hangs on the system store or --proxy-cert; the first line says
    which."""
    judgement = judged(Sessions().add(check(), handshake((ROOT.leaf(HOST),), stores=stores)))
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", verdict)
    assert said(judgement)[:2] == (f"state: intercepted, and {words}", f"issuer: {CONTOSO}")


def test_optional_endpoints_warn() -> None:
    """What is not required does not fail."""
    step = handshake((ROOT.leaf(HOST),))
    assert judged(Sessions().add(check(required=False), step)).verdict is Verdict.WARN


@pytest.mark.parametrize("named", ["gateway_url", "gateway_host"])
def test_gateway_mode_fails_interception_even_when_trusted(named: str) -> None:
    """With a gateway trusted interception fails too, under its own code for the gateway's host."""
    stores = Stores(WEB.roots, (ROOT.der,), None)
    gateway, second = "abc.gw.arc.azure.com", "gateway.example"
    settings = Settings(gateway_url=f"https://{second}")
    if named == "gateway_host":
        settings = Settings(gateway_host=second)
    seen = Sessions(settings)
    for host in (HOST, gateway, second):
        seen.add(check(host), handshake((ROOT.leaf(host),), host, stores=stores))
    assert judged(seen).code == "tls-intercepted"
    assert judged(seen).verdict is Verdict.FAIL
    assert judged(seen, gateway).code == "gateway-inspected"
    assert judged(seen, gateway).verdict is Verdict.FAIL
    assert (judged(seen, second).code == "gateway-inspected") is (named == "gateway_host")


def test_a_gateways_host_without_a_gateway_is_a_host() -> None:
    """Where no gateway is used, its name means nothing."""
    host = "abc.gw.arc.azure.com"
    seen = Sessions().add(check(host), handshake((ROOT.leaf(host),), host))
    assert judged(seen, host).code == "tls-intercepted"


def test_inspected_endpoints_are_counted_and_spared_ones_named() -> None:
    """Proxies exempt some hosts: how many of a route are inspected, and which are not."""
    seen = Sessions()
    for host in (HOST, STS):
        seen.add(check(host), handshake((ROOT.leaf(host),), host))
    assert "inspected: 2 of 2" in seen.told(certificate.judge)
    seen.add(check(MCR), handshake(WEB.chain(host=MCR), MCR))
    seen.add(check("login.windows.net", port=8443), handshake(WEB.chain(host="x"), "x"))
    seen.add(check(route=Route.DIRECT), handshake((ROOT.leaf(HOST),)))
    seen.add(check("b.example", compare=True), handshake((ROOT.leaf(HOST),)))
    assert "inspected: 2 of 4, not: login.windows.net:443, mcr.microsoft.com" in seen.told(
        certificate.judge
    )
    alone = Sessions().add(check(), handshake((ROOT.leaf(HOST),)))
    assert not any(line.startswith("inspected") for line in alone.told(certificate.judge))


def test_one_interceptor_has_one_subject() -> None:
    """Squid's two names, one for origins that it distrusts, and chains sent in part, are one box:
    causes group by the subject."""
    root = Authority("C=NL; O=Contoso; CN=Contoso Web Filter")
    second = Authority('C=NL; O=Contoso; CN=Not trusted by "Contoso Web Filter"')
    seen = Sessions().add(check(), handshake((root.leaf(HOST), root.der)))
    seen.add(check(STS), handshake((root.leaf(STS),), STS))
    seen.add(check(MCR), handshake((second.leaf(MCR), second.der), MCR))
    subjects = {judged(seen, host).subject for host in (HOST, STS, MCR)}
    assert subjects == {"CN=Contoso Web Filter,O=Contoso,C=NL"}


@pytest.mark.parametrize(
    ("issuer", "product", "named"),
    [
        ("C=US; O=Zscaler Inc.; CN=Zscaler Root CA", "Zscaler", "Zscaler"),
        ("CN=AVG Web/Mail Shield Root", "AVG", "looks like AVG"),
        ("C=NL; O=Contoso; CN=Contoso Root", "", "A middlebox"),
    ],
)
def test_product_is_named_and_only_likely_where_unproven(
    issuer: str, product: str, named: str
) -> None:
    """A known product stands in the finding; an unknown issuer is quoted as it came, and is as
    certain."""
    authority = Authority(issuer)
    judgement = judged(Sessions().add(check(), handshake((authority.leaf(HOST),))))
    assert judgement.code == "tls-intercepted"
    assert judgement.product == product
    assert value_of(judgement, "product") == named


def test_marks_inside_tls_name_the_product() -> None:
    """A CA of the enterprise's own name, and Squid's marks in the answer inside TLS: Squid is
    named, the issuer stays quoted."""
    answer = exchange(status=403, X_Squid_Error="ERR_ACCESS_DENIED 0")
    judgement = judged(Sessions().add(check(), handshake((ROOT.leaf(HOST),)), answer))
    assert (judgement.product, judgement.subject) == ("Squid", CONTOSO)
    assert value_of(judgement, "issuer") == CONTOSO
    assert any("X-Squid-Error: ERR_ACCESS_DENIED 0" in line for line in said(judgement))


def test_direct_way_decides() -> None:
    """The same endpoint with a public certificate without the proxy: the proxy is who adds the
    other one."""
    authority = Authority("C=US; O=Microsoft Corporation; CN=Microsoft Azure RSA TLS Issuing CA 99")
    seen = Sessions().add(check(), handshake((authority.leaf(HOST, marks=PUBLIC_MARKS),)))
    assert seen.code(certificate.judge) == "chain-incomplete"
    seen.add(check(route=Route.DIRECT, required=False, compare=True), handshake(WEB.chain()))
    assert seen.code(certificate.judge) == "tls-intercepted"
    assert any("without the proxy" in line for line in seen.told(certificate.judge))


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        ({"names": ()}, "common name"),
        ({"serial": -9}, "negative"),
        ({"sha1": True}, "sha1"),
        ({"for_clients": True}, "not for servers"),
    ],
    ids=["no subject alternative names", "negative serial", "SHA-1", "for clients"],
)
def test_trusted_interception_that_go_refuses_fails(leaf: dict[str, Any], words: str) -> None:
    """What OpenSSL takes and Go agents do not is a failure, and told."""
    stores = Stores(WEB.roots, (ROOT.der,), None)
    judgement = judged(
        Sessions().add(check(), handshake((ROOT.leaf(HOST, **leaf),), stores=stores))
    )
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", Verdict.FAIL)
    assert any("Go refuses" in line and words in line for line in said(judgement))


def test_trusted_interception_for_another_name_fails() -> None:
    """A forger that signs for the wrong name is of no use, however trusted."""
    stores = Stores(WEB.roots, (ROOT.der,), None)
    seen = Sessions().add(check(), handshake((ROOT.leaf("x.example"),), stores=stores))
    seen.add(check(STS), handshake((ROOT.leaf(STS),), STS, stores=stores))
    judgement = judged(seen)
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", Verdict.FAIL)
    assert f"the agents refuse it in any case: it is not for {HOST}" in said(judgement)


def test_what_if_names_an_intermediate_without_its_root() -> None:
    """A bundle with only the intermediate: Go accepts, OpenSSL does not, so it fails and the
    missing root is named."""
    below = Authority("C=NL; O=Contoso; CN=Contoso Issuing", ROOT)
    bundle = read_proxy_cert(below.pem, "ca.pem", NOW)
    settings = Settings(proxy_cert="ca.pem", proxy_cert_notes=bundle.notes, public_roots_given=True)
    step = handshake((below.leaf(HOST), below.der), stores=Stores(WEB.roots, None, bundle.pem))
    judgement = judged(Sessions(settings).add(check(), step))
    assert judgement.verdict is Verdict.FAIL
    told = "\n".join(said(judgement))
    assert "Go programs would accept it, OpenSSL and .NET do not" in told
    assert "CN=Contoso Root" in told


def test_the_leaf_is_identified_last() -> None:
    """Its fingerprint is the last line."""
    step = handshake((ROOT.leaf(HOST),))
    lines = Sessions().add(check(), step).told(certificate.judge)
    assert lines[-1] == f"leaf sha256 {step.chain[0].sha256}"
    nameless = shown(sessions.certificate("CN=host", ""))
    assert "issuer: (none)" in Sessions().add(check(), nameless).told(certificate.judge)


# -------------------------------------------------------------------------- not intercepted


def test_endpoint_with_a_ca_of_its_own() -> None:
    """A person's endpoint under a private CA: untrusted unless the agents' trust has it, and never
    interception by itself."""
    host = "registry.contoso.example"
    own, chain = check(host, custom=True), (ROOT.leaf(host),)
    untrusted = judged(Sessions().add(own, handshake(chain, host)), host)
    assert untrusted.code == "certificate-untrusted"
    assert "trusted by no store that the agents may use" in said(untrusted)
    assert value_of(untrusted, "ca") == CONTOSO
    stores = Stores(WEB.roots, None, ROOT.pem)
    trusted = judged(Sessions().add(own, handshake(chain, host, stores=stores)), host)
    assert trusted.code == "certificate-genuine"
    assert trusted.summary is not None
    assert "trusted by the bundle of --proxy-cert" in said(trusted)
    refused = handshake((ROOT.leaf(host, sha1=True),), host, stores=stores)
    assert Sessions().add(own, refused).code(certificate.judge, host) == "certificate-untrusted"
    wrong = handshake((ROOT.leaf("other.example"),), host)
    assert Sessions().add(own, wrong).code(certificate.judge, host) == "certificate-wrong-name"


@pytest.mark.parametrize(
    ("names", "common_name", "due"),
    [
        (("ingress.local",), "x", "ingress.local"),
        (tuple("abcdefghijklm"), "x", "a, b, c, d, e, f, g, h, i, j, k, l and 1 more"),
        ((), "box", "box"),
        ((), "", "no name"),
    ],
)
def test_private_certificate_for_another_name_is_another_server(
    names: tuple[str, ...], common_name: str, due: str
) -> None:
    """A default certificate of an ingress is a wrong turn, not an interceptor; at most twelve names
    are listed."""
    leaf = sessions.certificate("CN=leaf", "CN=Fake", names=names, common_name=common_name)
    judgement = judged(Sessions().add(check(), shown(leaf, name_matches=False)))
    assert (judgement.code, judgement.subject) == ("certificate-wrong-name", "CN=leaf")
    assert said(judgement)[:2] == (
        f"asked for {HOST}; the certificate is for {due}",
        "issuer: CN=Fake",
    )


def test_a_public_certificate_of_somebody_else() -> None:
    """A public chain for another name is another server too."""
    seen = Sessions().add(check(), handshake(WEB.chain(host="x.example")))
    assert seen.code(certificate.judge) == "certificate-wrong-name"
    assert seen.told(certificate.judge)[-1] == (
        "consistent with: a public certificate for another party: another server"
    )


def test_incomplete_chain_that_the_agents_complete_is_a_warning() -> None:
    """chain-incomplete fails, and warns where a store of the agents has the missing certificate."""
    chain = WEB.chain("Microsoft G2")[:2]
    judgement = judged(Sessions().add(check(), handshake(chain)))
    assert (judgement.code, judgement.verdict) == ("chain-incomplete", Verdict.FAIL)
    assert said(judgement)[-1] == "no trust store here completes it"
    stores = Stores(WEB.roots, (WEB.new_root.der,), None)
    judgement = judged(Sessions().add(check(), handshake(chain, stores=stores)))
    assert (judgement.code, judgement.verdict) == ("chain-incomplete", Verdict.WARN)
    assert said(judgement)[-1] == "still accepted by this system's store"


def test_a_public_root_that_no_store_has_yet() -> None:
    """No interception: who looks after the images updates them."""
    root = "CN=Microsoft TLS RSA Root G2,O=Microsoft Corporation,C=US"
    marks = {"scts": 2, "aia": ("http://a/",), "policies": ("1",), "aki": "i"}
    leaf = sessions.certificate("CN=leaf", MICROSOFT, **marks)
    below = sessions.certificate(MICROSOFT, root, ski="i")
    chain = (leaf, below, sessions.certificate(root, root))
    judgement = judged(Sessions().add(check(), shown(*chain)))
    assert (judgement.code, judgement.verdict) == ("certificate-untrusted", Verdict.FAIL)
    assert (judgement.subject, judgement.owner) == (root, Owner.CLUSTER)
    assert said(judgement)[-1] == "no trust store here has this root"
    assert judgement.summary is not None
    assert dict(judgement.summary.values)["root"] == "Microsoft TLS RSA Root G2"
    system = Trust(store=Store.SYSTEM, accepted=True)
    judgement = judged(Sessions().add(check(), shown(*chain, trust=(system,))))
    assert judgement.verdict is Verdict.WARN
    assert said(judgement)[-1] == "accepted by this system's store"


# --------------------------------------------------------------------------------- genuine


def test_a_genuine_certificate_says_what_was_negotiated() -> None:
    """The root, the issuer, version and cipher."""
    lines = Sessions().add(check(), handshake(WEB.chain())).told(certificate.judge)
    assert lines[0].startswith("proof: ends in the public root CN=DigiCert Global Root G2")
    assert lines[2:] == ("negotiated: TLSv1.3 TLS_AES_256_GCM_SHA384",)


def test_small_talk_about_a_genuine_chain() -> None:
    """An unusual family alone, a store that refuses, another front end: information, no fault."""
    stores = Stores(WEB.roots, (ROOT.der,), None)
    seen = Sessions(Settings(system_roots=1))
    seen.add(check(), handshake(WEB.chain("Let's Encrypt"), stores=stores))
    seen.add(check(route=Route.DIRECT, compare=True), handshake(WEB.chain()))
    assert seen.code(certificate.judge) == "certificate-genuine"
    lines = seen.told(certificate.judge)
    assert lines[3] == (
        "hint: not one of the issuers that this endpoint is known for (microsoft, digicert), "
        "but public"
    )
    assert any(line.startswith("this system's own store does not accept it (") for line in lines)
    assert (
        "without the proxy another certificate, also public: another front end of the service"
        in lines
    )


@pytest.mark.parametrize(
    ("roots", "given", "due"),
    [
        (0, False, "certificate-genuine"),
        (None, False, "certificate-genuine"),
        (19, False, "certificate-genuine"),
        (20, False, "certificate-untrusted"),
        (140, True, "certificate-genuine"),
    ],
)
def test_small_system_store_accuses_nobody(roots: int | None, given: bool, due: str) -> None:
    """A public chain stays genuine whatever a system store with fewer than 20 roots, or roots of
    the person's choice, make of it."""
    step = handshake(WEB.chain(), stores=Stores(WEB.roots, (ROOT.der,), None))
    settings = Settings(system_roots=roots, public_roots_given=given)
    assert Sessions(settings).add(check(), step).code(certificate.judge) == due


def test_a_system_store_that_lacks_a_public_root() -> None:
    """A warning for who looks after this system: its name, and who is hurt."""
    step = handshake(WEB.chain(), stores=Stores(WEB.roots, (ROOT.der,), None))
    judgement = judged(Sessions(Settings(system_roots=140)).add(check(), step))
    assert (judgement.verdict, judgement.owner) == (Verdict.WARN, Owner.CLUSTER)
    assert judgement.subject.startswith("CN=DigiCert Global Root G2")
    assert judgement.summary is not None
    assert dict(judgement.summary.values)["root"] == "DigiCert Global Root G2"
    assert said(judgement)[1].startswith("this system's store (140 roots) does not have it (")


@pytest.mark.parametrize(
    ("hierarchy", "due"),
    [
        ("Microsoft G2", "certificate-genuine"),
        ("DigiCert 2020", "certificate-genuine"),
        ("Let's Encrypt", "issuer-changed"),
    ],
)
def test_baseline_tells_operators_apart_not_certificates(hierarchy: str, due: str) -> None:
    """Issuers rotate within a family; another operator is issuer-changed. The first line of a host
    counts, whatever its port and case."""
    before = "CN=Microsoft TLS G2 RSA CA OCSP 16,O=Microsoft Corporation,C=US"
    baseline = (("other.example", CONTOSO), (f"{HOST.upper()}:443", before), (HOST, CONTOSO))
    seen = Sessions(Settings(baseline=baseline, public_roots_given=True))
    seen.add(check(), handshake(WEB.chain(hierarchy)))
    assert seen.code(certificate.judge) == due
    if due == "issuer-changed":
        assert seen.told(certificate.judge)[0] == f"in the baseline: {before}"


def test_unexpected_public_issuer_needs_a_comparison() -> None:
    """One unusual public issuer is information; beside two endpoints of the same kind that have the
    usual ones it is worth a warning."""
    seen = Sessions().add(check(), handshake(WEB.chain("Let's Encrypt")))
    seen.add(check(MCR), handshake(WEB.chain(host=MCR), MCR))
    seen.add(check("dl.k8s.io"), handshake(WEB.chain(host="dl.k8s.io"), "dl.k8s.io"))
    assert seen.code(certificate.judge) == "certificate-genuine"
    seen.add(check(STS), handshake(WEB.chain(host=STS), STS))
    judgement = judged(seen)
    assert judgement.code == "issuer-unexpected"
    assert said(judgement)[1] == (
        f"2 endpoints of the same kind have the expected issuers: {MCR}, {STS}"
    )
    assert value_of(judgement, "expected") == "microsoft, digicert"
    assert seen.code(certificate.judge, MCR) == "certificate-genuine"


# -------------------------------------------------------------------------- a rejected hello


def test_a_rejected_padding_is_told_and_changes_nothing() -> None:
    """Where a peer rejects the padded ClientHello and takes a small one, one line says so, with the
    sizes."""
    rejected = unshaken(FailureKind.TLS_ALERT, client_hello=1792)
    taken = handshake(WEB.chain(), client_hello=320)
    more = (Attempt(label=Experiment.SMALL_HELLO, steps=(taken,)),)
    seen = Sessions().add(check(), rejected, more=more)
    plain = Sessions().add(check(), taken)
    assert seen.code(certificate.judge) == "certificate-genuine"
    first, padded, *rest = seen.told(certificate.judge)
    assert (first, *rest) == plain.told(certificate.judge)
    assert padded == (
        "the padded ClientHello (1792 bytes) was answered with an alert; "
        "a smaller one (320 bytes) is accepted"
    )


def test_a_handshake_that_tells_no_version() -> None:
    """A recording without version and cipher has no line about them."""
    bare = handshake(WEB.chain(), version="", cipher="")
    lines = Sessions().add(check(), bare).told(certificate.judge)
    assert not [line for line in lines if line.startswith("negotiated")]


def test_a_silence_that_did_not_come_back_is_told() -> None:
    """Where the same handshake was answered the second time, one line says so."""
    silent = unshaken(FailureKind.TIMED_OUT)
    taken = handshake(WEB.chain())
    more = (Attempt(label=Experiment.AGAIN, steps=(taken,)),)
    seen = Sessions().add(check(), silent, more=more)
    assert seen.code(certificate.judge) == "certificate-genuine"
    assert seen.told(certificate.judge)[1] == (
        "a first connection was silent for 10.0 s; a second, identical one was answered"
    )
