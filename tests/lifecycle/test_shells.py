"""Lines for bash, PowerShell and cmd: what was meant is what arrives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from arcprobe.lifecycle.shells import SHELLS, Unquotable, as_data, line_of, lines_of
from arcprobe.lifecycle.steps import Capture, Export, Needs, Step, Variable, command, word
from arcprobe.model import line
from tests.lifecycle.shell_readers import read_cmd, read_powershell
from tests.support import powershell

AWKWARD = (
    "plain",
    "10.0.0.0/8,.svc,kubernetes.default.svc",
    "http://proxy.corp:3128",
    "it's",
    'say "no"',
    "a b",
    "%PATH%",
    "100%",
    "p%40ss%2Fword%",
    "$HOME",
    "`date`",
    "$(date)",
    "!!",
    "a&b|c<d>e^f",
    "(x)",
    "C:\\Users\\R&D\\ca.pem",
    "ends with\\",
    '\\"',
    "*",
    "~",
    "#no comment",
    "; ls",
    "@file",
    "prøxy‘’‚‛“”„",
    "日本語 プロキシ",
    "{a,b}",
    "--flag=x",
    "",
)
ENVIRONMENT = {"PATH": "C:\\wrong", "SECRET": "user:p%40ss"}
SECRET = Variable("SECRET")


def test_bash_hands_every_argument_on(tmp_path: Path) -> None:
    """bash runs a printed line, and the program gets each awkward argument as it was."""
    stub = tmp_path / "az"
    stub.write_text(
        f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n", "utf-8"
    )
    stub.chmod(0o755)
    printed = line_of(command("az", *AWKWARD, word("x", SECRET, "'y")), SHELLS["bash"])
    ended = subprocess.run(
        ["bash", "-c", printed],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "SECRET": "u:p%40$'s"},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert json.loads(ended.stdout) == [*AWKWARD, "xu:p%40$'s'y"]


def test_powershell_hands_every_argument_on() -> None:
    """By PowerShell's own rules each awkward argument arrives as it was, a variable as its
    value."""
    printed = line_of(command("az", *AWKWARD, word('$x"', SECRET, "`y")), SHELLS["powershell"])
    assert read_powershell(printed, ENVIRONMENT) == ["az", *AWKWARD, '$x"user:p%40ss`y']
    assert len(powershell.command(printed)) == len(["az", *AWKWARD, "the last"])


def test_cmd_hands_every_argument_on() -> None:
    """By the rules of cmd's prompt and of the C runtime each awkward argument arrives as it was,
    whatever variables there are."""
    printed = line_of(command("az", *AWKWARD, word("http://", SECRET, "@p")), SHELLS["cmd"])
    assert read_cmd(printed, ENVIRONMENT) == ["az", *AWKWARD, "http://user:p%40ss@p"]


TEXT = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=300, deadline=None)
@example(["%\\", "\\%a", "\\\\%a\\%b", '\\"%a\\"', "%\\PATH%"])
@given(st.lists(TEXT, min_size=1, max_size=4))
def test_any_text_arrives(texts: list[str]) -> None:
    """Whatever text is given: PowerShell and cmd hand it on."""
    wanted = ["az", *texts]
    shown = command("az", *texts)
    assert read_powershell(line_of(shown, SHELLS["powershell"]), {}) == wanted
    assert read_cmd(line_of(shown, SHELLS["cmd"]), {}) == wanted


def test_cmd_refuses_a_line_break() -> None:
    """What cmd cannot be given is refused, not printed wrong."""
    with pytest.raises(Unquotable):
        line_of(command("az", "a\nb"), SHELLS["cmd"])


EXPORT = Export("NO_PROXY", word("http://", SECRET, "@it's"))
CAPTURE = Capture("ID", command("az", "show", "a b").argv)
NEEDS = Needs("ARC_NAME", line("lifecycle.need.name"))


@pytest.mark.parametrize(
    ("shell", "lines"),
    [
        (
            "bash",
            [
                """export NO_PROXY=http://"${SECRET}"'@it'\\''s'""",
                """ID="$(az show 'a b')\"""",
                ': "${ARC_NAME:?set it to the name of the connected cluster}"',
            ],
        ),
        (
            "powershell",
            [
                """$env:NO_PROXY = "http://${env:SECRET}@it's\"""",
                "$env:ID = az show 'a b'",
                "if (-not $env:ARC_NAME) "
                "{ throw 'ARC_NAME: set it to the name of the connected cluster' }",
            ],
        ),
        (
            "cmd",
            [
                """set "NO_PROXY=http://%SECRET%@it's\"""",
                """for /f "delims=" %i in ('az show "a b"') do set "ID=%i\"""",
                "if not defined ARC_NAME echo ARC_NAME: "
                "set it to the name of the connected cluster",
            ],
        ),
    ],
)
def test_variables_are_set_as_the_shell_has_it(shell: str, lines: list[str]) -> None:
    """Each shell has its own way to set a variable, to keep what a command prints, to ask for
    one."""
    assert [line_of(item, SHELLS[shell]) for item in (EXPORT, CAPTURE, NEEDS)] == lines
    if shell == "powershell":
        assert len(powershell.parsed("\n".join(lines)).children[0].children) == len(lines)


def test_a_step_is_comment_and_lines() -> None:
    """A step is a comment, its lines, and what to look at then; an empty line parts two."""
    step = Step(
        title=line("lifecycle.hour"), items=(command("true"),), after=(line("lifecycle.hour-why"),)
    )
    assert lines_of((step, step), SHELLS["cmd"])[:4] == [
        "rem Wait at least one hour after the switch to the gateway",
        "true",
        "rem   Until then the agents use the old route: do not close anything before.",
        "",
    ]


def test_data_has_the_arguments() -> None:
    """As data a step has its arguments unquoted, a variable as ${NAME}."""
    step = Step(title=line("lifecycle.hour"), items=(EXPORT, CAPTURE, NEEDS))
    assert as_data((step,)) == [
        {
            "title": "Wait at least one hour after the switch to the gateway",
            "do": [
                {"export": "NO_PROXY", "value": "http://${SECRET}@it's"},
                {"into": "ID", "argv": ["az", "show", "a b"]},
                {"needs": "ARC_NAME", "why": "set it to the name of the connected cluster"},
            ],
            "after": [],
        }
    ]
