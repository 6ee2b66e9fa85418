"""Text of strangers, hosts and addresses, RFC 4514 names: the one door, the one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from arcprobe.model import text
from arcprobe.model.redaction import know


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain", "plain"),
        ("grün, 認証, α", "grün, 認証, α"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\r\tc", "a\\nb\\r c"),
        ("a\u00a0b\u2003c", "a b c"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\U000e0001b", "a\\U000e0001b"),
        ("\x85", "\\x85"),
        (b"caf\xc3\xa9", "café"),
        (b"\xff\x15\x03", "\\xff\\x15\\x03"),
    ],
)
def test_everything_prints(sent: str | bytes, shown: str) -> None:
    """Controls, overrides and what has no width become escapes, every blank a space, bytes that are
    no UTF-8 escapes."""
    assert text.printable(sent) == shown


@given(strategies.text(), strategies.integers(min_value=1, max_value=40))
def test_bounded_and_printable(sent: str, most: int) -> None:
    """Whatever is sent: one line, every character prints, never longer than the bound."""
    shown = text.printable(sent, most)
    assert len(shown) <= most
    assert shown.isprintable() or shown == ""


@pytest.mark.parametrize(
    ("sent", "most", "shown"),
    [
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "abcd…"),
        (b"abcdef", 5, "abcd…"),
        ("a\x1bb", 6, "a\\x1bb"),
        ("a\x1bb", 5, "a\\x1…"),
        ("é" * 6, 5, "éééé…"),
        ("é".encode() * 6, 5, "éééé…"),
        ("", 5, ""),
    ],
)
def test_cut_at_the_bound(sent: str | bytes, most: int, shown: str) -> None:
    """What is longer ends in an ellipsis, within the bound, escapes counted."""
    assert text.printable(sent, most) == shown


def test_kept_characters() -> None:
    """What is asked to be kept stays, the rest is escaped."""
    assert text.printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  two\n lines\t here ", "two lines here"),
        ("see http://user:secret@host/x", "see http://***@host/x"),
        ("https://u:p@a and https://u@b", "https://***@a and https://***@b"),
        ("mail a@b", "mail a@b"),
        ("http://host/path@2", "http://host/path@2"),
        ("\x1b[0m", "\\x1b[0m"),
    ],
)
def test_words_of_a_program(said: str, shown: str) -> None:
    """One line, URLs without user and password."""
    assert text.one_line(said) == shown


def test_words_of_a_program_are_bounded() -> None:
    """400 characters where nothing else is said."""
    assert len(text.one_line("a" * 5000)) == 400
    assert text.one_line("a" * 400) == "a" * 400
    assert text.one_line("a b c", 3) == "a …"


def test_host_and_port() -> None:
    """Names and IPv4 addresses as they are, IPv6 addresses in brackets."""
    assert text.host_port("proxy", 3128) == "proxy:3128"
    assert text.host_port("192.0.2.1", 443) == "192.0.2.1:443"
    assert text.host_port("2001:db8::1", 443) == "[2001:db8::1]:443"


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("::ffff:192.0.2.1", True),
        ("fe80::1%eth0", True),
        ("[2001:db8::1]", False),
        ("192.0.2.1:80", False),
        ("192.0.2.01", False),
        ("192.0.2", False),
        ("host", False),
        ("", False),
    ],
)
def test_addresses(written: str, is_one: bool) -> None:
    """An address is what it is without brackets and port, and without leading zeros."""
    assert text.is_address(written) is is_one
    assert (text.parse_address(written) is not None) is is_one


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("gbl.his.arc.azure.com", "azure.com"),
        ("AZURE.com.", "azure.com"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    """The last two labels, in lower case."""
    assert text.registered_domain(host) == domain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CN=a,O=b", (("CN", "a"), ("O", "b"))),
        ("cn = a , o = b", (("CN", "a"), ("O", "b"))),
        ("CN=a+OU=b,C=c", (("CN", "a"), ("OU", "b"), ("C", "c"))),
        (r"O=A\, B\+C,CN=x", (("O", "A, B+C"), ("CN", "x"))),
        (r"O=Soci\C3\A9t\C3\A9", (("O", "Société"),)),
        (r"O=\FF", (("O", "\ufffd"),)),
        (r"O=a\\b", (("O", r"a\b"),)),
        ("O=a=b", (("O", "a=b"),)),
        ("CN=", (("CN", ""),)),
        ("nothing", ()),
        ("", ()),
        ("1.2.840.113549.1.9.1=a@b", (("EMAILADDRESS", "a@b"),)),
        ("E=a@b,email=c", (("EMAILADDRESS", "a@b"), ("EMAILADDRESS", "c"))),
    ],
)
def test_distinguished_names(name: str, expected: tuple[tuple[str, str], ...]) -> None:
    """Types in capitals and values unescaped, UTF-8 included, in the order of the name; what is
    malformed is left out."""
    assert text.name_attributes(name) == expected


def test_attribute() -> None:
    """The first value of a type; empty where there is none."""
    assert text.attribute("CN=a,CN=b,O=c", "CN") == "a"
    assert text.attribute("CN=a", "O") == ""


def test_names_are_bounded() -> None:
    """Of a name that never ends, 8192 characters are read."""
    assert text.attribute("CN=" + "a" * 9000, "CN") == "a" * 8189


@given(strategies.text(max_size=60))
def test_any_name_is_read(name: str) -> None:
    """Nothing that a peer writes as a name is an error."""
    assert all(kind == kind.upper().strip() for kind, _ in text.name_attributes(name))


def test_bytes_of_a_peer_are_text_without_secrets() -> None:
    """Bytes that are no UTF-8 are escapes, a secret is hidden before the text is cut, and no more
    than the bound is kept."""
    know(["Kanarien+Vogel"])
    assert text.heard(b"a\xffb", 10) == "a\\xffb"
    assert text.heard(b"user Kanarien+Vogel", 8) == "user ***"
    assert text.heard(b"x" * 100_000, 5) == "xxxx…"
