"""What curl and plain DNS questions see in a network: the witness, independent of arcprobe, that
the story is true."""

from __future__ import annotations

import subprocess
import sys

from . import servers
from .run import Built, environment
from .scenario import Scenario

URLS = (
    "https://management.azure.com/metadata/endpoints?api-version=2022-09-01",
    "https://westeurope.dp.kubernetesconfiguration.azure.com/",
    "https://login.microsoftonline.com/common/oauth2",
    "https://mcr.microsoft.com/v2/",
    "https://westeurope.data.mcr.microsoft.com/",
    "https://dl.k8s.io/",
    "https://gbl.his.arc.azure.com/discovery?location=westeurope&api-version=1.1-preview",
    "https://guestnotificationservice.azure.com/urls/allowlist?api-version=2020-01-01&location=westeurope",
    "https://azgnrelay-westeurope-l1.servicebus.windows.net/",
    "https://westeurope.obo.arc.azure.com:8084/",
)
_FORMAT = "%{urlnum} exit %{exitcode} connect %{http_connect} status %{http_code} %{errormsg}\n"


def proxy_arguments(scenario: Scenario) -> list[str]:
    """The scenario's proxy settings in curl's words."""
    words = list(scenario.settings)
    arguments = []
    if "--proxy-https" in words:
        arguments += ["--proxy", words[words.index("--proxy-https") + 1]]
    if "--proxy-cert" in words:
        arguments += ["--proxy-cacert", words[words.index("--proxy-cert") + 1]]
    return arguments


def testimony(scenario: Scenario, made: Built) -> str:
    """What curl says about the ten usual endpoints, and the name servers about the first of them,
    as text."""
    roots = str(made.pki / "public-roots.pem")
    words = [made.fill(word) for word in proxy_arguments(scenario)]
    command = [
        "ip",
        "netns",
        "exec",
        made.topology.name("node"),
        "curl",
        "-sS",
        "-Z",
        "-m",
        "6",
        "--cacert",
        roots,
        *words,
    ]
    command += ["-w", _FORMAT]
    for url in URLS:
        command += ["-o", "/dev/null", url]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment(scenario, made),
        cwd=servers.ROOT,
        check=False,
    )
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        number, _, rest = line.partition(" ")
        host = URLS[int(number)].split("/")[2]
        said.setdefault(
            "exit 0" if rest.startswith("exit 0") else rest.replace(host.partition(":")[0], "HOST"),
            [],
        ).append(host)
    text = "\n".join(
        f"  {len(hosts)} of {len(URLS)}, {hosts[0]}: {rest}" for rest, hosts in said.items()
    )
    if scenario.settings:
        return text
    return text + "\n" + _questions(made)


def _questions(made: Built) -> str:
    node = made.topology.name("node")
    command = [
        "ip",
        "netns",
        "exec",
        node,
        sys.executable,
        "-m",
        "tests.netlab.question",
        "management.azure.com",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=servers.ROOT, check=False)
    return done.stdout + done.stderr
