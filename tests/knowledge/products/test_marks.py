"""Products by their signs."""

from __future__ import annotations

from importlib.resources import files

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from arcprobe.knowledge.products.marks import interceptor_of, middlebox_of


@pytest.mark.parametrize(
    ("issuer", "name", "confidence"),
    [
        (
            r"CN=Zscaler Intermediate Root CA (zscalerthree.net) (t)\ ,OU=Zscaler Inc."
            ",O=Zscaler Inc.,ST=California,C=US",
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
            "CN=Gateway CA - Cloudflare Managed G1 0123456789abcdef0123456789abcdef"
            r",OU=www.cloudflare.com,O=Cloudflare\, Inc.",
            "Cloudflare Gateway",
            "seen",
        ),
        (
            "1.2.840.113549.1.9.1=support@fortinet.com,CN=FGT60F1234567890"
            ",OU=Certificate Authority,O=Fortinet",
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
    product = interceptor_of(issuer)
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
    assert interceptor_of(issuer) is None


@pytest.mark.filterwarnings(
    "ignore:Parsed a serial number:cryptography.utils.CryptographyDeprecationWarning"
)
def test_public_authorities_of_the_catalogue_are_nobodys() -> None:
    """None of the shipped public roots has a subject that one of the patterns takes for an
    interceptor."""
    for root in x509.load_pem_x509_certificates(
        (files("arcprobe.knowledge") / "public-roots.pem").read_bytes()
    ):
        assert interceptor_of(root.subject.rfc4514_string()) is None


def test_names_are_read_as_cryptography_writes_them() -> None:
    """Escapes and object identifiers of `rfc4514_string` are understood."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Acme, "web" + more; #1'),
            x509.NameAttribute(NameOID.COMMON_NAME, " Zscaler Root CA "),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "pki@acme.example"),
        ]
    )
    product = interceptor_of(name.rfc4514_string())
    assert product is None or product.name == "Zscaler"
    plain = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, "support@fortinet.com")])
    found = interceptor_of(plain.rfc4514_string())
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
    product = middlebox_of(headers, reason, body)
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
    assert middlebox_of(headers, reason, body) is None


def test_the_first_product_that_matches_is_named() -> None:
    """Where two match, the order of the lists decides: a maker's name may be that of a customer,
    which Netskope writes as the organization."""
    found = interceptor_of("CN=ca.acme.eu.goskope.com,O=Palo Alto Networks")
    assert found is not None
    assert found.name == "Netskope"
    page = middlebox_of([], "Forbidden", "Netskope? FortiGuard?")
    assert page is not None
    assert page.name == "FortiGate"


def test_signs_that_prove_come_first() -> None:
    """A page that two products could have written is that of the one whose sign proves it, though
    the other is asked earlier."""
    found = middlebox_of([], "Forbidden", "Sophos? Corporate Internet policy violation")
    assert found is not None
    assert (found.name, found.proves) == ("Cato Networks", True)


def test_a_shared_sign_is_no_proof_however_sure_the_product_is() -> None:
    """The word of a product on a page names it, unproven, with the source of what is known."""
    found = middlebox_of([], "Forbidden", "<p>Blocked by FortiGuard</p>")
    assert found is not None
    assert (found.name, found.confidence, found.proves) == ("FortiGate", "unproven", False)
    assert found.source.startswith("output of real sessions")


@pytest.mark.parametrize(("before", "is_found"), [(4_090, True), (4_091, False)])
def test_a_headers_value_is_read_to_its_bound(before: int, is_found: bool) -> None:
    """Of a value 4,096 characters are looked at: the sign has 6."""
    found = middlebox_of([("Via", "x" * before + "(squid/5.7)")], "", "")
    assert (found is not None) == is_found


@pytest.mark.parametrize(("before", "is_found"), [(199, True), (200, False)])
def test_headers_are_read_to_their_bound(before: int, is_found: bool) -> None:
    """Of the headers 200 are looked at."""
    headers = [("X-Filler", "x")] * before + [("X-Squid-Error", "ERR_DNS_FAIL 0")]
    assert (middlebox_of(headers) is not None) == is_found


@pytest.mark.parametrize(("before", "is_found"), [(65_506, True), (65_507, False)])
def test_a_body_is_read_to_its_bound(before: int, is_found: bool) -> None:
    """Of the body 65,536 characters are looked at; the sign has 30."""
    found = middlebox_of([], "", "." * before + "Access control list denies you")
    assert (found is not None) == is_found
