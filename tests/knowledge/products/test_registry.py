"""The list of the products, and the lines to change in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from arcprobe.knowledge.product_names import PRODUCTS
from arcprobe.knowledge.products import registry
from arcprobe.knowledge.products.lines import Asked
from arcprobe.knowledge.products.registry import paste
from arcprobe.model import Code

FOLDER = Path(registry.__file__).parent
HAVE_LINES = (
    Code.PROXY_DENIED,
    Code.PROXY_PORT_DENIED,
    Code.PROXY_AUTH_REQUIRED,
    Code.PROXY_AUTH_UNSUPPORTED,
    Code.PROXY_CANNOT_RESOLVE,
    Code.PROXY_REDIRECTS,
    Code.ANSWER_REDIRECTED,
    Code.BLOCK_PAGE,
    Code.TLS_INTERCEPTED,
    Code.WEBSOCKET_STRIPPED,
    Code.WEBSOCKET_IDLE_CUT,
    Code.NAME_UNKNOWN,
    Code.NAME_EMPTY,
    Code.NAME_SINKHOLED,
    Code.TARGET_SILENT,
    Code.TARGET_REFUSED,
    Code.TARGET_UNREACHABLE,
)
FIVE = (
    ("a.example", 443),
    ("b.example", 8084),
    ("*.c.example", 443),
    ("d.example", 443),
    ("e.example", 80),
)
ASKED = Asked(targets=FIVE, addresses=tuple((host, ("192.0.2.1", "192.0.2.2")) for host, _ in FIVE))
FIELDS = re.compile(
    r"\{(name|host|suffix|domain|escaped|regex|object|ports?|ports_apart|clients?|network|address(es)?6?)\}"
)
NAMED = ("a.example", "b.example", "c.example", "d.example", "e.example")


def test_every_file_is_listed() -> None:
    """Each file of a product is in the list, once, and each name of the list has its file."""
    assert sorted(PRODUCTS) == sorted(path.stem for path in FOLDER.glob("*.toml"))


def test_every_product_that_leaves_signs_is_compared() -> None:
    """Whatever has signs in answers is in the list of those that an answer is compared with."""
    signed = {name for name in PRODUCTS if registry.product(name).answers}
    assert set(registry.ANSWERING) == signed
    assert len(registry.ANSWERING) == len(signed) == 26


def test_every_name_is_that_of_one_product() -> None:
    """No two files are of one product, and the names that stand in reports are these."""
    names = [registry.product(name).name for name in PRODUCTS]
    assert len(names) == len(set(names)) == 61
    assert {"Squid", "Palo Alto Networks", "Broadcom ProxySG", "3proxy", "ZAP"} <= set(names)


@pytest.mark.parametrize("name", PRODUCTS)
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


def lines(product: str, code: Code, *targets: tuple[str, int]) -> tuple[str, ...]:
    """What to paste, which there is."""
    pasted = paste(product, code, Asked(targets=targets or (("a.example", 443),)))
    assert pasted is not None
    return pasted.lines


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_host_is_in_every_products_lines(name: str) -> None:
    """Lines are for codes that a product can heal; no field stays, and a line that names a host
    names all of them. Every file has a place where its lines go."""
    product = registry.product(name)
    assert set(product.lines) <= set(HAVE_LINES)
    for code in product.lines:
        pasted = paste(product.name, code, ASKED)
        assert pasted is not None
        assert pasted.where
        assert pasted.product == name
        text = "\n".join(pasted.lines)
        assert not re.search(
            r"\{(name|host|suffix|domain|escaped|regex|object|ports?|ports_apart|clients?|network|address(es)?6?)\}",
            text,
        )
        plain = text.replace("\\", "")
        assert [host in plain for host in NAMED] in ([True] * 5, [False] * 5), text


def test_squid_names_every_host_once_and_no_name_twice() -> None:
    """One value a line, none that a suffix covers: Squid 5.7 ends with FATAL on an ACL that holds
    both. The names of two kinds of change differ."""
    pasted = lines("Squid", Code.PROXY_DENIED, *FIVE, ("x.c.example", 443))
    assert [re.sub("arcprobe_denied_[0-9a-f]{6}[_ ]", "", line) for line in pasted] == [
        "# begin",
        "acl hosts_443 dstdomain -n a.example",
        "acl hosts_443 dstdomain -n .c.example",
        "acl hosts_443 dstdomain -n d.example",
        "acl hosts_8084 dstdomain -n b.example",
        "acl hosts_80 dstdomain -n e.example",
        "acl port_443 port 443",
        "acl port_8084 port 8084",
        "acl port_80 port 80",
        "http_access allow hosts_443 port_443",
        "http_access allow hosts_8084 port_8084",
        "http_access allow hosts_80 port_80",
        "# end",
    ]
    denied, spliced = (
        lines("Squid", code, *FIVE)[1].split()[1]
        for code in (Code.PROXY_DENIED, Code.TLS_INTERCEPTED)
    )
    assert denied.startswith("arcprobe_denied_")
    assert spliced.startswith("arcprobe_tls_intercepted_")


def test_an_inspected_gateway_takes_the_line_of_any_inspected_host() -> None:
    """Codes that call for the same change share its lines."""
    for code in (Code.GATEWAY_INSPECTED, Code.TLS_INTERCEPTED):
        assert lines("Zscaler", code, ("contoso.gw.arc.azure.com", 443)) == (
            "contoso.gw.arc.azure.com",
        )


def test_a_block_page_takes_the_line_of_a_denied_host() -> None:
    """A page inside the tunnel is undone as a refused tunnel is."""
    for code in (Code.BLOCK_PAGE, Code.PROXY_DENIED):
        assert lines("Cato Networks", code) == ("a.example",)


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
    assert paste(product, code, Asked(targets=(("a.example", 443),))) is None


def test_a_line_keeps_the_syntax_of_its_product() -> None:
    """Braces that are the product's own stay as they are."""
    assert lines("Dante", Code.PROXY_DENIED, ("*.b.example", 443))[1:-1] == (
        "socks pass {",
        "    from: 0.0.0.0/0 to: .b.example port = 443",
        "    protocol: tcp",
        "    command: connect",
        "}",
    )
    assert lines("mitmproxy", Code.TLS_INTERCEPTED, ("*.b.example", 443)) == (
        r"--ignore-hosts '^.*\.b\.example:443$'",
    )


def test_the_label_is_on_a_line_of_its_own() -> None:
    """Glued to the first line it would cost that line."""
    pasted = paste("tinyproxy", Code.PROXY_PORT_DENIED, Asked(targets=(("a.example", 8084),)))
    assert pasted is not None
    assert registry.label("tinyproxy", pasted.where) == "tinyproxy (tinyproxy.conf):"
    assert pasted.lines[1:-1] == ("ConnectPort 8084",)
    assert pasted.apply == "systemctl restart tinyproxy"
