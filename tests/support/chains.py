"""Certificate chains as they come over the wire, minted in memory: genuine ones of public
hierarchies, forged ones of products.

Keys and names are made for the tests; the shapes are those of `faults.md` sections 1 and 2: who
copies what, who drops what.
"""

from __future__ import annotations

import os
import ssl
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from arcprobe.model import Code

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_SCT = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_TYPES = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "E": NameOID.EMAIL_ADDRESS,
}


def name(text: str) -> x509.Name:
    """A name written as ``C=US; O=Example; CN=Root``."""
    parts = (part.partition("=") for part in text.split("; ") if part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of lengths that no CA should use
        return x509.Name(
            [x509.NameAttribute(_TYPES[key], value, _validate=False) for key, _, value in parts]
        )


# -------------------------------------------------------------------------------------------------


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = (
        bytes([size])
        if size < 128
        else bytes([0x80 | (size.bit_length() + 7) // 8])
        + size.to_bytes((size.bit_length() + 7) // 8)
    )
    return bytes([tag]) + length + content


def _oid(text: str) -> bytes:
    numbers = [int(number) for number in text.split(".")]
    encoded = bytes([numbers[0] * 40 + numbers[1]])
    for number in numbers[2:]:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | (number & 0x7F))
        encoded += bytes(reversed(groups))
    return _tlv(6, encoded)


def _time(moment: datetime) -> bytes:
    return (
        _tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
        if moment.year >= 2050
        else _tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    )


def _extension(oid: ObjectIdentifier, critical: bool, value: bytes) -> bytes:
    return _tlv(
        0x30, _oid(oid.dotted_string) + (b"\x01\x01\xff" if critical else b"") + _tlv(4, value)
    )


def timestamps(count: int = 2) -> bytes:
    """An SCT list (RFC 6962 section 3.3) of the right structure, signed by nobody."""
    entries = b""
    for _ in range(count):
        signature = os.urandom(70)
        one = (
            b"\0"
            + os.urandom(32)
            + int(NOW.timestamp() * 1000).to_bytes(8)
            + b"\0\0\x04\x03"
            + len(signature).to_bytes(2)
            + signature
        )
        entries += len(one).to_bytes(2) + one
    return _tlv(4, len(entries).to_bytes(2) + entries)


@dataclass(kw_only=True)
class Blank:
    """A certificate before it is signed."""

    subject: x509.Name
    issuer: x509.Name
    key: ec.EllipticCurvePrivateKey
    begin: datetime
    end: datetime
    serial: int = 0
    version: int = 3
    sha1: bool = False
    extensions: list[bytes] = field(default_factory=list)

    def signed_by(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """The DER, of any version, with any serial and digest: also what no careful library would
        sign."""
        serial = self.serial or int.from_bytes(b"\x33" + os.urandom(15))
        algorithm = _tlv(0x30, _oid("1.2.840.10045.4.1" if self.sha1 else "1.2.840.10045.4.3.2"))
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        body = _tlv(0xA0, b"\x02\x01\x02") if self.version == 3 else b""
        body += (
            _tlv(2, serial.to_bytes((serial.bit_length() // 8) + 1, signed=True))
            + algorithm
            + self.issuer.public_bytes()
        )
        body += (
            _tlv(0x30, _time(self.begin) + _time(self.end)) + self.subject.public_bytes() + public
        )
        if self.version == 3 and self.extensions:
            body += _tlv(0xA3, _tlv(0x30, b"".join(self.extensions)))
        signed = _tlv(0x30, body)
        digest = hashes.SHA1() if self.sha1 else hashes.SHA256()
        return _tlv(0x30, signed + algorithm + _tlv(3, b"\0" + key.sign(signed, ec.ECDSA(digest))))

    def add(self, value: x509.ExtensionType, *, critical: bool = False) -> None:
        self.extensions.append(_extension(value.oid, critical, value.public_bytes()))


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


# --------------------------------------------------------------------------------------------------


class Authority:
    """A CA with its key. ``above`` None: a root. ``flag`` False leaves basicConstraints out,
    ``sign_usage`` False keyCertSign."""

    def __init__(
        self,
        subject: str,
        above: Authority | None = None,
        *,
        key: ec.EllipticCurvePrivateKey | None = None,
        flag: bool = True,
        sign_usage: bool = True,
        begin: datetime | None = None,
        end: datetime | None = None,
        serial: int = 0,
        sha1: bool = False,
        version: int = 3,
        identifiers: bool = True,
    ) -> None:
        self.subject = name(subject)
        self.key = key or new_key()
        self.above = above
        self.identifiers = identifiers
        blank = Blank(
            subject=self.subject,
            issuer=above.subject if above else self.subject,
            key=self.key,
            begin=begin or NOW - timedelta(days=900),
            end=end or NOW + timedelta(days=2000),
            serial=serial,
            sha1=sha1,
            version=version,
        )
        if flag:
            blank.add(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        blank.add(_usage(ca=True, sign=sign_usage), critical=True)
        if identifiers:
            blank.add(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()))
            if above:
                blank.add(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key())
                )
        self.der = blank.signed_by((above or self).key)

    @property
    def pem(self) -> bytes:
        return pem(self.der)

    def leaf(
        self,
        host: str,
        *,
        names: Iterable[str] | None = None,
        subject: str = "",
        key: ec.EllipticCurvePrivateKey | None = None,
        days: int = 180,
        begin: datetime | None = None,
        marks: Iterable[str] = (),
        identifiers: bool = True,
        version: int = 3,
        serial: int = 0,
        sha1: bool = False,
        for_clients: bool = False,
    ) -> bytes:
        """A leaf as this CA's operator makes it. ``marks``: of ``sct``, ``aia``, ``crl``,
        ``policies``, ``ski``."""
        blank = Blank(
            subject=name(subject or f"CN={host}"),
            issuer=self.subject,
            key=key or new_key(),
            begin=begin or NOW - timedelta(days=min(days // 2, 60)),
            end=(begin or NOW - timedelta(days=min(days // 2, 60))) + timedelta(days=days),
            serial=serial,
            sha1=sha1,
            version=version,
        )
        names = [host] if names is None else list(names)
        if names:
            blank.add(x509.SubjectAlternativeName([_general(item) for item in names]))
        blank.add(_usage(ca=False), critical=True)
        blank.add(
            x509.ExtendedKeyUsage(
                [
                    ExtendedKeyUsageOID.CLIENT_AUTH
                    if for_clients
                    else ExtendedKeyUsageOID.SERVER_AUTH
                ]
            )
        )
        if identifiers:
            blank.add(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()))
        for mark in marks:
            _MARKS[mark](blank)
        return blank.signed_by(self.key)


def pem(*der: bytes) -> bytes:
    """The certificates as PEM text."""
    return "".join(ssl.DER_cert_to_PEM_cert(item) for item in der).encode()


def _general(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _usage(*, ca: bool, sign: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca or not sign,
        key_cert_sign=ca and sign,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _aia(blank: Blank) -> None:
    place = x509.UniformResourceIdentifier("http://www.microsoft.com/pkiops/certs/issuer.crt")
    ocsp = x509.UniformResourceIdentifier("http://oneocsp.microsoft.com/ocsp")
    blank.add(
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place),
                x509.AccessDescription(AuthorityInformationAccessOID.OCSP, ocsp),
            ]
        )
    )


def _crl(blank: Blank) -> None:
    place = x509.UniformResourceIdentifier("http://www.microsoft.com/pkiops/crl/issuer.crl")
    blank.add(x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]))


_MARKS: dict[str, Callable[[Blank], None]] = {
    "sct": lambda blank: blank.extensions.append(_extension(_SCT, False, timestamps())),
    "aia": _aia,
    "crl": _crl,
    "policies": lambda blank: blank.add(
        x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.23.140.1.2.2"), None)])
    ),
    "ski": lambda blank: blank.add(
        x509.SubjectKeyIdentifier.from_public_key(blank.key.public_key())
    ),
}
PUBLIC_MARKS = ("sct", "aia", "crl", "policies", "ski")


# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Case:
    """One endpoint's chain. ``beside``: what other hosts of the same run showed, by host. ``code``:
    what is to be said."""

    title: str
    chain: tuple[bytes, ...]
    code: str
    host: str = "gbl.his.arc.azure.com"
    beside: tuple[tuple[str, tuple[bytes, ...]], ...] = ()
    custom: bool = False


MICROSOFT = "C=US; O=Microsoft Corporation; CN="
_MICROSOFT_HOST = "C=US; ST=WA; L=Redmond; O=Microsoft Corporation; CN="


class PublicWeb:
    """Public hierarchies in the shapes of November 2026. ``roots``: PEM of those that root stores
    have."""

    def __init__(self) -> None:
        self.digicert_g2 = Authority(
            "C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G2"
        )
        self.digicert_g3 = Authority(
            "C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G3"
        )
        self.microsoft_2017 = Authority(f"{MICROSOFT}Microsoft RSA Root Certificate Authority 2017")
        google = Authority("C=US; O=Google Trust Services LLC; CN=GTS Root R1")
        isrg = Authority("C=US; O=Internet Security Research Group; CN=ISRG Root X1")
        usertrust = Authority(
            "C=US; ST=New Jersey; L=Jersey City; O=The USERTRUST Network; CN=USERTrust RSA Certification Authority"
        )
        globalsign = Authority("C=BE; O=GlobalSign nv-sa; CN=GlobalSign Root R46")
        amazon = Authority("C=US; O=Amazon; CN=Amazon Root CA 1")
        anchors = (
            self.digicert_g2,
            self.digicert_g3,
            self.microsoft_2017,
            google,
            isrg,
            usertrust,
            globalsign,
            amazon,
        )
        self.roots = b"".join(item.pem for item in anchors)

        self.new_root = Authority(f"{MICROSOFT}Microsoft TLS RSA Root G2")  # in no store yet
        rsa_cross = Authority(
            f"{MICROSOFT}Microsoft TLS RSA Root G2", self.digicert_g2, key=self.new_root.key
        )
        ecc_cross = Authority(f"{MICROSOFT}Microsoft TLS ECC Root G2", self.digicert_g3)
        self.hierarchies: dict[str, tuple[Authority, ...]] = {
            "Microsoft xsign": (
                Authority(f"{MICROSOFT}Microsoft Azure RSA TLS Issuing CA 03", self.digicert_g2),
            ),
            "Microsoft native": (
                Authority(f"{MICROSOFT}Microsoft Azure RSA TLS Issuing CA 07", self.microsoft_2017),
            ),
            "Microsoft G2": (
                Authority(f"{MICROSOFT}Microsoft TLS G2 RSA CA OCSP 04", rsa_cross),
                rsa_cross,
            ),
            "Microsoft ECC G2": (
                Authority(f"{MICROSOFT}Microsoft TLS G2 ECC CA OCSP 02", ecc_cross),
                ecc_cross,
            ),
            "DigiCert 2020": (
                Authority(
                    "C=US; O=DigiCert Inc; CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1",
                    self.digicert_g2,
                ),
            ),
            "DigiCert SHA2": (
                Authority(
                    "C=US; O=DigiCert Inc; CN=DigiCert SHA2 Secure Server CA", self.digicert_g2
                ),
            ),
            "GeoTrust": (
                Authority(
                    "C=US; O=DigiCert, Inc.; CN=GeoTrust Global TLS RSA4096 SHA256 2022 CA1",
                    self.digicert_g2,
                ),
            ),
            "Google": (Authority("C=US; O=Google Trust Services; CN=WR3", google),),
            "Let's Encrypt": (Authority("C=US; O=Let's Encrypt; CN=R10", isrg),),
            "Sectigo": (
                Authority(
                    "C=GB; O=Sectigo Limited; CN=Sectigo RSA Domain Validation Secure Server CA",
                    usertrust,
                ),
            ),
            "GlobalSign": (
                Authority("C=BE; O=GlobalSign nv-sa; CN=GlobalSign RSA OV SSL CA 2018", globalsign),
            ),
            "Amazon": (Authority("C=US; O=Amazon; CN=Amazon RSA 2048 M02", amazon),),
        }

    def chain(
        self, hierarchy: str = "Microsoft G2", host: str = "gbl.his.arc.azure.com", **leaf: object
    ) -> tuple[bytes, ...]:
        """A complete chain, as a well-kept server sends it: leaf and all between it and the
        root."""
        above = self.hierarchies[hierarchy]
        options: dict[str, object] = {
            "subject": f"{_MICROSOFT_HOST}{host}",
            "marks": PUBLIC_MARKS,
            **leaf,
        }
        return (above[0].leaf(host, **options), *(item.der for item in above))  # type: ignore[arg-type]

    def root(self, hierarchy: str) -> Authority:
        top = self.hierarchies[hierarchy][-1].above
        assert top is not None
        return top

    def genuine(self) -> tuple[Case, ...]:
        cases: list[Case] = []
        stranger = Authority("C=NL; O=Unrelated; CN=Unrelated CA").der
        for title in self.hierarchies:
            whole = self.chain(title)
            root = self.root(title).der
            cases += [
                Case(title=f"{title}, complete", chain=whole, code=Code.CERTIFICATE_GENUINE),
                Case(title=f"{title}, leaf alone", chain=whole[:1], code=Code.CHAIN_INCOMPLETE),
                Case(
                    title=f"{title}, root sent too",
                    chain=(*whole, root),
                    code=Code.CERTIFICATE_GENUINE,
                ),
                Case(
                    title=f"{title}, out of order, a stranger among",
                    chain=(whole[0], stranger, *whole[:0:-1]),
                    code=Code.CERTIFICATE_GENUINE,
                ),
            ]
        for title in ("Microsoft G2", "Microsoft ECC G2"):
            cases.append(
                Case(
                    title=f"{title}, without cross-certificate",
                    chain=self.chain(title)[:2],
                    code=Code.CHAIN_INCOMPLETE,
                )
            )
        newer = (*self.chain("Microsoft G2")[:2], self.new_root.der)
        neighbour = self.chain("DigiCert 2020", "mcr.microsoft.com", marks=(), subject="")
        lone = self.chain("DigiCert 2020", marks=(), subject="")[:1]
        wide = self.chain(
            "Microsoft native",
            names=[f"name{number}.azure.com" for number in range(150)] + ["gbl.his.arc.azure.com"],
        )
        once = self.chain("Microsoft xsign")
        cases += [
            Case(
                title="root newer than the store, sent",
                chain=newer,
                code=Code.CERTIFICATE_UNTRUSTED,
            ),
            Case(
                title="no marks, no SCT, and a public anchor",
                chain=self.chain("Microsoft xsign", marks=()),
                code=Code.CERTIFICATE_GENUINE,
            ),
            Case(
                title="valid for 47 days", chain=self.chain(days=47), code=Code.CERTIFICATE_GENUINE
            ),
            Case(
                title="valid for 398 days",
                chain=self.chain(days=398),
                code=Code.CERTIFICATE_GENUINE,
            ),
            Case(title="valid for 5 days", chain=self.chain(days=5), code=Code.CERTIFICATE_GENUINE),
            Case(
                title="a wildcard",
                chain=self.chain(names=["*.his.arc.azure.com"]),
                code=Code.CERTIFICATE_GENUINE,
            ),
            Case(title="150 names", chain=wide, code=Code.CERTIFICATE_GENUINE),
            Case(
                title="the intermediate twice",
                chain=(*once, once[1]),
                code=Code.CERTIFICATE_GENUINE,
            ),
            Case(
                title="a private link",
                host="vault.privatelink.vaultcore.azure.net",
                chain=self.chain(host="vault.privatelink.vaultcore.azure.net"),
                code=Code.CERTIFICATE_GENUINE,
            ),
            Case(
                title="leaf alone without marks, the link seen beside it",
                chain=lone,
                beside=(("mcr.microsoft.com", neighbour),),
                code=Code.CHAIN_INCOMPLETE,
            ),
            Case(
                title="expired",
                chain=self.chain(days=30, begin=NOW - timedelta(days=60)),
                code=Code.CERTIFICATE_EXPIRED,
            ),
            Case(
                title="for another name",
                chain=self.chain(names=["portal.example.com"]),
                code=Code.CERTIFICATE_WRONG_NAME,
            ),
            Case(
                title="one certificate for two hosts",
                chain=(shared := self.chain(names=["gbl.his.arc.azure.com", "mcr.microsoft.com"]))[
                    :1
                ],
                beside=(("mcr.microsoft.com", shared[:1]),),
                code=Code.CHAIN_INCOMPLETE,
            ),
        ]
        return tuple(cases)

    # ----------------------------------------------------------------------------------------------

    def forged(self) -> tuple[Case, ...]:
        cases: list[Case] = []
        host = "gbl.his.arc.azure.com"
        kept = f"{_MICROSOFT_HOST}{host}"

        def add(
            title: str,
            chain: tuple[bytes, ...],
            *,
            code: Code = Code.TLS_INTERCEPTED,
            **more: object,
        ) -> None:
            cases.append(Case(title=title, chain=chain, code=code, **more))  # type: ignore[arg-type]

        for title, subject in _PRODUCTS:
            authority = Authority(subject)
            add(f"{title}: own key, CA sent", (authority.leaf(host, subject=kept), authority.der))
            add(f"{title}: leaf alone", (authority.leaf(host, subject=kept),))

        squid = Authority("C=NL; O=Contoso; CN=Contoso Web Filter")
        mimic = squid.leaf(host, subject=kept, key=squid.key)
        add("Squid: CA's key, CA sent twice", (mimic, squid.der, squid.der))
        add(
            "Squid: CA's key, leaf alone",
            (squid.leaf(host, subject=kept, key=squid.key, marks=("ski",)),),
        )
        untrusted = Authority('C=NL; O=Contoso; CN=Not trusted by "Contoso Web Filter"')
        add("Squid: distrusts the origin", (untrusted.leaf(host), untrusted.der))
        add("Squid: error page, ten years", (squid.leaf(host, key=squid.key, days=3650), squid.der))
        mitmproxy = Authority("CN=mitmproxy; O=mitmproxy")
        add(
            "mitmproxy: CA's key",
            (mitmproxy.leaf(host, key=mitmproxy.key, days=367), mitmproxy.der),
        )
        zscaler_root = Authority(
            "C=US; ST=California; O=Zscaler Inc.; OU=Zscaler Inc.; CN=Zscaler Root CA"
        )
        zscaler = Authority(
            "C=US; ST=California; O=Zscaler Inc.; OU=Zscaler Inc.; CN=Zscaler Intermediate Root CA (zscalerthree.net) (t) ",
            zscaler_root,
        )
        add("Zscaler: 14 days", (zscaler.leaf(host, subject=kept, days=14), zscaler.der))
        umbrella_root = Authority("O=Cisco; CN=Cisco Umbrella Root CA")
        primary = Authority("CN=Cisco Umbrella Primary SubCA; O=Cisco", umbrella_root)
        pop = Authority("CN=Cisco Umbrella Secondary SubCA ams-SG; O=Cisco", primary)
        first = pop.leaf(host, names=(), key=pop.key, days=5, version=1)
        add(
            "Umbrella: version 1, SubCA's key, 5 days",
            (first, pop.der, primary.der, umbrella_root.der),
        )
        add("Umbrella: version 1, alone", (pop.leaf(host, names=(), days=5, version=1),))
        contoso = Authority("C=NL; O=Contoso; CN=Contoso Root CA")
        entra = Authority("C=NL; O=Contoso; CN=Contoso TLS ICA", contoso)
        tier = Authority("C=NL; O=Contoso; CN=Contoso TLS ICA 7f31", entra)
        add(
            "Entra GSA: customer's CA, two tiers, short",
            (tier.leaf(host, subject=kept, days=4), tier.der, entra.der),
        )
        add("root included", (entra.leaf(host, subject=kept), entra.der, contoso.der))
        panos = Authority("C=NL; O=Contoso; CN=PAN Forward Untrust")
        add("PAN-OS: forward untrust", (panos.leaf(host, subject=kept), panos.der))
        copier = Authority("C=NL; O=Contoso; CN=Contoso Inspection")
        add(
            "copies SCT, AIA, CRL, policies",
            (copier.leaf(host, subject=kept, marks=PUBLIC_MARKS), copier.der),
        )
        add("copies all of it, leaf alone", (copier.leaf(host, subject=kept, marks=PUBLIC_MARKS),))
        lookalike = Authority(f"{MICROSOFT}Microsoft Azure RSA TLS Issuing CA 03")
        add(
            "CA named like Microsoft's, sent",
            (lookalike.leaf(host, subject=kept, marks=("ski",)), lookalike.der),
        )
        add("CA named like Microsoft's, leaf alone", (lookalike.leaf(host, subject=kept),))
        add(
            "CA named like Microsoft's, sent, marks copied",
            (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS), lookalike.der),
        )
        genuine = self.chain("Microsoft xsign", "mcr.microsoft.com")
        add(
            "CA named like Microsoft's, marks copied, leaf alone, the true one beside it",
            (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS),),
            beside=(("mcr.microsoft.com", genuine),),
        )
        add(
            "CA named like Microsoft's, marks copied, signs for Google's host too",
            (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS),),
            beside=(("dl.k8s.io", (lookalike.leaf("dl.k8s.io", marks=PUBLIC_MARKS),)),),
        )
        one_key = new_key()
        add(
            "CA named like Microsoft's, one key for unrelated hosts",
            (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS, key=one_key),),
            beside=(
                (
                    "mcr.microsoft.com",
                    (lookalike.leaf("mcr.microsoft.com", marks=PUBLIC_MARKS, key=one_key),),
                ),
            ),
        )
        namesake = Authority(
            "C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G2"
        )
        add(
            "root named like DigiCert's, sent",
            (namesake.leaf(host, subject=kept, marks=PUBLIC_MARKS), namesake.der),
        )
        below = Authority(f"{MICROSOFT}Microsoft TLS G2 RSA CA OCSP 04", namesake)
        add(
            "root named like DigiCert's, not sent",
            (below.leaf(host, subject=kept, marks=PUBLIC_MARKS), below.der),
        )
        quiet = Authority(
            "C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G2",
            identifiers=False,
        )
        add(
            "root named like DigiCert's, no identifiers",
            (quiet.leaf(host, marks=PUBLIC_MARKS, identifiers=False),),
        )
        true = self.hierarchies["Microsoft xsign"][0]
        borrowed = Authority(
            f"{MICROSOFT}Microsoft Azure RSA TLS Issuing CA 03", key=new_key(), identifiers=False
        )
        add(
            "the genuine intermediate sent, signed by another",
            (borrowed.leaf(host, subject=kept, identifiers=False), true.der),
        )
        add("self-signed, for the very name", (Authority(f"CN={host}").der,), host=host)
        own = Authority(kept)
        add("self-signed leaf with names", (own.leaf(host, subject=kept, key=own.key),))
        legacy = Authority("C=NL; O=Contoso; CN=Contoso Legacy Root", sha1=True, serial=-77)
        add("negative serial, SHA-1", (legacy.leaf(host, serial=-5, sha1=True), legacy.der))
        add("common name only", (legacy.leaf(host, names=()), legacy.der))
        unflagged = Authority("C=NL; O=Contoso; CN=Contoso Sloppy Root", flag=False)
        add("CA without the CA flag", (unflagged.leaf(host), unflagged.der))
        first_version = Authority("C=NL; O=Contoso; CN=Contoso Old Root", version=1)
        add("CA of version 1", (first_version.leaf(host), first_version.der))
        stolen = self.chain("Microsoft xsign", "leaf-as-ca.azure.com")[0]
        thief_key = new_key()
        thief = Authority(f"{_MICROSOFT_HOST}leaf-as-ca.azure.com", key=thief_key)
        add("signed by a name that is a leaf", (thief.leaf(host), stolen, true.der))
        selective = Authority("C=NL; O=Contoso; CN=Contoso Selective Inspection")
        add(
            "selective: other hosts are spared",
            (selective.leaf(host, subject=kept),),
            beside=(
                ("mcr.microsoft.com", self.chain("Microsoft native", "mcr.microsoft.com")),
                ("dl.k8s.io", self.chain("Google", "dl.k8s.io")),
            ),
        )
        add(
            "wrong name, by a CA that signs right names beside it",
            (selective.leaf("block.contoso.example"),),
            beside=(("mcr.microsoft.com", (selective.leaf("mcr.microsoft.com"),)),),
        )
        add(
            "a person's endpoint, by the CA that signs Azure's names",
            (selective.leaf("intranet.contoso.example"),),
            host="intranet.contoso.example",
            custom=True,
            beside=(("mcr.microsoft.com", (selective.leaf("mcr.microsoft.com"),)),),
        )
        add(
            "a public leaf's key is its issuer's",
            (true.leaf(host, subject=kept, key=true.key, marks=PUBLIC_MARKS), true.der),
        )
        return tuple(cases)


_PRODUCTS = (
    (
        "Fortinet",
        "C=US; ST=California; L=Sunnyvale; O=Fortinet; OU=Certificate Authority; CN=FortiGate CA; E=support@fortinet.com",
    ),
    (
        "Fortinet by serial",
        "C=US; O=Fortinet; OU=Certificate Authority; CN=FGT60FTK20000001; E=support@fortinet.com",
    ),
    (
        "Netskope",
        "C=NL; O=Contoso; OU=0123456789abcdef0123456789abcdef; CN=ca.contoso.goskope.com; E=certadmin@netskope.com",
    ),
    ("Cato", "C=IL; O=Cato Networks; CN=Cato Networks Root CA"),
    (
        "Cloudflare Gateway",
        "C=US; L=San Francisco; O=Cloudflare, Inc.; OU=www.cloudflare.com; CN=Gateway CA - Cloudflare Managed G1 0123",
    ),
    ("Palo Alto", "C=US; O=Palo Alto Networks; CN=PAN-FW Forward Trust"),
    ("Sophos", "C=GB; O=Sophos; CN=Sophos SSL CA_C0123"),
    (
        "WatchGuard",
        "O=WatchGuard_Technologies; OU=Fireware; CN=Fireware HTTPS Proxy (SN 80 2026) CA",
    ),
    ("Unknown CA", "C=NL; O=Contoso; CN=Contoso Corporate Root CA"),
    ("CA without organisation", "CN=proxy"),
    ("CA without common name", "O=Contoso; OU=Security"),
)


@cache
def public_web() -> PublicWeb:
    """One set of hierarchies for all tests of a process."""
    return PublicWeb()
