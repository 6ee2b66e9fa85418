"""The signs of an interception, one at a time, and what each weighs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from arcprobe.findings import signs
from arcprobe.findings.comparison import Comparison, Shown
from arcprobe.findings.signs import Sign, Weight, decides, listed, supports
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Certificate,
    Check,
    Handshake,
    Head,
    Route,
    Store,
    Trust,
    VerifyCode,
    line,
)
from tests.findings.sessions import CONTOSO, HOST, MCR, STS, certificate, check, shown

PUBLIC = {
    "scts": 2,
    "aia": ("http://a.example/ca.crt",),
    "crls": ("http://a.example/ca.crl",),
    "policies": ("2.23.140.1.2.2",),
    "aki": "i",
    "key_sha256": "own",
}


def leaf(host: str = HOST, issuer: str = CONTOSO, **more: Any) -> Certificate:
    """A leaf that bears all the marks of public ones."""
    return certificate(f"CN={host}", issuer, **{**PUBLIC, **more})


def told(found: Iterable[Sign]) -> list[str]:
    return [language().say(sign.line) for sign in found]


def compared(*others: tuple[Check, Handshake], **more: Any) -> Comparison:
    """A comparison with these other chains, which reach no public root."""
    return Comparison(
        checks={other.id: other for other, _ in others},
        handshakes={other.id: made for other, made in others},
        private={other.id: made.chain[0] for other, made in others},
        **more,
    )


def proofs(handshake: Handshake, comparison: Comparison | None = None) -> list[str]:
    return told(signs.proofs(Shown(check(), handshake, comparison or Comparison())))


def further(handshake: Handshake, comparison: Comparison | None = None) -> list[str]:
    """What else is seen, without the line that there is no public root."""
    found = signs.further(Shown(check(), handshake, comparison or Comparison()))
    return [words for words in told(found) if "no public root" not in words]


def above() -> Certificate:
    return certificate(CONTOSO, "CN=top", ski="i", is_ca=True)


def test_a_sign_says_its_weight() -> None:
    """The weight stands before the words; the heaviest sorts first."""
    heavy, light = decides("certificate.came-alone"), supports("certificate.came-twice")
    weak = Sign(Weight.WEAK, line("certificate.no-http2"))
    assert told([heavy, light, weak]) == [
        "proof: the server sent only the leaf",
        "consistent with: the server sent a certificate twice",
        "hint: HTTP/2 was offered and not accepted",
    ]
    assert sorted([Weight.WEAK, Weight.DECIDES, Weight.SUPPORTS]) == [1, 2, 3]


def test_long_lists_are_cut() -> None:
    """What is left out is counted."""
    assert language().say(listed("abc", 3)) == "a, b, c"
    assert language().say(listed("abcde", 3)) == "a, b, c and 2 more"


# ------------------------------------------------------------------------------------------- proofs


def test_an_ordinary_chain_proves_nothing() -> None:
    """A private issuer alone is no proof."""
    assert proofs(shown(leaf(), above())) == []


def test_the_issuers_own_key() -> None:
    """A leaf with the key of who signed it is forged, whatever root it reaches."""
    (sign,) = proofs(shown(leaf(ski="i"), anchor="CN=public"))
    assert sign.startswith("proof: the leaf names its own key as its issuer's")


@pytest.mark.parametrize(
    ("code", "due"),
    [
        (VerifyCode.CERT_SIGNATURE_FAILURE, "is not signed by the issuer that it names"),
        (VerifyCode.AKID_SKID_MISMATCH, "has the name of a public root, but another key"),
    ],
)
def test_signatures_that_do_not_fit(code: VerifyCode, due: str) -> None:
    """A borrowed name is found by the signature; a leaf that signs itself borrows none."""
    refused = (Trust(store=Store.PUBLIC, accepted=False, code=code, words="no"),)
    (sign,) = proofs(shown(leaf(), trust=refused))
    assert due in sign
    assert sign.endswith(f"(no, OpenSSL code {code.value})")
    assert proofs(shown(certificate("CN=own", "CN=own"), trust=refused)) == []
    other = (Trust(store=Store.PUBLIC, accepted=False, code=20),)
    assert proofs(shown(leaf(), trust=other)) == []


def test_squid_says_that_it_distrusts_the_origin() -> None:
    """Such a name is written by nobody else."""
    name = r"CN=Not trusted by \"Contoso Root\""
    (sign,) = proofs(shown(leaf(issuer=name)))
    assert sign.startswith(f"proof: Squid writes such an issuer, {name}, when it does not trust")


def test_the_direct_way_shows_a_public_certificate() -> None:
    """Another certificate without the proxy, which is public, proves who adds this one."""
    direct = check(route=Route.DIRECT)
    public = shown(leaf(issuer="CN=public", sha256="p"), anchor="CN=root")
    (sign,) = proofs(shown(leaf()), compared((direct, public)))
    assert sign == f"proof: without the proxy {HOST} shows a public certificate, by CN=public"
    assert proofs(shown(leaf(sha256="p")), compared((direct, public))) == []
    private = shown(leaf(issuer="CN=private", sha256="p"))
    assert not any(
        "public" in words for words in proofs(shown(leaf()), compared((direct, private)))
    )


def test_hosts_of_different_owners_share_no_key() -> None:
    """The same key behind two domains is one box; within one domain, or unknown, it tells
    nothing."""
    foreign = (check(STS), shown(leaf(STS), host=STS))
    (sign,) = proofs(shown(leaf()), compared(foreign))
    assert sign == f"proof: {STS} shows another certificate with the same key"
    sibling = "other.azure.com"
    assert (
        proofs(shown(leaf()), compared((check(sibling), shown(leaf(sibling), host=sibling)))) == []
    )
    unknown = (check(STS), shown(leaf(STS, key_sha256=""), host=STS))
    assert proofs(shown(leaf(key_sha256="")), compared(unknown)) == []
    same = (check(STS), shown(leaf(), host=STS))
    assert proofs(shown(leaf()), compared(same)) == []


def test_one_issuer_for_unrelated_hosts() -> None:
    """Who signs for hosts whose genuine issuers have nothing in common is no public CA."""
    other, mine = check("dl.k8s.io"), shown(leaf(key_sha256="a"))
    chain = shown(leaf("dl.k8s.io", key_sha256="b"), host="dl.k8s.io")
    both = compared((check(), mine), (other, chain))
    (sign,) = proofs(mine, both)
    assert sign.startswith(f"proof: one issuer signs for {HOST} and for dl.k8s.io, whose")
    known = compared((check(), mine), (other, chain), authorities={CONTOSO: frozenset({"i"})})
    assert proofs(mine, known) == []


# ---------------------------------------------------------------------------- what else is seen


def test_no_public_root() -> None:
    """What OpenSSL says stands with it, where it was asked."""
    words = "its chain ends in no public root"
    refused = (Trust(store=Store.PUBLIC, accepted=False, code=20, words="unable"),)

    def first(handshake: Handshake) -> str:
        return told(signs.further(Shown(check(), handshake, Comparison())))[0]

    assert first(shown(leaf(), trust=refused)) == (
        f"proof: {words} (unable, OpenSSL code 20), with no other explanation found"
    )
    assert first(shown(leaf(), trust=())) == (f"proof: {words}, with no other explanation found")
    assert words not in first(shown(leaf(), anchor="CN=root"))


def test_products_are_named() -> None:
    """By the issuer's name, sure or not, and by marks in the answer."""
    zscaler = "CN=Zscaler Root CA,O=Zscaler Inc."
    assert f"consistent with: the issuer's name belongs to Zscaler: {zscaler}" in further(
        shown(leaf(issuer=zscaler), above())
    )
    head = Head(status=403, headers=(("X-Squid-Error", "ERR_ACCESS_DENIED 0"),))
    assert further(shown(leaf(), above()), Comparison(answers={check().id: head})) == [
        "consistent with: Squid wrote or forwarded the answer inside TLS: "
        "X-Squid-Error: ERR_ACCESS_DENIED 0"
    ]


