"""The expression of a line's sort."""

from __future__ import annotations

import re

import pytest

from arcprobe.lifecycle.traffic_sorts import expression_of

ENVOY = b'[2026-11-26T20:00:00.310Z] "CONNECT mcr.microsoft.com:443 HTTP/1.1" 200 - 0 5 "c9f2-dead"'


@pytest.mark.parametrize(
    ("other", "groups"),
    [
        (ENVOY, (b"mcr.microsoft.com:443", b"200", b"-")),
        (
            ENVOY.replace(b"26T20:00", b"27T03:59")
            .replace(b"c9f2-dead", b"0b-1")
            .replace(b"mcr", b"x9")
            .replace(b"200 - 0", b"503 UF 17"),
            (b"x9.microsoft.com:443", b"503", b"UF"),
        ),
        (ENVOY.replace(b"CONNECT", b"GET"), None),
        (ENVOY.replace(b"HTTP/1.1", b"HTTP/3.1"), None),
        (ENVOY.replace(b"c9f2-dead", b"failed"), None),
    ],
)
def test_lines_of_a_sort(other: bytes, groups: tuple[bytes, ...] | None) -> None:
    """Times, counts and ids may be others; the host, the status and what stands behind it are in
    groups; every other word must be the same."""
    found = re.fullmatch(expression_of(ENVOY), other)
    assert (found.groups() if found else None) == groups


def test_a_line_without_a_host() -> None:
    """It has a group of its own, so that a line of its sort is told from one that is not."""
    found = re.fullmatch(expression_of(b"cache.go:5] synced"), b"cache.go:77] synced")
    assert found is not None
    assert found.groups() == (b"c",)
