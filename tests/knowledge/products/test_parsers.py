"""What is pasted is taken by the parser of the product itself: each change alone, and all of them
in one configuration, twice, as somebody would who got two reports."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from arcprobe.knowledge.product_names import PRODUCTS
from arcprobe.knowledge.products.base import Lines, Product
from arcprobe.knowledge.products.lines import Asked
from arcprobe.knowledge.products.registry import paste, product as file_of
from arcprobe.model import Code, Report
from arcprobe.pipeline import judged_again
from arcprobe.report import as_json
from tests.knowledge.products.test_registry import ASKED, FIVE, HAVE_LINES
from tests.support.golden import ROOT

MODULES = "mpm_event authn_core authz_core authz_host proxy proxy_connect proxy_http"
APACHE = "\n".join(
    (
        "ServerName proxy.example",
        "Listen 127.0.0.1:3128",
        "ErrorLog /dev/null",
        *(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
            for name in MODULES.split()
        ),
        "ProxyRequests On",
        "<Proxy *>",
        "Require all denied",
        "</Proxy>",
        "",
    )
)
TIMEOUTS = " timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
HAPROXY = f"global\ndefaults\n mode http\n{TIMEOUTS}"
FRONTEND = "frontend proxy\n bind 127.0.0.1:3128\n"
NGINX = "events {}\nhttp { server { listen 127.0.0.1:3128; location / {\n"
SQUID = "acl SSL_ports port 443\nhttp_port 127.0.0.1:3128\ncache deny all\n"
DANTE = "internal: 127.0.0.1 port = 1080\nexternal: 127.0.0.1\nclientmethod: none\n"
DANTE += "socksmethod: none\nclient pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n"

IPTABLES = "*filter\n:FORWARD DROP [0:0]\n"
ZONE = "$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\n"
NFT = "table inet lab {\nchain out {\ntype filter hook output priority 0; policy accept;\n"

# name of the product -> its parser, what stands around the lines
PARSERS = {
    "Squid": (("squid", "-k", "parse", "-f", "@"), SQUID, "http_access deny all\n"),
    "HAProxy": (("haproxy", "-c", "-f", "@"), HAPROXY, " http-request deny\n"),
    "Apache": (("apache2", "-t", "-f", "@"), APACHE, ""),
    "nginx": (("nginx", "-t", "-q", "-c", "@"), NGINX, "proxy_pass http://127.0.0.1:1;\n}}}\n"),
    "BIND": (("named-checkconf", "@"), "options { recursion yes; };\n", ""),
    "Unbound": (("unbound-checkconf", "@"), 'server:\n    chroot: ""\n', ""),
    "dnsmasq": (("dnsmasq", "--test", "--conf-file=@"), "no-resolv\n", ""),
    "nftables": (("nft", "-c", "-f", "@"), NFT, "reject\n}\n}\n"),
    "Dante": (("danted", "-V", "-f", "@"), DANTE, ""),
    "iptables": (("iptables-restore", "--test", "@"), IPTABLES, "COMMIT\n"),
    "BIND's policy": (("named-checkzone", "rpz", "@"), ZONE, ""),
}
COMPLAINTS = re.compile(r"ERROR|FATAL|Bungled|unrecognized|empty ACL|\[ALERT\]|\[emerg\]")


def parsed(product: str, lines: Iterable[str], folder: Path) -> None:
    """The product's parser takes the lines in their place, and says nothing against them."""
    command, above, below = PARSERS[product]
    path = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    program = shutil.which(command[0], path=path)
    if program is None:
        assert not os.environ.get("CI"), f"{command[0]} is not installed"
        pytest.skip(f"{command[0]} is not installed")
    # what iptables-restore reads are the arguments of iptables
    written = (line.removeprefix("iptables ") for line in lines)
    text = [above, *(f"{line}\n" for line in written), below]
    if product == "HAProxy" and FRONTEND not in "".join(text):
        rules = [place for place, line in enumerate(text) if "http-request" in line]
        text.insert(rules[0], FRONTEND)
    configuration = folder / "configuration"
    configuration.write_text("".join(text))
    argv = [program, *(word.replace("@", str(configuration)) for word in command[1:])]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert not COMPLAINTS.search(said), said


