"""The five dialects of bypass lists, each against what its client was seen to do, and the list
itself."""

from __future__ import annotations

import ipaddress
import json
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from arcprobe import no_proxy
from arcprobe.no_proxy import addresses as _addresses, curl as _curl
from arcprobe.no_proxy.suggestion import Required

DOCUMENTED = "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local,.svc"

# The eleven hosts of the measurements that this project made (Go, curl, requests, urllib; .NET
# from its source).
HOSTS = (
    *(
        "example.com",
        "www.example.com",
        "notexample.com",
        "10.1.2.3",
        "fd00::1",
        "::1",
        "127.0.0.1",
        "localhost",
    ),
    *("xn--bcher-kva.example", "kubernetes.default.svc", "example.com."),
)
LOOPBACK = "ppppp" + "DDD" + "ppp"  # what Go does with any list that matches none of them

# list: go, curl, python-requests, python-urllib, dotnet; D direct, p proxy
MEASURED = {
    "example.com": ("DDpppDDDppp", "DDppppppppD", "DDppppppppp", "DDppppppppp", "Dpppppppppp"),
    ".example.com": ("pDpppDDDppp", "DDppppppppD", "DDppppppppp", "DDppppppppp", "DDppppppppp"),
    "*.example.com": ("pDpppDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "example.com:443": ("DDpppDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "*": ("D" * 11, "D" * 11, "D" * 11, "D" * 11, "p" * 11),
    "example.com.": ("pppppDDDppD", "DDppppppppD", "ppppppppppD", "ppppppppppD", "ppppppppppD"),
    "10.0.0.0/8": ("pppDpDDDppp", "pppDppppppp", "pppDppppppp", "p" * 11, "p" * 11),
    "10.1.2.3:443": ("pppDpDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "10.*": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "::1": (LOOPBACK, "pppppDppppp", "pppppDppppp", "p" * 11, "p" * 11),
    "[::1]": (LOOPBACK, "p" * 11, "p" * 11, "pppppDppppp", "pppppDppppp"),
    "fd00::/8": ("ppppDDDDppp", "ppppDpppppp", "p" * 11, "p" * 11, "p" * 11),
    "[fd00::1]:443": ("ppppDDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "foo.org example.com": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "foo.org , example.com": (
        "DDpppDDDppp",
        "DDppppppppD",
        "DDppppppppp",
        "DDppppppppp",
        "Dpppppppppp",
    ),
    "https://example.com": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "*example.com": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "bücher.example": ("pppppDDDDpp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
}

# dialect, list, host, port, the entry that matches or None for the proxy: semantics that the
# measurement has no host for
FURTHER: tuple[tuple[str, str, str, int | None, str | None], ...] = (
    ("go", "10.1.2.3:8443", "10.1.2.3", 8443, "10.1.2.3:8443"),
    ("go", "10.1.2.3:8443", "10.1.2.3", None, None),
    ("go", "svc:80", "a.svc", None, None),
    ("go", "10.0.0.0/33,10.1.0.0/16", "10.1.2.3", None, "10.1.0.0/16"),
    ("go", "[fd00::1]", "fd00::1", None, None),
    ("go", "FD00::1", "fd00:0::1", None, "FD00::1"),
    ("go", "10.0.0.0/8", "::ffff:10.1.2.3", None, "10.0.0.0/8"),
    ("go", ".SVC", "Kubernetes.Default.svc", None, ".SVC"),
    ("go", "kubernetes.default.svc", "kubernetes.default", None, None),
    ("go", "x,*,.y", "anything.example", None, "*"),
    ("go", "a", "LOCALHOST", None, None),
    ("curl", "0.0.0.0/0", "10.1.2.3", None, None),
    ("curl", "fd00::/9", "fd7f::1", None, "fd00::/9"),
    ("curl", "fd00::/9", "fd80::1", None, None),
    ("curl", "a,,, b", "x.b", None, "b"),
    ("curl", "a,*", "x.b", None, None),
    ("curl", "a, 10.0.0.0/ 8,b", "b", None, None),
    ("curl", ".b.", "b", None, ".b."),
    ("curl", "10.0.0.0/8", "10.1", None, "10.0.0.0/8"),
    ("python-requests", "10.0.0.0/ 8", "10.1.2.3", None, "10.0.0.0/8"),
    ("python-requests", "10.0.0.0/0", "10.1.2.3", None, None),
    ("python-requests", "example.com:8443", "a.example.com", 8443, "example.com:8443"),
    ("python-requests", "fd00::1", "fd00::1", None, "fd00::1"),
    ("python-urllib", "example.com:8443", "a.example.com", 8443, "example.com:8443"),
    ("python-urllib", "10.1.2.3", "10.1.2.3", 6443, "10.1.2.3"),
    ("dotnet", ".test.example,, foo.example", "FOO.example", None, "foo.example"),
    ("dotnet", ".test.example", "test.example", None, ".test.example"),
    ("dotnet", ".test.example", "1test.example", None, None),
    ("dotnet", "[fd00::1]", "fd00:0:0::1", None, "[fd00::1]"),
    ("dotnet", "localhost", "127.0.0.1", None, None),
    ("dotnet", "[::ffff:10.1.2.3]", "::ffff:a01:203", None, "[::ffff:10.1.2.3]"),
)

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "no_proxy_recorded.json").read_text(encoding="utf-8")
)

PIECES = (
    *(
        "10.0.0.0/8",
        "10.1.2.3",
        "10.1.2.3:443",
        "fd00::1",
        "[fd00::1]",
        "fd00::/8",
        "::/0",
        "0.0.0.0/0",
        "10.0.0.0/33",
        "10.*",
        "*",
    ),
    *(
        "*.svc",
        ".svc",
        "svc",
        "svc.",
        "..svc",
        "bücher.example",
        "https://a.svc",
        "<cidr>",
        "a b",
        "a;b",
        "",
        " ",
        "\t",
        "[",
        "]:1",
    ),
    *(
        "Arc",
        "a:99999",
        "10.0.0.0/255.0.0.0",
        "fe80::1%eth0",
        "10.0.0.1-10.0.0.9",
        "\ud800.example",
        "\x00",
        "/",
        ":",
        "%",
        ".",
    ),
)
LISTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=5).map(",".join)
NAMES = st.one_of(
    st.sampled_from((*HOSTS, "", "10.1", "fe80::1%eth0", "[", ".", "a.svc", "::ffff:10.1.2.3")),
    st.text(max_size=20),
)
PORTS = st.one_of(st.none(), st.integers(1, 65535))


