"""A headline for what was not asked: with --only or --skip it speaks of what was."""

from __future__ import annotations

import json

import pytest

from arcprobe import cli
from arcprobe.report.formats import RENDERERS
from tests.cases import FOLDER

ASKED = (
    *("check", "--region", "westeurope", "--proxy-https", "http://127.0.0.1:1"),
    *("--services", str(FOLDER / "only-headline" / "services.json")),
    *("--proxy-skip-range", "10.96.0.0/12,.svc,.svc.cluster.local", "--only", "skip-range"),
)


@pytest.mark.parametrize("format", RENDERERS)
def test_nothing_is_promised(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In no format."""
    assert cli.run([*ASKED, "--format", format]) == 0
    told = capsys.readouterr().out
    assert "will work" not in told
    if format not in ("json", "prometheus"):
        assert "The tested part works" in told
        assert "skip-range" in told


def test_what_was_asked_is_in_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """A dashboard sees it too."""
    assert cli.run([*ASKED, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["run"]["settings"]["only"]) == ("pass", ["skip-range"])
