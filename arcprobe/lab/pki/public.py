"""The public web's PKI: hierarchies by their names, and those of the demo.

Distinguished names are the real ones, keys are not. The demo's roots say in their names that they
are a rehearsal, because people read them in its reports.
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
_REHEARSAL = "C=US; O=arcprobe rehearsal; CN="
_ROOT_G3 = f"{_REHEARSAL}DigiCert Global Root G3 (rehearsal)"


class Hierarchy(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a root and of the CAs below it, the last of which signs leaves; ``server`` is
    how its leaves' subjects begin."""

    root: str
    below: tuple[str, ...]
    server: str = _SERVER
    operator: Operator = MICROSOFT
    ec: bool = False


_MICROSOFT = Hierarchy(
    root=_ROOT_G3,
    below=(f"{_CA}Microsoft TLS ECC Root G2", f"{_CA}Microsoft TLS G2 ECC CA OCSP 02"),
    ec=True,
)
_DIGICERT = Hierarchy(
    root=_ROOT_G3,
    below=("C=US; O=DigiCert Inc; CN=DigiCert TLS Hybrid ECC SHA384 2020 CA1",),
    operator=Operator(
        aia="http://cacerts.digicert.com/DigiCertTLSHybridECCSHA3842020CA1-1.crt",
        ocsp="http://ocsp.digicert.com",
        crl="http://crl3.digicert.com/DigiCertTLSHybridECCSHA3842020CA1-1.crl",
    ),
    ec=True,
)
_GOOGLE = Hierarchy(
    root=f"{_REHEARSAL}GTS Root R4 (rehearsal)",
    below=("C=US; O=Google Trust Services; CN=WE1",),
    server="CN=",
    operator=Operator(
        aia="http://i.pki.goog/we1.crt",
        ocsp="http://o.pki.goog/we1",
        crl="http://c.pki.goog/we1/rehearsal.crl",
        policy="2.23.140.1.2.1",  # domain validated
    ),
    ec=True,
)
# Who signs for whom in the demo: sign-in and Graph have DigiCert's own CA, what is not Microsoft's
# has Google's, all else of Azure has Microsoft's. Seen on the real hosts in 2026.
_SIGNERS = (
    (
        ("login.*", "*.login.microsoft.com", "*.login.microsoftonline.us", "sts.*", "graph.*"),
        _DIGICERT,
    ),
    (("*.k8s.io", "github.com", "*.github.com"), _GOOGLE),
    (("*",), _MICROSOFT),
)
# Days from now in which a leaf is valid: genuine ones 100 days, the practice of 2026
_VALID = {"expired": (-110, -10), "not-yet-valid": (10, 110)}


_Authority = TypeVar("_Authority", bound=Authority)


class PublicWeb(Generic[_Authority]):
    """The authorities of hierarchies, each made when it is first asked for."""

    def __init__(self, authority: type[_Authority], *, rsa: bool = False) -> None:
        """``rsa``: those whose real keys are RSA get such keys, which takes its time."""
        self._authority = authority
        self._rsa = rsa
        self._made: dict[tuple[str, ...], _Authority] = {}

    def root(self, hierarchy: Hierarchy) -> _Authority:
        """The root of a hierarchy, which others may share."""
        return self._make(hierarchy, (hierarchy.root,))

    def issuing(self, hierarchy: Hierarchy) -> _Authority:
        """The CA of a hierarchy that signs leaves."""
        return self._make(hierarchy, (hierarchy.root, *hierarchy.below))

    def _make(self, hierarchy: Hierarchy, path: tuple[str, ...]) -> _Authority:
        if path not in self._made:
            issuer = self._make(hierarchy, path[:-1]) if len(path) > 1 else None
            key = new_key("rsa" if self._rsa and not hierarchy.ec else "ec")
            self._made[path] = self._authority(
                path[-1], issuer, key=key, operator=hierarchy.operator
            )
        return self._made[path]


class PublicPki:
    """The demo's public web: two roots that have nothing in common, and leaves as asked for."""

    def __init__(self, script: OriginScript | None = None) -> None:
        self._script = script or OriginScript()
        self._web = PublicWeb(Authority)
        self.roots_pem = self._web.root(_MICROSOFT).pem + self._web.root(_GOOGLE).pem

    def leaf(self, host: str) -> Credential:
        """A new certificate for a host by the CA that would sign it, with the fault that the
        script gives to it."""
        faults = (fault for glob, fault in self._script.certificates if matches(host, (glob,)))
        fault = next(faults, "")
        signer = next(signer for globs, signer in _SIGNERS if matches(host, globs))
        named = "wrong-name.rehearsal.example" if fault == "wrong-name" else host
        ca = self._web.issuing(signer)
        begin, end = _VALID.get(fault, (-30, 70))
        made = ca.issue(
            (named,), f"{signer.server}{common_name(named)}", begin=ca.day(begin), end=ca.day(end)
        )
        if fault == "incomplete":
            return msgspec.structs.replace(made, chain=())
        return made


def common_name(host: str) -> str:
    """A host as a common name, or its wildcard where it is too long for one."""
    return host if len(host) <= _COMMON_NAME_LIMIT else "*." + host.partition(".")[2]
