"""X.509 certificates as facts: from DER bytes that a peer sent to a ``Certificate``. Says nothing
about trust.

Whatever comes is described as far as it can be read: enterprise boxes send version 1 certificates,
negative serials and broken encodings (``Cisco Umbrella``, home-grown CAs), and a diagnosis must not
fail on the thing that it diagnoses.
"""

from __future__ import annotations

import functools
import hashlib
import warnings
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from arcprobe.model import Certificate
from arcprobe.model.text import heard, is_address
from arcprobe.no_proxy.addresses import ascii_name
from arcprobe.probes.trust.go.certificate import read as read_by_go
from arcprobe.probes.trust.go.facts import GoCertificate
from arcprobe.probes.trust.go.verify import names_host

if TYPE_CHECKING:
    from cryptography import x509

CERTIFICATE_SIZE = 64 * 1024  # bytes of DER; what is larger is not parsed
NAME_LENGTH = 400  # characters of one distinguished name or alternative name
NAMES = 250  # alternative names of one certificate; Microsoft's largest have about 200
LINKS = 8  # AIA and CRL addresses, policies
_WORD_LENGTH = 80  # characters of an OID
_KEY_ID_LENGTH = 64  # bytes; SHA-1 has 20, SHA-256 has 32
_SCTS = 99  # browsers want two or three
_REMEMBERED = 512  # the same intermediates come with nearly every handshake of a run

_Value = TypeVar("_Value")


@functools.lru_cache(maxsize=_REMEMBERED)
def describe(der: bytes, *, keep_pem: bool = False) -> Certificate:
    """The facts of one DER certificate.

    ``keep_pem`` keeps the certificate itself, for those that a user may need. Never raises: what
    cannot be read stays empty, and bytes that are no certificate at all give a ``Certificate`` with
    a fingerprint and an empty subject.
    """
    facts: dict[str, Any] = {}
    is_read = len(der) <= CERTIFICATE_SIZE
    for read in (_by_cryptography, _by_openssl) if is_read else ():
        with warnings.catch_warnings():
            # cryptography warns of negative and zero serials, and of some encodings: they are
            # facts here, not surprises
            warnings.simplefilter("ignore")
            facts = facts or _or({}, functools.partial(read, der))
    return Certificate(
        sha256=hashlib.sha256(der).hexdigest(),
        pem=_pem(der) if keep_pem and is_read else "",
        **(facts or _UNREADABLE),
    )


_UNREADABLE: dict[str, Any] = {
    "subject": "",
    "issuer": "",
    "serial": "",
    "not_before": "",
    "not_after": "",
    "version": 0,
}


def moment(text: str) -> datetime:
    """A certificate's ``not_before`` or ``not_after``, an RFC 3339 time in UTC."""
    return datetime.fromisoformat(text)


def _by_cryptography(der: bytes) -> dict[str, Any]:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    serial = _or(0, lambda: certificate.serial_number)
    return {
        "subject": _or("", lambda: distinguished_name(certificate.subject)),
        "issuer": _or("", lambda: distinguished_name(certificate.issuer)),
        "serial": f"{serial:x}",
        "negative_serial": serial < 0,
        "not_before": _or("", lambda: _utc(certificate.not_valid_before_utc)),
        "not_after": _or("", lambda: _utc(certificate.not_valid_after_utc)),
        "version": _or(3, lambda: certificate.version.value + 1),
        "common_name": _or("", lambda: _common_name(certificate)),
        "key": _or("unknown", lambda: _key_words(certificate.public_key())),
        "key_sha256": _or("", lambda: _key_sha256(certificate)),
        "signature": _or("unknown", lambda: _signature_words(certificate)),
        **(_extensions(certificate) or _extensions_by_go(der)),
    }


