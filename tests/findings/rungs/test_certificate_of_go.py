"""Chains that OpenSSL takes with --proxy-cert, and what the judge says of those that Go refuses: of
every kind that has been met. ``tests/agents`` compares with Go itself."""

from __future__ import annotations

import ssl

import pytest

from arcprobe.findings.rungs import certificate
from arcprobe.model import Judgement, Settings, Store, Verdict
from arcprobe.probes.trust.stores import Stores
from tests.agents.generated.chains import AUTHORITY_TRAITS, COMMON_TRAITS, LEAF_TRAITS, single
from tests.agents.oracle import Chain
from tests.findings.seen import said
from tests.findings.sessions import Sessions, check, handshake
from tests.support.chains import public_web

WEB = public_web()
_BUNDLE = Settings(public_roots_given=True, proxy_cert="ca.pem")


def judged(chain: Chain, *, is_public: bool = False) -> Judgement:
    """What is said where the proxy shows this chain, and its root is in the bundle or public."""
    pem = "".join(map(ssl.DER_cert_to_PEM_cert, chain.roots)).encode()
    stores = Stores(WEB.roots + pem, None, None) if is_public else Stores(WEB.roots, None, pem)
    seen = Sessions(_BUNDLE).add(check(), handshake(chain.sent, stores=stores))
    judgement = seen.judged(certificate.judge)
    assert judgement is not None
    return judgement


def of(place: int, trait: str = "", key: str = "") -> Chain:
    """A leaf at 0, a CA at 1, the root at 2, with one odd thing in it."""
    traits = {**LEAF_TRAITS, **COMMON_TRAITS} if place == 0 else AUTHORITY_TRAITS
    return single({place: [traits[trait]]} if trait else {}, 1, {place: key} if key else {})


REFUSED = [
    *((place, "clients-only", "", "is not for servers") for place in (1, 2)),
    *((place, "purposes-unknown", "", "is not for servers") for place in (1, 2)),
    *((place, "", "BrainpoolP256R1", "a curve that Go does not support") for place in (0, 1, 2)),
    *((place, "", "BrainpoolP384R1", "a curve that Go does not support") for place in (1, 2)),
    *((place, "", "SECP256K1", "a curve that Go does not support") for place in (0, 1, 2)),
    (0, "", "Ed448", "a type or size that Go does not support"),
    (0, "", "DSA", "a type or size that Go does not support"),
    *((place, "", "Ed448", "Go refuses it") for place in (1, 2)),
    *((place, "", "DSA", "a type or size that Go does not support") for place in (1, 2)),
    (0, "dot", "", "it is not for gbl.his.arc.azure.com"),
    (0, "clients-only", "", "is not for servers"),
    (0, "serial-negative", "", "is negative"),
    (0, "rsa-large", "", "a type or size that Go does not support"),
]


@pytest.mark.parametrize(("place", "trait", "key", "words"), REFUSED)
def test_trusted_interception_that_go_refuses(place: int, trait: str, key: str, words: str) -> None:
    """It fails, with the reason, and with the step that breaks beside the one that does not."""
    judgement = judged(of(place, trait, key))
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", Verdict.FAIL)
    assert any(words in line for line in said(judgement)), said(judgement)
    if trait != "dot":
        assert "az (Python, OpenSSL) accepts the chain" in " ".join(said(judgement))


TAKEN = [
    (0, "", ""),
    (0, "sct-garbage", ""),
    (0, "sct-empty", ""),
    (0, "many", ""),
    (0, "very-many", ""),
    (0, "wildcard", ""),
    (0, "upper", ""),
    *((place, "purposes-server", "") for place in (1, 2)),
    *((place, "purposes-any", "") for place in (1, 2)),
    *((place, "", "Ed25519") for place in (0, 1, 2)),
    *((place, "", "SECP521R1") for place in (0, 1, 2)),
]


@pytest.mark.parametrize(("place", "trait", "key"), TAKEN)
def test_trusted_interception_that_go_takes(place: int, trait: str, key: str) -> None:
    """It is a warning and no more, however odd it looks."""
    judgement = judged(of(place, trait, key))
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", Verdict.WARN)
    assert not any("Go refuses" in line for line in said(judgement))
    assert any("ca.pem holds the CA that the agents need" in line for line in said(judgement))


@pytest.mark.parametrize("depth", [5, 22, 40])
def test_a_long_chain_is_taken(depth: int) -> None:
    """More than twenty certificates are no fault; the report shows the first twenty."""
    judgement = judged(single({}, depth, {}))
    assert (judgement.code, judgement.verdict) == ("tls-intercepted", Verdict.WARN)


@pytest.mark.parametrize(("place", "trait", "key", "words"), REFUSED[:4] + REFUSED[4:12])
def test_a_public_chain_that_go_refuses(place: int, trait: str, key: str, words: str) -> None:
    """A genuine certificate is no certificate for the agents where Go refuses it."""
    judgement = judged(of(place, trait, key), is_public=True)
    assert (judgement.code, judgement.verdict) == ("certificate-untrusted", None)
    assert any(words in line for line in said(judgement))


def test_what_go_says_is_recorded() -> None:
    """The reason, Go's words and the certificate stand beside what OpenSSL says of the store."""
    chain = of(1, "clients-only")
    pem = "".join(map(ssl.DER_cert_to_PEM_cert, chain.roots)).encode()
    trust = Stores(WEB.roots, None, pem).examine(chain.sent, chain.when)
    bundle = next(one for one in trust if one.store is Store.BUNDLE)
    assert bundle.accepted
    assert bundle.go is not None
    assert (bundle.go.refusal, bundle.go.certificate) == ("not-for-servers", "Contoso CA 1")
    assert bundle.go.words == "x509: certificate specifies an incompatible key usage"
    assert next(one for one in trust if one.store is Store.PUBLIC).go is None
