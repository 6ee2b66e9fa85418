"""`arcprobe traffic`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.traffic import command
from arcprobe.model.errors import ConfigError
from arcprobe.report.columns import width_of
from tests.support.apiserver import ApiServer
from tests.support.tools import may_skip

LOG = (
    "2026-11-26T20:00:01Z CONNECT mcr.microsoft.com:443 status=200\n"
    "2026-11-26T20:00:02Z hello http://u:CANARY@proxy\n"
)


def run(*arguments: str, log: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=log)


def test_a_file_and_stdin(tmp_path: Path) -> None:
    """A log is read from a file or from stdin; no secret of it is repeated."""
    file = tmp_path / "arc-proxy.log"
    file.write_text(LOG, "utf-8")
    for result in (run(str(file)), run("-", log=LOG)):
        assert result.exit_code == 0, result.output
        assert "mcr.microsoft.com:443" in result.stdout
        assert "CANARY" not in result.output


def test_json_with_a_region_names_what_is_missing() -> None:
    """With a region: which required hosts never appear; a feature adds its own."""
    result = run(
        "-", "--region", "eastus", "--feature", "container-insights", "--format", "json", log=LOG
    )
    found = json.loads(result.stdout)
    assert found["hosts"][0]["last"] == "2026-11-26T20:00:01Z"
    assert "*.ingest.monitor.azure.com:443" in found["never_seen"]
    assert json.loads(run("-", "--format", "json", log=LOG).stdout)["never_seen"] is None


def test_a_host_that_is_always_refused_fails() -> None:
    """A host that was only refused or failed is exit code 1."""
    assert run("-", log="CONNECT mcr.microsoft.com:443 status=403\n").exit_code == 1


def test_the_pods_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LOG the pods arc-proxy-… are found with kubectl and their logs read as one."""
    if may_skip("kubectl"):
        pytest.skip("no kubectl")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with ApiServer(tmp_path) as api:
        none = run("--kubeconfig", api.kubeconfig).exception
        assert isinstance(none, ConfigError)
        assert "no pod arc-proxy-… in the namespace azure-arc" in str(none)
        for name in ("arc-proxy-a", "arc-proxy-b"):
            api.add("pods", name, "azure-arc", spec={"containers": [{"name": "proxy"}]})
            api.logs[name] = LOG
        found = run("--kubeconfig", api.kubeconfig, "--format", "json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["hosts"][0]["count"] == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A log that cannot be read is one line that names it."""
    error = run(str(tmp_path / "nothing")).exception
    assert isinstance(error, ConfigError)
    assert "nothing: cannot read" in str(error)


def test_another_language() -> None:
    """--lang: heads and remarks are translated, and stand in columns of two for each letter."""
    lines = run("-", "--lang", "ja", log=LOG).stdout.splitlines()
    head, row = (each for each in lines if "mcr.microsoft.com" in each or "拒否" in each)
    assert width_of(head[: head.index("拒否")]) > len("mcr.microsoft.com:443")
    assert row.startswith("mcr.microsoft.com:443  ")