def _by_openssl(der: bytes) -> dict[str, Any]:
    """What OpenSSL reads of a certificate that cryptography's stricter parser refuses. OpenSSL and
    Go do accept some."""
    from OpenSSL import crypto

    certificate = crypto.load_certificate(crypto.FILETYPE_ASN1, der)
    serial = _or(0, certificate.get_serial_number)
    algorithm = certificate.get_signature_algorithm().decode("ascii", "replace")
    return {
        "subject": _openssl_name(certificate.get_subject().get_components()),
        "issuer": _openssl_name(certificate.get_issuer().get_components()),
        "serial": f"{serial:x}",
        "negative_serial": serial < 0,
        "not_before": _openssl_moment(certificate.get_notBefore()),
        "not_after": _openssl_moment(certificate.get_notAfter()),
        "version": certificate.get_version() + 1,
        "key": "unknown",
        "signature": algorithm[:_WORD_LENGTH],
    }


def _openssl_name(components: list[tuple[bytes, bytes]]) -> str:
    parts = [
        f"{key.decode('ascii', 'replace')}={value.decode('utf-8', 'replace')}"
        for key, value in reversed(components)
    ]
    return _shown(",".join(parts))


def _openssl_moment(text: bytes | None) -> str:
    """ASN.1 GENERALIZEDTIME, 20261123152213Z."""
    try:
        read = datetime.strptime((text or b"").decode("ascii"), "%Y%m%d%H%M%S%z")
    except ValueError:
        return ""
    return _utc(read)


