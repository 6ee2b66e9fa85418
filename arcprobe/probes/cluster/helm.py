"""The values that a Helm release was installed with, out of the Secret that Helm keeps of it:
base64 of the API, base64 of Helm, gzip, JSON (helm.sh/helm, pkg/storage/driver/util.go,
decodeRelease). Bounded. The rest of a release, with keys in it, is not kept."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

import msgspec

TYPE = "helm.sh/release.v1"
_MOST = 16 << 20  # bytes unpacked; a Secret has at most 1 MiB (Kubernetes documentation, "Secrets")
_GZIP = 31  # of zlib: the window of gzip, and its head


class _Release(msgspec.Struct):
    """What is read of a release. ``config``: the values that were given."""

    config: dict[str, Any] = {}


def values_of(packed: str) -> dict[str, Any] | None:
    """The values of ``data.release`` of such a Secret; None for what is none."""
    try:
        data = base64.b64decode(base64.b64decode(packed, validate=True), validate=True)
        return msgspec.json.decode(_unpacked(data), type=_Release).config
    except (binascii.Error, ValueError, zlib.error, RecursionError):
        return None


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b\x08"):  # releases of old versions of Helm
        return data
    unpacking = zlib.decompressobj(_GZIP)
    content = unpacking.decompress(data, _MOST)
    if not unpacking.eof:
        raise ValueError(f"cut short, or more than {_MOST} bytes")
    return content
