"""The public web's hierarchies in the shapes of November 2026, by name: who signs for Azure, and
who for others. Distinguished names are the real ones."""

from __future__ import annotations

from arcprobe.lab.pki import Hierarchy

_CA = "C=US; O=Microsoft Corporation; CN="
_DIGICERT = "C=US; O=DigiCert Inc; OU=www.digicert.com; CN="
_DIGICERT_G2 = f"{_DIGICERT}DigiCert Global Root G2"
_DIGICERT_G3 = f"{_DIGICERT}DigiCert Global Root G3"
_USERTRUST = "C=US; ST=New Jersey; L=Jersey City; O=The USERTRUST Network"
_SECTIGO = "C=GB; O=Sectigo Limited; CN=Sectigo RSA Domain Validation Secure Server CA"

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
}