@pytest.mark.parametrize("dialect", no_proxy.DIALECTS)
@pytest.mark.parametrize("skip_range", MEASURED)
def test_dialect_answers_as_its_client_was_measured(skip_range: str, dialect: str) -> None:
    """Each dialect bypasses exactly the hosts that its client was measured, or read, to bypass."""
    due = MEASURED[skip_range][no_proxy.DIALECTS.index(dialect)]
    got = "".join(
        "D" if no_proxy.bypass(dialect, skip_range, host).bypassed else "p" for host in HOSTS
    )
    assert got == due


@pytest.mark.parametrize(("dialect", "skip_range", "host", "port", "entry"), FURTHER)
def test_dialect_names_the_entry(
    dialect: str, skip_range: str, host: str, port: int | None, entry: str | None
) -> None:
    """The entry that is named is the one that matched, and none is named for a host that goes to
    the proxy."""
    assert no_proxy.bypass(dialect, skip_range, host, port) == no_proxy.Bypass(
        bypassed=entry is not None, entry=entry
    )


@pytest.mark.parametrize(
    ("place", "dialect"), tuple(enumerate(("go", "python-requests", "python-urllib", "curl")))
)
def test_dialect_answers_as_the_recorded_client(place: int, dialect: str) -> None:
    """On several hundred lists each dialect answers as the real client did when it was asked."""
    asked = [row for row in RECORDED["rows"] if row[4][place] != "-"]
    wrong = [
        row
        for row in asked
        if no_proxy.bypass(dialect, *row[:4]).bypassed != (row[4][place] == "D")
    ]
    assert len(asked) > 200
    assert wrong == []


@settings(max_examples=200, deadline=None)
@given(LISTS, NAMES, PORTS)
@example("*", "a", None)
@example(".", "a.", None)
def test_urllib_dialect_is_the_standard_library(
    skip_range: str, host: str, port: int | None
) -> None:
    """For any list and host the answer is that of this interpreter's own urllib."""
    text = f"[{_addresses.bare(host)}]" if ":" in host else host
    asked = text if port is None else f"{text}:{port}"
    due = bool(
        vars(urllib.request)["proxy_bypass_environment"](
            asked, {"no": skip_range} if skip_range else {}
        )
    )
    assert no_proxy.bypass("python-urllib", skip_range, host, port).bypassed is due


