"""The public web's PKI: hierarchies in the shapes of November 2026, and the one of the demo.

Distinguished names are the real ones, keys are not. Only the demo's roots say in their names that
they are a rehearsal, because people read them in its reports.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from arcprobe.lab.pki.authority import MICROSOFT, Authority, Credential, Operator
from arcprobe.lab.pki.der import new_key
from arcprobe.lab.script import OriginScript, matches

_COMMON_NAME_LIMIT = 64  # characters: ub-common-name, RFC 5280 appendix A.1
_CA = "C=US; O=Microsoft Corporation; CN="
_SERVER = "C=US; ST=WA; L=Redmond; O=Microsoft Corporation; CN="
_DIGICERT = "C=US; O=DigiCert Inc; OU=www.digicert.com; CN="
_REHEARSAL = "C=US; O=arcprobe rehearsal; CN="
_DIGICERT_G2 = f"{_DIGICERT}DigiCert Global Root G2"
_DIGICERT_G3 = f"{_DIGICERT}DigiCert Global Root G3"
_REHEARSAL_G3 = f"{_REHEARSAL}DigiCert Global Root G3 (rehearsal)"
_USERTRUST = "C=US; ST=New Jersey; L=Jersey City; O=The USERTRUST Network"
_SECTIGO = "C=GB; O=Sectigo Limited; CN=Sectigo RSA Domain Validation Secure Server CA"


class Hierarchy(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a root and of the CAs below it, the last of which signs leaves; ``server`` is
    how its leaves' subjects begin."""

    root: str
    below: tuple[str, ...]
    server: str = _SERVER
    operator: Operator = MICROSOFT
    ec: bool = False


_ISSUERS_OF_DIGICERT = Operator(
    aia="http://cacerts.digicert.com/DigiCertTLSHybridECCSHA3842020CA1-1.crt",
    ocsp="http://ocsp.digicert.com",
    crl="http://crl3.digicert.com/DigiCertTLSHybridECCSHA3842020CA1-1.crl",
)
_ISSUERS_OF_GOOGLE = Operator(
    aia="http://i.pki.goog/we1.crt",
    ocsp="http://o.pki.goog/we1",
    crl="http://c.pki.goog/we1/rehearsal.crl",
    policy="2.23.140.1.2.1",  # domain validated
)
HIERARCHIES = {
    "Microsoft xsign": Hierarchy(
        root=_DIGICERT_G2, below=(f"{_CA}Microsoft Azure RSA TLS Issuing CA 03",)
    ),
    "Microsoft native": Hierarchy(
        root=f"{_CA}Microsoft RSA Root Certificate Authority 2017",
        below=(f"{_CA}Microsoft Azure RSA TLS Issuing CA 07",),
    ),
    "Microsoft G2": Hierarchy(
        root=_DIGICERT_G2,
        below=(f"{_CA}Microsoft TLS RSA Root G2", f"{_CA}Microsoft TLS G2 RSA CA OCSP 04"),
    ),
    "Microsoft ECC G2": Hierarchy(
        root=_DIGICERT_G3,
        below=(f"{_CA}Microsoft TLS ECC Root G2", f"{_CA}Microsoft TLS G2 ECC CA OCSP 02"),
        ec=True,
    ),
    "DigiCert 2020": Hierarchy(
        root=_DIGICERT_G2,
        below=("C=US; O=DigiCert Inc; CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1",),
    ),
    "DigiCert SHA2": Hierarchy(
        root=_DIGICERT_G2, below=("C=US; O=DigiCert Inc; CN=DigiCert SHA2 Secure Server CA",)
    ),
    "GeoTrust": Hierarchy(
        root=_DIGICERT_G2,
        below=("C=US; O=DigiCert, Inc.; CN=GeoTrust Global TLS RSA4096 SHA256 2022 CA1",),
    ),
    "Google": Hierarchy(
        root="C=US; O=Google Trust Services LLC; CN=GTS Root R1",
        below=("C=US; O=Google Trust Services; CN=WR3",),
        server="CN=",
    ),
    "Let's Encrypt": Hierarchy(
        root="C=US; O=Internet Security Research Group; CN=ISRG Root X1",
        below=("C=US; O=Let's Encrypt; CN=R10",),
    ),
    "Sectigo": Hierarchy(
        root=f"{_USERTRUST}; CN=USERTrust RSA Certification Authority", below=(_SECTIGO,)
    ),
    "GlobalSign": Hierarchy(
        root="C=BE; O=GlobalSign nv-sa; CN=GlobalSign Root R46",
        below=("C=BE; O=GlobalSign nv-sa; CN=GlobalSign RSA OV SSL CA 2018",),
    ),
    "Amazon": Hierarchy(
        root="C=US; O=Amazon; CN=Amazon Root CA 1",
        below=("C=US; O=Amazon; CN=Amazon RSA 2048 M02",),
    ),
    "rehearsal: Microsoft": Hierarchy(
        root=_REHEARSAL_G3,
        below=(f"{_CA}Microsoft TLS ECC Root G2", f"{_CA}Microsoft TLS G2 ECC CA OCSP 02"),
        ec=True,
    ),
    "rehearsal: DigiCert": Hierarchy(
        root=_REHEARSAL_G3,
        below=("C=US; O=DigiCert Inc; CN=DigiCert TLS Hybrid ECC SHA384 2020 CA1",),
        operator=_ISSUERS_OF_DIGICERT,
        ec=True,
    ),
    "rehearsal: Google": Hierarchy(
        root=f"{_REHEARSAL}GTS Root R4 (rehearsal)",
        below=("C=US; O=Google Trust Services; CN=WE1",),
        server="CN=",
        operator=_ISSUERS_OF_GOOGLE,
        ec=True,
    ),
}
# Who signs for whom in the demo: sign-in and Graph have DigiCert's own CA, what is not Microsoft's
# has Google's, all else of Azure has Microsoft's. Seen on the real hosts in 2026.
_SIGNERS = (
    (
        ("login.*", "*.login.microsoft.com", "*.login.microsoftonline.us", "sts.*", "graph.*"),
        "rehearsal: DigiCert",
    ),
    (("*.k8s.io", "github.com", "*.github.com"), "rehearsal: Google"),
    (("*",), "rehearsal: Microsoft"),
)
# Days from now in which a leaf is valid: genuine ones 100 days, the practice of 2026
_VALID = {"expired": (-110, -10), "not-yet-valid": (10, 110)}


