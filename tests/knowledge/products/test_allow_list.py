"""A selection as the rules of a product: the lines that a cause would give for all of it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.products.allow_list import allow_list, allow_lists
from arcprobe.knowledge.selection import Selection
from tests.knowledge.products.selections import FOUR, TITLE, endpoint, selection
from tests.knowledge.products.test_parsers import PARSERS, parsed

EVERYTHING = Selection(
    cloud="AzureCloud",
    region="eastus",
    gateway=None,
    features=("core", *catalogue.FEATURES),
    endpoints=catalogue.endpoints("AzureCloud", "eastus", catalogue.FEATURES),
)
IN_LAB = {
    "squid": "Squid",
    "haproxy": "HAProxy",
    "apache": "Apache",
    "dante": "Dante",
    "bind": "BIND",
    "unbound": "Unbound",
    "dnsmasq": "dnsmasq",
}


def rules(form: str, *clients: str) -> list[str]:
    """What is pasted: without the comments."""
    text = allow_list(form, msgspec.structs.replace(FOUR, clients=clients))
    assert text.startswith(TITLE)
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_squid_allows_hosts_and_ports_together() -> None:
    """Each port has its own hosts, and a suffix covers what is below it."""
    plain = [re.sub(r"arcprobe_denied_[0-9a-f]{6}_", "", line) for line in rules("squid")]
    assert plain == [
        "acl hosts_443 dstdomain -n .relay.example",
        "acl hosts_8084 dstdomain -n api.example",
        "acl hosts_80 dstdomain -n crl.example",
        "acl port_443 port 443",
        "acl port_8084 port 8084",
        "acl port_80 port 80",
        "http_access allow hosts_443 port_443",
        "http_access allow hosts_8084 port_8084",
        "http_access allow hosts_80 port_80",
    ]


@pytest.mark.parametrize("form", allow_lists())
def test_every_product_names_every_host(form: str) -> None:
    """No list leaves one out; where addresses are allowed, a wildcard has none."""
    text = allow_list(form, FOUR).replace("\\", "")
    named = [name for name in ("relay.example", "api.example", "crl.example") if name in text]
    assert named == ["relay.example", "api.example", "crl.example"]


@pytest.mark.parametrize(("form", "product"), IN_LAB.items())
def test_the_products_parser_takes_the_list(form: str, product: str, tmp_path: Path) -> None:
    """All endpoints of all features, with the comments, in the place that the list names."""
    assert product in PARSERS
    parsed(product, allow_list(form, EVERYTHING).splitlines(), tmp_path)


def test_squid_takes_the_lines_for_inspection_too(tmp_path: Path) -> None:
    """The comments that are lines, switched on where TLS is inspected."""
    lines = allow_list("squid", EVERYTHING).splitlines()
    heads = ("# acl ", "# ssl_bump ", "# http_upgrade")
    switched = [line.removeprefix("# ") if line.startswith(heads) else line for line in lines]
    assert switched != lines
    parsed("Squid", switched, tmp_path)


def test_only_the_given_clients_are_allowed() -> None:
    """The addresses of --client stand in the rules."""
    assert any(line.endswith("_clients src 10.1.0.0/16") for line in rules("squid", "10.1.0.0/16"))
    assert not any("_clients" in line for line in rules("squid"))


def test_without_websocket_nothing_is_said_of_it() -> None:
    """A selection that upgrades nothing has no line about upgrades."""
    assert "upgrade" not in allow_list("squid", selection(endpoint("api.example")))
