"""The cluster's certificates and kubeconfigs."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS = datetime.timedelta(days=2)


class Authority:
    """The cluster's CA, made when ``folder`` has none; everything that it signs is a file there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
        if not (folder / "ca.key").exists():
            self._make()
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(self._name, key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._write("ca", made.sign(key, hashes.SHA256()), key)

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAYS)
            .not_valid_after(now + _DAYS)
        )

    def sign(self, name: str, user: str, group: str = "", *others: str) -> None:
        """``name.crt`` and ``name.key`` for a user; ``others``: names and addresses of a server."""
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
        if group:
            parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = self._builder(x509.Name(parts), key).add_extension(
            x509.ExtendedKeyUsage(usages), critical=False
        )
        if others:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general(other) for other in others]), critical=False
            )
        self._write(name, builder.sign(self._key, hashes.SHA256()), key)

    def key_pair(self, name: str) -> None:
        """``name.key`` and ``name.pub``, by which tokens are signed."""
        key = ec.generate_private_key(ec.SECP256R1())
        (self.folder / f"{name}.key").write_bytes(_private(key))
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (self.folder / f"{name}.pub").write_bytes(public)

    def kubeconfig(self, name: str, server: str) -> Path:
        """A kubeconfig for the user of ``name.crt``."""
        cluster = {"server": server, "certificate-authority-data": self._base64("ca.crt")}
        user = {
            "client-certificate-data": self._base64(f"{name}.crt"),
            "client-key-data": self._base64(f"{name}.key"),
        }
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "real", "cluster": cluster}],
            "users": [{"name": "me", "user": user}],
            "contexts": [{"name": "real", "context": {"cluster": "real", "user": "me"}}],
            "current-context": "real",
        }
        path = self.folder / f"{name}.conf"
        path.write_text(json.dumps(content))
        return path

    def _base64(self, name: str) -> str:
        return base64.b64encode((self.folder / name).read_bytes()).decode()

    def _write(self, name: str, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        pem = made.public_bytes(serialization.Encoding.PEM)
        (self.folder / f"{name}.crt").write_bytes(pem)
        (self.folder / f"{name}.key").write_bytes(_private(key))


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _general(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
