"""DER as strictly as Go reads it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from arcprobe.probes.trust.der import Der, DerError, dotted


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        ("020100", 0),
        ("02017f", 127),
        ("02020080", 128),
        ("0201ff", -1),
        ("020180", -128),
        ("0202ff7f", -129),
    ],
)
def test_integers(octets: str, number: int) -> None:
    """An INTEGER in as few octets as it needs."""
    assert Der(bytes.fromhex(octets)).integer() == number


@pytest.mark.parametrize(
    "octets",
    ["0200", "0202007f", "0202ff80", "0102ff", "02", "020200", "02810100", "02820001ff", "1f0100"],
)
def test_what_is_no_integer(octets: str) -> None:
    """Padded numbers, wrong tags, lengths that are longer than needed or than what is there."""
    with pytest.raises(DerError):
        Der(bytes.fromhex(octets)).integer()


def test_long_lengths() -> None:
    """A length of 128 and more stands in octets of its own, in as few as it needs."""
    assert Der(b"\x04\x81\x80" + bytes(128)).value(4) == bytes(128)
    assert Der(b"\x04\x82\x01\x00" + bytes(256)).value(4) == bytes(256)
    for padded in (b"\x04\x81\x7f" + bytes(127), b"\x04\x82\x00\x80" + bytes(128)):
        with pytest.raises(DerError):
            Der(padded).value(4)


@pytest.mark.parametrize(
    ("octets", "text"),
    [("550411", "2.5.4.17"), ("2a864886f70d010101", "1.2.840.113549.1.1.1"), ("883703", "2.999.3")],
)
def test_object_identifiers(octets: str, text: str) -> None:
    """The first two numbers share an octet, or more (X.690 section 8.19)."""
    assert dotted(bytes.fromhex(octets)) == text


@pytest.mark.parametrize("octets", ["", "5580", "558004", "558880808000"])
def test_what_is_no_object_identifier(octets: str) -> None:
    """Numbers that do not end, begin with nothing, or are too large for Go."""
    with pytest.raises(DerError):
        dotted(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [
        (0x17, "261123120000Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (0x17, "2611231200Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (0x17, "261123130000+0100", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (0x17, "491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, "500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, "990101000000Z", datetime(1999, 1, 1, tzinfo=UTC)),
        (0x18, "20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
    ],
)
def test_times(tag: int, text: str, moment: datetime) -> None:
    """Years of two digits are of 1950 to 2049 (RFC 5280 section 4.1.2.5.1)."""
    assert Der(bytes([tag, len(text)]) + text.encode()).time() == moment


@pytest.mark.parametrize(
    ("tag", "text"),
    [(0x17, "261323120000Z"), (0x17, "26 123120000Z"), (0x18, "20501301000000Z"), (0x17, "x")],
)
def test_what_is_no_time(tag: int, text: str) -> None:
    """A thirteenth month, a blank for a digit."""
    with pytest.raises(DerError):
        Der(bytes([tag, len(text)]) + text.encode()).time()


def test_bit_strings() -> None:
    """Unused bits are zero, and shifted out."""
    assert Der(bytes.fromhex("030206c0")).bits() == b"\x03"
    assert Der(bytes.fromhex("030100")).bits() == b""
    for broken in ("0300", "030108", "030101", "030206c1", "03020902"):
        with pytest.raises(DerError):
            Der(bytes.fromhex(broken)).bits()