_Authority = TypeVar("_Authority", bound=Authority)


class PublicWeb(Generic[_Authority]):
    """The authorities of ``HIERARCHIES``, each made when it is first asked for."""

    def __init__(self, authority: type[_Authority], *, rsa: bool = False) -> None:
        """``rsa``: those whose real keys are RSA get such keys, which takes its time."""
        self._authority = authority
        self._rsa = rsa
        self._made: dict[tuple[str, ...], _Authority] = {}

    def root(self, hierarchy: str) -> _Authority:
        """The root of a hierarchy, which others may share."""
        row = HIERARCHIES[hierarchy]
        return self._make(row, (row.root,))

    def issuing(self, hierarchy: str) -> _Authority:
        """The CA of a hierarchy that signs leaves."""
        row = HIERARCHIES[hierarchy]
        return self._make(row, (row.root, *row.below))

    def _make(self, row: Hierarchy, path: tuple[str, ...]) -> _Authority:
        if path not in self._made:
            issuer = self._make(row, path[:-1]) if len(path) > 1 else None
            kind = "rsa" if self._rsa and not row.ec else "ec"
            self._made[path] = self._authority(
                path[-1], issuer, key=new_key(kind), operator=row.operator
            )
        return self._made[path]


class PublicPki:
    """The demo's public web: two roots that have nothing in common, and leaves as asked for."""

    def __init__(self, script: OriginScript | None = None) -> None:
        self._script = script or OriginScript()
        self._web = PublicWeb(Authority)
        signers = ("rehearsal: Microsoft", "rehearsal: Google")
        self.roots_pem = b"".join(self._web.root(signer).pem for signer in signers)

    def leaf(self, host: str) -> Credential:
        """A new certificate for a host by the CA that would sign it, with the fault that the
        script gives to it."""
        faults = (fault for glob, fault in self._script.certificates if matches(host, (glob,)))
        fault = next(faults, "")
        signer = next(name for globs, name in _SIGNERS if matches(host, globs))
        named = "wrong-name.rehearsal.example" if fault == "wrong-name" else host
        ca = self._web.issuing(signer)
        begin, end = _VALID.get(fault, (-30, 70))
        made = ca.issue(
            (named,),
            f"{HIERARCHIES[signer].server}{common_name(named)}",
            begin=ca.day(begin),
            end=ca.day(end),
        )
        if fault == "incomplete":
            return msgspec.structs.replace(made, chain=())
        return made


def common_name(host: str) -> str:
    """A host as a common name, or its wildcard where it is too long for one."""
    return host if len(host) <= _COMMON_NAME_LIMIT else "*." + host.partition(".")[2]
