"""`arcprobe endpoints --compare`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands import comparing
from arcprobe.commands.endpoints import command
from arcprobe.model.errors import ConfigError


def run(*arguments: str, stdin: str = "") -> Result:
    """The command for East US."""
    return CliRunner().invoke(command, ["--region", "eastus", *arguments], input=stdin)


def test_a_list_is_compared(tmp_path: Path) -> None:
    """What is missing is exit code 1; our own list passes; stdin is read; JSON has the same."""
    file = tmp_path / "list.txt"
    file.write_text("management.azure.com\n")
    assert "login.microsoftonline.com:443" in run("--compare", str(file)).stdout
    assert run("--compare", str(file)).exit_code == 1
    own = run("--format", "squid").stdout
    passed = run("--compare", "-", stdin=own)
    assert (passed.exit_code, passed.stdout.splitlines()[0]) == (
        0,
        "stdin, read as Squid: 12 entries.",
    )
    data = json.loads(run("--compare", str(file), "--format", "json").stdout)
    assert data["entries"] == 1
    gateway = ("--gateway-url", "x.gw.arc.azure.com")
    behind = json.loads(run(*gateway, "--compare", "-", "--format", "json", stdin=own).stdout)
    assert ".servicebus.windows.net" in {each["entry"] for each in behind["superfluous"]}
    assert [each["host"] for each in behind["missing"]] == ["x.gw.arc.azure.com"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--compare-as", "squid"), "--compare-as: is given without --compare"),
        (
            ("--compare", "x", "--compare-as", "foo"),
            "--compare-as: 'foo' is unknown; use one of plain",
        ),
        (("--compare", "x", "--format", "squid"), "--format: squid is nothing for --compare"),
        (("--compare", "/nowhere/x"), "cannot read: No such file"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    """A flag without the other, a form or a file that is none."""
    error = run(*arguments).exception
    assert isinstance(error, ConfigError)
    assert words in str(error)


def test_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is larger than any list is not read to its end."""
    monkeypatch.setattr(comparing, "LARGEST_LIST", 10)
    file = tmp_path / "list.txt"
    file.write_text("management.azure.com\n")
    error = run("--compare", str(file)).exception
    assert isinstance(error, ConfigError)
    assert "has more than" in str(error)
