"""DER as strictly as Go reads it (golang.org/x/crypto/cryptobyte): an element at a time, no look
back."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET, UTC_TIME, GENERALIZED_TIME = 0x30, 0x31, 0x17, 0x18

_HIGH_TAG = 0x1F  # X.690 section 8.1.2.4: tags of more than one octet, which cryptobyte refuses
_LENGTH_OCTETS = 4
_FIRST_OF_1900 = 50  # RFC 5280 section 4.1.2.5.1


class DerError(ValueError):
    """No DER, or not what had to stand there."""


def context(number: int, *, constructed: bool = False) -> int:
    """The octet of a context-specific tag."""
    return 0x80 | (0x20 if constructed else 0) | number


class Der:
    """The elements of some bytes, read from the first to the last."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._end = data, 0, len(data)

    def __bool__(self) -> bool:
        return self._at < self._end

    def peek(self) -> int:
        """The tag of the next element; -1 at the end."""
        return self._data[self._at] if self._at < self._end else -1

    def element(self, tag: int | None = None) -> bytes:
        """The next element with its tag and length."""
        start = self._at
        self._next(tag)
        return self._data[start : self._at]

    def value(self, tag: int | None = None) -> bytes:
        """What the next element holds."""
        start, end = self._next(tag)
        return self._data[start:end]

    def inside(self, tag: int) -> Der:
        """A reader of what the next element holds."""
        return Der(self.value(tag))

    def optional(self, tag: int) -> bytes | None:
        """What the next element holds, None where it has another tag."""
        return self.value(tag) if self.peek() == tag else None

    def boolean(self) -> bool:
        """A BOOLEAN, of which DER has two spellings."""
        octets = self.value(BOOLEAN)
        if octets not in (b"\0", b"\xff"):
            raise DerError("boolean")
        return octets == b"\xff"

    def integer(self) -> int:
        """An INTEGER in as few octets as it needs."""
        octets = self.value(INTEGER)
        if not octets or (len(octets) > 1 and _is_padded(octets)):
            raise DerError("integer")
        return int.from_bytes(octets, "big", signed=True)

    def oid(self) -> str:
        """An OBJECT IDENTIFIER with dots."""
        return dotted(self.value(OID))

    def bits(self) -> bytes:
        """A BIT STRING as whole octets, shifted to the right end (asn1.BitString.RightAlign)."""
        octets, unused = self.bits_from_left()
        if not unused or not octets:
            return octets
        return (int.from_bytes(octets, "big") >> unused).to_bytes(len(octets), "big")

    def bits_from_left(self) -> tuple[bytes, int]:
        """A BIT STRING, and how many bits of its last octet are unused."""
        octets = self.value(BIT_STRING)
        unused = octets[0] if octets else 8
        if unused > 7 or (len(octets) == 1 and unused):
            raise DerError("bit string")
        if octets[-1] & ((1 << unused) - 1) and len(octets) > 1:
            raise DerError("bit string")
        return octets[1:], unused

    def time(self) -> datetime:
        """A UTCTime or a GeneralizedTime of RFC 5280 section 4.1.2.5, also without seconds."""
        if self.peek() == UTC_TIME:
            return _moment(self.value(UTC_TIME), digits=2)
        return _moment(self.value(GENERALIZED_TIME), digits=4)

    def _next(self, tag: int | None) -> tuple[int, int]:
        data, at = self._data, self._at
        if self._end - at < 2 or data[at] & _HIGH_TAG == _HIGH_TAG or tag not in (None, data[at]):
            raise DerError("tag")
        length, start = data[at + 1], at + 2
        if length >= 0x80:
            octets = length & 0x7F
            length, start = int.from_bytes(data[start : start + octets], "big"), start + octets
            shortest = (length.bit_length() + 7) // 8
            if not 0 < octets <= _LENGTH_OCTETS or length < 0x80 or shortest != octets:
                raise DerError("length")
        if start + length > self._end:
            raise DerError("length")
        self._at = start + length
        return start, self._at


@functools.lru_cache(maxsize=512)  # the same few dozens are in every certificate
def dotted(octets: bytes) -> str:
    """An OBJECT IDENTIFIER with dots; DerError where it ends in the midst of a number."""
    if not octets or octets[-1] & 0x80:
        raise DerError("object identifier")
    numbers, number, is_first = [0], 0, True
    for octet in octets:
        if is_first and octet == 0x80:
            raise DerError("object identifier")
        number, is_first = number << 7 | octet & 0x7F, not octet & 0x80
        if is_first:
            if number >= 1 << 31:  # cryptobyte, readBase128Int
                raise DerError("object identifier")
            numbers.append(number)
            number = 0
    arc = min(numbers[1] // 40, 2)
    return ".".join(map(str, (arc, numbers[1] - 40 * arc, *numbers[2:])))


def _is_padded(octets: bytes) -> bool:
    return octets[0] == (0xFF if octets[1] & 0x80 else 0x00)


_TIME = re.compile(r"(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))", re.ASCII)

_SIGNS = {"-": 1, "+": -1, None: 0}  # from local time to UTC


def _moment(octets: bytes, *, digits: int) -> datetime:
    """``digits`` of the year; the seconds may lack where it has two."""
    match = _TIME.fullmatch(octets.decode("ascii", "replace"))
    if match is None or len(match[1]) != digits or (digits == 4 and match[6] is None):
        raise DerError("time")
    year, month, day, hour, minute, second = (int(text or 0) for text in match.groups()[:6])
    if digits == 2:
        year += 2000 if year < _FIRST_OF_1900 else 1900
    if match[7] and match[8] + match[9] == "0000":  # which is to be written Z
        raise DerError("time")
    offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    try:
        found = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return found + offset * _SIGNS[match[7]]
    except (ValueError, OverflowError):
        raise DerError("time") from None
