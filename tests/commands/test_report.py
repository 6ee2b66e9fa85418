"""``arcprobe report show|diff``: files in, the contract's exit codes out, one line for what cannot
be read or written."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from arcprobe.commands import output as _output, report
from arcprobe.fleet import envelope
from arcprobe.model import (
    Cause,
    Check,
    Code,
    Finding,
    Kind,
    Layer,
    Owner,
    Proxy,
    Report,
    Route,
    Run,
    Settings,
    Verdict,
)
from arcprobe.report import as_json
from tests.support.recordings import FOLDER

DENIED = FOLDER / "denied" / "recording.json"

CHECK = Check(
    id="https a.example:443",
    kind=Kind.HTTPS,
    target="a.example:443",
    route=Route.PROXY,
    required=True,
    feature="core",
)


def made(verdict: Verdict, code: Code) -> Report:
    finding = Finding(
        check=CHECK.id,
        kind=CHECK.kind,
        layer=Layer.HTTP,
        target=CHECK.target,
        route=CHECK.route,
        verdict=verdict,
        code=code,
        summary=f"{code} at a.example",
    )
    cause = Cause(
        code=code,
        verdict=verdict,
        headline=f"{code}!",
        remedy="change it",
        owner=Owner.PROXY,
        explains=(CHECK.id,),
    )
    proxy = Proxy(scheme="http", host="p.example", port=3128)
    run = Run(
        version="0",
        started="2026-11-23T15:00:00Z",
        seconds=1.0,
        vantage="pod",
        host="h",
        node="",
        pod="",
        settings=Settings(proxy_https=proxy),
    )
    causes = () if verdict is Verdict.PASS else (cause,)
    return Report(
        schema=1,
        verdict=verdict,
        run=run,
        checks=(CHECK,),
        observations=(),
        findings=(finding,),
        causes=causes,
    )


GOOD = made(Verdict.PASS, Code.ENDPOINT_ANSWERS)
BAD = made(Verdict.FAIL, Code.PROXY_DENIED)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A passing and a failing report on disk."""
    found = {}
    for name, made_report in (("good", GOOD), ("bad", BAD)):
        path = tmp_path / f"{name}.json"
        path.write_text(as_json.render(made_report), encoding="utf-8")
        found[name] = str(path)
    return found


def test_show_judges_again(tmp_path: Path) -> None:
    """``show`` shows what this version judges, whatever the file says, and exits accordingly."""
    said = json.loads(DENIED.read_text(encoding="utf-8")) | {"verdict": "pass"}
    file = tmp_path / "report.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    result = CliRunner().invoke(report.command, ["show", str(file)])
    assert result.exit_code == 1
    assert "FAIL" in result.stdout
    assert "proxy-denied" in result.stdout


