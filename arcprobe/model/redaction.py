"""What peers sent, without the secrets of this process: each is known in every form in which a
proxy may echo it, and replaced by stars."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from urllib.parse import quote, quote_plus

STARS = "***"

# Characters. A secret below the first number is no word of its own: it would star half of every
# page, and is hidden in ``user:password`` alone. Below the second it is hidden where it stands for
# itself, and not within longer words. Too high, and a report shows a short password.
_SHORTEST, _LONG = 4, 8
_SHORTEST_CODED = 5  # characters of an encoded form: below that, chance makes the same
_KEY = 4  # characters by which a form is found
_LEAST_CUT = 6  # characters of a form that a bound has cut, at the end of a text

_BASE64 = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+/=_-")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Redactor:
    """Knows the forms of some secrets. ``public``: those that are words of the field as well, such
    as a user called squid; they are hidden in encoded forms alone."""

    def __init__(self, secrets: Iterable[str] = (), public: Iterable[str] = ()) -> None:
        named = frozenset(public)
        self._index: dict[str, list[tuple[str, bool]]] = {}
        for secret in dict.fromkeys(filter(None, secrets)):
            for form, is_bounded in _forms(secret, secret in named):
                self._index.setdefault(form[:_KEY], []).append((form, is_bounded))
        for known in self._index.values():
            known.sort(key=lambda each: -len(each[0]))

    def __call__(self, text: str) -> str:
        """The text with stars for each form of each secret, whatever its case."""
        if not self._index or len(text) < _KEY:
            return text
        low = _lower(text)
        kept, end = [], 0
        for begins, ends in self._spans(low):
            kept += [text[end:begins], STARS]
            end = ends
        return "".join((*kept, text[end:])) if kept else text

    def is_in(self, text: str) -> bool:
        """Whether any form of any secret stands in a text."""
        return self(text) != text

    def _spans(self, low: str) -> Iterator[tuple[int, int]]:
        place, last = 0, len(low) - _KEY
        while place <= last:
            known = self._index.get(low[place : place + _KEY])
            ends = _end_of(low, place, known) if known else 0
            if ends:
                yield place, ends
                place = ends
            else:
                place += 1


def _end_of(low: str, place: int, known: list[tuple[str, bool]]) -> int:
    """Where the longest form that begins at a place ends; 0: none does."""
    for form, is_bounded in known:
        ends = place + len(form)
        if low.startswith(form, place) and not (is_bounded and _is_within(low, place, ends)):
            return _tail(low, ends) if not is_bounded else ends
        if ends > len(low) >= place + _LEAST_CUT and form.startswith(low[place:]):
            return len(low)
    return 0


def _is_within(low: str, begins: int, ends: int) -> bool:
    """Whether it is a part of a longer word, or a label of a host's name."""
    before, after = low[max(begins - 2, 0) : begins], low[ends : ends + 2]
    return bool(re.search(r"\w$|\w[.-]$", before) or re.match(r"\w|[.-]\w", after))


def _tail(low: str, ends: int) -> int:
    """Past the last digits of Base64, which the secret shares with what follows it."""
    most = min(ends + 3, len(low))
    while ends < most and low[ends] in _BASE64 and low[ends - 1] in _BASE64:
        ends += 1
    return ends


# --------------------------------------------------------------------------------------- the forms


def _forms(secret: str, is_public: bool) -> Iterator[tuple[str, bool]]:
    """The forms of a secret in lower case, and whether each counts only as a word of its own."""
    for plain in dict.fromkeys(map(_lower, _plain(secret))):
        if len(plain) >= _SHORTEST and not is_public:
            yield plain, len(plain) < _LONG
    coded: Iterable[str] = chain.from_iterable(_coded_bytes(data) for data in _bytes_of(secret))
    again = chain.from_iterable(map(_coded_again, set(_common(secret))))
    forms = set(map(_lower, chain(coded, again, _coded_text(secret))))
    for form in forms - set(map(_lower, _plain(secret))):
        if len(form) >= _SHORTEST_CODED:
            yield form, False


def _plain(secret: str) -> Iterator[str]:
    """As text: itself, backwards, as wrongly decoded, and as this program shows what does not
    print."""
    yield secret
    yield secret[::-1]
    data = secret.encode("utf-8", "surrogateescape")
    yield data.decode("latin-1")
    yield data.decode("utf-8", "backslashreplace")
    if not secret.isascii():
        yield secret.encode("latin-1", "ignore").decode("utf-8", "backslashreplace")


