"""The values of a Helm release."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from arcprobe.probes.cluster.helm import values_of

VALUES = {"global": {"httpsProxy": "http://proxy:3128", "isProxyEnabled": True}}


def packed(content: bytes) -> str:
    """As Helm has it, in the API's own base64."""
    return base64.b64encode(base64.b64encode(content)).decode()


def test_what_was_given() -> None:
    """The values that were given, and nothing else of a release; packed, or not, as by an old
    Helm."""
    release = json.dumps({"name": "azure-arc", "manifest": "x" * 99, "config": VALUES}).encode()
    assert values_of(packed(gzip.compress(release))) == VALUES
    assert values_of(packed(release)) == VALUES
    assert values_of(packed(b"{}")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "canary",
        base64.b64encode(b"{}").decode(),
        packed(b"\xff"),
        packed(b"[["),
        packed(b"[" * 200_000),
        packed(b'{"config": 3}'),
        packed(b"\x1f\x8b\x08"),
        packed(gzip.compress(b"{}")[:-1]),
        packed(gzip.compress(b'{"config": {"a": "' + b" " * (17 << 20) + b'"}}')),
    ],
    ids=range(10),
)
def test_what_is_none(text: str) -> None:
    """Anything else, and what unpacks to more than 16 MiB, has no values."""
    assert values_of(text) is None