# Lines that go into another file than the configuration.
POLICY = "BIND's policy"
OTHER_FILES = {("BIND", Code.NAME_SINKHOLED): POLICY}


def parser_of(product: str, code: Code) -> str:
    """The parser of the file where the lines of that code go; empty where none runs here."""
    name = OTHER_FILES.get((product, code), product)
    return name if name in PARSERS else ""


def product_of(name: str) -> Product:
    """What the product's file says."""
    return next(known for known in map(file_of, PRODUCTS) if known.name == name)


def changes(product: str) -> dict[Code, tuple[str, ...]]:
    """All that the product has lines for."""
    known = product_of("BIND" if product == POLICY else product).lines
    codes = [code for code in HAVE_LINES if isinstance(known.get(code), Lines)]
    name = "BIND" if product == POLICY else product
    codes = [code for code in codes if parser_of(name, code) == product]
    found = ((code, paste(name, code, ASKED)) for code in codes)
    return {code: pasted.lines for code, pasted in found if pasted is not None}


@pytest.mark.parametrize(
    ("product", "code"), [(product, code) for product in PARSERS for code in changes(product)]
)
def test_a_change_alone(product: str, code: Code, tmp_path: Path) -> None:
    """Five hosts on three ports, a wildcard among them."""
    parsed(product, changes(product)[code], tmp_path)


@pytest.mark.parametrize("product", ["Squid", "Apache", "Dante"])
@pytest.mark.parametrize("times", [1, 2])
def test_all_changes_joined(product: str, times: int, tmp_path: Path) -> None:
    """No name of one meets a name of another, and pasting all again is no error."""
    joined = [line for lines in changes(product).values() for line in lines]
    parsed(product, joined * times, tmp_path)


@cache
def of_recordings() -> dict[str, set[tuple[str, ...]]]:
    """What the reports of all recordings give for each parser: each change, and all of a report
    joined."""
    found: dict[str, set[tuple[str, ...]]] = {}
    named = tuple(name for name in PRODUCTS if file_of(name).name in PARSERS)
    for file in sorted((ROOT / "fixtures").glob("*/recording.json")):
        report = judged_again(as_json.load(file.read_bytes()), products=named)
        for name, changes_of_it in _by_parser(report).items():
            joined = tuple(chain.from_iterable(changes_of_it))
            found.setdefault(name, set()).update((*changes_of_it, joined))
    return found


def _by_parser(report: Report) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for cause in report.causes:
        for change in cause.change:
            known = change.product in PRODUCTS and file_of(str(change.product)).name
            parser = parser_of(known, cause.code) if known else ""
            if parser and change.lines not in found.setdefault(parser, []):
                found[parser].append(change.lines)
    return found


@pytest.mark.parametrize("product", PARSERS)
def test_what_reports_give(product: str, tmp_path: Path) -> None:
    """Of each demo scenario and each recorded network of the lab, alone and all joined."""
    given = of_recordings().get(product, set())
    assert given
    for lines in given:
        parsed(product, lines, tmp_path)


def test_all_of_haproxy_and_nginx_joined(tmp_path: Path) -> None:
    """Each in its section."""
    rules = changes("HAProxy")
    tunnel = rules.pop(Code.WEBSOCKET_IDLE_CUT)
    allowed = [line for lines in rules.values() for line in lines]
    parsed("HAProxy", [*tunnel, *allowed], tmp_path)
    parsed("nginx", [line for lines in changes("nginx").values() for line in lines], tmp_path)


def test_a_second_round_of_squid(tmp_path: Path) -> None:
    """A wildcard after the names that it covers, from a later report, meets no earlier ACL."""
    rounds = ([("gbl.c.example", 443)], [("*.c.example", 443)], FIVE)
    joined: list[str] = []
    for targets in rounds:
        for code in changes("Squid"):
            pasted = paste("Squid", code, Asked(targets=tuple(targets)))
            assert pasted is not None
            joined += pasted.lines
    parsed("Squid", joined, tmp_path)
