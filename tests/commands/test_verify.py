"""`arcprobe verify`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.verify import command
from arcprobe.model.redaction import forget
from tests.probes.cluster.test_agents import fill
from tests.support.apiserver import ApiServer
from tests.support.arm import CLUSTER, GATEWAY, TOKEN, FakeArm
from tests.support.tools import may_skip

pytestmark = pytest.mark.skipif(may_skip("kubectl"), reason="no kubectl")


@pytest.fixture(name="world")
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeArm, ApiServer]]:
    for name in ("KUBERNETES_SERVICE_HOST", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeArm(tmp_path / "arm") as arm, ApiServer(tmp_path / "api") as api:
        yield arm, api
    forget()


def run(world: tuple[FakeArm, ApiServer], *arguments: str, token: str = TOKEN) -> Result:
    arm, api = world
    azure = ("--arm-endpoint", arm.url, "--public-roots", str(arm.roots), "--timeout", "5")
    where = ("--kubeconfig", api.kubeconfig)
    environ = {"ARCPROBE_AZURE_TOKEN": token}
    return CliRunner().invoke(command, (*arguments, *azure, *where), env=environ)


def found_codes(result: Result) -> list[str]:
    points = json.loads(result.stdout)["points"]
    return [point["code"] for point in points if point["code"]]


def test_both_halves_are_read(world: tuple[FakeArm, ApiServer]) -> None:
    """Azure's half and the cluster's are judged together; no secret of either is repeated."""
    fill(world[1])
    named = ("--cluster-id", CLUSTER, "--gateway-id", GATEWAY)
    proxy = ("--proxy-https", "http://u:canary@proxy:3128", "--proxy-skip-range", ".svc,127.0.0.1")
    result = run(world, *named, *proxy, "--format", "json")
    assert result.exit_code == 1, result.output
    assert found_codes(result) == ["agents-not-ready", "proxy-settings-differ"]
    assert "canary" not in result.output.lower()


def test_without_azure(world: tuple[FakeArm, ApiServer]) -> None:
    """Without a token Azure's half is one point, the cluster's half is judged all the same."""
    fill(world[1])
    result = run(world, token="")
    assert result.exit_code == 1
    assert "azure-not-signed-in" in result.stdout
    assert "agents-not-ready" in result.stdout


def test_without_a_cluster(world: tuple[FakeArm, ApiServer]) -> None:
    """Without rights in the cluster: Azure's half, and what could not be read."""
    result = run(world, "--cluster-id", CLUSTER, "--format", "json")
    assert "Azure shows the cluster as Connected" in result.stdout
    assert found_codes(result) == ["agents-not-ready"]  # an empty namespace


def test_the_check_follows(world: tuple[FakeArm, ApiServer]) -> None:
    """With a region the preflight follows, with the gateway that the cluster is linked to."""
    only = ("--only", "skip-range", "--deadline", "10")
    result = run(world, "--cluster-id", CLUSTER, "--region", "eastus", *only, "--format", "json")
    report = json.loads(result.stdout)["check"]
    assert report["run"]["settings"]["gateway_host"] == "contoso.gw.arc.azure.com"