def _bytes_of(secret: str) -> tuple[bytes, ...]:
    data = secret.encode("utf-8", "surrogateescape")
    utf_16 = secret.encode("utf-16-le", "surrogatepass")
    return tuple({data, data[::-1], utf_16, secret.encode("latin-1", "ignore") or data})


def _coded_bytes(data: bytes) -> Iterator[str]:
    yield from _base64(data)
    yield base64.b32encode(data).decode().rstrip("=")[: len(data) * 8 // 5]
    yield data.hex()
    for between in (" ", ":", "-", ",", "%", "\\x", " 0x", ", 0x", "\\u00"):
        yield between.join(f"{byte:02x}" for byte in data)
    yield "".join(f"&#{byte};" for byte in data)
    yield "".join(f"&#x{byte:x};" for byte in data)
    for between in (" ", ",", ", "):
        yield between.join(map(str, data))
    yield "".join(f"{byte:08b}" for byte in data)
    yield "".join(f"\\{byte:03o}" for byte in data)


def _base64(data: bytes) -> Iterator[str]:
    """Its digits at each place of a group of three bytes, without those that depend on neighbours
    (RFC 4648 section 4), and with the alphabet for URLs (section 5)."""
    for before in range(3):
        digits = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        inner = digits[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
        yield inner
        yield inner.translate(_FOR_URLS)


_FOR_URLS = str.maketrans("+/", "-_")


def _coded_text(secret: str) -> Iterator[str]:
    encoders: tuple[Callable[[str], str], ...] = (
        lambda text: quote(text, safe="", errors="surrogateescape"),
        lambda text: quote_plus(text, errors="surrogateescape"),
        _in_a_page,
        lambda text: codecs.encode(text, "rot13"),
        lambda text: text.encode("unicode_escape", "surrogatepass").decode("ascii"),
        lambda text: text.replace("\\", "\\\\").replace('"', '\\"').replace("/", "\\/"),
        _in_a_name,
    )
    for encode in encoders:
        coded = encode(secret)
        if coded != secret:
            yield from (coded, coded[::-1], _in_a_name(coded))


def _in_a_page(text: str) -> str:
    import html  # all names of characters, which a run without secrets does without

    return html.escape(text)


def _in_a_name(text: str) -> str:
    """As a value within a distinguished name (RFC 4514 section 2.4)."""
    return re.sub(r'([,+"\\<>;])', r"\\\1", text)


def _common(secret: str) -> Iterator[str]:
    """Forms over which a second encoding is known as well, such as the percent signs of a URL that
    holds Base64."""
    data = secret.encode("utf-8", "surrogateescape")
    yield secret[::-1]
    yield data.hex()
    yield quote(secret, safe="", errors="surrogateescape")
    for turned in (data, data[::-1]):
        yield base64.b64encode(turned).decode()
        yield from _base64(turned)


def _coded_again(text: str) -> Iterator[str]:
    """The encodings that pages put over others: backwards, Base64, hexadecimal digits, percent."""
    yield text[::-1]
    data = text.encode(errors="surrogateescape")
    yield from _base64(data)
    yield data.hex()
    yield "".join(f"%{byte:02x}" for byte in data)
    yield quote(text, safe="", errors="surrogateescape")
    yield _in_a_page(text)
    yield _in_a_name(text)


def _lower(text: str) -> str:
    """In lower case by ASCII alone, so that no character becomes two."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


# --------------------------------------------------------------------- the secrets of this process

_known = Redactor()
_secrets: dict[str, bool] = {}


def know(secrets: Iterable[str], public: Iterable[str] = ()) -> None:
    """From now on these are hidden, beside those that were known. ``public``: those of them that
    are words of the field as well."""
    global _known
    named = frozenset(public)
    new = {secret: secret in named for secret in secrets if secret and secret not in _secrets}
    if new:
        _secrets.update(new)
        _known = Redactor(_secrets, [secret for secret, is_named in _secrets.items() if is_named])


def forget() -> None:
    """No secret is known any more: for a further run in the same process, with other settings."""
    global _known
    _known = Redactor()
    _secrets.clear()


def redact(text: str) -> str:
    """A text without the secrets that are known."""
    return _known(text)


def is_known(text: str) -> bool:
    """Whether a secret that is known stands in a text."""
    return _known.is_in(text)
