"""What Go finds in PEM text. Beside it, tests/agents compares with Go itself."""

from __future__ import annotations

import pytest

from arcprobe.probes.trust.go.pem import certificates_in_pem

ONE = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
TWO = b"-----BEGIN CERTIFICATE-----\nd29ybGQ=\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (ONE, (b"hello",)),
        (ONE + TWO, (b"hello", b"world")),
        (ONE.rstrip(), (b"hello",)),
        (ONE.replace(b"\n", b"\r\n"), (b"hello",)),
        (b"# text\n" + ONE + b"more\n" + TWO, (b"hello", b"world")),
        (ONE.replace(b"aGVs", b"aG\n Vs\t"), (b"hello",)),
        (ONE.replace(b"CERTIFICATE-----\n", b"CERTIFICATE----- \t\n"), (b"hello",)),
        (b"-----BEGIN CERTIFICATE-----\n" + ONE, (b"hello",)),
        (ONE[:40] + b"\n" + TWO, (b"world",)),
        (b"\xef\xbb\xbf" + ONE, ()),
        (b"\xef\xbb\xbf" + ONE + TWO, (b"world",)),
        (ONE.rstrip() + TWO, ()),
        (b" " + ONE, ()),
        (ONE.replace(b"\n", b"\n "), ()),
        (ONE.replace(b"\n", b""), ()),
        (ONE.replace(b"\n", b"\r"), ()),
        (ONE.rstrip() + b"x\n" + TWO, (b"world",)),
        (ONE.replace(b"CERTIFICATE", b"X509 CERTIFICATE"), ()),
        (ONE.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"), ()),
        (ONE.replace(b"BEGIN CERTIFICATE-----\n", b"BEGIN CERTIFICATE-----\nA: b\n\n"), ()),
        (ONE.replace(b"aGVs", b"aGV"), ()),
        (b"", ()),
    ],
)
def test_certificates_in_pem(data: bytes, found: tuple[bytes, ...]) -> None:
    """BEGIN at the start of a line, END at the end of one, whole Base-64 between, no headers."""
    assert certificates_in_pem(data) == found
