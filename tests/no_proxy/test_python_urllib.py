"""Bypass lists as Python's urllib reads them, against what it was seen to do."""

from __future__ import annotations

import urllib.request

import pytest
from hypothesis import example, given, settings

from arcprobe.no_proxy import python_urllib
from arcprobe.no_proxy.addresses import strip_brackets
from arcprobe.no_proxy.answer import Bypass
from tests.no_proxy.clients import HOSTS, LISTS, NAMES, PORTS, further, measured, recorded


@pytest.mark.parametrize(("skip_range", "due"), measured("python-urllib"))
def test_the_eleven_hosts(skip_range: str, due: str) -> None:
    """Exactly the hosts go direct that the client was measured, or read, to go direct to."""
    match = python_urllib.matcher(skip_range)
    assert "".join("D" if match(host, None, "https").bypassed else "p" for host in HOSTS) == due


@pytest.mark.parametrize(("skip_range", "host", "port", "entry"), further("python-urllib"))
def test_the_entry_is_named(
    skip_range: str, host: str, port: int | None, entry: str | None
) -> None:
    """The entry that is named is the one that matched, and none is named for a host that goes to
    the proxy."""
    found = python_urllib.matcher(skip_range)(host, port, "https")
    assert found == Bypass(bypassed=entry is not None, entry=entry)


def test_the_recorded_client() -> None:
    """On several hundred lists the answer is that of the real client when it was asked."""
    asked = recorded("python-urllib")
    wrong = [
        row
        for row in asked
        if python_urllib.matcher(row[0])(row[1], row[2], row[3]).bypassed != row[4]
    ]
    assert len(asked) > 200
    assert wrong == []


@settings(max_examples=200, deadline=None)
@given(LISTS, NAMES, PORTS)
@example("*", "a", None)
@example(".", "a.", None)
def test_the_standard_library(skip_range: str, host: str, port: int | None) -> None:
    """For any list and host the answer is that of this interpreter's own urllib."""
    text = f"[{strip_brackets(host)}]" if ":" in host else host
    asked = text if port is None else f"{text}:{port}"
    settled = {"no": skip_range} if skip_range else {}
    due = bool(vars(urllib.request)["proxy_bypass_environment"](asked, settled))
    assert python_urllib.matcher(skip_range)(host, port, "https").bypassed is due


def test_networks() -> None:
    """Single addresses in the spelling that a URL has; `*` alone is all."""
    found = python_urllib.networks("10.1.2.3, [fd00::1],fd00::2,10.0.0.0/8,[FD00::3],[10.1.2.4]")
    assert [str(network) for network in found] == ["10.1.2.3/32", "fd00::1/128", "fd00::3/128"]
    assert [str(network) for network in python_urllib.networks("*")] == ["0.0.0.0/0", "::/0"]
