"""One entry: what it is, what is wrong with it, what was meant."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.language import language
from arcprobe.no_proxy.entry_forms import is_wellformed, read_entry

SOUND = {
    "a": "name",
    "a.svc:443": "name",
    "A_b-c.example": "name",
    "bücher.example": "name",
    "a" * 63: "name",
    ".svc": "suffix",
    ".svc:8443": "suffix",
    "*": "wildcard",
    "*.svc": "wildcard",
    "10.0.0.0/16": "network",
    "fd00::/8": "network",
    "10.1.2.3": "address",
    "fd00::1": "address",
    "10.1.2.3:443": "address",
    "10.1.2.3:65535": "address",
    "10.1.2.3:1": "address",
    "a:1": "name",
    "a:65535": "name",
    "[fd00::1]:1": "address",
    "[fd00::1]:6443": "address",
}


@pytest.mark.parametrize("text", SOUND)
def test_sound_entries(text: str) -> None:
    """What Go takes for what was meant has a kind, and no problem."""
    meaning = read_entry(text)
    assert (meaning.kind, meaning.problem, meaning.instead) == (SOUND[text], None, ())
    assert is_wellformed(text)


@pytest.mark.parametrize(
    ("text", "kind", "words", "instead"),
    [
        ("a\u200b", "malformed", "it holds an invisible character", ("a",)),
        ("a b\u200b", "malformed", "it holds an invisible character", ("a", "b")),
        ("'a|b'", "malformed", "a quote or backslash becomes part of the entry", ("a", "b")),
        (
            "<local>",
            "malformed",
            "`<local>` is a Windows keyword for names without a dot; the agents do not know it",
            (),
        ),
        ("<cidr>", "malformed", "a placeholder that was not filled in", ()),
        ("$(X)", "malformed", "a placeholder that was not filled in", ()),
        ("$X", "malformed", "a placeholder that was not filled in", ()),
        ("%NO_PROXY%", "malformed", "a placeholder that was not filled in", ()),
        ('"a', "malformed", "a quote or backslash becomes part of the entry", ("a",)),
        ("a\\.b", "malformed", "a quote or backslash becomes part of the entry", ("a.b",)),
        ("''", "malformed", "a quote or backslash becomes part of the entry", ()),
        (
            "a;10.*; ;<x>",
            "malformed",
            "`;` separates entries only on Windows; use `,`; a placeholder that was not filled in",
            ("a", "10.0.0.0/8"),
        ),
        (
            "*.a.example;10.*; ;b|c;<local>",
            "malformed",
            "`;` separates entries only on Windows; use `,`; `<local>` is a Windows"
            " keyword for names without a dot; the agents do not know it",
            (".a.example", "10.0.0.0/8", "b", "c"),
        ),
        ("a|b", "malformed", "`|` does not separate entries; use `,`", ("a", "b")),
        ("a b", "malformed", "a blank does not separate entries; use `,`", ("a", "b")),
        (
            "10.0.0.0 /16",
            "malformed",
            "a blank does not separate entries; use `,`",
            ("10.0.0.0/16",),
        ),
        (
            "10.0.0.0/16 a",
            "malformed",
            "a blank does not separate entries; use `,`",
            ("10.0.0.0/16", "a"),
        ),
        ("https://a.svc:1/x", "malformed", "a URL; only the host is compared", ("a.svc",)),
        ("https://u:p@a.svc", "malformed", "a URL; only the host is compared", ("a.svc",)),
        ("http://[fd00::1]", "malformed", "a URL; only the host is compared", ("fd00::1",)),
        ("http://", "malformed", "a URL; only the host is compared", ()),
        (
            "10.0.0.0-10.0.0.8",
            "malformed",
            "an address span; write networks as ADDRESS/LENGTH",
            ("10.0.0.0/29", "10.0.0.8"),
        ),
        ("10.0.0.1-10.0.2.9", "malformed", "an address span; write networks as ADDRESS/LENGTH", ()),
        ("10.0.0.9-10.0.0.1", "malformed", "an address span; write networks as ADDRESS/LENGTH", ()),
        ("10.*", "wildcard", "`*` matches no part of an address in any client", ("10.0.0.0/8",)),
        (
            "10.1.2.*",
            "wildcard",
            "`*` matches no part of an address in any client",
            ("10.1.2.0/24",),
        ),
        ("10.1.2.*.*", "wildcard", "`*` matches no part of an address in any client", ()),
        ("300.*", "wildcard", "`*` matches no part of an address in any client", ()),
        ("fe80::1%eth0", "address", "an address with a zone never matches", ("fe80::1",)),
        ("a%eth0", "address", "an address with a zone never matches", ()),
        (
            "10.0.0.5/255.255.0.0",
            "malformed",
            "a network mask; write networks as ADDRESS/LENGTH",
            ("10.0.0.0/16",),
        ),
        (
            "10.0.0.0/255.0.255.0",
            "malformed",
            "a network mask; write networks as ADDRESS/LENGTH",
            (),
        ),
        ("10.1.2.3:0", "malformed", "0 is not a valid port", ("10.1.2.3",)),
        ("10.1.2.3:65536", "malformed", "65536 is not a valid port", ("10.1.2.3",)),
        ("10.1.2.3:12345678", "malformed", "123456 is not a valid port", ("10.1.2.3",)),
        ("10.1.2.3:²", "malformed", "² is not a valid port", ("10.1.2.3",)),
        ("10.0.0.0/33", "malformed", "/33 is not a valid prefix length (0 to 32)", ()),
        ("10.0.0.0/", "malformed", "/ is not a valid prefix length", ()),
        ("10.0.0.0/x", "malformed", "/x is not a valid prefix length", ()),
        ("10.0.0.256", "malformed", "neither an IPv4 address nor a network", ()),
        ("1.2", "malformed", "neither an IPv4 address nor a network", ()),
        ("fd00::/129", "malformed", "not a valid IPv6 prefix length (0 to 128)", ()),
        ("[fd00::1]", "address", "Go compares without the brackets", ("fd00::1",)),
        ("[a]", "malformed", "brackets are only for an IPv6 address", ()),
        ("[10.0.0.0/8", "malformed", "brackets are only for an IPv6 address", ("10.0.0.0/8",)),
        (".svc]", "malformed", "brackets are only for an IPv6 address", (".svc",)),
        ("[fd00::/8", "malformed", "brackets are only for an IPv6 address", ("fd00::/8",)),
        ("[fd00::1]x", "malformed", "only :PORT may follow the brackets", ("fd00::1",)),
        ("[fd00::1]:0", "malformed", "only :PORT may follow the brackets", ("fd00::1",)),
        ("a/b", "malformed", "a path or a wrong prefix length", ("a",)),
        ("/b", "malformed", "a path or a wrong prefix length", ()),
        (":80", "malformed", "there is no host before the port", ()),
        ("a:99999", "malformed", "only a port number may follow `:`", ("a",)),
        ("a:b", "malformed", "only a port number may follow `:`", ("a",)),
        ("..a:b", "malformed", "only a port number may follow `:`", ()),
        (
            "*example.com",
            "wildcard",
            "`*` works only alone, or before the first dot (in Go)",
            ("example.com",),
        ),
        ("*.a.*", "wildcard", "`*` works only alone, or before the first dot (in Go)", ()),
        ("..svc", "malformed", "not a host name, an address or a network", ()),
        ("-a", "malformed", "not a host name, an address or a network", ()),
        ("a" * 64, "malformed", "not a host name, an address or a network", ()),
        ("svc.", "name", "with a trailing dot it matches only names that have one too", ("svc",)),
        (
            ".svc.:443",
            "suffix",
            "with a trailing dot it matches only names that have one too",
            (".svc",),
        ),
    ],
)
def test_problems(text: str, kind: str, words: str, instead: tuple[str, ...]) -> None:
    """Each problem has its words, and what was meant is offered where it is certain."""
    meaning = read_entry(text)
    assert meaning.problem is not None
    assert (meaning.kind, language().say(meaning.problem)) == (kind, words)
    assert meaning.instead == instead
    assert not is_wellformed(text)


@pytest.mark.parametrize(
    ("span", "count"), [("10.0.0.128-10.0.1.126", 8), ("10.0.0.64-10.0.1.126", 0)]
)
def test_a_span_of_many_networks_is_not_offered(span: str, count: int) -> None:
    """Eight networks are still read by a person, nine are not."""
    assert len(read_entry(span).instead) == count


@pytest.mark.parametrize(("length", "due"), [(253, True), (254, False)])
def test_the_longest_name(length: int, due: bool) -> None:
    """A name of 253 characters is one (RFC 1035), a longer one is none."""
    name = ".".join(["a" * 63] * 3 + ["a" * (length - 192)])
    assert len(name) == length
    assert is_wellformed(name) is due


def test_nothing_is_no_entry() -> None:
    """An empty text is no entry."""
    assert not is_wellformed("")
