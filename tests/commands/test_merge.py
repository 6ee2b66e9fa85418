"""``arcprobe report merge``: files in, one picture and its exit code out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from arcprobe.commands import merge as command
from arcprobe.fleet import envelope
from tests.fleet.sample import DENIED, report


def test_command_reads_reports_and_pod_logs(tmp_path: Path) -> None:
    """The command takes JSON files and saved logs; a broken file is a lost node; the exit code is
    the verdict's."""
    (tmp_path / "a.json").write_text(report("node-a", "pod"))
    (tmp_path / "b.log").write_text("words\n" + envelope.wrap(report("node-b", "pod")))
    (tmp_path / "c.json").write_text("{")
    good = CliRunner().invoke(command.command, [str(tmp_path / "a.json"), str(tmp_path / "b.log")])
    lost = CliRunner().invoke(
        command.command, [str(tmp_path / name) for name in ("a.json", "b.log", "c.json")]
    )
    none = CliRunner().invoke(command.command, [str(tmp_path / "c.json")])
    assert (good.exit_code, lost.exit_code, none.exit_code) == (0, 3, 2)
    assert good.stdout.startswith("PASS  2 nodes")
    assert "node-lost" in lost.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "the log is empty"),
        (b"\xff{", "the log holds no report"),
        (b"{}", ""),
    ],
)
def test_a_file_that_is_no_report(content: bytes | None, words: str, tmp_path: Path) -> None:
    """With nothing but files that are no report: exit 2, one line that names the file and says
    why."""
    file = tmp_path / "a.json"
    if content is not None:
        file.write_bytes(content)
    ended = CliRunner().invoke(command.command, [str(file)])
    assert ended.exit_code == 2
    assert f"FILE '{file}': " in ended.stderr
    assert words in ended.stderr


@pytest.mark.parametrize("form", ["text", "json", "html", "markdown", "junit"])
def test_every_format(form: str, tmp_path: Path) -> None:
    """The picture comes in every format, to stdout and to a file, with the exit code of its
    verdict."""
    (tmp_path / "a.json").write_text(report("node-a", "pod", DENIED))
    written = tmp_path / "written"
    arguments = [str(tmp_path / "a.json"), "--format", form, "--report", f"{form}={written}"]
    ended = CliRunner().invoke(command.command, arguments)
    assert ended.exit_code == 1
    assert "proxy-denied" in ended.stdout
    assert "proxy-denied" in written.read_text(encoding="utf-8")


def test_a_report_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The picture still comes; the exit code says that something is missing."""
    (tmp_path / "a.json").write_text(report("node-a", "pod"))
    arguments = [str(tmp_path / "a.json"), "--format", "json", "--report", f"html={tmp_path}"]
    ended = CliRunner().invoke(command.command, arguments)
    assert ended.exit_code == 3
    assert json.loads(ended.stdout)["verdict"] == "pass"
