"""Trust stores: what OpenSSL says of a chain for each, where roots are from, and the bundle of
--proxy-cert."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from arcprobe.model import Trust
from arcprobe.probes.trust.bundle import certificates_in
from arcprobe.probes.trust.stores import Stores, public_roots, read_proxy_cert, system_roots
from tests.support.chains import NOW, Authority, name, new_key, public_web

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


# --------------------------------------------------------------------------------------------------


def test_public_roots_are_certifis_own_or_the_shipped_copy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """certifi's file as published is used and named; one into which somebody put a root is not."""
    data, label = public_roots()
    assert label.startswith("certifi ")
    assert len(certificates_in(data)) > 80
    package = tmp_path / "certifi"
    package.mkdir()
    (package / "__init__.py").write_text('__version__ = "2026.01.01"\n')
    (package / "cacert.pem").write_bytes(data + Authority("C=NL; O=Contoso; CN=Contoso Root").pem)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "certifi", raising=False)
    changed, label = public_roots()
    assert label.startswith("shipped copy")
    assert b"Contoso" not in changed
    assert len(certificates_in(changed)) > 80
    (package / "cacert.pem").unlink()
    (package / "cacert.pem").symlink_to("/etc/ssl/certs/ca-certificates.crt")
    assert public_roots()[1].startswith("shipped copy")


def test_public_roots_given_are_taken_as_they_are(tmp_path: Path) -> None:
    """--public-roots stands for the public PKI; what is no PEM, or not there, is one line of
    error."""
    path = tmp_path / "roots.pem"
    path.write_bytes(public_web().roots)
    assert public_roots(path) == (public_web().roots, str(path))
    path.write_bytes(b"")
    with pytest.raises(
        ValueError, match=r"^--public-roots .*roots\.pem: is empty; a bundle in PEM form "
    ):
        public_roots(path)
    with pytest.raises(ValueError, match=r"^--public-roots "):
        public_roots(tmp_path / "absent.pem")


def test_system_store_follows_the_environment(tmp_path: Path) -> None:
    """SSL_CERT_FILE and SSL_CERT_DIR are read as OpenSSL and Go do, each certificate once."""
    one, two = (Authority(f"O=Contoso; CN=Contoso {number}") for number in (1, 2))
    file, folder = tmp_path / "bundle.pem", tmp_path / "folder"
    folder.mkdir()
    file.write_bytes(one.pem)
    (folder / "two.pem").write_bytes(two.pem)
    (folder / "one.crt").write_bytes(one.pem)
    (folder / "0a1b2c3d.0").symlink_to("two.pem")
    found = system_roots({"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": str(folder)})
    assert found == (one.der, two.der)
    assert (
        system_roots(
            {"SSL_CERT_FILE": str(tmp_path / "no"), "SSL_CERT_DIR": str(tmp_path / "none")}
        )
        is None
    )


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """cryptography and pyOpenSSL are loaded with the first chain, not with the module."""
    code = "import sys, arcprobe.probes.trust.stores; print([n for n in ('cryptography', 'OpenSSL', 'certifi') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"


# --------------------------------------------------------------------------------------------------

_CA = Authority("C=NL; O=Contoso; CN=Contoso Root")


def _key_pem() -> bytes:
    return new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _request(encoding: Encoding) -> bytes:
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name("CN=x"))
        .sign(new_key(), hashes.SHA256())
        .public_bytes(encoding)
    )


def _certificate() -> x509.Certificate:
    return x509.load_der_x509_certificate(_CA.der)


_INSTEAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (
        lambda: b" \r\n",
        "is empty; a bundle in PEM form (-----BEGIN CERTIFICATE-----) would be right",
    ),
    "DER": (lambda: _CA.der, "is DER; convert: openssl x509 -inform DER -in ca.pem"),
    "PKCS#7": (
        lambda: pkcs7.serialize_certificates([_certificate()], Encoding.PEM),
        "openssl pkcs7 -print_certs -in ca.pem",
    ),
    "PKCS#7 in DER": (
        lambda: pkcs7.serialize_certificates([_certificate()], Encoding.DER),
        "openssl pkcs7 -inform DER",
    ),
    "PKCS#12": (
        lambda: pkcs12.serialize_key_and_certificates(
            b"x", None, None, [_certificate()], NoEncryption()
        ),
        "openssl pkcs12",
    ),
    "UTF-16": (lambda: _CA.pem.decode().encode("utf-16"), "iconv -f UTF-16"),
    "key": (_key_pem, "private key"),
    "key and certificate": (lambda: _key_pem() + _CA.pem, "private key"),
    "key in DER": (
        lambda: new_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "private key",
    ),
    "CSR": (lambda: _request(Encoding.PEM), "certificate request"),
    "CSR in DER": (lambda: _request(Encoding.DER), "certificate request"),
    "HTML": (lambda: b"<!DOCTYPE html><title>Login</title>", "is HTML"),
    "Base-64 alone": (
        lambda: b"".join(_CA.pem.splitlines()[1:-1]),
        "Base-64 without its first and last line",
    ),
    "cut": (lambda: _CA.pem[:200], "cut or edited"),
    "second one cut": (
        lambda: _CA.pem + _CA.pem[:200],
        "2 certificates begin in it and only 1 can be read",
    ),
    "noise": (lambda: b"hello", "holds no certificate"),
    "no certificate inside": (
        lambda: b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
        "no X.509 certificate",
    ),
}


