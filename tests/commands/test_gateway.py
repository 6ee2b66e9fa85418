"""`arcprobe gateway`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.gateway import command
from arcprobe.model.errors import ConfigError
from arcprobe.model.redaction import forget
from tests.support.arm import GATEWAY, PERMISSIONS, TOKEN, FakeArm


@pytest.fixture(name="azure")
def fake(tmp_path: Path) -> Iterator[FakeArm]:
    with FakeArm(tmp_path / "arm") as azure:
        yield azure
    forget()


def run(azure: FakeArm, *arguments: str, token: str = TOKEN) -> Result:
    way = ("--arm-endpoint", azure.url, "--public-roots", str(azure.roots), "--timeout", "5")
    environ = {"ARCPROBE_AZURE_TOKEN": token, "HTTPS_PROXY": "", "https_proxy": ""}
    return CliRunner().invoke(command, (*arguments, *way), env=environ)


def test_a_gateway_that_is_ready(azure: FakeArm) -> None:
    """All is well: exit 0, by the ID and by its parts."""
    parts = GATEWAY.split("/")
    by_parts = ("--subscription", parts[2], "--resource-group", "arc", "--name", "contoso")
    for named in (("--resource-id", GATEWAY), by_parts):
        result = run(azure, *named, "--gateway-url", "contoso.gw.arc.azure.com")
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[-1] == "pass: 0 to act on"


def test_faults_and_no_secret(azure: FakeArm) -> None:
    """What is missing fails; a token that the server echoes is not repeated."""
    azure.pages[PERMISSIONS] = [[{"actions": ["*/read"], "notActions": []}]]
    azure.trouble(GATEWAY, 403)
    result = run(azure, "--resource-id", GATEWAY, "--format", "json")
    assert result.exit_code == 1
    points = json.loads(result.stdout)["points"]
    found = [point["code"] for point in points if point["code"]]
    assert found == ["azure-forbidden", "permission-missing"]
    assert "CANARY" not in result.output
    assert "CANARY" not in run(azure, "--resource-id", GATEWAY, token="CANARY-of-another").output


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [((), "--subscription"), (("--resource-id", "contoso"), "--resource-id")],
)
def test_what_cannot_be(azure: FakeArm, arguments: tuple[str, ...], setting: str) -> None:
    """What names no gateway is one line."""
    error = run(azure, *arguments).exception
    assert isinstance(error, ConfigError)
    assert error.setting == setting
