"""Trust stores: what OpenSSL says of a chain for each."""

from __future__ import annotations

import ssl
import subprocess
import sys
from datetime import timedelta

import pytest

from arcprobe.lab.pki import EnterpriseCa
from arcprobe.model import Trust
from arcprobe.probes.trust.stores import Stores
from tests.support.chains import NOW, Authority, public_web

HOST = "gbl.his.arc.azure.com"


def said(stores: Stores, chain: tuple[bytes, ...], when: object = NOW) -> dict[str, Trust]:
    return {item.store: item for item in stores.examine(chain, when)}  # type: ignore[arg-type]


def test_each_store_says_its_own() -> None:
    """A forged chain is accepted by the store that has its root and by no other; a public one by
    the public roots."""
    web = public_web()
    private = Authority("C=NL; O=Contoso; CN=Contoso Root")
    stores = Stores(web.roots, (private.der,), private.pem)
    forged = said(stores, (private.leaf(HOST),))
    assert {key: item.accepted for key, item in forged.items()} == {
        "public": False,
        "system": True,
        "bundle": True,
    }
    assert (forged["public"].code, forged["public"].anchor) == (20, "")
    assert forged["system"].anchor == "CN=Contoso Root,O=Contoso,C=NL"
    genuine = said(stores, web.chain())
    assert {key: item.accepted for key, item in genuine.items()} == {
        "public": True,
        "system": False,
        "bundle": True,
    }
    assert genuine["public"].anchor.startswith("CN=DigiCert Global Root G2,")


def test_date_does_not_hide_the_anchor() -> None:
    """An expired leaf is refused with code 10 (9 before its time), its anchor is told all the same;
    None leaves dates out."""
    web = public_web()
    stores = Stores(web.roots, None, None)
    chain = web.chain()
    for when, accepted, code in (
        (NOW + timedelta(days=900), False, 10),
        (NOW - timedelta(days=200), False, 9),
        (None, True, 0),
    ):
        public = said(stores, chain, when)["public"]
        assert (public.accepted, public.code) == (accepted, code)
        assert public.anchor_sha256


def test_path_in_date_is_found_beside_one_out_of_date() -> None:
    """An expired cross-certificate does no harm where a valid one of the same key stands beside
    it."""
    root = Authority("C=US; O=Example; CN=Example Root")
    good = Authority("C=US; O=Example; CN=Example Issuing", root)
    old = Authority(
        "C=US; O=Example; CN=Example Issuing", root, key=good.key, end=NOW - timedelta(days=1)
    )
    stores = Stores(root.pem, None, None)
    leaf = good.leaf(HOST)
    assert said(stores, (leaf, old.der))["public"].code == 10
    assert said(stores, (leaf, old.der, good.der))["public"].accepted


def test_name_of_a_public_root_with_another_key_is_told() -> None:
    """Code 30: the issuer that OpenSSL misses bears a public root's name, so the chain is no
    incomplete one."""
    stores = Stores(public_web().roots, None, None)
    fake = Authority("C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G2")
    assert said(stores, (fake.leaf(HOST),))["public"].code == 30
    assert said(stores, (fake.leaf(HOST), fake.der))["public"].code == 30


def test_intermediate_in_the_bundle_counts_for_go_alone() -> None:
    """OpenSSL wants the root, Go takes any certificate of its store: the difference is recorded."""
    root = Authority("C=NL; O=Contoso; CN=Contoso Root")
    below = Authority("C=NL; O=Contoso; CN=Contoso Issuing", root)
    result = said(Stores(public_web().roots, None, below.pem), (below.leaf(HOST), below.der))
    assert not result["bundle"].accepted
    assert result["bundle-partial"].accepted
    assert "bundle-partial" not in said(
        Stores(public_web().roots, None, root.pem), (below.leaf(HOST), below.der)
    )


def test_stores_that_are_not_there_say_nothing() -> None:
    """No bundle, no system store, an empty system store: no word from them; no chain: no word at
    all."""
    web = public_web()
    assert set(said(Stores(web.roots, None, None), web.chain())) == {"public"}
    assert set(said(Stores(web.roots, (), None), web.chain())) == {"public"}
    assert Stores(web.roots, (), None).system_roots == 0
    assert Stores(web.roots, None, None).system_roots is None
    assert Stores(web.roots, None, None).examine((), NOW) == ()


@pytest.mark.parametrize("chain", [(b"",), (b"noise", b"more"), (b"0" * 5000,)])
def test_noise_in_a_chain_is_refused_quietly(chain: tuple[bytes, ...]) -> None:
    """A chain that cannot be read is not accepted, and nothing raises; noise behind a good leaf
    does not matter."""
    web = public_web()
    stores = Stores(web.roots, None, None)
    assert not said(stores, chain)["public"].accepted
    assert said(stores, (*web.chain(), *chain))["public"].accepted


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """cryptography and pyOpenSSL are loaded with the first chain, not with the module."""
    code = (
        "import sys, arcprobe.probes.trust.stores;"
        "print([n for n in ('cryptography', 'OpenSSL', 'certifi') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_key_that_is_none_is_refused_quietly() -> None:
    """A certificate whose key is no point of its curve is not accepted, and nothing raises,
    wherever it stands in the chain; found by tests.hostile.fuzz."""
    root = ssl.PEM_cert_to_DER_cert(EnterpriseCa().pem.decode())
    bad = root.replace(b"\x03\x42\x00\x04", b"\x03\x42\x00\x09")  # BIT STRING of a P-256 point
    assert bad != root
    stores = Stores(public_web().roots, (root,), None)
    for chain in ((bad,), (bad, root), (*public_web().chain(), bad)):
        stores.examine(chain, NOW)
    assert not any(trust.accepted for trust in stores.examine((bad,), NOW))
