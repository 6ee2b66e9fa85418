"""Who goes past the proxy, by any dialect; and the addresses that do not, exactly."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings, strategies as st

from arcprobe import no_proxy
from arcprobe.no_proxy.suggestion import Required
from tests.no_proxy.clients import LISTS, NAMES, PORTS


@pytest.mark.parametrize(
    ("dialect", "direct"),
    [
        ("go", True),
        ("curl", True),
        ("python-requests", True),
        ("python-urllib", False),
        ("dotnet", False),
    ],
)
def test_each_dialect_has_its_client(dialect: str, direct: bool) -> None:
    """The names of dialects stand for their clients: two of the five know no networks."""
    assert no_proxy.bypass(dialect, "10.0.0.0/8", "10.1.2.3").bypassed is direct
    assert (no_proxy.uncovered(dialect, "10.0.0.0/8", ("10.1.2.3",)) == ()) is direct


def test_an_unknown_dialect() -> None:
    """There is no answer for a client that nobody looked at."""
    with pytest.raises(KeyError):
        no_proxy.bypass("telnet", "", "a")


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
        no_proxy.uncovered(dialect, skip_range, ("10.0.0.0/8",))
    no_proxy.lint(skip_range)
    once = no_proxy.suggest(
        skip_range, Required(ranges=("10.0.0.0/16",), suffixes=(".svc",))
    ).skip_range
    assert no_proxy.uncovered("go", once, ("10.0.0.0/16",)) == ()
    assert (
        no_proxy.suggest(once, Required(ranges=("10.0.0.0/16",), suffixes=(".svc",))).skip_range
        == once
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=6), st.integers(24, 30)
)
def test_coverage_is_exact(entries: list[tuple[int, int]], bits: int) -> None:
    """Address by address, what is called uncovered is what Go would send to the proxy, and nothing
    else."""
    skip_range = ",".join(f"10.0.0.{last}/{length}" for last, length in entries)
    wanted = ipaddress.ip_network(f"10.0.0.0/{bits}")
    inside = no_proxy.holds(no_proxy.uncovered("go", skip_range, (str(wanted),)))
    for address in map(str, wanted):
        assert inside(address) is not no_proxy.bypass("go", skip_range, address).bypassed


def test_coverage_of_vast_ranges_takes_no_enumeration() -> None:
    """A range of 2^120 addresses with one hole is answered at once."""
    assert no_proxy.uncovered("go", "fd00::/9,fd80::/9", ("fd00::/8",)) == ()
    assert no_proxy.uncovered("go", "fd00::5", ("fd00::/8",)) == (
        "fd00::-fd00::4",
        "fd00::6-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    )
    assert no_proxy.uncovered("python-requests", "fd00::/8", ("fd00::/126",)) == ("fd00::-fd00::3",)


def test_uncovered_speaks_in_runs() -> None:
    """Uncovered addresses come as the fewest runs, over both families."""
    left = no_proxy.uncovered(
        "go", "10.0.0.0/24,10.0.1.5", ("10.0.0.1-10.0.1.6", "fd00::1", "nonsense")
    )
    assert left == ("10.0.1.0-10.0.1.4", "10.0.1.6", "fd00::1")


@pytest.mark.parametrize(
    ("address", "due"),
    [
        ("10.0.0.0", False),
        ("10.0.0.1", True),
        ("10.0.0.3", True),
        ("10.0.0.4", False),
        ("9.0.0.0", False),
        ("fd00::1", True),
        ("fd00::2", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("a", False),
    ],
)
def test_addresses_that_runs_hold(address: str, due: bool) -> None:
    """An address is in the runs, to the edge, or it is not; a name is in none."""
    assert no_proxy.holds(("10.0.0.1-10.0.0.3", "fd00::1", "x"))(address) is due
    assert not no_proxy.holds(())(address)
