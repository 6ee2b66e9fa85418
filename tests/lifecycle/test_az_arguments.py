"""What `arcprobe plan` prints is what az takes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from arcprobe.lifecycle import journey
from arcprobe.lifecycle.journey import Order
from arcprobe.lifecycle.shells import SHELLS, line_of
from arcprobe.lifecycle.steps import Capture, Command, Step
from arcprobe.model import Proxy, Settings
from tests.lifecycle.az_parser import parse_az
from tests.lifecycle.shell_readers import read_cmd, read_powershell
from tests.support import powershell

GATEWAY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/gateways/x"
PROXY = Proxy(scheme="http", host="proxy.corp", port=3128, has_credentials=True)
VALUES = {
    "ARC_PROXY_LOGIN": "me:p%40ss",
    "ARC_HTTP_PROXY_LOGIN": "me:p",
    "ARC_GATEWAY_ID": GATEWAY,
    "ARC_NAME": "edge",
    "ARC_GROUP": "arc",
}


def orders() -> list[Order]:
    """Every combination that changes which flags are printed."""
    found = []
    ways = product(("", "host", "id", "name"), (None, PROXY), (True, False))
    for gateway, proxy, is_named in ways:
        settings = Settings(
            cloud="AzureCloud" if gateway else "AzureUSGovernment",
            region="eastus",
            features=("cluster-connect", "custom-locations", "azure-rbac"),
            gateway_host="x.gw.arc.azure.com" if gateway == "host" else "",
            proxy_https=proxy,
            proxy_http=proxy,
            skip_range="10.0.0.0/8, .svc,*.ümlaut.corp" if proxy else None,
            proxy_bypass=("Arc", "Microsoft.AzureMonitor.Containers") if proxy else (),
        )
        found.append(
            Order(
                settings=settings,
                name="edge" if is_named else "",
                group="arc" if is_named else "",
                gateway_id=GATEWAY if gateway == "id" else "",
                gateway_name="mine" if gateway == "name" else "",
                proxy_cert='/tmp/R&D\'s "50%"/ca.pem' if proxy else "",
                kubeconfig="C:\\Users\\R D\\config",
                context="a b",
            )
        )
    return found


def argvs(steps: tuple[Step, ...]) -> list[list[str]]:
    """What az is given, as bash, PowerShell and cmd hand it on: the same by each."""
    found = []
    for item in (item for step in steps for item in step.items):
        if isinstance(item, Command | Capture):
            meant = [_text(word) for word in item.argv]
            line = Command(item.argv)
            printed = line_of(line, SHELLS["powershell"])
            assert read_powershell(printed, VALUES) == meant
            assert len(powershell.command(printed)) == len(meant)
            assert read_cmd(line_of(line, SHELLS["cmd"]), VALUES) == meant
            found.append(meant)
    return [argv for argv in found if argv[0] == "az"]


def _text(word: Any) -> str:
    return "".join(part if isinstance(part, str) else VALUES[part.name] for part in word)


@pytest.mark.parametrize("number", range(len(orders())))
def test_every_line_is_one_that_az_takes(number: int) -> None:
    """New, moved, back, and the whole life: each command is known, each argument is one of its own,
    none that is required is missing."""
    order = orders()[number]
    for steps in (
        journey.connecting(order),
        journey.connecting(order, existing=True),
        journey.leaving_gateway(order),
        journey.whole_life(order),
        journey.whole_life(order, existing=True),
    ):
        for argv in argvs(steps):
            assert parse_az(argv)["group"] == argv[1]


def test_values_arrive() -> None:
    """The values of `connect` are read as what they are for."""
    order = next(each for each in orders() if each.gateway_id and each.proxy_cert and each.name)
    (connect,) = [argv for argv in argvs(journey.connecting(order)) if argv[2] == "connect"]
    assert parse_az(connect) == {
        "group": "connectedk8s",
        "command": "connect",
        "name": "edge",
        "resource_group": "arc",
        "location": "eastus",
        "proxy_https": "http://me:p%40ss@proxy.corp:3128",
        "proxy_http": "http://me:p%40ss@proxy.corp:3128",
        "proxy_skip_range": "10.0.0.0/8,.svc,*.ümlaut.corp",
        "add_proxy_bypass": "Arc,Microsoft.AzureMonitor.Containers",
        "proxy_cert": '/tmp/R&D\'s "50%"/ca.pem',
        "gateway_resource_id": GATEWAY,
        "kube_config": "C:\\Users\\R D\\config",
        "kube_context": "a b",
    }


@pytest.mark.parametrize(
    "line",
    [
        "az connectedk8s connect --name edge",
        "az connectedk8s connect -n edge -g arc --disable-gateway",
        "az connectedk8s update -n edge -g arc --location eastus",
        "az connectedk8s update -n edge -g arc --proxy-skip .svc",
        "az arcgateway create -n x -g arc --gateway-type Private",
        "az arcgateway update -n x -g arc",
        "az provider register --wait",
        "kubectl get pods",
    ],
)
def test_the_parser_refuses(line: str) -> None:
    """What az would answer with its usage is refused here too."""
    with pytest.raises(ValueError, match=r"az|kubectl"):
        parse_az(line.split())
