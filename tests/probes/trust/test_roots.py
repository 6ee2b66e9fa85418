"""Where roots are from: certifi's file as published, the shipped copy, this system's store."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from arcprobe.probes.trust import roots
from arcprobe.probes.trust.bundle import certificates_in
from arcprobe.probes.trust.roots import public_roots, system_roots
from tests.support.chains import Authority, public_web

_CA = Authority("C=NL; O=Contoso; CN=Contoso Root")
_BELOW = Authority("C=NL; O=Contoso; CN=Contoso Issuing", _CA)


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
        ValueError,
        match=r"^--public-roots .*roots\.pem: is empty; it must be a bundle in PEM form ",
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


def test_a_folder_that_is_a_link_is_read_once(tmp_path: Path) -> None:
    """Two names of one folder are one, as OpenSSL's own folder and the system's are."""
    folder, again = tmp_path / "folder", tmp_path / "again"
    folder.mkdir()
    again.symlink_to(folder)
    (folder / "one.pem").write_bytes(_CA.pem)
    environment = {
        "SSL_CERT_FILE": str(tmp_path / "none"),
        "SSL_CERT_DIR": f"{folder}{os.pathsep}{again}",
    }
    assert list(roots._system_files(environment)) == [_CA.pem]