def test_show_stdin_and_report_file(tmp_path: Path) -> None:
    """``-`` is stdin, and ``--report`` writes a file beside stdout."""
    target = tmp_path / "out.html"
    arguments = ["show", "-", "--format", "json", "--report", f"html={target}"]
    result = CliRunner().invoke(report.command, arguments, input=DENIED.read_bytes())
    assert result.exit_code == 1, result.output
    assert json.loads(result.stdout)["verdict"] == "fail"
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_report_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A report file that cannot be written is one line on stderr and exit 3; stdout has the report
    all the same."""
    nowhere = tmp_path / "no" / "such.json"
    arguments = ["show", str(DENIED), "--report", f"json={nowhere}"]
    result = CliRunner().invoke(report.command, arguments)
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 1
    assert "--report json=" in result.stderr
    assert "proxy-denied" in result.stdout


@pytest.mark.parametrize("value", ["json", "=x", "pdf=x", "json="])
def test_report_setting(files: dict[str, str], value: str) -> None:
    """A ``--report`` that is not FORMAT=FILE exits 2 and names the formats."""
    result = CliRunner().invoke(report.command, ["show", files["good"], "--report", value])
    assert result.exit_code == 2
    assert "--report" in result.stderr
    assert "markdown" in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"hello", "not JSON"), (b"{}", "not a report"), (None, "cannot read")],
)
def test_unreadable(tmp_path: Path, content: bytes | None, words: str) -> None:
    """A file that is no report exits 2 with a line that names it and says what is wrong; no
    traceback."""
    path = tmp_path / "r.json"
    if content is not None:
        path.write_bytes(content)
    result = CliRunner().invoke(report.command, ["show", str(path)])
    assert result.exit_code == 2
    assert "r.json" in result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_diff(files: dict[str, str]) -> None:
    """``diff`` exits 0 on the same report and 1 on another, and names what changed."""
    assert CliRunner().invoke(report.command, ["diff", files["good"], files["good"]]).exit_code == 0
    result = CliRunner().invoke(report.command, ["diff", files["good"], files["bad"]])
    assert result.exit_code == 1
    assert "PASS → FAIL" in result.stdout
    assert "pass endpoint-answers → fail proxy-denied" in result.stdout
    shown = json.loads(
        CliRunner()
        .invoke(report.command, ["diff", "--format", "json", files["bad"], files["good"]])
        .stdout
    )
    assert [cause["code"] for cause in shown["causes_gone"]] == ["proxy-denied"]


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Verdict.PASS, 0), (Verdict.WARN, 0), (Verdict.FAIL, 1), (Verdict.ERROR, 3)],
)
def test_exit_codes(verdict: Verdict, code: int) -> None:
    """The exit codes are the contract's."""
    assert _output.exit_code(msgspec.structs.replace(GOOD, verdict=verdict)) == code


def test_plain_without_terminal(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no terminal gets no colour, whatever the environment says."""
    monkeypatch.setenv("TERM", "xterm-256color")
    assert (
        "\x1b"
        not in CliRunner().invoke(report.command, ["diff", files["good"], files["bad"]]).stdout
    )


def test_merge_with_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a slip of the command line, not a lost node: exit 2, one line."""
    there = str(FOLDER / "clean" / "recording.json")
    missing = str(tmp_path / "nowhere.json")
    result = CliRunner().invoke(report.command, ["merge", there, missing])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere.json" in result.stderr


@pytest.mark.parametrize("command", ["show", "merge"])
def test_reports_with_a_byte_order_mark(command: str, tmp_path: Path) -> None:
    """A report that PowerShell saved is read as it is."""
    recording = (FOLDER / "clean" / "recording.json").read_bytes()
    file = tmp_path / "clean.json"
    file.write_bytes(b"\xef\xbb\xbf" + recording.replace(b"\n", b"\r\n"))
    result = CliRunner().invoke(report.command, [command, str(file), "--format", "json"])
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (0, "pass")


def test_log_of_a_pod_is_shown(tmp_path: Path) -> None:
    """A pod's log that holds a report is read as the report; one that was rotated away says so."""
    log = tmp_path / "pod.log"
    log.write_text(f"words\n{envelope.wrap(DENIED.read_text())}")
    shown = CliRunner().invoke(report.command, ["show", str(log)])
    assert shown.exit_code == 1, shown.output
    assert "proxy-denied" in shown.output
    log.write_text("}\n-----END ARCPROBE REPORT-----\n")
    rotated = CliRunner().invoke(report.command, ["show", str(log)])
    assert rotated.exit_code == 2
    assert "containerLogMaxSize" in rotated.output


def test_show_joins_the_changes_of_a_product() -> None:
    """--join prints them as one block, with the place and the command as comments; a product that
    nothing names has its lines as well; a name that is none is exit 2."""
    run = CliRunner().invoke
    squid = run(report.command, ["show", str(DENIED), "--join", "squid"])
    first, *_, last = squid.stdout.splitlines()
    assert first == "# squid.conf, or the file that it includes, above the first http_access deny"
    assert last == "# squid -k parse && squid -k reconfigure"
    haproxy = run(report.command, ["show", str(DENIED), "--join", "haproxy"])
    assert "http-request allow if " in haproxy.stdout
    assert run(report.command, ["show", str(DENIED), "--join", "bind"]).exit_code == 2
