"""What OpenSSL says about a chain, offline, for each trust store that matters: public roots, this
system's, the bundle's.

OpenSSL's own rules, by pyOpenSSL: enterprise roots are sloppy, and stricter verifiers would call
broken what the agents accept. Dates are looked at apart from the anchor, so that an expired
certificate still tells whose it is.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from arcprobe.model import Store, Trust
from arcprobe.probes.trust.bundle import Bundle, certificates_in, read_proxy_cert, what_it_is
from arcprobe.probes.trust.certificates import describe

__all__ = ["Bundle", "Stores", "public_roots", "read_proxy_cert", "system_roots"]


# X509_V_ERR_* of OpenSSL's x509_vfy.h
_UNSPECIFIED = 1
_NOT_YET_VALID = 9
_HAS_EXPIRED = 10
_ISSUER_NOT_FOUND = frozenset({2, 18, 19, 20, 21})
_KEY_MISMATCH = 30  # AKID_SKID_MISMATCH
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL does not name
_PARTIAL_CHAIN = 0x80000  # X509_V_FLAG_PARTIAL_CHAIN

_SHIPPED = Path(__file__).resolve().parents[2] / "knowledge" / "public-roots.pem"

# crypto/x509/root_linux.go of Go 1.25, which agents follow, and with it Debian, Red Hat, SUSE,
# Alpine
_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_FOLDERS = ("/etc/ssl/certs", "/etc/pki/tls/certs")
_FILE_SIZE = 8 * 1024 * 1024
_FILE_COUNT = 1000
_REMEMBERED = 512  # chains whose examination is remembered: far more than a run has


class _Result(msgspec.Struct, frozen=True):
    """What a store says when dates are left out: ``path`` is the chain it built, leaf first, as
    DER."""

    code: int
    depth: int = 0
    words: str = ""
    path: tuple[bytes, ...] = ()


class Stores:
    """The trust stores of one run. Built at once, loaded at the first chain; safe to keep for the
    whole run."""

    def __init__(
        self, public: bytes, system: tuple[bytes, ...] | None, bundle: bytes | None
    ) -> None:
        """``public``: PEM. ``system``: DER certificates, None where the store is unknown.
        ``bundle``: PEM of --proxy-cert."""
        self._roots: dict[Store, tuple[bytes, ...]] = {Store.PUBLIC: certificates_in(public)}
        self.system_roots: int | None = None if system is None else len(system)
        if system:
            self._roots[Store.SYSTEM] = system
        if bundle:
            self._roots[Store.BUNDLE] = self._roots[Store.PUBLIC] + certificates_in(bundle)
        self._stores: dict[tuple[str, int, datetime | None], Any] = {}
        self._loaded: dict[bytes, Any] = {}
        self._subjects: frozenset[str] | None = None
        self._results: dict[tuple[str, int, tuple[bytes, ...]], _Result] = {}

    def examine(self, chain: tuple[bytes, ...], when: datetime | None) -> tuple[Trust, ...]:
        """One ``Trust`` for each store that there is, for a chain as the peer sent it (DER, leaf
        first).

        ``anchor`` is set whenever the signatures lead to a root of the store, also when a date
        makes the store refuse the chain (then ``code`` is 9 or 10). ``when`` None leaves the dates
        out. Code 30 in ``public``: the missing or self-signed issuer bears the name of a public
        root, and its key is another one. ``bundle-partial`` is added where Go, which lets a chain
        end in any certificate that it was given, accepts with the bundle what OpenSSL does not.
        """
        if not chain:
            return ()
        verdicts = [self._trust(name, 0, chain, when) for name in self._roots]
        if Store.BUNDLE in self._roots and not verdicts[-1].accepted and not verdicts[-1].anchor:
            partial = self._trust(Store.BUNDLE, _PARTIAL_CHAIN, chain, when)
            if partial.accepted:
                verdicts.append(msgspec.structs.replace(partial, store=Store.BUNDLE_PARTIAL))
        return tuple(verdicts)

    def _trust(
        self, name: Store, flags: int, chain: tuple[bytes, ...], when: datetime | None
    ) -> Trust:
        key = (name, flags, chain)
        result = self._results.get(key)
        if result is None:
            result = self._verify(self._store(name, flags | _NO_CHECK_TIME, None), chain)
            if name == Store.PUBLIC and result.code in _ISSUER_NOT_FOUND:
                result = self._namesake(result)
            if len(self._results) < _REMEMBERED:
                self._results[key] = result
        if result.code:
            return Trust(
                store=name, accepted=False, code=result.code, depth=result.depth, words=result.words
            )
        dated = self._dated(result, when)
        if dated.code and when is not None:
            # another path through the same store may be in date: an expired
            # cross-certificate beside a newer root
            again = self._verify(self._store(name, flags, when), chain)
            if not again.code:
                result, dated = again, again
        anchor = describe(result.path[-1])
        return Trust(
            store=name,
            accepted=not dated.code,
            code=dated.code,
            depth=dated.depth,
            words=dated.words,
            anchor=anchor.subject,
            anchor_sha256=anchor.sha256,
        )

    def _dated(self, result: _Result, when: datetime | None) -> _Result:
        if when is None:
            return result
        for depth, der in enumerate(result.path):
            certificate = describe(der)
            if certificate.not_after and _moment(certificate.not_after) < when:
                return _Result(_HAS_EXPIRED, depth, "certificate has expired", result.path)
            if certificate.not_before and _moment(certificate.not_before) > when:
                return _Result(_NOT_YET_VALID, depth, "certificate is not yet valid", result.path)
        return result

    def _verify(self, store: Any, chain: tuple[bytes, ...]) -> _Result:
        from OpenSSL import crypto

        leaf = self._load(chain[0])
        if leaf is None:
            return _Result(_UNSPECIFIED, 0, "the certificate cannot be read")
        others = [item for item in map(self._load, chain[1:]) if item is not None]
        try:
            path = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
        except crypto.X509StoreContextError as error:
            code, depth, words = [*list(error.errors), 0, 0, ""][:3]
            culprit = crypto.dump_certificate(crypto.FILETYPE_ASN1, error.certificate)
            return _Result(int(code) or _UNSPECIFIED, int(depth), str(words), (culprit,))
        except crypto.Error:
            return _Result(_UNSPECIFIED, 0, "the chain cannot be read")
        return _Result(
            0, path=tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, item) for item in path)
        )

    def _namesake(self, result: _Result) -> _Result:
        """Whether the issuer that OpenSSL missed bears the name of a public root: then its key is
        not that root's.

        OpenSSL looks an issuer up by its name and passes over those whose key identifier differs,
        which ends in the same code as an unknown name. No public CA has two roots of one name and
        different keys in use.
        """
        if self._subjects is None:
            self._subjects = frozenset(describe(der).subject for der in self._roots[Store.PUBLIC])
        issuer = describe(result.path[0]).issuer if result.path else ""
        if not issuer or issuer not in self._subjects:
            return result
        return _Result(
            _KEY_MISMATCH,
            result.depth,
            f"{result.words}; a public root has its issuer's name, and another key",
        )

    def _store(self, name: Store, flags: int, when: datetime | None) -> Any:
        key = (name, flags, when)
        if key not in self._stores:
            from OpenSSL import crypto

            store = crypto.X509Store()
            store.set_flags(flags)
            if when is not None:
                store.set_time(when.astimezone(UTC))
            for der in self._roots[name]:
                root = self._load(der)
                if root is not None:
                    store.add_cert(root)
            self._stores[key] = store
        return self._stores[key]

    def _load(self, der: bytes) -> Any:
        if der in self._loaded:
            return self._loaded[der]
        from OpenSSL import crypto

        try:
            loaded = crypto.load_certificate(crypto.FILETYPE_ASN1, der)
        except (crypto.Error, ValueError):
            loaded = None
        if len(self._loaded) < 16 * _REMEMBERED:
            self._loaded[der] = loaded
        return loaded


# -------------------------------------------------------------------------------------------------


def public_roots(override: str | Path | None = None) -> tuple[bytes, str]:
    """The roots of the public web PKI as PEM, and a label that says which they are.

    ``override`` (--public-roots) is taken as it is. Else certifi's own file, if it is as its
    authors published it: distributions make certifi read the system's store, and administrators
    append to its file, so that an interceptor's root would look public. Then the copy shipped with
    arcprobe. Raises ``ValueError`` (one line) for an override that is no PEM.
    """
    if override is not None:
        try:
            with open(override, "rb") as file:
                data = file.read(_FILE_SIZE)
        except OSError as error:
            raise ValueError(f"--public-roots {override}: {error.strerror or error}") from error
        if not certificates_in(data):
            raise ValueError(f"--public-roots {override}: {what_it_is(data, str(override))}")
        return data, str(override)
    shipped = _SHIPPED.read_bytes()
    found = _certifi(shipped)
    return (
        found
        if found is not None
        else (shipped, "shipped copy (certifi's own file is changed here)")
    )


def _certifi(shipped: bytes) -> tuple[bytes, str] | None:
    from importlib.util import find_spec

    try:
        specification = find_spec(
            "certifi"
        )  # found, not imported: its import alone costs 40 ms of importlib.resources
        if specification is None or not specification.origin:
            return None
        folder = Path(specification.origin).parent
        path = folder / "cacert.pem"
        if path.is_symlink():
            return None
        data = _read(path)
        # the comparison spares the import of importlib.metadata as well
        if data and (data == shipped or _recorded(folder.resolve(), data)):
            version = re.search(rb'__version__ = "([0-9.]{1,20})"', _read(folder / "__init__.py"))
            return data, f"certifi {version.group(1).decode()}" if version else "certifi"
    except (OSError, ValueError):
        pass
    return None


def _recorded(folder: Path, data: bytes) -> bool:
    """Whether the installer's record (``RECORD``, PyPA's "Recording installed projects") has this
    very file."""
    from importlib import metadata

    try:
        files = metadata.distribution("certifi").files or []
    except metadata.PackageNotFoundError:
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return any(
        str(file).replace("\\", "/") == "certifi/cacert.pem"
        and file.hash is not None
        and file.hash.mode == "sha256"
        and file.hash.value == digest
        and Path(str(file.locate())).resolve() == folder / "cacert.pem"
        for file in files
    )


def system_roots(environment: Mapping[str, str] | None = None) -> tuple[bytes, ...] | None:
    """The certificates of this system's own store, as DER, each once. None where it cannot be read
    at all.

    Linux and other Unix: the files and folders that Go and OpenSSL read, ``SSL_CERT_FILE`` and
    ``SSL_CERT_DIR`` first. Windows and macOS by the system's own means; these two are written from
    their documentation and not tested.
    """
    environment = os.environ if environment is None else environment
    if sys.platform == "win32":
        return _windows_roots()
    if sys.platform == "darwin" and not environment.get("SSL_CERT_FILE"):
        return _keychain_roots()
    found: dict[bytes, None] = {}
    readable = False
    for data in _system_files(environment):
        readable = True
        found.update(dict.fromkeys(certificates_in(data)))
    return tuple(found) if readable else None


def _system_files(environment: Mapping[str, str]) -> Iterator[bytes]:
    import ssl

    paths = ssl.get_default_verify_paths()
    named = environment.get("SSL_CERT_FILE")
    file = Path()
    for candidate in (named,) if named else (*_FILES, paths.openssl_cafile):
        file = Path(candidate)
        data = _read(file)
        if data:
            yield data
            break
    folders = environment.get("SSL_CERT_DIR")
    for folder in (
        folders.split(os.pathsep) if folders else dict.fromkeys((*_FOLDERS, paths.openssl_capath))
    ):
        try:
            entries = sorted(Path(folder).iterdir())[:_FILE_COUNT] if folder else []
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink() and _is_double(
                os.readlink(entry), beside_bundle=file.parent == Path(folder)
            ):
                continue
            if entry.suffix in {".pem", ".crt", ".cer", ".0"} and (data := _read(entry)):
                yield data


def _is_double(link: str, *, beside_bundle: bool) -> bool:
    """Links within one folder are OpenSSL's hash names; those to ca-certificates' sources are in
    the file beside them."""
    return os.sep not in link or (beside_bundle and "/share/ca-certificates/" in link)


def _read(path: Path) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > _FILE_SIZE:
            return b""
        return path.read_bytes()
    except OSError:
        return b""


def _windows_roots() -> tuple[bytes, ...] | None:
    import ssl

    enumerate_store = getattr(ssl, "enum_certificates", None)
    if enumerate_store is None:
        return None
    try:
        entries = enumerate_store("ROOT")
    except OSError:
        return None
    server = "1.3.6.1.5.5.7.3.1"  # id-kp-serverAuth
    return tuple(
        dict.fromkeys(
            der
            for der, encoding, use in entries
            if encoding == "x509_asn" and (use is True or server in use)
        )
    )


def _keychain_roots() -> tuple[bytes, ...] | None:
    import subprocess

    found: dict[bytes, None] = {}
    for keychain in (
        "/System/Library/Keychains/SystemRootCertificates.keychain",
        "/Library/Keychains/System.keychain",
    ):
        try:
            answer = subprocess.run(
                ["/usr/bin/security", "find-certificate", "-a", "-p", keychain],
                capture_output=True,
                timeout=10,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        found.update(dict.fromkeys(certificates_in(answer.stdout[:_FILE_SIZE])))
    return tuple(found) or None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
