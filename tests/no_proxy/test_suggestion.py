"""The list that would be right."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings, strategies as st

from arcprobe import no_proxy
from arcprobe.no_proxy.addresses import intervals
from arcprobe.no_proxy.suggestion import Required, guess
from tests.no_proxy.clients import DOCUMENTED

CORRECTED = {
    "10.0.0.0/16;.svc|x": "10.0.0.0/16,.svc,x",
    "10.0.0.0/16 .svc": "10.0.0.0/16,.svc",
    "10.0.0.0 / 16": "10.0.0.0/16",
    "10.*,192.168.*.*": "10.0.0.0/8,192.168.0.0/16",
    "https://user@example.com:8443/x": "example.com",
    "[fd00::1],svc.,*example.com": "[fd00::1],fd00::1,svc,example.com",
    "10.0.0.0/255.255.0.0": "10.0.0.0/16",
    "10.0.0.0-10.0.0.255": "10.0.0.0/24",
    '"10.0.0.0/16\\,.svc"': "10.0.0.0/16,.svc",
    "<cidr>,10.0.0.0/33,,.svc,.svc": ".svc",
    "10.0.0.0/16\u200b,\ufeff.svc": "10.0.0.0/16,.svc",
}


@pytest.mark.parametrize("skip_range", CORRECTED)
def test_correction(skip_range: str) -> None:
    """Entries whose meaning is certain are written as what they meant; those whose meaning is not
    are left out."""
    assert ",".join(no_proxy.corrected_entries(skip_range)) == CORRECTED[skip_range]


def test_useless_entries_may_stay() -> None:
    """What is well formed but useless is corrected only where that is asked for; what is malformed
    always."""
    kept = no_proxy.corrected_entries("10.*,svc.,a;b", ineffective=False)
    assert kept == ("10.*", "svc.", "a", "b")


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


@pytest.mark.parametrize(
    ("runs", "left", "due"),
    [
        (("10.0.0.1", "10.0.0.9"), ("10.0.0.9",), ["10.0.0.0/28"]),
        (("10.0.0.1",), ("10.0.0.1",), ["10.0.0.1/32"]),
        (("10.0.0.1", "10.15.255.255"), ("10.0.0.1",), ["10.0.0.0/12"]),
        (("10.0.0.1", "10.16.0.1"), ("10.0.0.1",), ["10.0.0.1/32"]),
        (("10.0.0.1", "10.16.0.1"), ("10.16.0.1",), ["10.16.0.1/32"]),
        (("10.0.0.1", "10.16.0.0"), ("10.0.0.1", "10.16.0.0"), ["10.0.0.1/32", "10.16.0.0/32"]),
        (("fd00::1", "fd00::f:ffff"), ("fd00::1",), ["fd00::/108"]),
        (("fd00::1", "fd00::10:1"), ("fd00::1",), ["fd00::1/128"]),
        (("10.0.0.1", "10.0.0.9"), (), []),
        (("10.0.0.1", "fd00::1"), ("fd00::1",), ["fd00::1/128"]),
    ],
)
def test_guesses_to_the_edge(runs: tuple[str, ...], left: tuple[str, ...], due: list[str]) -> None:
    """A guess holds all that is in use beside what is uncovered; at most 20 bits of hosts are
    guessed, as kube-apiserver takes no more."""
    assert [str(network) for network in guess(list(intervals(left)), runs)] == due


def test_a_run_wider_than_any_guess() -> None:
    """One run of addresses that is wider than a Service range is given as the networks that make it
    up, sixteen at most."""
    wide = ("10.0.0.1-10.64.0.0",)
    found = guess(list(intervals(wide)), wide)
    assert len(found) == 16
    assert str(found[0]) == "10.0.0.1/32"
    astride = ("10.0.0.1", "10.31.255.0-10.32.0.9")
    assert [str(network) for network in guess(list(intervals(astride)), astride)] == [
        "10.0.0.1/32",
        "10.31.255.0/24",
        "10.32.0.0/28",
    ]


def test_guesses_that_were_given() -> None:
    """A range that is only inferred counts where an address of the first group is uncovered, or
    where none is known."""
    required = Required(guesses=("10.96.0.0/16",), groups=(("10.96.0.1",), ("10.200.0.1",)))
    assert no_proxy.suggest("", required).skip_range == "10.96.0.0/16,10.200.0.1"
    assert no_proxy.suggest("10.96.0.1", required).skip_range == "10.96.0.1,10.200.0.1"
    none_known = Required(guesses=("10.96.0.0/16",), groups=((),))
    assert no_proxy.suggest("", none_known).skip_range == "10.96.0.0/16"


def test_what_lacks_stands_before_an_empty_list_and_after_a_given_one() -> None:
    """Ranges come first, as in Microsoft's example; a list that somebody wrote is only
    lengthened."""
    required = Required(ranges=("10.0.0.0/16", "192.0.2.7/32"), suffixes=(".svc",))
    assert no_proxy.suggest("", required).skip_range == "10.0.0.0/16,192.0.2.7,.svc"
    assert no_proxy.suggest("a", required).skip_range == "a,.svc,10.0.0.0/16,192.0.2.7"


def test_names_that_cannot_stand_in_a_list() -> None:
    """A name from the cluster that is no entry, or too long for one, is left out."""
    required = Required(
        hosts=("a b", "x,y", "a" * 254, "bad:port:x", "a:x"), suffixes=(".a b", ".svc")
    )
    assert no_proxy.suggest("", required).skip_range == ".svc"


@pytest.mark.parametrize(
    ("entry", "due"),
    [
        (".azure.com", (("management.azure.com", 443),)),
        ("Management.Azure.com", ()),
        ("management.azure.com:443", ()),
        ("*", (("management.azure.com", 443), ("mcr.microsoft.com", 443))),
        ("azure.com:80", ()),
        ("10.0.0.0/8", ()),
    ],
)
def test_too_broad(entry: str, due: tuple[tuple[str, int], ...]) -> None:
    """An entry is too broad for the hosts that it takes past the proxy; a host's own name is
    meant."""
    proxied = (("management.azure.com", 443), ("mcr.microsoft.com", 443), ("localhost", 443))
    assert no_proxy.too_broad(entry, proxied) == due