@settings(max_examples=200, deadline=None)
@given(LISTS, NAMES, PORTS, st.sampled_from(("http", "https", "wss", "")))
def test_no_list_and_no_host_raises(
    skip_range: str, host: str, port: int | None, scheme: str
) -> None:
    """Whatever a list or a host holds, nothing raises, and a named entry stands in the list."""
    for dialect in no_proxy.DIALECTS:
        found = no_proxy.bypass(dialect, skip_range, host, port, scheme)
        assert found.entry is None or (
            found.bypassed and found.entry in skip_range.replace(" ", "") + skip_range
        )
        no_proxy.covers_network(dialect, skip_range, "10.0.0.0/8")
    no_proxy.lint(skip_range)
    once = no_proxy.suggest(
        skip_range, Required(ranges=("10.0.0.0/16",), suffixes=(".svc",))
    ).skip_range
    assert no_proxy.covers_network("go", once, "10.0.0.0/16") == ()
    assert (
        no_proxy.suggest(once, Required(ranges=("10.0.0.0/16",), suffixes=(".svc",))).skip_range
        == once
    )


@given(st.text(alphabet="0123456789abcdefxX. \t", max_size=18))
@example("0x7f.1")
@example("010.1.2.3")
@example("1.2.3.4 x")
@example("08")
def test_short_addresses_are_read_as_the_c_library_reads_them(text: str) -> None:
    """The IPv4 reading under requests and .NET agrees with inet_aton(3)."""
    try:
        due: str | None = socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        due = None
    got = _addresses.aton(text)
    assert (None if got is None else str(got)) == due


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=6), st.integers(24, 30)
)
def test_coverage_is_exact(entries: list[tuple[int, int]], bits: int) -> None:
    """Address by address, what covers_network calls uncovered is what Go would send to the proxy,
    and nothing else."""
    skip_range = ",".join(f"10.0.0.{last}/{length}" for last, length in entries)
    wanted = ipaddress.ip_network(f"10.0.0.0/{bits}")
    uncovered = {
        a
        for part in no_proxy.covers_network("go", skip_range, str(wanted))
        for a in ipaddress.ip_network(part)
    }
    assert uncovered == {
        a for a in wanted if not no_proxy.bypass("go", skip_range, str(a)).bypassed
    }


def test_coverage_of_vast_ranges_takes_no_enumeration() -> None:
    """A range of 2^120 addresses with one hole is answered at once, hole by hole."""
    assert no_proxy.covers_network("go", "fd00::/9,fd80::/9", "fd00::/8") == ()
    left = no_proxy.covers_network("go", "fd00::", "fd00::/8")
    assert len(left) == 120
    assert left[0] == "fd00::1/128"
    assert no_proxy.covers_network("python-requests", "fd00::/8", "fd00::/64") == ("fd00::/64",)
    with pytest.raises(ValueError, match="not a network"):
        no_proxy.covers_network("go", "", "10.0.0.0/33")


LINTED = {
    DOCUMENTED: (),
    "Arc": (),
    "a, b ,": (),
    "10.0.0.0/33": ("malformed",),
    "fd00::/129": ("malformed",),
    "10.0.0.0/16;.svc": ("malformed",),
    "10.0.0.0/16 .svc": ("malformed",),
    "https://example.com": ("malformed",),
    "<service-cidr>": ("malformed",),
    "a,,b": ("malformed",),
    "10.0.0.256": ("malformed",),
    "10.0.0.0/255.255.0.0": ("malformed",),
    "10.0.0.1-10.0.0.9": ("malformed",),
    "host:99999": ("malformed",),
    "..svc": ("malformed",),
    '"a': ("malformed",),
    "10.0.0.0/16\u200b": ("malformed",),
    "10.*": ("ineffective",),
    "*example.com": ("ineffective",),
    "[fd00::1]": ("ineffective",),
    "svc.": ("ineffective",),
}


@pytest.mark.parametrize("skip_range", LINTED)
def test_lint(skip_range: str) -> None:
    """What is malformed or useless is said, and what works is left in peace."""
    assert (
        tuple(one.severity for one in no_proxy.lint(skip_range) if one.severity != "uneven")
        == LINTED[skip_range]
    )


def test_lint_names_the_clients_that_do_not_understand() -> None:
    """For a sound entry the clients are named that ignore it."""
    deaf = {
        one.entry.text: one.dialects
        for one in no_proxy.lint("10.0.0.0/8,fd00::/8,*.x,.y,z:443,fd00::1")
    }
    assert deaf["10.0.0.0/8"] == ("python-urllib", "dotnet")
    assert deaf["fd00::/8"] == ("python-requests", "python-urllib", "dotnet")
    assert deaf["*.x"] == ("curl", "python-requests", "python-urllib", "dotnet")
    assert deaf["fd00::1"] == ("python-urllib", "dotnet")
    assert ".y" not in deaf


