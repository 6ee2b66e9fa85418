"""Printed lists in real proxies, in the lab: an allow list lets exactly its hosts through; without
what may be closed, the way with the gateway still passes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable

import pytest

from arcprobe.commands.endpoints import closable, needed
from arcprobe.knowledge.products.allow_list import allow_list
from arcprobe.knowledge.products.closing import closings
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Settings
from tests.netlab.made import Built, built
from tests.netlab.run import ask_in, check_command
from tests.netlab.scenario import PROXY_FLAGS, Scenario, passes
from tests.netlab.servers import Server
from tests.netlab.software import HOSTS, PORT, PROXY, haproxy, squid, tinyproxy
from tests.netlab.zone import REGION
from tests.test_netlab import lab

__all__ = ["lab"]

GATEWAY = "contoso.gw.arc.azure.com"
FEATURES = ("cluster-connect", "azure-rbac", "policy", "container-insights")
CHOSEN = [word for name in FEATURES[1:] for word in ("--feature", name)]
WITHOUT = Settings(region=REGION, features=FEATURES)
WITH = Settings(
    region=REGION, features=FEATURES, gateway_host=GATEWAY, gateway_url=f"https://{GATEWAY}"
)
STRANGERS = (
    ("strange.example.com", 443),
    ("xmcr.microsoft.com", 443),
    ("a.mcr.microsoft.com", 443),
    ("mcr.microsoft.com.example.com", 443),
    ("xhis.arc.azure.com", 443),
    ("mcr.microsoft.com", 8084),
    ("mcr.microsoft.com", 80),
    ("blob.core.windows.net", 443),
)

DISGUISED = (
    ("GET", "http://mcr.microsoft.com/", "mcr.microsoft.com"),
    ("GET", "http://strange.example.com/", "mcr.microsoft.com:443"),
    ("CONNECT", "strange.example.com:443", "mcr.microsoft.com:443"),
    ("CONNECT", "mcr.microsoft.com:80", "mcr.microsoft.com:443"),
)
"""What a list of hosts on port 443 may be asked in other words: method, target, Host header."""

_ASK = """
import http.client, json, sys
found = []
for method, target, host in json.load(sys.stdin):
    line = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=20)
    line.putrequest(method, target, skip_host=True)
    line.putheader("Host", host)
    line.endheaders()
    found.append(line.getresponse().status)
    line.close()
print(json.dumps(found))
"""


def requested(made: Built, requests: Iterable[tuple[str, str, str]]) -> list[int]:
    """What the proxy answers to each, asked from the node."""
    program = [sys.executable, "-c", _ASK, PROXY, str(PORT)]
    command = ["ip", "netns", "exec", made.topology.name("node"), *program]
    text = json.dumps(list(requests))
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, timeout=120
    )
    found: list[int] = json.loads(done.stdout)
    return found


def asked(made: Built, targets: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """What the proxy answers to CONNECT."""
    wanted = [(host.replace("*.", "some."), port) for host, port in targets]
    authorities = [f"{host}:{port}" for host, port in wanted]
    found = requested(made, (("CONNECT", each, each) for each in authorities))
    return dict(zip(wanted, found, strict=True))


def targets_of(*selections: Selection) -> set[tuple[str, int]]:
    """Host and port of each endpoint."""
    return {(row.host, row.port) for each in selections for row in each.endpoints}


def rules_of(form: str, *selections: Selection) -> list[str]:
    """The lists, one behind the other, without their comments."""
    texts = (allow_list(form, each) for each in selections)
    return [line for text in texts for line in text.splitlines() if not line.startswith("#")]


def squid_with(rules: list[str]) -> tuple[Server, ...]:
    """Squid that denies all else."""
    return (squid(*rules, "http_access deny all"),)


def haproxy_with(rules: list[str]) -> tuple[Server, ...]:
    """HAProxy that denies all else, before a Squid that opens the tunnels."""
    lines = "".join(f"  {rule}\n" for rule in (*rules, "http-request deny"))
    text = f"frontend proxy\n  bind {PROXY}:{PORT}\n{lines}  default_backend parent\n"
    text += f"backend parent\n  server squid {HOSTS['proxy2']}:{PORT}\n"
    return (haproxy(text), squid(host="proxy2"))


def tinyproxy_with(rules: list[str]) -> tuple[Server, ...]:
    """tinyproxy that denies all else: names in the file of its filter, ports in its own."""
    names = [rule for rule in rules if rule.startswith("^")]
    own = [rule for rule in rules if not rule.startswith("^")]
    lines = (*own, 'Filter "@FOLDER@/filter"', "FilterDefaultDeny Yes")
    return (tinyproxy(*lines, files=(("filter", "\n".join(names) + "\n"),), ports=(443,)),)


PRODUCTS: dict[str, Callable[[list[str]], tuple[Server, ...]]] = {
    "squid": squid_with,
    "haproxy": haproxy_with,
    "tinyproxy": tinyproxy_with,
}
# tinyproxy judges host and port apart: a listed host is let through on any listed port
APART = {("tinyproxy", ("mcr.microsoft.com", 8084))}
# and looks at ports of CONNECT alone
DISGUISED_APART = {("tinyproxy", DISGUISED[0])}


def network(form: str, rules: list[str], *settings: str) -> Scenario:
    """A network whose proxy has these rules."""
    servers = PRODUCTS[form](rules)
    return passes(f"list-{form}", "x.", form, *servers, settings=(*PROXY_FLAGS, *settings))


def trouble_of(scenario: Scenario, made: Built) -> tuple[str, ...]:
    """What `check` says otherwise than the network calls for."""
    return ask_in(scenario, made, check_command(scenario, made, "json")).trouble


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("form", PRODUCTS)
def test_the_list_lets_exactly_its_hosts_through(form: str) -> None:
    """Each listed host and port is let through, nothing else is, whatever the request calls it, and
    `check` passes."""
    chosen = needed(WITHOUT)
    scenario = network(form, rules_of(form, chosen), *CHOSEN)
    with built(scenario) as made:
        inside = asked(made, targets_of(chosen))
        outside = asked(made, STRANGERS)
        disguised = dict(zip(DISGUISED, requested(made, DISGUISED), strict=True))
        trouble = trouble_of(scenario, made)
    assert [target for target, status in inside.items() if status != 200] == []
    let = [target for target, status in outside.items() if status == 200 or status >= 500]
    assert {(form, target) for target in let} <= APART
    let_through = [each for each, status in disguised.items() if status not in (400, 403)]
    assert {(form, each) for each in let_through} <= DISGUISED_APART
    assert trouble == ()


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("form", PRODUCTS)
def test_without_what_may_be_closed_the_gateway_is_enough(form: str) -> None:
    """The lines of --removable taken out of the list without a gateway: what they name is denied,
    what is needed is let through, and `check` with the gateway passes."""
    everything, closed, kept = needed(WITHOUT), closable(WITH), needed(WITH)
    rules = rules_of(form, everything)
    for part in closings(form, everything, closed):
        if not part.is_comment:
            rules = [rule for rule in rules if rule not in part.gone]
            rules += part.instead
    flags = (*CHOSEN, "--gateway-url", GATEWAY)
    scenario = network(form, [*rules, *rules_of(form, kept)], *flags)
    with built(scenario) as made:
        inside = asked(made, targets_of(kept))
        outside = asked(made, targets_of(closed))
        trouble = trouble_of(scenario, made)
    assert [target for target, status in inside.items() if status != 200] == []
    assert [target for target, status in outside.items() if status != 403] == []
    assert trouble == ()
