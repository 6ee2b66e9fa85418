"""A resolv.conf that nobody should have written is read as glibc reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from arcprobe.probes.wire.resolv_conf import surroundings


def written(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "resolv.conf"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_resolv_conf_of_all_sorts(tmp_path: Path) -> None:
    """Tabs, CRLF, comments, scopes, too many servers and too large numbers are read as glibc reads
    them."""
    text = (
        "; comment\r\n# another\r\nnameserver\t10.0.0.1\r\nnameserver fe80::1%eth0\r\n"
        "nameserver nonsense\r\n"
        "nameserver 10.0.0.3 # the third\nnameserver 10.0.0.4\n\nsearch\ta.example.  b.example .\n"
        "options ndots:9999\ttimeout:99 attempts:x\n"
    )
    place = surroundings(written(tmp_path, text))
    assert place.name_servers == ("10.0.0.1", "fe80::1%eth0", "10.0.0.3")
    assert place.search == ("a.example", "b.example")
    assert (place.ndots, place.timeout, place.attempts) == (15, 30, 2)


@pytest.mark.parametrize("text", ["", "search corp.example\n", "nameserver nonsense\n"])
def test_no_server_is_this_host(tmp_path: Path, text: str) -> None:
    """A file that names no server means the one on this host."""
    assert surroundings(written(tmp_path, text)).name_servers == ("127.0.0.1",)


@pytest.mark.parametrize("number", ["²", "９", "9" * 5000, "-1", "", "1e9"])
def test_odd_numbers(tmp_path: Path, number: str) -> None:
    """A number that is none, or that is enormous, breaks nothing."""
    assert (
        0
        <= surroundings(written(tmp_path, f"options ndots:{number} timeout:{number}\n")).ndots
        <= 15
    )


def test_ten_megabytes(tmp_path: Path) -> None:
    """A huge file is read to its bound, and the line that the bound cuts is not taken for another
    address."""
    place = surroundings(
        written(
            tmp_path,
            "#" * (64 * 1024 - 21) + "\nnameserver 10.0.0.123\n" + "search x\n" * 1_000_000,
        )
    )
    assert place.name_servers == ("127.0.0.1",)


def test_nothing_there(tmp_path: Path) -> None:
    """No file and a folder are a place without name servers; one that says nothing names this
    host."""
    assert surroundings(str(tmp_path / "none")).name_servers == ()
    assert surroundings(str(tmp_path)).name_servers == ()
    assert surroundings(written(tmp_path, b"\xff\xfe\0\0")).name_servers == ("127.0.0.1",)


@given(st.binary(max_size=300))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """No content raises."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data + b"\noptions ndots:" + data)
    assert len(surroundings(str(path)).name_servers) <= 3
