"""``arcprobe explain``: every code is explained, an unknown one is refused with its nearest."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from arcprobe.commands import explain
from arcprobe.knowledge import codes


def test_one_code() -> None:
    """A code is explained by what it means, who acts, what to change, and how to see it by hand."""
    result = CliRunner().invoke(explain.command, ["proxy-auth-required"])
    assert result.exit_code == 0
    for words in ("407", "to act: you", "What to change", "percent-encoded", "By hand", "curl"):
        assert words in result.stdout


@pytest.mark.parametrize("code", codes.rows(), ids=lambda code: code.name)
def test_every_code(code: codes.Row) -> None:
    """Every code has a page, and no placeholder shows on it."""
    result = CliRunner().invoke(explain.command, [code.name])
    assert result.exit_code == 0
    assert result.stdout.startswith(code.name)
    assert "{" not in result.stdout
    assert "[[" not in result.stdout


def test_all_by_layer() -> None:
    """Without a code all are listed, each once, under its layer."""
    lines = CliRunner().invoke(explain.command, []).stdout.splitlines()
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert names == [code.name for code in codes.rows()]
    assert [line for line in lines if line and not line.startswith(" ")] == list(
        dict.fromkeys(code.layer for code in codes.rows())
    )


def test_unknown() -> None:
    """An unknown code exits 2 with the nearest names."""
    result = CliRunner().invoke(explain.command, ["proxy-denyed\x1b[31m"])
    assert result.exit_code == 2
    assert "proxy-denied" in result.stderr
    assert "\x1b" not in result.stderr
    assert result.stdout == ""


def test_json() -> None:
    """As JSON, one code is an object and all are a list."""
    one = json.loads(CliRunner().invoke(explain.command, ["tls-reset", "--format", "json"]).stdout)
    assert (one["code"], one["layer"], one["owner"]) == ("tls-reset", "tls", "firewall")
    assert len(json.loads(CliRunner().invoke(explain.command, ["--format", "json"]).stdout)) == len(
        codes.rows()
    )
