"""Many lines at once come to what each of them is read as."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, strategies as st

from arcprobe.lifecycle.traffic_lines import Seen, read_line
from arcprobe.lifecycle.traffic_tally import Tally
from tests.bench.audit import lines as audit_lines

Told = dict[tuple[str, int], tuple[int, int, int]]  # how many, refused, failed


def by_line(lines: list[bytes]) -> tuple[Told, int]:
    """What the lines tell, each read for itself; how many tell nothing."""
    seen = [read_line(line) for line in lines if not line.isspace()]
    found = Counter(each for each in seen if isinstance(each, Seen))
    told: Told = {}
    for (host, port, outcome), count in found.items():
        all_of_it, refused, failed = told.get((host, port), (0, 0, 0))
        told[host, port] = (
            all_of_it + count,
            refused + count * (outcome == "refused"),
            failed + count * (outcome == "failed"),
        )
    return told, seen.count(None)


def at_once(*blocks: list[bytes]) -> tuple[Told, int]:
    """The same, read in blocks."""
    tally = Tally()
    for block in blocks:
        tally.take(b"\n".join(block))
    found = tally.entries.items()
    return {
        key: (entry.count, entry.refused, entry.failed) for key, entry in found
    }, tally.not_understood


# lines that differ in digits and hexadecimal letters only, and yet tell something else
ALIKE = (
    (b"host=a.corp.com status=200", b"host=a.corp.com status=403"),
    (b"host=a.corp.com status=200", b"host=a.corp.com status=bad"),
    (b"CONNECT a1.corp.com:443", b"CONNECT b2.corp.com:444"),
    (b"dial a.corp.com", b"fail a.corp.com"),
    (b"x509: a.example.com:443", b"x123: a.example.com:443"),
    (b"errors=5 host=a.example.com", b"errors=0 host=a.example.com"),
    (b"err=dead host=a.example.com", b"err=0 host=a.example.com"),
    (b"5 errors, a.example.com", b"0 errors, a.example.com"),
    (b"CONNECT a.example.com:443 to", b"GET a.example.com:443 to"),
    (b"host=a.example.com port=8084", b"host=a.example.com port=443"),
    (b"https://a.example.com/ 1", b"http://a.example.com/ 1"),
    (b"a.example.com 1", b"a.example.com:8084 1"),
    (b"address=a.example.com", b"rss=a.example.com"),
    (b"status 403 host=1.example.com", b"status 200 host=1.example.com"),
    (b"status=1234 code=200 host=1.example.com", b"status=123 code=200 host=1.example.com"),
    (b"HTTP/1.1 404 host=1.example.com", b"HTTP/3.1 404 host=1.example.com"),
    (b"CONNECT 10.0.0.1:443", b"CONNE 10.0.0.1:443"),
    (b"dial 1.2:3", b"dial ab.cd:443"),
    (b"dial 1.2:3 b.io:443", b"dial ab.cd:443 b.io:443"),
    (b"a.example.com timeout x509", b"a.example.com x12"),
    (b"a.example.com failed 1", b"a.example.com failed 2"),
    (b'"CONNECT a.com:443 HTTP/1.1" 200 - 5', b'"CONNECT a.com:443 HTTP/1.1" 200 DC 5'),
    (b"1", b"a.example.com"),
    (b" \t", b"  a.example.com"),
)


@pytest.mark.parametrize("pair", ALIKE)
def test_lines_of_the_same_letters(pair: tuple[bytes, bytes]) -> None:
    """What is remembered of a line decides nothing: each is counted as if it were the first,
    whichever comes before, in one block or in the next."""
    for first, second in (pair, pair[::-1]):
        lines = [first] * 5 + [second] * 4 + [first, second]
        assert at_once(lines) == by_line(lines)
        assert at_once([first] * 5, lines) == by_line([first] * 5 + lines)


WORDS = st.sampled_from(
    b"""CONNECT a.corp.com:443 b.corp.com:8084 ecb.de:443 1.2:3 10.0.0.7:51000 host= status= 200 403
    502 err= errors 0 5 x509 failed: https:// http:// port= 443 HTTP/1.1 DC - [f00d] main.go:42
    "msg": 2026-11-26T20:00:00.5Z TCP_DENIED/403 k1.vault.azure.net dead beef c9f2""".split()
)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=6).map(b" ".join), min_size=1, max_size=6))
def test_any_lines_in_any_order(lines: list[bytes]) -> None:
    """Whatever the lines are made of, and whatever was learned before."""
    assert at_once(lines * 4, lines, lines[::-1]) == by_line(lines * 6)


def test_lines_of_proxies() -> None:
    """Lines of every format, no two alike, in blocks of hundreds."""
    source = audit_lines()
    lines = [next(source).encode() for _ in range(3_000)]
    blocks = (lines[:1_000], lines[1_000:2_000], lines[2_000:])
    assert at_once(*blocks) == by_line(lines)


def test_first_and_last_line() -> None:
    """The first and the last line of a host, whatever stands between and in whichever block."""
    tally = Tally()
    often = [b"%d CONNECT a.corp.com:443" % number for number in range(2, 9)]
    tally.take(b"\n".join([b"1 a.corp.com:443 begins", *often]))
    tally.take(b"\n".join([*often, b"9 a.corp.com:443 ends"]))
    entry = tally.entries["a.corp.com", 443]
    assert (entry.first[1], entry.last[1]) == (b"1 a.corp.com:443 begins", b"9 a.corp.com:443 ends")
