"""eclipse-che/che #8368, gajus/global-agent #34: a blank after each comma of a bypass list, or a
folded block of YAML. And kubernetes/kubernetes #35186: a suffix for each last octet."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from arcprobe import cli
from arcprobe.commands.skip_range import command
from tests.cases import FOLDER

SPACED = "10.96.0.0/12, .svc, .svc.cluster.local"
BLANKS, OCTETS = FOLDER / "blanks-after-commas", FOLDER / "octet-suffixes"


def checked(*arguments: str) -> int:
    """The exit code of the preflight of the bypass list alone."""
    asked = ("--only", "skip-range", "--proxy-https", "http://127.0.0.1:1")
    return cli.run(["check", *asked, "--region", "westeurope", *arguments])


@pytest.mark.parametrize("source", ["flag", "NO_PROXY", "variable"])
def test_one_list_one_answer(
    source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list is good wherever it is given, and is shown without its blanks."""
    services = ("--services", str(BLANKS / "services.json"))
    if source == "flag":
        code = checked(*services, "--proxy-skip-range", SPACED)
    else:
        name = "ARCPROBE_PROXY_SKIP_RANGE" if source == "variable" else source
        monkeypatch.setenv(name, SPACED)
        code = checked(*services)
    assert code == 0
    assert "10.96.0.0/12,.svc,.svc.cluster.local" in capsys.readouterr().out


def test_a_folded_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is in a file of settings, as a folded block."""
    monkeypatch.chdir(BLANKS)
    assert cli.run(["check", "--config", "settings.yaml"]) == 0


def test_a_blank_within_an_entry_stays_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """It is judged, and named."""
    services = ("--services", str(BLANKS / "services.json"))
    assert checked(*services, "--proxy-skip-range", "10.96.0.0/12 .svc") == 1
    assert "entry-malformed" in capsys.readouterr().out


def run(*arguments: str) -> Result:
    """A command about the bypass list."""
    return CliRunner().invoke(command, list(arguments))


def test_check_and_explain_say_the_same_of_octets() -> None:
    """An address goes to the proxy with a suffix for each last octet: in Go it is matched by
    addresses and ranges alone."""
    octets = (OCTETS / "list.txt").read_text(encoding="utf-8").strip()
    services = ("--services", str(OCTETS / "services.json"))
    found = run("check", *services, "--skip-range", octets)
    assert found.exit_code == 1
    assert "default/kubernetes (10.96.0.1)" in found.output
    explained = run("explain", "--skip-range", octets, "10.96.0.1", "--format", "json")
    (host,) = json.loads(explained.output)["hosts"]
    assert host["dialects"]["go"] == {"bypassed": False, "entry": None}
