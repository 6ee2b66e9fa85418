"""Certificates that are odd on purpose: forged by a box on the way, out of date, or sent with the
wrong chain.

`forged/`, `forged-below/`, `expired/` and the like hold one file for each front end of the zone;
`shapes/` one file for each odd chain of management.azure.com (facts/faults.md sections 1 and 2,
facts/arc.md 4.2).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .pki import CHAINS, Authority, distinguished_name, organisation
from .zone import FRONT_ENDS, FrontEnd

_ARM = FRONT_ENDS[0]
_DAY = datetime.timedelta(days=1)
_END = b"-----END CERTIFICATE-----\n"


def _names(service: FrontEnd) -> tuple[str, ...]:
    first = service.subject or service.names[0]
    return (*((first,) if first not in service.names else ()), *service.names)


def _subject(service: FrontEnd) -> x509.Name:
    return organisation(service.subject or service.names[0], service.issuer)


def _leaf(
    service: FrontEnd,
    authority: Authority,
    days: tuple[int, int] = (-30, 150),
    *,
    public: bool = True,
) -> bytes:
    return authority.leaf(
        _names(service), subject=_subject(service), kind="ec", days=days, public=public
    )


def _parts(pem: bytes) -> list[bytes]:
    """The key with the leaf, then each certificate above it."""
    return [part + _END for part in pem.split(_END) if part.strip()]


def _folder(folder: Path, name: str, make: Callable[[FrontEnd], bytes]) -> None:
    (folder / name).mkdir()
    for number, service in enumerate(FRONT_ENDS):
        (folder / name / f"{number}.pem").write_bytes(make(service))


def write(
    folder: Path,
    roots: Mapping[str, Authority],
    issuers: Mapping[str, Authority],
    *,
    corporate: Authority,
    inspection: Authority,
) -> None:
    """Fills `folder` with what is odd; `issuers` sign for the genuine ones, `inspection` and
    `corporate` for the company."""
    below = Authority(
        distinguished_name(C="NL", O="Contoso", CN="Contoso Web Gateway Sub CA 3"), "ec", corporate
    )
    (folder / "inspection-below.pem").write_bytes(below.pem)
    _folder(
        folder, "forged", lambda service: _leaf(service, inspection, public=False) + inspection.pem
    )
    _folder(folder, "forged-below", lambda service: _leaf(service, below, (-1, 13), public=False))
    # a box that copies all extensions of the genuine leaf, as some do, and sends its leaf alone
    _folder(folder, "forged-copied", lambda service: _leaf(service, inspection))
    borrowed = Authority(CHAINS["microsoft-g2"][1][-1][0], "ec")
    _folder(folder, "forged-borrowed", lambda service: _leaf(service, borrowed))
    _folder(folder, "forged-borrowed-bare", lambda service: _leaf(service, borrowed, public=False))
    _folder(folder, "expired", lambda service: _leaf(service, issuers[service.issuer], (-200, -10)))
    _folder(folder, "future", lambda service: _leaf(service, issuers[service.issuer], (10, 190)))

    def without_cross(service: FrontEnd) -> bytes:
        parts = _parts(_leaf(service, issuers[service.issuer]))
        return b"".join(parts[:2] if service.issuer.startswith("microsoft-g2") else parts)

    _folder(folder, "without-cross", without_cross)
    missing = b"".join(
        each.public_bytes(serialization.Encoding.PEM) for each in issuers["microsoft-g2"].sent[1:]
    )
    bundle = b"".join(root.pem for root in roots.values())
    (folder / "completed-bundle.pem").write_bytes(bundle + missing)
    shapes = folder / "shapes"
    shapes.mkdir()
    for name, pem in _shapes(roots, issuers, corporate=corporate, inspection=inspection).items():
        (shapes / f"{name}.pem").write_bytes(pem)


def _shapes(
    roots: Mapping[str, Authority],
    issuers: Mapping[str, Authority],
    *,
    corporate: Authority,
    inspection: Authority,
) -> dict[str, bytes]:
    genuine = issuers["microsoft-g2"]
    whole = _leaf(_ARM, genuine)
    leaf, signer, cross = _parts(whole)
    # The G2 root itself, self-signed, with everything below it: newer than the roots that are
    # shipped.
    newer = Authority(CHAINS["microsoft-g2"][1][0][0], "rsa")
    newer_signer = Authority(CHAINS["microsoft-g2"][1][1][0], "rsa", newer)
    other = distinguished_name(C="US", O="Contoso", CN="www.contoso.example")
    portal = distinguished_name(C="NL", O="Contoso", CN="portal.corp.lab")
    return {
        "leaf-only": leaf,
        "without-cross": leaf + signer,
        "disordered": leaf + cross + signer,
        "with-root": whole + roots["digicert-g2"].pem,
        "with-stranger": whole + issuers["digicert"].pem,
        "sent-twice": leaf + signer + signer + cross,
        "newer-root": _leaf(_ARM, newer_signer) + newer.pem,
        "by-google": _leaf(_ARM, issuers["google"]),
        "by-digicert": _leaf(_ARM, issuers["digicert"]),
        "by-2017": _leaf(_ARM, issuers["microsoft-2017"]),
        "by-ecc": _leaf(_ARM, issuers["microsoft-g2-ec"]),
        "expired": _leaf(_ARM, genuine, (-200, -10)),
        "future": _leaf(_ARM, genuine, (10, 190)),
        "expired-signer": _leaf(_ARM, _expired(genuine, roots["digicert-g2"])),
        "other-name": genuine.leaf(("www.contoso.example",), subject=other, kind="ec"),
        "portal": corporate.leaf(("portal.corp.lab",), subject=portal, kind="ec", public=False),
        "self-signed": _self_signed(_ARM),
        "common-name-only": _common_name_only(_ARM, inspection) + inspection.pem,
        "expired-forged": _leaf(_ARM, inspection, (-200, -10), public=False) + inspection.pem,
    }


def _expired(like: Authority, root: Authority) -> Authority:
    """A subordinate with a name of its own that has expired, below the same cross-signed CA."""
    made = Authority(
        distinguished_name(C="US", O="Microsoft Corporation", CN="Microsoft TLS G2 RSA CA OCSP 02"),
        "ec",
        root,
    )
    now = datetime.datetime.now(datetime.UTC)
    made.certificate = _resigned(made.certificate, root, now - 400 * _DAY, now - 5 * _DAY)
    made.sent = (made.certificate,)
    return made


def _resigned(
    certificate: x509.Certificate,
    signer: Authority,
    begin: datetime.datetime,
    end: datetime.datetime,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(signer.certificate.subject)
        .public_key(certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    for extension in certificate.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(signer.key, hashes.SHA256())


def _plain(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _bare(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 300 * _DAY)
    )


def _self_signed(service: FrontEnd) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = distinguished_name(CN=service.names[0])
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in service.names])
    return _plain(
        key,
        _bare(key, subject, subject)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256()),
    )


def _common_name_only(service: FrontEnd, authority: Authority) -> bytes:
    """As old inspectors make them: the host stands in the common name alone, which Go has not read
    since 1.15."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = distinguished_name(CN=service.names[0])
    constraints = x509.BasicConstraints(ca=False, path_length=None)
    builder = _bare(key, subject, authority.certificate.subject).add_extension(
        constraints, critical=True
    )
    return _plain(key, builder.sign(authority.key, hashes.SHA256()))
