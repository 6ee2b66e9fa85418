"""Facts of one certificate that follow from others."""

from __future__ import annotations

import pytest

from arcprobe.model import Certificate


def certificate(subject: str, issuer: str, ski: str = "", aki: str = "") -> Certificate:
    """One with these names and key identifiers."""
    return Certificate(
        sha256="",
        subject=subject,
        issuer=issuer,
        serial="1",
        not_before="2026-01-01T00:00:00Z",
        not_after="2027-01-01T00:00:00Z",
        ski=ski,
        aki=aki,
    )


@pytest.mark.parametrize(
    ("made", "issued", "signed"),
    [
        (certificate("CN=a", "CN=a"), True, True),
        (certificate("CN=a", "CN=a", ski="1"), True, True),
        (certificate("CN=a", "CN=a", aki="1"), True, True),
        (certificate("CN=a", "CN=a", ski="1", aki="1"), True, True),
        (certificate("CN=a", "CN=a", ski="1", aki="2"), True, False),
        (certificate("CN=a", "CN=b"), False, False),
        (certificate("CN=a", "CN=b", ski="1", aki="1"), False, False),
    ],
)
def test_by_itself(made: Certificate, issued: bool, signed: bool) -> None:
    """Self-issued by its names; self-signed where its key identifiers do not contradict."""
    assert (made.is_self_issued, made.is_self_signed) == (issued, signed)
