"""Certificates as facts: what is read, what is bounded, which names they cover."""

from __future__ import annotations

import os
import random
from ipaddress import ip_address

import pytest

from arcprobe.probes.trust.certificates import NAMES, describe, name_matches
from tests.agents.generated import certificates as made, chains
from tests.support.chains import PUBLIC_MARKS, Authority, pem, public_web

HOST = "gbl.his.arc.azure.com"


def test_facts_of_a_public_leaf() -> None:
    """Names, dates, key, marks and identifiers of a public leaf are all told."""
    chain = public_web().chain("Microsoft xsign")
    leaf, above = describe(chain[0]), describe(chain[1])
    assert leaf.subject == f"CN={HOST},O=Microsoft Corporation,L=Redmond,ST=WA,C=US"
    assert (
        leaf.issuer
        == above.subject
        == "CN=Microsoft Azure RSA TLS Issuing CA 03,O=Microsoft Corporation,C=US"
    )
    assert leaf.names == (HOST,)
    assert (leaf.scts, leaf.version, leaf.key, leaf.signature) == (2, 3, "EC secp256r1", "sha256")
    assert (len(leaf.aia), len(leaf.crls), leaf.policies) == (2, 1, ("2.23.140.1.2.2",))
    assert leaf.aki == above.ski != ""
    assert (leaf.is_ca, above.is_ca) == (None, True)
    assert above.key_usage is not None
    assert "keyCertSign" in above.key_usage
    assert leaf.extended_key_usage == ("serverAuth",)
    assert leaf.not_before.endswith("Z")
    assert leaf.pem == ""
    assert describe(chain[0], keep_pem=True).pem.encode() == pem(chain[0])


def test_sloppy_certificates_are_read() -> None:
    """Version 1, a negative serial and SHA-1 are facts, without a warning and without an
    exception."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root", sha1=True, serial=-77, version=1)
    facts = describe(authority.der)
    assert (facts.version, facts.negative_serial, facts.signature, facts.serial) == (
        1,
        True,
        "sha1",
        "-4d",
    )
    assert facts.is_ca is None
    assert describe(authority.leaf(HOST, names=())).names == ()


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"0\x82\xff\xff", b"<html>", os.urandom(300), b"0" * 200_000],
    ids=["empty", "zero", "cut", "page", "noise", "huge"],
)
def test_what_is_no_certificate_is_still_described(data: bytes) -> None:
    """Bytes that are no certificate give a fingerprint and empty facts."""
    facts = describe(data, keep_pem=True)
    assert len(facts.sha256) == 64
    assert (facts.subject, facts.not_after, facts.names) == ("", "", ())


def test_damaged_certificates_never_raise() -> None:
    """Whatever bits of a certificate are turned, its description is bounded and needs no
    exception."""
    source = random.Random(7)
    whole = bytearray(public_web().chain("Microsoft xsign")[0])
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(source.randrange(1, 4)):
            damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
        facts = describe(bytes(damaged))
        assert len(facts.subject) < 2000


def test_hostile_sizes_are_bounded() -> None:
    """Thousands of names and control characters in a name neither fill the report nor reach the
    terminal."""
    authority = Authority("O=Contoso; CN=A\x1b[31mred\nline" + "x" * 3000)
    facts = describe(authority.leaf(HOST, names=[f"n{number}.example" for number in range(2000)]))
    assert len(facts.names) == NAMES
    assert facts.issuer.isprintable()
    assert len(facts.issuer) < 2000


@pytest.mark.parametrize(
    ("names", "host", "due"),
    [
        (("a.example.com",), "A.example.com.", True),
        (("A.EXAMPLE.com",), "a.example.com", True),
        (("a.example.com",), "b.example.com", False),
        (("a.example.com.",), "a.example.com", False),
        (("a.example.com.", "a.example.com"), "a.example.com", True),
        (("*.example.com",), "a.example.com", True),
        (("*.example.com.",), "a.example.com", False),
        (("*.example.com",), "a.b.example.com", False),
        (("*.example.com",), "example.com", False),
        (("*.com",), "example.com", True),
        (("*",), "example", False),
        (("a.*.com",), "a.example.com", False),
        (("a*.example.com",), "ab.example.com", False),
        (("a_b.example.com",), "a_b.example.com", True),
        (("-a.example.com",), "-a.example.com", True),
        (("10.0.0.1",), "10.0.0.1", True),
        (("DNS:10.0.0.1",), "10.0.0.1", False),
        (("fd00::1",), "[FD00:0::1]", True),
        (("10.0.0.1",), "::ffff:10.0.0.1", True),
        (("*.0.0.1",), "10.0.0.1", False),
        (("xn--bcher-kva.example",), "b\u00fccher.example", True),
        ((), "a.example.com", False),
        (
            (*(f"host{number}.example.com" for number in range(300)), "a.example.com"),
            "a.example.com",
            True,
        ),
    ],
)
def test_names_match_as_go_matches_them(names: tuple[str, ...], host: str, due: bool) -> None:
    """Alternative names alone, a wildcard for one whole label, addresses as addresses, a final dot
    as a part of the name, international names by their A-label, and however many there are."""
    assert name_matches(odd_leaf(names), host) is due


def test_a_broken_list_of_timestamps_hides_no_name() -> None:
    """Garbage for timestamps is read by nobody: names, authority and purposes stand."""
    der = odd_leaf(("a.example.com", "10.0.0.1"), timestamps=b"\xde\xad\xbe\xef")
    facts = describe(der)
    assert facts.names == ("a.example.com", "10.0.0.1")
    assert facts.extended_key_usage == ("serverAuth",)
    assert facts.aki == b"key1".hex()
    assert name_matches(der, "a.example.com")


def odd_leaf(names: tuple[str, ...], timestamps: bytes | None = None) -> bytes:
    """A leaf with these names, addresses among them; ``DNS:`` makes a name of an address."""
    form = chains.form(0, made.key("SECP256R1"))
    form.issuer = made.name("CA")
    form.put(made.SAN, made.names(*map(_general_name, names)) if names else None)
    form.put(made.SCT, timestamps)
    return form.signed_by(made.key("SECP256R1", 1))


def _general_name(text: str) -> tuple[int, bytes]:
    try:
        return 7, ip_address(text).packed
    except ValueError:
        return 2, text.removeprefix("DNS:").encode()


def test_marks_are_read_one_by_one() -> None:
    """Each mark of the public PKI is told apart: what is absent is not guessed."""
    for mark in PUBLIC_MARKS:
        facts = describe(public_web().chain(marks=(mark,))[0])
        seen = {
            "sct": facts.scts,
            "aia": facts.aia,
            "crl": facts.crls,
            "policies": facts.policies,
            "ski": facts.ski,
        }
        assert [key for key, value in seen.items() if value] == [mark]
