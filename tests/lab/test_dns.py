"""The rehearsed resolver answers over UDP and TCP as its script says."""

from __future__ import annotations

import socket

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from arcprobe.lab.dns import PUBLIC_ADDRESSES, public_address
from arcprobe.lab.network import PROXY_ADDRESS, Rehearsal
from arcprobe.lab.script import DnsRule, DnsScript, NetworkScript
from tests.lab.clients import LIMIT

HOST = "management.azure.com"


def network(*rules: DnsRule, tcp: bool = True) -> Rehearsal:
    """A network without proxy whose resolver has these rules."""
    return Rehearsal(NetworkScript(proxy=None, dns=DnsScript(rules=rules, listens_on_tcp=tcp)))


def ask(
    running: Rehearsal, name: str, record: str = "A", transport: str = "udp"
) -> dns.message.Message:
    """One question to the network's name server."""
    ((address, port),) = running.name_servers
    query = dns.message.make_query(name, record)
    over = dns.query.udp if transport == "udp" else dns.query.tcp
    return over(query, address, timeout=LIMIT, port=port)


def addresses(answer: dns.message.Message) -> list[str]:
    """The addresses in an answer."""
    return [item.address for rrset in answer.answer for item in rrset if hasattr(item, "address")]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_names(transport: str) -> None:
    """Public names have one address each by way of an alias, the proxy has its own, others do not
    exist; no name has IPv6."""
    with network() as running:
        answer = ask(running, HOST, transport=transport)
        assert addresses(answer) == [public_address(HOST)]
        assert answer.answer[0].rdtype == dns.rdatatype.CNAME
        assert addresses(ask(running, "proxy.contoso.example", transport=transport)) == [
            PROXY_ADDRESS
        ]
        assert (
            ask(running, "arcprobe-4711.example.com", transport=transport).rcode()
            == dns.rcode.NXDOMAIN
        )
        empty = ask(running, HOST, "AAAA", transport)
        assert (empty.rcode(), empty.answer) == (dns.rcode.NOERROR, [])
        assert all((address, 443) in running.dial_map for address in PUBLIC_ADDRESSES)


@pytest.mark.parametrize(
    ("answer", "rcode"),
    [
        ("servfail", dns.rcode.SERVFAIL),
        ("refused", dns.rcode.REFUSED),
        ("nxdomain", dns.rcode.NXDOMAIN),
    ],
)
def test_failures(answer: str, rcode: dns.rcode.Rcode) -> None:
    """A scripted failure of some names is their answer code, and other names are well."""
    with network(DnsRule(pattern="*.azure.com", answer=answer)) as running:
        assert ask(running, HOST).rcode() == rcode
        assert addresses(ask(running, "sts.windows.net"))


def test_truncated() -> None:
    """A truncated answer is empty with TC over UDP and whole over TCP."""
    with network(DnsRule(pattern="*", answer="truncated")) as running:
        answer = ask(running, HOST)
        assert answer.flags & dns.flags.TC
        assert not answer.answer
        assert addresses(ask(running, HOST, transport="tcp")) == [public_address(HOST)]


def test_without_tcp() -> None:
    """A resolver that does not listen on TCP refuses it, and answers over UDP."""
    with network(tcp=False) as running:
        assert addresses(ask(running, HOST))
        with pytest.raises(ConnectionRefusedError):
            ask(running, HOST, transport="tcp")


def test_rules_by_record() -> None:
    """A rule can fail one record type alone, and give addresses of its own."""
    rules = (
        DnsRule(pattern=HOST, answer="servfail", record="AAAA"),
        DnsRule(pattern="sts.windows.net", answer="address", addresses=("0.0.0.0", "::")),
    )
    with network(*rules) as running:
        assert addresses(ask(running, HOST))
        assert ask(running, HOST, "AAAA").rcode() == dns.rcode.SERVFAIL
        assert addresses(ask(running, "sts.windows.net")) == ["0.0.0.0"]
        assert addresses(ask(running, "sts.windows.net", "AAAA")) == ["::"]


def test_silence() -> None:
    """A silent resolver says nothing to the names it is silent about, whatever is asked before and
    after."""
    with network(DnsRule(pattern=HOST, answer="silent")) as running:
        ((address, port),) = running.name_servers
        # both questions go by one socket: had the first one an answer, it would come
        # before the second one's
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(LIMIT)
            for name in (HOST, "sts.windows.net"):
                sock.sendto(dns.message.make_query(name, "A").to_wire(), (address, port))
            answer = dns.message.from_wire(sock.recv(65535))
    assert answer.question[0].name.to_text() == "sts.windows.net."
