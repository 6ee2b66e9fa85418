"""Families of public authorities: the data is sound, and names are read as RFC 4514 writes them."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from arcprobe.knowledge.issuers import (
    expected_families,
    family,
    family_key,
    family_of,
    is_related,
    root_named,
    root_of,
    table,
)
from arcprobe.model.text import attribute
from arcprobe.probes.trust.bundle import certificates_in
from arcprobe.probes.trust.certificates import describe
from arcprobe.probes.trust.roots import public_roots


def test_data_is_sound() -> None:
    """No family twice, every row sourced, every reference known, fingerprints well formed, no
    organisation in two families."""
    families, roots = table().family, table().root
    keys = [item.key for item in families]
    assert len(keys) == len(set(keys))
    organisations = [name for item in families for name in item.organisations]
    assert len(organisations) == len(set(organisations))
    assert all(item.source for item in families)
    assert all(item.source for item in roots)
    assert all(family(key) for item in families for key in item.stands_for)
    assert all(item.family in keys for item in roots)
    assert all(re.fullmatch(r"([0-9a-f]{64})?", item.sha256) for item in roots)


def test_families_that_endpoints_expect_are_known() -> None:
    """Each issuer family that the endpoint data names exists here, or is the open one."""
    for cloud in ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud"):
        text = (files("arcprobe.knowledge") / f"endpoints-{cloud}.toml").read_text(encoding="utf-8")
        named = set(
            re.findall(
                r'"([a-z-]+)"', " ".join(re.findall(r"^issuers = (.*)$", text, re.MULTILINE))
            )
        )
        assert named
        assert tomllib.loads(text)
        assert all(key == "other" or family(key) for key in named)


def test_most_shipped_roots_belong_to_a_family() -> None:
    """Names of the roots that Azure's endpoints and their neighbours use are found; a private name
    is not."""
    roots = [describe(der).subject for der in certificates_in(public_roots()[0])]
    found = [name for name in roots if family_of(name)]
    assert len(found) * 3 > len(roots) * 2
    assert family_of("CN=Contoso Root CA,O=Contoso,C=NL") is None
    assert family_of("CN=Microsoft Something") is None


def test_names_are_unescaped_and_not_fooled() -> None:
    """An escaped comma does not end a value: a private CA cannot smuggle a public organisation into
    its common name."""
    assert family_key(r"CN=a\,O=Microsoft Corporation,O=Contoso,C=NL") == ""
    assert family_key(r"CN=a\,O=Contoso,O=Microsoft Corporation,C=US") == "microsoft"


def test_names_beyond_ascii_are_read_as_utf_8() -> None:
    """Bytes that RFC 4514 escapes are one letter of UTF-8, so that operators are told apart by
    their names."""
    escaped, plain = r"CN=a,O=Soci\C3\A9t\C3\A9", "CN=b,O=Société"
    assert attribute(escaped, "O") == "Société"
    assert is_related(escaped, plain)


def test_families_that_stand_for_each_other() -> None:
    """DigiCert signs for Microsoft's endpoints, and the other way round; Let's Encrypt does not."""
    microsoft, digicert = "CN=a,O=Microsoft Corporation", "CN=b,O=DigiCert Inc"
    encrypt = "CN=R10,O=Let's Encrypt,C=US"
    assert expected_families(["microsoft"]) >= {"microsoft", "digicert"}
    assert expected_families(["nobody"]) == {"nobody"}
    assert is_related(microsoft, digicert)
    assert is_related(digicert, microsoft)
    assert not is_related(microsoft, encrypt)
    assert not is_related(encrypt, "CN=c,O=Contoso")


def test_unknown_operators_are_told_apart_by_organisation() -> None:
    """Two private CAs of one organisation are one operator; without an organisation none is."""
    assert is_related("CN=a,O=Contoso", "CN=b,O=Contoso")
    assert not is_related("CN=a,O=Contoso", "CN=a,O=Fabrikam")
    assert not is_related("CN=a", "CN=a")


def test_roots_that_stores_lack_are_known_by_fingerprint_and_by_name() -> None:
    """Microsoft's root of 2025 is found either way; a name without its operator is nothing."""
    known = root_named("CN=Microsoft TLS RSA Root G2,O=Microsoft Corporation,C=US")
    assert known is not None
    assert root_of(known.sha256) is known
    assert root_named("CN=Microsoft TLS RSA Root G2,O=Contoso") is None
    assert root_of("") is None
