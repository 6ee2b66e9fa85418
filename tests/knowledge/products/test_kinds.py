"""Each product that is promised, against each kind of change: lines, or why it has none. What no
lab runs is compared with the form of its maker's examples."""

from __future__ import annotations

import re

import pytest
import yaml

from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.knowledge.product_names import PRODUCTS
from arcprobe.knowledge.products.base import Lines
from arcprobe.knowledge.products.lines import Asked
from arcprobe.knowledge.products.registry import KINDS, name_of, product, why_not, written
from arcprobe.model import Code, line

ALLOW, PORT, EXEMPT, UPGRADE, ASK, NAMES = KINDS
PROMISED = tuple(
    """
    squid haproxy apache nginx tinyproxy dante mitmproxy 3proxy privoxy envoy traffic_server
    palo_alto fortigate zscaler broadcom_proxysg cisco_umbrella cisco_swa netskope skyhigh
    azure_firewall check_point sophos watchguard
    bind unbound dnsmasq windows_dns coredns
    nftables iptables aws azure_nsg
    """.split()
)
TRIED = set("squid haproxy apache nginx tinyproxy dante mitmproxy bind unbound dnsmasq".split())
FILTERS = ("nftables", "iptables", "aws", "azure_nsg")
ASKED = Asked(
    targets=(("a.example", 443), ("*.c.example", 443), ("b.example", 8084)),
    clients=("10.0.0.1", "10.1.0.0/16"),
    addresses=(("a.example", ("192.0.2.1", "2001:db8::1")), ("b.example", ("192.0.2.2",))),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", PROMISED)
def test_there_are_lines_or_a_reason(file: str, kind: Code) -> None:
    """In each language, and never both."""
    reason = why_not(name_of(file), kind)
    assert bool(reason) != (kind in product(file).lines)
    for name in LANGUAGES if reason else ():
        told = language(name).say(line(f"change.cannot.{reason}", product=name_of(file)))
        assert name_of(file) in told
        assert "{" not in told


@pytest.mark.parametrize("file", FILTERS)
def test_filters_open_addresses_and_ports(file: str) -> None:
    """The change that filters of packets have is their own kind."""
    pasted = written(file, Code.TARGET_SILENT, ASKED)
    assert pasted is not None
    text = "\n".join(pasted.lines)
    assert [word in text for word in ("192.0.2.1", "192.0.2.2", "443", "8084")] == [True] * 4


@pytest.mark.parametrize(
    ("file", "four", "six"),
    [
        ("nftables", "ip daddr 192.0.2.1 ", "ip6 daddr 2001:db8::1 "),
        ("iptables", "iptables -I FORWARD -d 192.0.2.1 ", "ip6tables -I FORWARD -d 2001:db8::1 "),
        ("aws", "--cidr 192.0.2.1/32", "{CidrIpv6=2001:db8::1/128}"),
        ("azure_nsg", "-prefixes 192.0.2.1", "_443_6 --priority"),
    ],
)
def test_each_address_is_in_a_rule_of_its_ip_version(file: str, four: str, six: str) -> None:
    """nft, iptables and the clouds refuse the one in the rule of the other; without addresses of a
    version there is no rule for it."""
    both = Asked(targets=ASKED.targets, addresses=ASKED.addresses)
    pasted = written(file, Code.TARGET_SILENT, both)
    assert pasted is not None
    lines = [text for text in pasted.lines if "8084" not in text and text[0] != "#"]
    assert [(four in text, six in text) for text in lines] == [(True, False), (False, True)]
    alone = Asked(targets=(("b.example", 8084),), addresses=ASKED.addresses)
    pasted = written(file, Code.TARGET_SILENT, alone)
    assert pasted is not None
    assert len([text for text in pasted.lines if text[0] != "#"]) == 1


def test_a_client_meets_addresses_of_its_own_ip_version() -> None:
    """iptables refuses a rule from the one to the other."""
    clients = ("10.0.0.1", "2001:db8::7")
    asked = Asked(targets=(("a.example", 443),), clients=clients, addresses=ASKED.addresses)
    pasted = written("iptables", Code.TARGET_SILENT, asked)
    assert pasted is not None
    assert [text.split()[3:7] for text in pasted.lines] == [
        ["-s", "10.0.0.1", "-d", "192.0.2.1"],
        ["-s", "2001:db8::7", "-d", "2001:db8::1"],
    ]


def test_the_reason_of_other_codes_is_that_of_their_kind() -> None:
    """What is healed alike is refused alike; of an unknown product nothing is said."""
    assert why_not("tinyproxy", Code.GATEWAY_INSPECTED) == "decrypts-nothing"
    assert why_not("tinyproxy", Code.PROXY_AUTH_UNSUPPORTED) == "asks-everybody"
    assert why_not("Squid", Code.PROXY_CANNOT_RESOLVE) == "forwards-no-names"
    assert why_not("Squid", Code.TARGET_SILENT) == ""
    assert why_not("Nobody", Code.PROXY_DENIED) == ""


@pytest.mark.parametrize("file", PRODUCTS)
def test_every_form_has_a_source_and_says_whether_it_was_tried(file: str) -> None:
    """Its own or that of the product; those that the lab runs are tried, no others."""
    known = product(file)
    for lines in known.lines.values():
        assert not isinstance(lines, Lines) or lines.source or known.source
    assert known.tried == (file in TRIED | {"nftables"})


# a page, and a version or the month in which a service without versions was read
_PAGE = re.compile(r"https?://[\w./()_%-]+")
_VERSION = re.compile(r" v?\d+(\.\d+)*\b| as of 20\d\d-\d\d|\bR\d\d\b")


@pytest.mark.parametrize("file", PROMISED)
def test_every_form_has_a_page_and_a_version(file: str) -> None:
    """Of each kind, its own or that of the product."""
    known = product(file)
    for code, lines in known.lines.items():
        if isinstance(lines, Lines):
            source = lines.source or known.form
            assert _PAGE.search(source), (code, source)
            assert _VERSION.search(source), (code, source)


def changes(file: str) -> dict[Code, list[str]]:
    """All lines of a product, by code."""
    found = ((code, written(file, code, ASKED)) for code in product(file).lines)
    return {code: list(pasted.lines) for code, pasted in found if pasted is not None}


_FORTIOS = {
    "config": re.compile(r"config [a-z-]+( [a-z-]+)*"),
    "edit": re.compile(r'edit ("[^"]{1,79}"|0)'),
    "set": re.compile(r'(set|append) [a-z-]+( "[^"]+"| [\w./-]+)+'),
}


@pytest.mark.parametrize("code", changes("fortigate"))
def test_fortios_blocks_are_closed(code: Code) -> None:
    """config and edit nest and end as in docs.fortinet.com, FortiOS CLI reference; what is set is
    set in an entry."""
    stack: list[str] = []
    for text in map(str.strip, changes("fortigate")[code]):
        word = text.split()[0]
        if word in ("end", "next"):
            assert stack.pop() == {"end": "config", "next": "edit"}[word]
            continue
        assert _FORTIOS["set" if word == "append" else word].fullmatch(text), text
        assert stack[-1:] in ([], ["edit"]) if word == "config" else stack
        if word in ("config", "edit"):
            stack.append(word)
    assert stack == []


_WORD = r'(?:"[^"]+"|\[ (?:[\w./:-]+ )+\]|[\w./:*-]+)'
_HOST = r"(?:\*\.)?[\w.-]+"
# file -> what each of its lines is, after the examples that its file names
FORMS: dict[str, str] = {
    "palo_alto": rf"(set|move) [a-z]+ [\w-]+( {_WORD})+",
    "windows_dns": rf'Add-DnsServerConditionalForwarderZone -Name "{_HOST}" -MasterServers [\d.]+',
    "aws": r'aws ec2 authorize-security-group-egress --group-id "\$GROUP_ID" '
    r"(--protocol tcp --port \d+ --cidr [\d.]+/32|--ip-permissions "
    r"'IpProtocol=tcp,FromPort=\d+,ToPort=\d+,Ipv6Ranges=\[\{CidrIpv6=[\da-f:]+/128\}\]')",
    "azure_nsg": r'az network nsg rule create( --[a-z-]+ ("\$[A-Z_6]+"|[\w.:]+( [\d.]+)*))+',
    "azure_firewall": rf"--protocols Https=\d+ --target-fqdns( {_HOST})+|{_HOST}",
    "broadcom_proxysg": r"<(Proxy|SSL-Intercept)>"
    rf"|  url\.domain={_HOST}( url\.port=\d+)? (allow|authenticate\(no\)|ssl\.forward_proxy\(no\))",
    "3proxy": rf"# arcprobe_\w+ (begin|end)|allow \* [\d./]+ {_HOST} \d+ HTTPS",
    "traffic_server": r"CONFIG proxy\.config\.[a-z_.]+ (STRING|INT) \d+( \d+)?",
    "privoxy": rf"# arcprobe_\w+ (begin|end)|\{{ [-+][a-z-]+(\{{[\d,]+\}})? \}}|\.?{_HOST}",
    "zscaler": rf"\.?{_HOST}|TCP \d+ to {_HOST}",
    "cisco_swa": rf"\.?{_HOST}|\d+",
    "cisco_umbrella": r"[\w-]+(\.[\w-]+)+",
    "netskope": rf"{_HOST}(:\d+)?",
    "skyhigh": rf"{_HOST}|\d+",
    "check_point": rf"\.{_HOST}|TCP \d+|{_HOST}",
    "sophos": rf"\^\(\[A-Za-z0-9\.-\]\*\\\.\)\?[\w\\.-]+/|{_HOST}|TCP \d+|\d+",
    "watchguard": rf"{_HOST}|TCP \d+ to {_HOST}",
}


@pytest.mark.parametrize("file", FORMS)
def test_lines_have_the_form_of_their_makers(file: str) -> None:
    """Each line of each change, alone."""
    for code, lines in changes(file).items():
        wrong = [text for text in lines if not re.fullmatch(FORMS[file], text)]
        assert wrong == [], code


def test_every_untried_product_is_compared() -> None:
    """With a form here, or by a parser: of FortiOS, Envoy, iptables, the Corefile. Besides their
    forms are parsed: PAN-OS, PowerShell, aws, az, Privoxy, Traffic Server (``test_running`` and the
    files beside it)."""
    parsed = {"fortigate", "envoy", "iptables", "coredns"}
    assert set(PROMISED) - TRIED - {"nftables"} == set(FORMS) | parsed


def test_envoy_reads_yaml() -> None:
    """A list of virtual hosts, with every host and port among its domains."""
    (host,) = yaml.safe_load("\n".join(changes("envoy")[ALLOW]))
    assert host["domains"] == ["a.example:443", "*.c.example:443", "b.example:8084"]
    (route,) = host["routes"]
    assert route["match"] == {"connect_matcher": {}}
    assert route["route"]["upgrade_configs"] == [{"upgrade_type": "CONNECT", "connect_config": {}}]


def test_the_corefile_has_a_block_for_each_name() -> None:
    """coredns.io/manual/configuration: a server block is a zone and what stands between braces."""
    text = "\n".join(changes("coredns")[NAMES])
    blocks = re.findall(r"^([\w.-]+):53 \{\n((?:    [^\n{}]+\n)+)\}$", text, re.M)
    assert [zone for zone, _ in blocks] == ["a.example", "c.example", "b.example"]
    assert all("forward . 192.0.2.53" in inside for _, inside in blocks)


def test_an_exemption_is_for_the_clients() -> None:
    """FortiOS has a group for them."""
    text = "\n".join(changes("fortigate")[ASK])
    assert text.count('set srcaddr "arcprobe_auth_required_') == 2
    assert 'append member "arcprobe 10.1.0.0/16"' in text
    everybody = written("fortigate", ASK, Asked(targets=(("a.example", 443),)))
    assert everybody is not None
    assert "\n".join(everybody.lines).count('set srcaddr "all"') == 2
