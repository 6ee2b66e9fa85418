"""Products by their signs, and the lines to change in them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from arcprobe.knowledge import products

KNOWN_CODES = {
    "proxy-denied",
    "proxy-port-denied",
    "proxy-auth-required",
    "proxy-auth-unsupported",
    "proxy-cannot-resolve",
    "tls-intercepted",
    "websocket-stripped",
    "websocket-idle-cut",
}


@pytest.mark.parametrize(
    ("issuer", "name", "confidence"),
    [
        (
            r"CN=Zscaler Intermediate Root CA (zscalerthree.net) (t)\ ,OU=Zscaler Inc.,O=Zscaler Inc.,ST=California,C=US",
            "Zscaler",
            "seen",
        ),
        (r"CN=acme,O=Zscaler\, Inc.", "Zscaler", "seen"),
        (
            "1.2.840.113549.1.9.1=certadmin@netskope.com,CN=ca.acme.eu.goskope.com,O=Acme",
            "Netskope",
            "seen",
        ),
        ("EMAILADDRESS=certadmin@netskope.com,CN=x,O=Acme", "Netskope", "seen"),
        ("CN=Cato Networks Root CA,O=Cato Networks", "Cato Networks", "seen"),
        (
            r"CN=Gateway CA - Cloudflare Managed G1 0123456789abcdef0123456789abcdef,OU=www.cloudflare.com,O=Cloudflare\, Inc.",
            "Cloudflare Gateway",
            "seen",
        ),
        (
            "1.2.840.113549.1.9.1=support@fortinet.com,CN=FGT60F1234567890,OU=Certificate Authority,O=Fortinet",
            "FortiGate",
            "seen",
        ),
        ("CN=FGVM0123456789AB,O=Acme", "FortiGate", "unproven"),
        ("CN=PAN-FW-01,O=Acme", "Palo Alto Networks", "seen"),
        ("CN=Cisco Umbrella Secondary SubCA fra-SG,O=Cisco", "Cisco Umbrella", "seen"),
        ("CN=Acme web CA,O=Blue Coat SG900", "Broadcom ProxySG", "seen"),
        (r"CN=Not trusted by \"Acme CA\",O=Acme", "Squid", "seen"),
        ("CN=mitmproxy,O=mitmproxy", "mitmproxy", "seen"),
        (
            "CN=Fireware HTTPS Proxy (SN 1 2026) CA,OU=Fireware,O=WatchGuard_Technologies",
            "WatchGuard",
            "seen",
        ),
        ("CN=PortSwigger CA,OU=PortSwigger CA,O=PortSwigger", "Burp", "unproven"),
    ],
)
def test_interceptors_are_known_by_their_issuers(issuer: str, name: str, confidence: str) -> None:
    """The issuers that products are known to write name the product, and say how sure that is."""
    product = products.interceptor_of(issuer)
    assert product is not None
    assert (product.name, product.confidence) == (name, confidence)
    assert product.source


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "CN=Acme Root CA,O=Acme",
        "CN=Contoso TLS ICA,O=Contoso",
        "CN=Microsoft TLS G2 RSA CA OCSP 04,O=Microsoft Corporation,C=US",
        "CN=Microsoft Azure RSA TLS Issuing CA 04,O=Microsoft Corporation,C=US",
        "CN=DigiCert SHA2 Secure Server CA,O=DigiCert Inc,C=US",
        r"CN=WE1,O=Google Trust Services,C=US",
        r"CN=E5,O=Let's Encrypt,C=US",
        "CN=mitmproxy,O=Acme",  # both have to match
        r"O=Acme\, CN=Zscaler Root CA",  # an escaped comma does not begin an attribute
        "=,=,=\\",
        "\\" * 100_000,
        "CN=" + "x" * 1_000_000,
    ],
)
def test_other_issuers_are_nobodys(issuer: str) -> None:
    """An enterprise's own name, genuine authorities, malformed and huge input name no product."""
    assert products.interceptor_of(issuer) is None


@pytest.mark.filterwarnings(
    "ignore:Parsed a serial number:cryptography.utils.CryptographyDeprecationWarning"
)
def test_public_authorities_of_the_catalogue_are_nobodys() -> None:
    """None of the shipped public roots has a subject that one of the patterns takes for an
    interceptor."""
    for root in x509.load_pem_x509_certificates(
        (files("arcprobe.knowledge") / "public-roots.pem").read_bytes()
    ):
        assert products.interceptor_of(root.subject.rfc4514_string()) is None


