"""X.509 certificates as facts: from DER bytes that a peer sent to a ``Certificate``. Says nothing
about trust.

Whatever comes is described as far as it can be read: enterprise boxes send version 1 certificates,
negative serials and broken encodings (``Cisco Umbrella``, home-grown CAs), and a diagnosis must not
fail on the thing that it diagnoses.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from arcprobe.model import Certificate

if TYPE_CHECKING:
    from cryptography import x509

# certificates of one chain that are looked at; OpenSSL itself stops at 100, servers send 2 to 4
CHAIN_LENGTH = 20
CERTIFICATE_SIZE = 64 * 1024  # bytes of DER
NAME_LENGTH = 400  # characters of one distinguished name or alternative name
NAMES = 250  # alternative names of one certificate; Microsoft's largest have about 200
LINKS = 8  # AIA and CRL addresses, policies

_Value = TypeVar("_Value")


def describe(der: bytes, *, keep_pem: bool = False) -> Certificate:
    """The facts of one DER certificate.

    ``keep_pem`` keeps the certificate itself, for those that a person may need. Never raises: what
    cannot be read stays empty, and bytes that are no certificate at all give a ``Certificate`` with
    a fingerprint and an empty subject.
    """
    return _describe(bytes(der), keep_pem)


@functools.lru_cache(
    maxsize=512
)  # the same intermediates come with nearly every handshake of a run
def _describe(der: bytes, keep_pem: bool) -> Certificate:
    pem = _pem(der) if keep_pem and len(der) <= CERTIFICATE_SIZE else ""
    fingerprint = hashlib.sha256(der).hexdigest()
    if len(der) <= CERTIFICATE_SIZE:
        with warnings.catch_warnings():
            # cryptography warns of negative and zero serials, and of some encodings:
            # they are facts here, not surprises
            warnings.simplefilter("ignore")
            for reader in (_by_cryptography, _by_openssl):
                try:
                    return reader(der, fingerprint, pem)
                except (
                    Exception
                ):  # parsers of hostile bytes: any exception means "cannot be read so"
                    continue
    return Certificate(
        sha256=fingerprint,
        subject="",
        issuer="",
        serial="",
        not_before="",
        not_after="",
        version=0,
        pem=pem,
    )


def _by_cryptography(der: bytes, fingerprint: str, pem: str) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    certificate = x509.load_der_x509_certificate(der)
    extensions = _extensions(certificate)
    serial = _or(0, lambda: certificate.serial_number)
    key = _or(None, certificate.public_key)
    spki = _or(
        b"",
        lambda: key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if key else b"",
    )
    subject = _or("", lambda: distinguished_name(certificate.subject))
    issuer = _or("", lambda: distinguished_name(certificate.issuer))
    return Certificate(
        sha256=fingerprint,
        subject=subject,
        issuer=issuer,
        serial=f"{serial:x}",
        negative_serial=serial < 0,
        not_before=_or(
            "", lambda: certificate.not_valid_before_utc.isoformat().replace("+00:00", "Z")
        ),
        not_after=_or(
            "", lambda: certificate.not_valid_after_utc.isoformat().replace("+00:00", "Z")
        ),
        version=_or(3, lambda: certificate.version.value + 1),
        common_name=_or("", lambda: _common_name(certificate)),
        key=_or("unknown", lambda: _key_words(key)),
        key_sha256=hashlib.sha256(spki).hexdigest() if spki else "",
        signature=_or("unknown", lambda: _signature_words(certificate)),
        pem=pem,
        **extensions,
    )


def _extensions(certificate: x509.Certificate) -> dict[str, Any]:
    from cryptography import x509
    from cryptography.x509.oid import ExtensionOID

    facts: dict[str, Any] = {}
    # cryptography refuses the whole list when one extension is broken: version 1 with
    # extensions, a doubled one
    extensions: dict[Any, Any] = _or(
        {}, lambda: {item.oid: item.value for item in certificate.extensions}
    )

    def take(oid: Any, field: str, read: Callable[[Any], Any]) -> None:
        if oid in extensions:
            value = _or(None, lambda: read(extensions[oid]))
            if value is not None:
                facts[field] = value

    take(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, "names", _alternative_names)
    take(ExtensionOID.BASIC_CONSTRAINTS, "is_ca", lambda value: bool(value.ca))
    take(
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
        "scts",
        lambda value: min(len(list(value)), 99),
    )
    take(
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        "aia",
        lambda value: tuple(_printable(item.access_location.value) for item in list(value)[:LINKS]),
    )
    take(
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        "crls",
        lambda value: tuple(
            _printable(name.value)
            for point in list(value)[:LINKS]
            for name in (point.full_name or ())[:2]
        ),
    )
    take(
        ExtensionOID.CERTIFICATE_POLICIES,
        "policies",
        lambda value: tuple(
            item.policy_identifier.dotted_string[:80] for item in list(value)[:LINKS]
        ),
    )
    take(ExtensionOID.SUBJECT_KEY_IDENTIFIER, "ski", lambda value: value.digest[:64].hex())
    take(
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        "aki",
        lambda value: (value.key_identifier or b"")[:64].hex(),
    )
    take(ExtensionOID.KEY_USAGE, "key_usage", _key_usage)
    take(
        ExtensionOID.EXTENDED_KEY_USAGE,
        "extended_key_usage",
        lambda value: tuple(_purpose(item) for item in list(value)[:LINKS]),
    )
    take(
        ExtensionOID.NAME_CONSTRAINTS,
        "permitted_names",
        lambda value: tuple(
            _printable(name.value) for name in (value.permitted_subtrees or ())[:NAMES]
        ),
    )
    if isinstance(
        extensions.get(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS),
        x509.UnrecognizedExtension,
    ):
        facts["scts"] = 1  # a build without SCT support still tells that the extension is there
    return facts


def _by_openssl(der: bytes, fingerprint: str, pem: str) -> Certificate:
    """What OpenSSL reads of a certificate that cryptography's stricter parser refuses. OpenSSL and
    Go do accept some."""
    from OpenSSL import crypto

    certificate = crypto.load_certificate(crypto.FILETYPE_ASN1, der)

    def name(components: list[tuple[bytes, bytes]]) -> str:
        words = [
            f"{key.decode('ascii', 'replace')}={value.decode('utf-8', 'replace')}"
            for key, value in components
        ]
        return _printable(",".join(reversed(words)))

    def moment(text: bytes | None) -> str:
        digits = (text or b"").decode("ascii", "replace")  # ASN.1 GENERALIZEDTIME: 20261123152213Z
        if len(digits) != 15 or not digits[:14].isdigit():
            return ""
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}Z"

    serial = _or(0, certificate.get_serial_number)
    return Certificate(
        sha256=fingerprint,
        subject=name(certificate.get_subject().get_components()),
        issuer=name(certificate.get_issuer().get_components()),
        serial=f"{serial:x}",
        negative_serial=serial < 0,
        not_before=moment(certificate.get_notBefore()),
        not_after=moment(certificate.get_notAfter()),
        version=certificate.get_version() + 1,
        key="unknown",
        signature=certificate.get_signature_algorithm().decode("ascii", "replace")[:40],
        pem=pem,
    )


def distinguished_name(name: x509.Name) -> str:
    """A distinguished name as RFC 4514 writes it, the e-mail attribute by its usual name, bounded
    and printable."""
    from cryptography.x509.oid import NameOID

    return _printable(name.rfc4514_string({NameOID.EMAIL_ADDRESS: "emailAddress"}))


def name_matches(certificate: Certificate, host: str) -> bool:
    """Whether the certificate is for this host, by RFC 9525 section 6: subject alternative names
    alone.

    A wildcard stands for exactly the first label. No fall-back to the common name, as Go has none
    since 1.15; OpenSSL's default has one, and would call well what the agents refuse.
    """
    host = host.strip().strip("[]").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        pass
    else:
        return str(address) in certificate.names
    wanted = _ascii_name(host)
    return bool(wanted) and any(
        _covers(name.rstrip(".").lower(), wanted) for name in certificate.names
    )


def _covers(pattern: str, host: str) -> bool:
    if not pattern.startswith("*."):
        return pattern == host
    first, dot, rest = host.partition(".")
    return bool(first and dot) and "." in rest and rest == pattern[2:]


def _ascii_name(host: str) -> str:
    if host.isascii():
        return host
    try:
        import idna

        return idna.encode(host, uts46=True).decode("ascii")
    except (ImportError, UnicodeError):  # idna.IDNAError is a UnicodeError
        return ""


def unverified_chain(ssl_object: Any) -> tuple[bytes, ...]:
    """The peer's certificates as it sent them, leaf first, as DER. Empty where there are none. At
    most ``CHAIN_LENGTH``.

    Public API is ``get_unverified_chain()`` of ``ssl.SSLObject`` and ``ssl.SSLSocket`` from Python
    3.13, giving bytes. 3.11 and 3.12 have the same only in the private object below them, giving
    ``_ssl.Certificate``s. Only this place knows.
    """
    public = getattr(ssl_object, "get_unverified_chain", None)
    if public is not None:
        return tuple(bytes(item) for item in (public() or ())[:CHAIN_LENGTH])
    inner = getattr(ssl_object, "_sslobj", None)
    private = getattr(inner, "get_unverified_chain", None)
    if private is not None:
        import _ssl

        encoding = getattr(_ssl, "ENCODING_DER", 2)
        return tuple(
            bytes(item.public_bytes(encoding)) for item in (private() or ())[:CHAIN_LENGTH]
        )
    leaf = ssl_object.getpeercert(True)  # another implementation of Python: the leaf at least
    return (leaf,) if leaf else ()


# --------------------------------------------------------------------------------------------------


def _or(otherwise: _Value, read: Callable[[], _Value]) -> _Value:
    try:
        return read()
    except Exception:  # one unreadable field must not hide the others
        return otherwise


def _printable(value: object) -> str:
    """Text from a certificate, safe for a terminal: control characters as their numbers,
    bounded."""
    text = value if isinstance(value, str) else _other_name(value)
    text = text[:NAME_LENGTH]
    return "".join(
        character if character.isprintable() else f"\\{ord(character):02x}" for character in text
    )


def _other_name(value: object) -> str:
    from cryptography import x509

    return distinguished_name(value) if isinstance(value, x509.Name) else str(value)


def _alternative_names(value: Any) -> tuple[str, ...]:
    from cryptography import x509

    names: list[str] = []
    for item in list(value)[:NAMES]:
        if isinstance(item, x509.DNSName):
            text = _printable(item.value)
            # a DNS name in the shape of an address never matches an address (RFC 9525
            # section 6.5); keep the two apart
            names.append(f"DNS:{text}" if _is_address(text) else text)
        elif isinstance(item, x509.IPAddress):
            names.append(str(item.value))
    return tuple(names)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _common_name(certificate: x509.Certificate) -> str:
    from cryptography.x509.oid import NameOID

    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return _printable(found[-1].value) if found else ""


def _key_words(key: Any) -> str:
    kind = type(key).__name__.lstrip("_")
    curve = getattr(getattr(key, "curve", None), "name", "")
    size = getattr(key, "key_size", 0)
    family = "RSA" if "RSA" in kind else "EC" if curve else kind.removesuffix("PublicKey")
    return f"{family} {curve or size or ''}".strip()


def _signature_words(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm else certificate.signature_algorithm_oid._name[:40]


def _key_usage(value: Any) -> tuple[str, ...]:
    wanted = (
        ("digital_signature", "digitalSignature"),
        ("key_encipherment", "keyEncipherment"),
        ("key_agreement", "keyAgreement"),
        ("key_cert_sign", "keyCertSign"),
        ("crl_sign", "cRLSign"),
    )
    return tuple(words for field, words in wanted if getattr(value, field))


def _purpose(oid: Any) -> str:
    return str(oid._name if oid._name != "Unknown OID" else oid.dotted_string)[:80]


def _pem(der: bytes) -> str:
    import ssl

    return ssl.DER_cert_to_PEM_cert(der)
