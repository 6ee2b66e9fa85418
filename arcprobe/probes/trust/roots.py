"""Where roots are from: the public web's, and this system's own."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from arcprobe.probes.trust.bundle import certificates_in, what_it_is

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
_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".0"})
_FILE_SIZE = 8 * 1024 * 1024  # bytes; a whole store has 0.2 MiB
_FILE_COUNT = 1000  # of one folder; a store has 150 certificates, each with a link
_KEYCHAIN_SECONDS = 10  # for /usr/bin/security


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
    return _certifi(shipped) or (shipped, "shipped copy (certifi's own file is changed here)")


def _certifi(shipped: bytes) -> tuple[bytes, str] | None:
    from importlib.util import find_spec

    try:
        # found, not imported: its import alone costs 40 ms of importlib.resources
        found = find_spec("certifi")
    except (ImportError, ValueError):
        return None
    if found is None or not found.origin:
        return None
    folder = Path(found.origin).parent
    path = folder / "cacert.pem"
    data = _read(path)
    # the comparison spares the import of importlib.metadata as well
    is_published = data == shipped or _is_recorded(folder.resolve(), data)
    if path.is_symlink() or not data or not is_published:
        return None
    version = re.search(rb'__version__ = "([0-9.]{1,20})"', _read(folder / "__init__.py"))
    return data, f"certifi {version.group(1).decode()}" if version else "certifi"


def _is_recorded(folder: Path, data: bytes) -> bool:
    """Whether the installer's record (``RECORD``, PyPA's "Recording installed projects") has this
    very file."""
    from importlib import metadata

    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    try:
        files = metadata.distribution("certifi").files or []
    except metadata.PackageNotFoundError:
        return False
    for file in files:
        if str(file).replace("\\", "/") == "certifi/cacert.pem" and file.hash is not None:
            is_here = Path(str(file.locate())).resolve() == folder / "cacert.pem"
            return is_here and (file.hash.mode, file.hash.value) == ("sha256", digest)
    return False


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
    files = [named] if named else [*_FILES, paths.openssl_cafile]
    first = next((path for path in map(Path, files) if _read(path)), None)
    if first is not None:
        yield _read(first)
    named_folders = environment.get("SSL_CERT_DIR")
    folders = (
        named_folders.split(os.pathsep) if named_folders else [*_FOLDERS, paths.openssl_capath]
    )
    beside = first.parent.resolve() if first is not None else None
    # OpenSSL's own folder is as a rule a link to the system's
    for folder in dict.fromkeys(Path(name).resolve() for name in filter(None, folders)):
        yield from _folder_files(folder, beside_bundle=folder == beside)


def _folder_files(folder: Path, *, beside_bundle: bool) -> Iterator[bytes]:
    try:
        entries = sorted(folder.iterdir())[:_FILE_COUNT]
    except OSError:
        return
    for entry in entries:
        if entry.suffix not in _SUFFIXES:
            continue
        if entry.is_symlink() and _is_double(os.readlink(entry), beside_bundle=beside_bundle):
            continue
        if data := _read(entry):
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
                timeout=_KEYCHAIN_SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        found.update(dict.fromkeys(certificates_in(answer.stdout[:_FILE_SIZE])))
    return tuple(found) or None
