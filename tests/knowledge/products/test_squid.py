"""The allow list for Squid."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.products.squid import allow_list
from arcprobe.knowledge.selection import Selection
from tests.knowledge.products.selections import FOUR, TITLE, endpoint, selection

EVERYTHING = Selection(
    cloud="AzureCloud",
    region="eastus",
    gateway=None,
    features=("core", *catalogue.FEATURES),
    endpoints=catalogue.endpoints("AzureCloud", "eastus", catalogue.FEATURES),
)


def test_hosts_and_ports_are_allowed_together() -> None:
    """Each port has its own hosts, a suffix covers what is below it, a port that is not 443 becomes
    one of SSL_ports, and plain HTTP needs no CONNECT."""
    assert allow_list(FOUR) == TITLE + (
        "# Above the first `http_access deny` of squid.conf; "
        "add your own acl of client addresses to the http_access lines.\n"
        "acl arc_hosts_80 dstdomain crl.example\n"
        "acl arc_port_80 port 80\n"
        "http_access allow arc_hosts_80 arc_port_80\n"
        "acl arc_hosts_443 dstdomain .relay.example\n"
        "acl arc_port_443 port 443\n"
        "http_access allow CONNECT arc_hosts_443 arc_port_443\n"
        "acl arc_hosts_8084 dstdomain api.example\n"
        "acl arc_port_8084 port 8084\n"
        "acl SSL_ports port 8084\n"
        "http_access allow CONNECT arc_hosts_8084 arc_port_8084\n"
        "# Only where this Squid inspects TLS (ssl_bump): above the other ssl_bump lines, "
        "so that these are not inspected.\n"
        "# acl arc_step1 at_step SslBump1\n"
        "# acl arc_servers ssl::server_name .relay.example\n"
        "# acl arc_servers ssl::server_name api.example\n"
        "# ssl_bump peek arc_step1\n"
        "# ssl_bump splice arc_servers\n"
        "# Only where inspection has to stay: let WebSocket through "
        "(lower case; Squid compares it letter by letter).\n"
        "# http_upgrade_request_protocols websocket allow all"
    )


def test_without_websocket_nothing_is_said_of_it() -> None:
    """A selection that upgrades nothing has no line about upgrades."""
    assert "upgrade" not in allow_list(selection(endpoint("api.example")))


@pytest.mark.skipif(
    shutil.which("squid") is None and not Path("/usr/sbin/squid").exists(),
    reason="squid is not installed",
)
@pytest.mark.parametrize("inspects", [False, True])
def test_squid_takes_the_rules(tmp_path: Path, inspects: bool) -> None:
    """Squid's own parser takes the rules without a warning, also with the lines for inspecting
    proxies switched on."""
    squid = shutil.which("squid") or "/usr/sbin/squid"
    built = subprocess.run([squid, "-v"], capture_output=True, text=True, check=True).stdout
    if inspects and "openssl" not in built:
        pytest.skip("this squid is built without ssl_bump")
    rules = allow_list(EVERYTHING).splitlines()
    if inspects:
        rules = [
            line.removeprefix("# ") if "arc_" in line or "http_upgrade" in line else line
            for line in rules
        ]
    configuration = tmp_path / "squid.conf"
    configuration.write_text(
        "\n".join(
            (
                "acl SSL_ports port 443",
                "acl Safe_ports port 80 443 1025-65535",
                *rules,
                "http_access deny all",
                "http_port 127.0.0.1:3128",
                "cache deny all\n",
            )
        )
    )
    parsed = subprocess.run(
        [squid, "-k", "parse", "-f", configuration],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert parsed.returncode == 0, parsed.stderr
    lines = parsed.stderr.splitlines()
    assert not [line for line in lines if "WARNING" in line or "ERROR" in line or "FATAL" in line]