def test_others_of_the_same_issuer() -> None:
    """At most four hosts are named, the asked one not among them."""
    hosts = [HOST, STS, MCR, "a.example", "b.example", "c.example"]
    same = ((check(host), shown(leaf(host, key_sha256=host), host=host)) for host in hosts)
    assert further(shown(leaf(), above()), compared(*same)) == [
        f"consistent with: the same issuer signs for {STS}, {MCR}, a.example, b.example and 1 more"
    ]


@pytest.mark.parametrize(
    ("lost", "due"),
    [
        ({"scts": 0}, "hint: the leaf lacks what public CAs include: no signed certificate"),
        (
            {"scts": 0, "crls": ()},
            "consistent with: the leaf lacks what public CAs include: no signed",
        ),
    ],
)
def test_lost_marks_support_when_there_are_two(lost: dict[str, Any], due: str) -> None:
    """One mark may be wanting."""
    (sign,) = further(shown(leaf(**lost), above()))
    assert sign.startswith(due)


@pytest.mark.parametrize(
    ("not_after", "odd"),
    [
        ("2026-10-15T00:00:00Z", True),  # 14 days
        ("2026-10-16T00:00:00Z", False),
        ("2027-11-04T00:00:00Z", False),  # 399 days
        ("2027-11-05T00:00:00Z", True),
        ("never", False),
    ],
)
def test_odd_lives(not_after: str, odd: bool) -> None:
    """Two weeks or less, or more than 399 days."""
    found = further(shown(leaf(not_after=not_after), above()))
    assert any("the leaf is valid for" in words for words in found) is odd


def test_weak_signs_of_a_chain() -> None:
    """The CA that came along, a leaf alone, a certificate twice, a protocol not taken."""
    root = certificate(CONTOSO, CONTOSO, ski="i")
    assert further(shown(leaf(), root)) == [
        f"hint: the server sent the self-signed CA too: {CONTOSO}"
    ]
    assert further(shown(leaf())) == ["hint: the server sent only the leaf"]
    assert further(shown(leaf(), above(), above())) == ["hint: the server sent a certificate twice"]
    offered = ("h2", "http/1.1")
    assert further(shown(leaf(), above(), alpn_offered=offered)) == [
        "hint: HTTP/2 was offered and not accepted"
    ]
    assert further(shown(leaf(), above(), alpn_offered=offered, alpn="http/1.1")) == []


def test_what_the_proxy_makes_poorer() -> None:
    """Another version, another protocol than without the proxy."""
    direct = check(route=Route.DIRECT)
    twin = shown(leaf(sha256="p", key_sha256="p"), above(), version="TLSv1.3", alpn="h2")
    mine = shown(leaf(), above(), version="TLSv1.2")
    assert f"consistent with: the same issuer signs for {HOST}" not in further(
        mine, compared((direct, twin))
    )
    assert further(mine, compared((direct, twin))) == [
        "consistent with: TLS version TLSv1.3 without the proxy, TLSv1.2 through it; "
        "ALPN h2 without the proxy, none through it"
    ]
    alike = shown(leaf(), above(), version="TLSv1.3", alpn="h2")
    assert further(alike, compared((direct, twin))) == []