MENDED = {
    "10.0.0.0/16;.svc|x": "10.0.0.0/16,.svc,x",
    "10.0.0.0/16 .svc": "10.0.0.0/16,.svc",
    "10.0.0.0 / 16": "10.0.0.0/16",
    "10.*,192.168.*.*": "10.0.0.0/8,192.168.0.0/16",
    "https://user@example.com:8443/x": "example.com",
    "[fd00::1],svc.,*example.com": "fd00::1,svc,example.com",
    "10.0.0.0/255.255.0.0": "10.0.0.0/16",
    "10.0.0.0-10.0.0.255": "10.0.0.0/24",
    '"10.0.0.0/16\\,.svc"': "10.0.0.0/16,.svc",
    "<cidr>,10.0.0.0/33,,.svc,.svc": ".svc",
    "10.0.0.0/16\u200b,\ufeff.svc": "10.0.0.0/16,.svc",
}


@pytest.mark.parametrize("skip_range", MENDED)
def test_mending(skip_range: str) -> None:
    """Entries whose meaning is certain are written as what they meant; those whose meaning is not
    are left out."""
    assert ",".join(no_proxy.mended(skip_range)) == MENDED[skip_range]


def test_suggestion_for_an_empty_list_is_the_documented_one() -> None:
    """From nothing and a Service range comes exactly the value that Microsoft documents."""
    required = Required(
        ranges=("10.0.0.0/16",), suffixes=("kubernetes.default.svc", ".svc.cluster.local", ".svc")
    )
    assert no_proxy.suggest("", required).skip_range == DOCUMENTED
    assert no_proxy.suggest(DOCUMENTED, required) == no_proxy.Suggestion(skip_range=DOCUMENTED)


def test_suggestion_keeps_mends_adds_and_removes() -> None:
    """Good entries stay in order, bad ones are mended or dropped, what is too broad goes, what
    lacks is added."""
    required = Required(
        groups=(("10.96.0.1", "10.97.3.4", "fd00::1-fd00::3", "172.20.0.10"),),
        hosts=("192.0.2.7:6443", "api.corp.example:443", "bad:port:x"),
        suffixes=(".svc",),
        proxied=(("management.azure.com", 443), ("mcr.microsoft.com", 443)),
    )
    given_list = "proxy.corp.example;.intra,azure.com,mcr.microsoft.com,10.0.0.0/33"
    suggestion = no_proxy.suggest(given_list, required)
    assert suggestion.skip_range.startswith("proxy.corp.example,.intra,mcr.microsoft.com,.svc,")
    assert "azure.com" in suggestion.removed
    assert {"10.96.0.0/15", "172.20.0.10", "fd00::/126", "192.0.2.7", "api.corp.example"} <= set(
        suggestion.added
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12))
def test_guessed_ranges_hold_every_address_and_are_honest(numbers: list[int]) -> None:
    """The ranges made of addresses in use cover them all, and none is wider than Kubernetes allows
    a Service range to be."""
    runs = tuple(str(ipaddress.IPv4Address(number)) for number in numbers)
    suggestion = no_proxy.suggest("", Required(groups=(runs,)))
    assert no_proxy.uncovered("go", suggestion.skip_range, runs) == ()
    assert all(ipaddress.ip_network(text).prefixlen >= 12 for text in suggestion.added)


def test_uncovered_speaks_in_runs() -> None:
    """Uncovered addresses come as the fewest runs, over both families."""
    left = no_proxy.uncovered(
        "go", "10.0.0.0/24,10.0.1.5", ("10.0.0.1-10.0.1.6", "fd00::1", "nonsense")
    )
    assert left == ("10.0.1.0-10.0.1.4", "10.0.1.6", "fd00::1")


def test_curl_stops_where_a_blank_parts_two_entries() -> None:
    """Since curl gave up blanks as separators it reads nothing after the first of them."""
    assert list(_curl.tokens("a, b c,d")) == ["a", "b"]
    assert list(_curl.tokens("a,,,\t b")) == ["a", "b"]


HOST_PORTS = {
    "a.svc": ("a.svc", None),
    "a.svc:443": ("a.svc", 443),
    "10.0.0.1:6443": ("10.0.0.1", 6443),
    "fd00::1": ("fd00::1", None),
    "[fd00::1]": ("fd00::1", None),
    "[fd00::1]:6443": ("fd00::1", 6443),
}


@pytest.mark.parametrize("text", HOST_PORTS)
def test_hosts_and_ports_part(text: str) -> None:
    """A host with or without port, IPv6 with or without brackets, comes apart as written."""
    assert no_proxy.split_host_port(text) == HOST_PORTS[text]


@pytest.mark.parametrize("text", ["a:99999", "a:b", "a:0", "a:"])
def test_bad_ports_are_refused(text: str) -> None:
    """What is no port is refused."""
    with pytest.raises(ValueError, match="not a port"):
        no_proxy.split_host_port(text)
