"""What az, helm and kubectl find on the machine that connects the cluster."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from arcprobe.model import ClusterSource, Machine, Tool
from arcprobe.plan.questions import onboarding_check
from arcprobe.probes import onboarding
from tests.probes import peers

AZ = '{"azure-cli": "2.86.0", "extensions": {"connectedk8s": "1.11.4", "arcgateway": "1.0.0b1"}}'
VIEW = """{"clusters": [{"name": "c", "cluster": {"server": "https://api.corp:6443%s}}]}"""
KUBECTL = """case "$1" in
version) echo '{"clientVersion": {"gitVersion": "v1.35.1"}}';;
config) cat "$(dirname "$0")/view";;
esac"""


def program(folder: Path, name: str, text: str) -> None:
    """A program that prints, in a shell's words."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def found(folder: Path, **environment: str) -> Machine:
    """What the probe records with this path and environment."""
    environ = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), **environment}
    context = peers.context()
    context = msgspec.structs.replace(context, cluster=ClusterSource(environ=environ))
    (attempt,) = asyncio.run(onboarding.probe(onboarding_check(), context))
    (step,) = attempt.steps
    assert isinstance(step, Machine)
    return step


def test_versions_and_the_api_server(tmp_path: Path) -> None:
    """Each program is asked for its own version, az for those of its extensions; the current
    context names the API server."""
    program(tmp_path, "az", f"[ -z \"$ARCPROBE_X\" ] && echo '{AZ}'")
    program(tmp_path, "helm", "echo v3.18.2+g04cad46")
    program(tmp_path, "kubectl", KUBECTL)
    (tmp_path / "view").write_text(VIEW % '"')
    machine = found(tmp_path, ARCPROBE_X="1")
    assert {tool.name: tool.version for tool in machine.tools} == {
        "az": "2.86.0",
        "connectedk8s": "1.11.4",
        "arcgateway": "1.0.0b1",
        "helm": "v3.18.2+g04cad46",
        "kubectl": "v1.35.1",
    }
    assert (machine.api_server, machine.has_own_proxy) == ("api.corp:6443", False)
    (tmp_path / "view").write_text(VIEW % '", "proxy-url": "http://u:secret@p:1"')
    machine = found(tmp_path)
    assert machine.has_own_proxy
    assert "secret" not in repr(machine)


def test_what_is_not_there_or_broken_costs_nothing(tmp_path: Path) -> None:
    """A program that is missing, fails, or prints what is none, has no version."""
    program(tmp_path, "az", "echo hello; exit 3")
    program(tmp_path, "helm", "echo none")
    program(tmp_path, "kubectl", "echo '[1'")
    machine = found(tmp_path)
    assert [tool.version for tool in machine.tools] == ["", "", "", "", ""]
    assert machine.tools[0].problem
    assert (machine.api_server, machine.api_problem) == ("", "kubectl config view")
    empty = tmp_path / "empty"
    empty.mkdir()
    context = msgspec.structs.replace(
        peers.context(), cluster=ClusterSource(environ={"PATH": str(empty)})
    )
    (attempt,) = asyncio.run(onboarding.probe(onboarding_check(), context))
    (step,) = attempt.steps
    assert isinstance(step, Machine)
    assert step.tools[0] == Tool(name="az")
    assert "kubectl" in step.api_problem


def test_the_environment_without_passwords(tmp_path: Path) -> None:
    """Proxies are recorded without user and password, with a scheme or without, in both
    spellings."""
    machine = found(
        tmp_path,
        HTTPS_PROXY="http://user:canary@proxy:3128/",
        https_proxy="user:canary@other:3128",
        NO_PROXY="10.0.0.0/8,.svc",
    )
    assert dict(machine.environment) == {
        "HTTPS_PROXY": "http://proxy:3128",
        "https_proxy": "other:3128",
        "NO_PROXY": "10.0.0.0/8,.svc",
    }
    assert machine.value("HTTP_PROXY", "https_proxy") == ("https_proxy", "other:3128")
    assert machine.value("ALL_PROXY") == ("", "")


def test_files_of_trust(tmp_path: Path) -> None:
    """A file that stands in the place of the usual trust: whose certificates are in it, or why it
    cannot be read."""
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(peers.roots())
    machine = found(
        tmp_path,
        REQUESTS_CA_BUNDLE=str(bundle),
        CURL_CA_BUNDLE=str(tmp_path),
        SSL_CERT_FILE=str(tmp_path / "none.pem"),
    )
    files = {file.variable: file for file in machine.trust}
    assert files["REQUESTS_CA_BUNDLE"].subjects
    assert files["CURL_CA_BUNDLE"].problem == "is a folder"
    assert files["SSL_CERT_FILE"].problem == "No such file or directory"