def test_names_are_read_as_cryptography_writes_them() -> None:
    """Escapes and object identifiers of `rfc4514_string` are understood."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Acme, "web" + more; #1'),
            x509.NameAttribute(NameOID.COMMON_NAME, " Zscaler Root CA "),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "pki@acme.example"),
        ]
    )
    product = products.interceptor_of(name.rfc4514_string())
    assert product is None or product.name == "Zscaler"
    plain = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, "support@fortinet.com")])
    found = products.interceptor_of(plain.rfc4514_string())
    assert found is not None
    assert found.name == "FortiGate"


@pytest.mark.parametrize(
    ("headers", "reason", "body", "name", "proves"),
    [
        (
            [("X-Squid-Error", "ERR_ACCESS_DENIED 0"), ("Server", "squid/5.7")],
            "Forbidden",
            "",
            "Squid",
            True,
        ),
        ([("Via", "1.1 proxy01 (squid/6.10)")], "Forbidden", "", "Squid", True),
        ([("Server", "tinyproxy/1.11.1")], "Filtered", "", "tinyproxy", True),
        ([], "Access violation", "", "tinyproxy", False),
        (
            [],
            "Service Unavailable",
            "No server is available to handle this request.",
            "HAProxy",
            False,
        ),
        ([], "Forbidden", "Connect to remote machine blocked", "Apache", True),
        ([("Server", "Zscaler/6.2")], "Forbidden", "", "Zscaler", True),
        ([("Proxy-Agent", "Fortinet-Proxy/1.0")], "Connection established", "", "FortiGate", True),
        ([("Server", "BlueCoat-Security-Appliance")], "", "", "Broadcom ProxySG", True),
        (
            [("Via", "1.1 10.0.0.1 (McAfee Web Gateway 11.2.9.0.1)")],
            "",
            "",
            "Skyhigh Secure Web Gateway",
            True,
        ),
        (
            [("Via", "1.1 wsa.acme.example:80 (Cisco-WSA/12.0.3-007)")],
            "",
            "",
            "Cisco Secure Web Appliance",
            True,
        ),
        (
            [],
            "",
            "Action: Deny. Reason: No rule matched. Proceeding with default action.",
            "Azure Firewall",
            True,
        ),
        ([("server", "nginx")], "Not Allowed", "", "nginx", False),
        ([("server", "envoy")], "", "", "Envoy", False),
        ([("server", "nginx"), ("x-squid-error", "ERR_DNS_FAIL 0")], "", "", "Squid", True),
    ],
)
def test_middleboxes_are_known_by_their_answers(
    headers: list[tuple[str, str]], reason: str, body: str, name: str, proves: bool
) -> None:
    """The answers that products are known to give name the product; signs shared with servers on
    the Internet do not prove it."""
    product = products.middlebox_of(headers, reason, body)
    assert product is not None
    assert (product.name, product.proves) == (name, proves)


@pytest.mark.parametrize(
    ("headers", "reason", "body"),
    [
        ([], "", ""),
        (
            [
                ("Server", "Microsoft-HTTPAPI/2.0"),
                ("Via", "1.1 azgnrelay-eastus-l1.servicebus.windows.net"),
            ],
            "Unauthorized",
            "",
        ),
        (
            [("Server", "Microsoft-IIS/10.0"), ("x-azure-ref", "x"), ("X-Cache", "CONFIG_NOCACHE")],
            "OK",
            "",
        ),
        ([("Server", "AzureContainerRegistry")], "Unauthorized", '{"errors":[]}'),
        ([("X-Cache", "MISS from edge")], "Not Found", "<html>not found</html>"),
    ],
)
def test_answers_of_azure_are_nobodys(
    headers: list[tuple[str, str]], reason: str, body: str
) -> None:
    """What Azure's own services send names no product."""
    assert products.middlebox_of(headers, reason, body) is None


def test_squid_lines_are_the_verified_ones() -> None:
    """Squid's lines are those that were tried: a leading dot, lower-case websocket, peek before
    splice."""
    assert products.directive(
        "Squid", "proxy-port-denied", host="eastus.obo.arc.azure.com", port=8084
    ) == ("acl SSL_ports port 8084    # eastus.obo.arc.azure.com")
    splice = products.directive(
        "Squid", "tls-intercepted", host="*.servicebus.windows.net", port=443
    )
    assert splice is not None
    assert splice.splitlines()[1] == "acl arc ssl::server_name .servicebus.windows.net"
    assert splice.index("peek") < splice.index("splice")
    stripped = products.directive(
        "Squid", "websocket-stripped", host="x.servicebus.windows.net", port=443
    )
    assert stripped is not None
    assert stripped.startswith("http_upgrade_request_protocols websocket allow all")