@pytest.mark.parametrize("title", list(_INSTEAD))
def test_what_is_no_bundle_is_named(title: str) -> None:
    """One line says what the file is instead and the command that helps; nothing of a key is
    shown."""
    make, words = _INSTEAD[title]
    data = make()
    with pytest.raises(ValueError, match=r"^ca\.pem: ") as caught:
        read_proxy_cert(data, "ca.pem", NOW)
    told = str(caught.value)
    assert words in told
    assert "\n" not in told
    assert not any(line.decode("latin-1") in told for line in data.splitlines() if len(line) > 30)


def test_good_bundle_has_no_remarks() -> None:
    """A root alone, or with comments around it, is read without a note, and its PEM holds the
    certificate alone."""
    bundle = read_proxy_cert(b"# Contoso\r\n" + _CA.pem + b"\n", "ca.pem", NOW)
    assert (bundle.notes, bundle.der) == ((), (_CA.der,))
    assert bundle.certificates[0].subject == "CN=Contoso Root,O=Contoso,C=NL"
    assert certificates_in(bundle.pem) == (_CA.der,)


_BELOW = Authority("C=NL; O=Contoso; CN=Contoso Issuing", _CA)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_BELOW.pem, "only an intermediate"),
        (Authority("O=Contoso; CN=Old", end=NOW - timedelta(days=1)).pem, "expired on"),
        (Authority("O=Contoso; CN=New", begin=NOW + timedelta(days=1)).pem, "is not valid before"),
        (Authority("O=Contoso; CN=Flagless", flag=False).pem, "no CA flag"),
        (Authority("O=Contoso; CN=First", version=1).pem, "version 1"),
        (Authority("O=Contoso; CN=Usage", sign_usage=False).pem, "keyCertSign"),
        (Authority("O=Contoso; CN=Weak", _CA, sha1=True).pem, "SHA-1"),
        (Authority("O=Contoso; CN=Negative", serial=-3).pem, "negative serial"),
        (_CA.pem + _BELOW.pem, "before what it signed"),
        (b"\xef\xbb\xbf" + _CA.pem, "byte order mark"),
        (
            b"".join(Authority(f"O=Contoso; CN={number}").pem for number in range(25)),
            "whole trust store",
        ),
    ],
)
def test_remarks_on_a_bundle(data: bytes, words: str) -> None:
    """What makes a bundle useless, or useful to some clients only, is noted."""
    assert any(words in note for note in read_proxy_cert(data, "ca.pem", NOW).notes)


def test_leaf_and_name_constraints_are_noted() -> None:
    """A server's certificate is no CA; a CA for some names only is told with its names."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("O=Contoso; CN=here"))
        .issuer_name(name("O=Contoso; CN=here"))
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=9))
    )
    plain = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    ).sign(key, hashes.SHA256())
    notes = read_proxy_cert(plain.public_bytes(Encoding.PEM), "ca.pem", NOW).notes
    assert any("no certificate authority" in note for note in notes)
    names = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName("contoso.example")], excluded_subtrees=None
    )
    bound = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    ).add_extension(names, critical=True)
    notes = read_proxy_cert(
        bound.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), "ca.pem", NOW
    ).notes
    assert any("contoso.example" in note for note in notes)


def test_system_store_of_other_systems_is_asked_by_their_own_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On Windows the ROOT store's certificates for servers are taken; the call is guarded where
    Python lacks it."""
    import ssl

    server, mail = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4"
    entries = [
        (_CA.der, "x509_asn", True),
        (_BELOW.der, "x509_asn", {server}),
        (b"no", "x509_asn", {mail}),
        (b"no", "pkcs_7_asn", True),
    ]
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ssl, "enum_certificates", lambda store: entries, raising=False)
    assert system_roots({}) == (_CA.der, _BELOW.der)
    monkeypatch.delattr(ssl, "enum_certificates")
    assert system_roots({}) is None
