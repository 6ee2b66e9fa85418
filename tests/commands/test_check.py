"""``arcprobe check``, led into a rehearsed network."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from arcprobe.commands import check
from arcprobe.fleet import envelope
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript
from arcprobe.model.errors import ConfigError
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
