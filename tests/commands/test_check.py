"""``arcprobe check``, led into a rehearsed network."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from arcprobe.commands import check
from arcprobe.fleet import envelope
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript
from arcprobe.model.errors import ConfigError
from tests.support.arm import GATEWAY, TOKEN, FakeArm, gateway
from tests.support.rehearsed import run_in


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [
        ((), "--region"),
        (("--region", "westeurope", "--only", "nothing.example"), "--only"),
        (("--region", "westeurope", "--timeout", "0"), "--timeout"),
    ],
)
def test_wrong_settings_are_named(arguments: tuple[str, ...], setting: str) -> None:
    """A wrong setting ends the command before anything is asked, and names itself."""
    ended = CliRunner().invoke(check.command, list(arguments))
    assert isinstance(ended.exception, ConfigError)
    assert str(ended.exception).startswith(f"{setting}: ")
    assert ended.stdout == ""


def test_the_gateway_of_a_resource_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--gateway-resource-id gives the preflight the gateway that Azure names, in the place of
    --gateway-url, and what it does not carry; what Azure does not tell is one line."""
    monkeypatch.setenv("ARCPROBE_AZURE_TOKEN", TOKEN)
    with FakeArm(tmp_path) as azure:
        azure.bodies[GATEWAY] = gateway(gatewayBypass=["sts.windows.net"])
        environ = {**os.environ, "ARCPROBE_ARM_ENDPOINT": azure.url}
        flags = {
            "region": "eastus",
            "gateway_resource_id": GATEWAY,
            "public_roots": str(azure.roots),
        }
        settings = check.read_settings(flags, environ, None).settings
        assert settings.gateway_host == "contoso.gw.arc.azure.com"
        assert settings.gateway_bypass == ("sts.windows.net",)
        azure.trouble(GATEWAY, 404)
        with pytest.raises(ConfigError, match="--gateway-resource-id: "):
            check.read_settings(flags, environ, None)


def test_only_what_is_asked_for() -> None:
    """--only asks the hosts that it names; --wide lists what passed."""
    with Rehearsal(NetworkScript(proxy=None)) as network:
        flags = ("--only", "management.azure.com")
        asked = run_in(network, *flags, "--format", "json").report
        shown = run_in(network, *flags, "--wide")
    judged = [found for found in asked["findings"] if found["verdict"] != "skip"]
    assert {found["target"] for found in judged} == {"management.azure.com:443"}
    assert (shown.code, shown.err) == (0, "")
    assert "endpoint-answers" in shown.out


def test_in_a_pod_of_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pod of ``arcprobe job`` the report stands before the text in the log, between its marks;
    the log ends with the verdict."""
    monkeypatch.setenv("ARCPROBE_JOB", "1")
    with Rehearsal(NetworkScript(proxy=None)) as network:
        ended = run_in(network, "--only", "management.azure.com")
    assert ended.out.startswith("-----BEGIN ARCPROBE REPORT gzip+base64 ")
    assert ended.out.splitlines()[-1].startswith("PASS  ")
    assert json.loads(envelope.unwrap(ended.out))["verdict"] == "pass"