def test_a_line_holds_all_hosts_of_the_cause() -> None:
    """Products that take lists get every host of the cause once, without names that a suffix
    covers."""
    line = products.directive(
        "Squid",
        "proxy-denied",
        host="a.example",
        port=443,
        hosts=("a.example", "*.b.example", "c.b.example", "a.example"),
    )
    assert line is not None
    assert line.splitlines()[0] == "acl arc dstdomain a.example .b.example"


TIMEOUTS = " timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
HAPROXY = f"global\ndefaults\n mode http\n{TIMEOUTS}frontend proxy\n bind 127.0.0.1:3128\n"


@pytest.mark.parametrize(
    ("product", "command", "stock"),
    [
        (
            "Squid",
            ["squid", "-k", "parse", "-f"],
            "acl SSL_ports port 443\nhttp_port 127.0.0.1:3128\ncache deny all\n",
        ),
        ("HAProxy", ["haproxy", "-c", "-f"], HAPROXY),
    ],
)
@pytest.mark.parametrize("code", sorted(KNOWN_CODES))
def test_lines_are_taken_by_the_product(
    product: str, command: list[str], stock: str, code: str, tmp_path: Path
) -> None:
    """Where the product is installed, its own parser takes each of its lines."""
    program = shutil.which(command[0], path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    line = products.directive(product, code, host="eastus.obo.arc.azure.com", port=8084)
    if line is None or "<" in line:
        return  # nothing to change there, or a value that only the person knows
    configuration = tmp_path / "configuration"
    configuration.write_text(f"{stock}{line}\n")
    parsed = subprocess.run(
        [program, *command[1:], configuration],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    said = parsed.stdout + parsed.stderr
    assert parsed.returncode == 0, said
    assert not re.search(r"ERROR|FATAL|Bungled|\[ALERT\]", said), said


def test_codes_that_share_a_line() -> None:
    """An inspected gateway takes the line of any inspected host; a code without a line, or an
    unknown product, gives None."""
    settings = {"host": "contoso.gw.arc.azure.com", "port": 443}
    inspected = products.directive(
        "Zscaler", "gateway-inspected", host="contoso.gw.arc.azure.com", port=443
    )
    assert inspected == products.directive(
        "Zscaler", "tls-intercepted", host="contoso.gw.arc.azure.com", port=443
    )
    assert products.directive("Squid", "name-unknown", host=str(settings["host"]), port=443) is None
    assert (
        products.directive("Nobody", "proxy-denied", host=str(settings["host"]), port=443) is None
    )


def test_every_line_fills_and_keeps_the_products_own_braces() -> None:
    """All placeholders of every line are filled, a hostile host is not expanded again, and codes
    are those of the contract."""
    for name in products.product_names():
        for code in KNOWN_CODES:
            line = products.directive(name, code, host="*.{port}.example", port=8084)
            if line is not None:
                assert not re.search(r"\{(host|suffix|domain|regex|hosts|suffixes)\}", line)
                assert line == line.strip("\n")
    pasted = products.directive("Dante", "proxy-denied", host="a.example", port=443)
    assert pasted is not None
    assert pasted.startswith("socks pass {\n")
    raw = tomllib.loads(
        (files("arcprobe.knowledge") / "middleboxes.toml").read_text(encoding="utf-8")
    )["middlebox"]
    assert {code for each in raw for code in each.get("directives", {})} <= KNOWN_CODES


def test_the_data_is_sound() -> None:
    """Every pattern compiles, every product is sourced, and no product of a kind is described twice
    under one confidence."""
    data = files("arcprobe.knowledge")
    interceptors = tomllib.loads((data / "interceptors.toml").read_text(encoding="utf-8"))[
        "interceptor"
    ]
    middleboxes = tomllib.loads((data / "middleboxes.toml").read_text(encoding="utf-8"))[
        "middlebox"
    ]
    for each in interceptors:
        assert each["source"]
        assert all(re.compile(pattern) for table in each["match"] for pattern in table.values())
    for each in middleboxes:
        assert each["source"]
        for sign in each.get("signatures", []):
            assert len({"header", "body", "reason"} & set(sign)) == 1
            assert all(
                re.compile(sign[key]) for key in ("pattern", "body", "reason") if key in sign
            )
            assert sign.get("header", "").islower() or "header" not in sign
    names = [(each["name"], each["confidence"]) for each in interceptors]
    assert len(names) == len(set(names))
    assert len({each["name"] for each in middleboxes}) == len(middleboxes)


def test_the_shipped_roots_are_what_they_say() -> None:
    """The shipped bundle is byte for byte the one whose hash its first lines state."""
    head, note, body = (
        (files("arcprobe.knowledge") / "public-roots.pem").read_bytes().split(b"\n", 2)
    )
    assert head.startswith(b"#")
    assert hashlib.sha256(body).hexdigest() in note.decode()
