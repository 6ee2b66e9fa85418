"""The list of the products, and the lines to change in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from arcprobe.knowledge.products import registry
from arcprobe.knowledge.products.registry import directive
from arcprobe.model import Code

FOLDER = Path(registry.__file__).parent
HAVE_LINES = (
    Code.PROXY_DENIED,
    Code.PROXY_PORT_DENIED,
    Code.PROXY_AUTH_REQUIRED,
    Code.PROXY_AUTH_UNSUPPORTED,
    Code.PROXY_CANNOT_RESOLVE,
    Code.TLS_INTERCEPTED,
    Code.WEBSOCKET_STRIPPED,
    Code.WEBSOCKET_IDLE_CUT,
)


def test_every_file_is_listed() -> None:
    """Each file of a product is in the list, once, and each name of the list has its file."""
    assert sorted(registry.PRODUCTS) == sorted(path.stem for path in FOLDER.glob("*.toml"))


def test_every_product_that_leaves_signs_is_compared() -> None:
    """Whatever has signs in answers is in the list of those that an answer is compared with."""
    signed = {name for name in registry.PRODUCTS if registry.product(name).answers}
    assert set(registry.ANSWERING) == signed
    assert len(registry.ANSWERING) == len(signed) == 24


def test_every_name_is_that_of_one_product() -> None:
    """No two files are of one product, and the names that stand in reports are these."""
    names = [registry.product(name).name for name in registry.PRODUCTS]
    assert len(names) == len(set(names)) == 50
    assert {"Squid", "Palo Alto Networks", "Broadcom ProxySG", "3proxy", "ZAP"} <= set(names)


@pytest.mark.parametrize("name", registry.PRODUCTS)
def test_a_file_is_sound(name: str) -> None:
    """Every pattern compiles, every fact has a source, a sign looks at one thing, and every product
    is known by something or has a line."""
    product = registry.product(name)
    assert product.issuers or product.answers or product.lines
    assert product.source or not (product.answers or product.lines)
    for issuer in product.issuers:
        assert issuer.source
        assert all(re.compile(pattern) for table in issuer.match for pattern in table.values())
        assert {kind for table in issuer.match for kind in table} <= {
            "any",
            "CN",
            "O",
            "emailAddress",
        }
    for sign in product.answers:
        assert sum(map(bool, (sign.header, sign.body, sign.reason))) == 1
        assert sign.header == sign.header.lower()
        assert all(re.compile(pattern) for pattern in (sign.pattern, sign.body, sign.reason))


@pytest.mark.parametrize("name", registry.PRODUCTS)
def test_every_line_fills_and_keeps_the_products_own_braces(name: str) -> None:
    """All fields of every line are filled, a hostile host is not expanded again, and lines are for
    codes that a product can heal."""
    product = registry.product(name)
    assert set(product.lines) <= set(HAVE_LINES)
    for code in product.lines:
        text = directive(product.name, code, host="*.{port}.example", port=8084)
        assert text is not None
        assert not re.search(r"\{(host|suffix|domain|regex|hosts|suffixes)\}", text)
        assert text == text.strip("\n") != ""


def test_squid_lines_are_the_verified_ones() -> None:
    """Squid's lines are those that were tried: a leading dot, lower-case websocket, peek before
    splice."""
    assert directive(
        "Squid", Code.PROXY_PORT_DENIED, host="eastus.obo.arc.azure.com", port=8084
    ) == ("acl SSL_ports port 8084    # eastus.obo.arc.azure.com")
    splice = directive("Squid", Code.TLS_INTERCEPTED, host="*.servicebus.windows.net", port=443)
    assert splice is not None
    assert splice.splitlines()[1] == "acl arc ssl::server_name .servicebus.windows.net"
    assert splice.index("peek") < splice.index("splice")
    stripped = directive(
        "Squid", Code.WEBSOCKET_STRIPPED, host="x.servicebus.windows.net", port=443
    )
    assert stripped is not None
    assert stripped.startswith("http_upgrade_request_protocols websocket allow all")


def test_a_line_holds_all_hosts_of_the_cause() -> None:
    """Products that take lists get every host of the cause once, without names that a suffix
    covers."""
    line = directive(
        "Squid",
        Code.PROXY_DENIED,
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
@pytest.mark.parametrize("code", HAVE_LINES)
def test_lines_are_taken_by_the_product(
    product: str, command: list[str], stock: str, code: Code, tmp_path: Path
) -> None:
    """Where the product is installed, its own parser takes each of its lines."""
    program = shutil.which(command[0], path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    line = directive(product, code, host="eastus.obo.arc.azure.com", port=8084)
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


def test_an_inspected_gateway_takes_the_line_of_any_inspected_host() -> None:
    """Codes that call for the same change share its line."""
    expected = (
        "Policy > SSL Inspection: rule Do Not Inspect (Evaluate Other Policies) "
        "for a custom URL category that holds contoso.gw.arc.azure.com"
    )
    for code in (Code.GATEWAY_INSPECTED, Code.TLS_INTERCEPTED):
        assert directive("Zscaler", code, host="contoso.gw.arc.azure.com", port=443) == expected


def test_a_block_page_takes_the_line_of_a_denied_host() -> None:
    """A page inside the tunnel is undone as a refused tunnel is."""
    expected = "Security > Internet Firewall: rule Allow for a.example"
    for code in (Code.BLOCK_PAGE, Code.PROXY_DENIED):
        assert directive("Cato Networks", code, host="a.example", port=443) == expected


@pytest.mark.parametrize(
    ("product", "code"),
    [
        ("Squid", Code.NAME_UNKNOWN),
        ("Nobody", Code.PROXY_DENIED),
        ("", Code.PROXY_DENIED),
        ("Kaspersky", Code.TLS_INTERCEPTED),
    ],
)
def test_where_no_line_is_known_there_is_none(product: str, code: Code) -> None:
    """A code without a line, an unknown product, or one whose lines are not known, gives None."""
    assert directive(product, code, host="a.example", port=443) is None


def test_a_line_keeps_the_syntax_of_its_product() -> None:
    """Braces that are the product's own stay as they are."""
    assert directive("Dante", Code.PROXY_DENIED, host="*.b.example", port=443) == (
        "socks pass {\n"
        "    from: 0.0.0.0/0 to: .b.example port = 443\n"
        "    protocol: tcp command: connect\n"
        "}    # above the socks block; put the cluster's range in place of 0.0.0.0/0"
    )
    assert directive("mitmproxy", Code.TLS_INTERCEPTED, host="*.b.example", port=443) == (
        r"--ignore-hosts '^.*\.b\.example:443$'"
    )