def _utc(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


# -------------------------------------------------------------------------------------------- names


def distinguished_name(name: x509.Name) -> str:
    """A distinguished name as RFC 4514 writes it, the e-mail attribute by its usual name, bounded
    and printable."""
    from cryptography.x509.oid import NameOID

    return _shown(name.rfc4514_string({NameOID.EMAIL_ADDRESS: "emailAddress"}))


def _shown(text: str) -> str:
    return heard(text, NAME_LENGTH)


def _common_name(certificate: x509.Certificate) -> str:
    from cryptography.x509.oid import NameOID

    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return _shown(str(found[-1].value)) if found else ""


def name_matches(der: bytes, host: str) -> bool:
    """Whether a leaf is for this host, as Go has it: alternative names alone, a wildcard for
    exactly the first label, a final dot is a part of the name.

    What Go does not read at all is compared by the names that OpenSSL reads.
    """
    host = ascii_name(host.strip())
    found = read_by_go(der)
    if isinstance(found, GoCertificate):
        return names_host(found, host)
    host = host.strip("[]").removesuffix(".").lower()
    names = [name.lower() for name in describe(der).names]
    return host in names or f"*.{host.partition('.')[2]}" in names


# -------------------------------------------------------------------------------- key and signature


def _key_words(key: Any) -> str:
    kind = type(key).__name__.lstrip("_")
    if curve := getattr(getattr(key, "curve", None), "name", ""):
        return f"EC {curve}"
    family = "RSA" if "RSA" in kind else kind.removesuffix("PublicKey")
    return f"{family} {getattr(key, 'key_size', '')}".strip()


def _key_sha256(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = certificate.public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def _signature_words(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm else certificate.signature_algorithm_oid._name[:40]


# --------------------------------------------------------------------------------------- extensions


def _extensions(certificate: x509.Certificate) -> dict[str, Any]:
    from cryptography.x509.oid import ExtensionOID

    # cryptography refuses the whole list when one extension is broken: version 1 with
    # extensions, a doubled one
    values: dict[Any, Any] = _or(
        {}, lambda: {extension.oid: extension.value for extension in certificate.extensions}
    )
    facts: dict[str, Any] = {}
    for oid, field, read in _READERS:
        value = values.get(getattr(ExtensionOID, oid))
        if value is not None:
            facts[field] = _or(None, functools.partial(read, value))
    return {field: fact for field, fact in facts.items() if fact is not None}


def _extensions_by_go(der: bytes) -> dict[str, Any]:
    """The facts that a verdict rests on, where cryptography refuses all extensions for one that is
    broken, and Go does not look at that one (garbage for timestamps)."""
    found = read_by_go(der)
    if not isinstance(found, GoCertificate) or found.version < 3:
        return {}
    addresses = [str(ip_address(octets)) for octets in found.addresses]
    return {
        "names": (*map(_dns_name, found.names[:NAMES]), *addresses[:NAMES]),
        "is_ca": found.is_ca if found.has_basic_constraints else None,
        "ski": found.ski[:_KEY_ID_LENGTH].hex(),
        "aki": found.aki[:_KEY_ID_LENGTH].hex(),
        "extended_key_usage": tuple(map(_purpose, found.purposes[:LINKS])) or None,
    }


def _purpose(number: str) -> str:
    from cryptography.x509 import ObjectIdentifier

    return _purposes([ObjectIdentifier(number)])[0]


def _dns_name(name: str) -> str:
    """A DNS name in the shape of an address never matches an address (RFC 9525 section 6.5): the
    two are kept apart."""
    text = _shown(name)
    return f"DNS:{text}" if is_address(text) else text


def _alternative_names(value: Any) -> tuple[str, ...]:
    from cryptography import x509

    names: list[str] = []
    for name in list(value)[:NAMES]:
        if isinstance(name, x509.DNSName):
            names.append(_dns_name(name.value))
        elif isinstance(name, x509.IPAddress):
            names.append(str(name.value))
    return tuple(names)


def _scts(value: Any) -> int:
    from cryptography import x509

    if isinstance(value, x509.UnrecognizedExtension):
        return 1  # a build without SCT support still tells that the extension is there
    return min(len(list(value)), _SCTS)


def _locations(value: Any) -> tuple[str, ...]:
    return tuple(_general_name(access.access_location) for access in list(value)[:LINKS])


def _list_addresses(value: Any) -> tuple[str, ...]:
    points = [point.full_name or () for point in list(value)[:LINKS]]
    return tuple(map(_general_name, chain.from_iterable(names[:2] for names in points)))


def _general_name(name: Any) -> str:
    from cryptography import x509

    if isinstance(name.value, x509.Name):
        return distinguished_name(name.value)
    return _shown(str(name.value))


def _policies(value: Any) -> tuple[str, ...]:
    return tuple(
        policy.policy_identifier.dotted_string[:_WORD_LENGTH] for policy in list(value)[:LINKS]
    )


_KEY_USAGES = {
    "digital_signature": "digitalSignature",
    "key_encipherment": "keyEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


def _key_usage(value: Any) -> tuple[str, ...]:
    return tuple(word for field, word in _KEY_USAGES.items() if getattr(value, field))


def _purposes(value: Any) -> tuple[str, ...]:
    names = [(oid._name, oid.dotted_string) for oid in list(value)[:LINKS]]
    return tuple(
        str(number if name == "Unknown OID" else name)[:_WORD_LENGTH] for name, number in names
    )


def _permitted(value: Any) -> tuple[str, ...]:
    return tuple(_general_name(name) for name in (value.permitted_subtrees or ())[:NAMES])


# ExtensionOID of cryptography, field of the noun, how it is read.
_READERS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("SUBJECT_ALTERNATIVE_NAME", "names", _alternative_names),
    ("BASIC_CONSTRAINTS", "is_ca", lambda value: bool(value.ca)),
    ("PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS", "scts", _scts),
    ("AUTHORITY_INFORMATION_ACCESS", "aia", _locations),
    ("CRL_DISTRIBUTION_POINTS", "crls", _list_addresses),
    ("CERTIFICATE_POLICIES", "policies", _policies),
    ("SUBJECT_KEY_IDENTIFIER", "ski", lambda value: value.digest[:_KEY_ID_LENGTH].hex()),
    (
        "AUTHORITY_KEY_IDENTIFIER",
        "aki",
        lambda value: (value.key_identifier or b"")[:_KEY_ID_LENGTH].hex(),
    ),
    ("KEY_USAGE", "key_usage", _key_usage),
    ("EXTENDED_KEY_USAGE", "extended_key_usage", _purposes),
    ("NAME_CONSTRAINTS", "permitted_names", _permitted),
)


def _or(otherwise: _Value, read: Callable[[], _Value]) -> _Value:
    try:
        return read()
    except Exception:  # parsers of hostile bytes: one unreadable field must not hide the others
        return otherwise


def _pem(der: bytes) -> str:
    import ssl

    return ssl.DER_cert_to_PEM_cert(der)
