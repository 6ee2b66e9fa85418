"""What is pasted into a Squid that inspects TLS exempts the hosts that it names, and no others,
whatever rules stand below it; in the lab."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from cryptography import x509

from arcprobe.knowledge.products import Asked, written
from arcprobe.model import Code
from tests.netlab.made import Built, built
from tests.netlab.scenario import PROXY_FLAGS, passes
from tests.netlab.software import PORT, PROXY, squid_bump
from tests.test_netlab import lab

__all__ = ["lab"]

EXEMPT, INSPECTED = "azgnrelay-westeurope-l1.servicebus.windows.net", "management.azure.com"

_ASK = """
import http.client, json, ssl, sys
context = ssl._create_unverified_context()
found = []
for host in sys.argv[3:]:
    line = http.client.HTTPSConnection(sys.argv[1], int(sys.argv[2]), context=context, timeout=20)
    line.set_tunnel(host, 443)
    line.connect()
    found.append(line.sock.getpeercert(binary_form=True).hex())
    line.close()
print(json.dumps(found))
"""


def issuers(made: Built, *hosts: str) -> list[str]:
    """Who signed the certificates that the node is shown through the proxy."""
    program = [sys.executable, "-c", _ASK, PROXY, str(PORT), *hosts]
    command = ["ip", "netns", "exec", made.topology.name("node"), *program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    ders = map(bytes.fromhex, json.loads(done.stdout))
    return [x509.load_der_x509_certificate(der).issuer.rfc4514_string() for der in ders]


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    "rules",
    [
        ("ssl_bump bump all",),
        ("ssl_bump bump step1",),
        ("ssl_bump peek step1", "ssl_bump bump all"),
    ],
    ids=["all", "first step alone", "later step"],
)
def test_an_exemption_is_for_the_hosts_that_it_names(rules: tuple[str, ...]) -> None:
    """The relay shows its own certificate; another host still that of the inspection, also where
    the rules below are for the first step alone."""
    asked = Asked(targets=(("*.servicebus.windows.net", 443),))
    pasted = written("squid", Code.TLS_INTERCEPTED, asked)
    assert pasted is not None
    server = squid_bump(*pasted.lines, *rules)
    with built(passes("exempt", "x.", "squid", server, settings=PROXY_FLAGS)) as made:
        exempt, inspected = issuers(made, EXEMPT, INSPECTED)
    assert "Inspection" not in exempt
    assert "Inspection" in inspected
