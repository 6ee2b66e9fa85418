"""What the commands that give a report share, and the formats of lists that are none."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from arcprobe.commands import output as _output
from arcprobe.commands.demo import command
from arcprobe.model.errors import ConfigError
from arcprobe.report import renderer
from tests.support.golden import played
from tests.support.languages import shouting
from tests.support.rehearsed import run

TWO = (("json", "a.json"), ("html", "a.html"))


@pytest.mark.parametrize(
    ("values", "due"),
    [
        (("json=a.json,html=a.html",), TWO),
        (("json=a.json, html=a.html",), TWO),
        (("json=a.json,", "html=a.html"), TWO),  # click splits the variable at blanks
        (("json=a.json", "html=a.html"), TWO),
        (("json=a,b.json",), (("json", "a,b.json"),)),
    ],
)
def test_several_reports_in_one_value(
    values: tuple[str, ...], due: tuple[tuple[str, str], ...]
) -> None:
    """A comma before FORMAT= begins another report file; any other is part of the file's name."""
    assert _output.report_files(values) == due


def test_a_report_of_no_format_is_refused() -> None:
    """A format that does not exist is refused, also behind one that does."""
    with pytest.raises(click.BadParameter, match="pdf"):
        _output.report_files(("json=a.json,pdf=a.pdf",))


def test_reports_come_from_the_environment() -> None:
    """ARCPROBE_REPORT with commas between is several files."""

    @click.command()
    @_output.options
    def told(format: str, reports: tuple[tuple[str, str], ...]) -> None:
        click.echo(repr(reports))

    result = CliRunner().invoke(told, [], env={"ARCPROBE_REPORT": "json=a.json,html=a.html"})
    assert result.output.strip() == repr(TWO)


@pytest.mark.parametrize("form", ["html", "junit", "markdown"])
def test_the_list_of_scenarios_is_text_or_json(form: str) -> None:
    """Another format than text and json is no form of the list: one line, nothing on stdout."""
    result = CliRunner().invoke(command, ["--list", "--format", form])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == f"--format: {form} is no form of --list; use one of text, json"
    assert result.stdout == ""


RECORDING = str(Path(__file__).parents[2] / "fixtures" / "everything" / "recording.json")


def test_a_report_to_stdout() -> None:
    """``--report FORMAT=-`` writes that format to stdout, and no file called -; two of them are
    refused."""
    ended = run("report", "show", RECORDING, "--report", "json=-")
    assert (ended.code, ended.report["verdict"]) == (1, "fail")
    assert not Path("-").exists()
    ended = run("report", "show", RECORDING, "--report", "json=-", "--report", "html=-")
    assert (ended.code, ended.out) == (2, "")
    assert "only one FORMAT=- can go to stdout" in ended.err


def test_short_flags() -> None:
    """``-o`` is the format, ``-q`` leaves the last line, ``-v`` is ``--wide``, and a report that
    was written is named for what comes next."""
    assert run("report", "show", RECORDING, "-o", "json").report["schema"] == 1
    (line,) = run("report", "show", RECORDING, "-q").out.splitlines()
    assert line.startswith("FAIL  4 causes, 1 warning. Next: arcprobe report ticket ")
    assert "mcr.microsoft.com:443" in run("report", "show", RECORDING, "-v").out
    assert "\x1b" not in run("report", "show", RECORDING, "--no-color").out


def test_step_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In GitHub Actions the Markdown goes to the summary of the step."""
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    assert run("report", "show", RECORDING, "-o", "github").out.startswith("::error title=")
    assert file.read_text(encoding="utf-8").startswith("# FAIL: ")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "x"))
    ended = run("report", "show", RECORDING, "-o", "github")
    assert ended.code == 3
    assert "GITHUB_STEP_SUMMARY: cannot write" in ended.err


@pytest.mark.parametrize("form", ["text", "html", "markdown", "junit", "github"])
def test_formats_for_people_speak_the_language(form: str) -> None:
    """What is for people is in the language that was asked for, with the sentences of judges."""
    told = _output.Told(played("denied"), shouting("code", "report"))
    assert " DENIES gbl.his.arc.azure.com" in told.rendered(form)


@pytest.mark.parametrize("form", sorted(_output.FOR_PROGRAMS))
def test_formats_for_programs_are_english(form: str) -> None:
    """What is for programs is the same in every language."""
    report = played("denied")
    told = _output.Told(report, shouting("code", "report"))
    assert told.rendered(form) == renderer(form)(report)


def test_a_stream_without_the_letters() -> None:
    """Text for a stream that lacks the letters of the language is in English; stderr says so."""
    report = played("denied")
    foreign = shouting(also={"code.name-resolves.summary": "解決"})
    with CliRunner(charset="ascii").isolation() as streams:
        _output.write(report, "text", (), words=foreign)
        shown, told = streams[0].getvalue(), streams[1].getvalue()
    assert b"Azure Arc will not work from here" in shown
    assert b"ascii has no letters for --lang xx: in English" in told
