"""Bypass lists as Go reads them, against what it was seen to do."""

from __future__ import annotations

import pytest

from arcprobe.no_proxy import go
from arcprobe.no_proxy.answer import Bypass
from tests.no_proxy.clients import HOSTS, further, measured, recorded


@pytest.mark.parametrize(("skip_range", "due"), measured("go"))
def test_the_eleven_hosts(skip_range: str, due: str) -> None:
    """Exactly the hosts go direct that the client was measured, or read, to go direct to."""
    match = go.matcher(skip_range)
    assert "".join("D" if match(host, None, "https").bypassed else "p" for host in HOSTS) == due


@pytest.mark.parametrize(("skip_range", "host", "port", "entry"), further("go"))
def test_the_entry_is_named(
    skip_range: str, host: str, port: int | None, entry: str | None
) -> None:
    """The entry that is named is the one that matched, and none is named for a host that goes to
    the proxy."""
    found = go.matcher(skip_range)(host, port, "https")
    assert found == Bypass(bypassed=entry is not None, entry=entry)


def test_the_recorded_client() -> None:
    """On several hundred lists the answer is that of the real client when it was asked."""
    asked = recorded("go")
    wrong = [row for row in asked if go.matcher(row[0])(row[1], row[2], row[3]).bypassed != row[4]]
    assert len(asked) > 200
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("a.svc:443", ("a.svc", "443")),
        ("[fd00::1]:443", ("fd00::1", "443")),
        ("a:", ("a", "")),
        (":1", ("", "1")),
        ("a.svc", None),
        ("fd00::1", None),
        ("[fd00::1]", None),
        ("[fd00::1", None),
        ("[a]b:1", None),
        ("[a]]:1", None),
        ("[[a]:1", None),
        ("a[:1", None),
        ("a]:1", None),
        ("a:1]", None),
    ],
)
def test_host_and_port_part_as_in_go(text: str, due: tuple[str, str] | None) -> None:
    """As net.SplitHostPort: none of both where it gives an error."""
    assert go.split_port(text) == due


@pytest.mark.parametrize(
    ("scheme", "port", "due"),
    [
        ("https", None, True),
        ("wss", None, True),
        ("http", None, False),
        ("ws", None, False),
        ("ftp", None, False),
        ("http", 443, True),
        ("https", 80, False),
    ],
)
def test_ports(scheme: str, port: int | None, due: bool) -> None:
    """A port in an entry is that of the URL, which the scheme tells where it spells none."""
    assert go.matcher("a.example:443")("a.example", port, scheme).bypassed is due
    assert go.matcher("10.1.2.3:443")("10.1.2.3", port, scheme).bypassed is due


def test_networks() -> None:
    """Networks and addresses for every port, loopback always; `*` is all."""
    found = go.networks("10.0.0.0/16,a.svc,10.1.2.3,10.1.2.4:443,fd00::/8,::ffff:10.1.2.5")
    assert [str(network) for network in found] == [
        "10.0.0.0/16",
        "fd00::/8",
        "10.1.2.3/32",
        "10.1.2.5/32",
        "127.0.0.0/8",
        "::1/128",
    ]
    assert [str(network) for network in go.networks("10.0.0.0/16, * ,x")] == ["0.0.0.0/0", "::/0"]


OCTETS = ",".join(["localhost", *(f".{number}" for number in range(256)), ".svc"])


@pytest.mark.parametrize(
    ("skip_range", "host", "due"),
    [
        (OCTETS, "10.96.0.1", False),
        (OCTETS, "::ffff:10.96.0.1", False),
        (OCTETS, "kubernetes.default.svc", True),
        ("2.3", "10.1.2.3", False),
        ("1", "10.96.0.1", False),
        ("10.96.0.1", "10.96.0.1", True),
        ("*.", "corp.example.", True),
        ("*.", "corp.example", False),
        ("\u200b", "corp.example", False),
        ("fe80::/10", "fe80::1%eth0", True),
        ("fe80::1%eth0", "fe80::1%eth0", False),
        ("\u0130stanbul.example", "\u0130stanbul.example", False),
        ("ba\u00df.example", "xn--ba-hia.example", True),
        ("a_\u00e4.example", "a_\u00e4.example", True),
        ("xn--xample.\u00e4.example", "xn--xample.xn--4ca.example", False),
    ],
)
def test_entries_of_go_since_1_24_1(skip_range: str, host: str, due: bool) -> None:
    """An address is matched by addresses and ranges alone; a name that is no international one
    stays as it is written."""
    assert go.matcher(skip_range)(host, None, "https").bypassed is due


@pytest.mark.parametrize(
    "skip_range",
    [
        "10.96.0.0/12, .svc, .svc.cluster.local",
        "10.96.0.0/12 ,\n.svc,\r\n\t.svc.cluster.local\u00a0",
        "\u300010.96.0.0/12,.svc,.svc.cluster.local",
    ],
)
def test_blanks_round_commas(skip_range: str) -> None:
    """Blanks and line breaks round entries are not there; one within an entry is a part of it."""
    match = go.matcher(skip_range)
    assert match("10.96.0.1", None, "https").bypassed
    assert match("a.default.svc.cluster.local", None, "https").bypassed
    assert not go.matcher("10.96.0.0/12 .svc")("10.96.0.1", None, "https").bypassed
