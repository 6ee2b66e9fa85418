"""Forms of PEM text in which people see a certificate and Go sees none; and how many OpenSSL sees
in it."""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
from collections.abc import Callable

from arcprobe.probes.trust.go.pem import certificates_in_pem

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_BLOCK = re.compile(rb"-----BEGIN ((?:X509 )?CERTIFICATE)-----([A-Za-z0-9+/=\s]*?)-----END \1-----")
_BEGIN = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----")
_MOST = 5000  # certificates; a whole system store has about 150


def meant_in(data: bytes) -> tuple[bytes, ...]:
    """The certificates that a person sees in PEM text as DER, each once, in order, whatever stands
    around them."""
    found: dict[bytes, None] = {}
    for match in _BLOCK.finditer(data):
        if der := _decoded(match[2]):
            found[der] = None
        if len(found) >= _MOST:
            break
    return tuple(found)


def begun_and_whole(data: bytes) -> tuple[int, int]:
    """How many certificates begin in the text, and how many of them can be decoded."""
    whole = sum(bool(_decoded(match[2])) for match in _BLOCK.finditer(data))
    return len(_BEGIN.findall(data)), whole


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def form_of(data: bytes) -> str:
    """Why Go does not find a certificate that is meant in the text, as a key of ``bundle.form``."""
    return next((key for key, applies in _FORMS if applies(data)), "other")


def _matches(pattern: bytes) -> Callable[[bytes], bool]:
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda data: compiled.search(data) is not None


def _is_marked(data: bytes) -> bool:
    plain = data.removeprefix(BYTE_ORDER_MARK)
    return plain != data and len(certificates_in_pem(plain)) > len(certificates_in_pem(data))


def _has_old_line_ends(data: bytes) -> bool:
    return b"\r" in data.replace(b"\r\n", b"")


# In order: what stands at the place of the fault before what follows from it.
_FORMS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("mark", _is_marked),
    ("glued", _matches(rb"-----END [^-\n]*-----[ \t]*-----BEGIN ")),
    ("indented", _matches(rb"^[ \t]+-----(?:BEGIN|END) ")),
    ("folded", _matches(rb"-----BEGIN [^-\n]*-----[ \t]*[A-Za-z0-9+/]")),
    ("folded", _matches(rb"[A-Za-z0-9+/=][ \t]*-----END ")),
    ("old-line-ends", _has_old_line_ends),
    ("after-end", _matches(rb"-----END [^-\n]*-----[ \t]*[^\s]")),
    ("before-begin", _matches(rb"[^\n]-----BEGIN ")),
    ("label", _matches(rb"-----BEGIN X509 CERTIFICATE-----")),
)


def count_of_openssl(data: bytes) -> int:
    """How many certificates OpenSSL reads of the file, as curl and az (Python) do."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(data)
        file.flush()
        try:
            context.load_verify_locations(cafile=file.name)
        except ssl.SSLError:
            return 0
    return context.cert_store_stats()["x509"]
