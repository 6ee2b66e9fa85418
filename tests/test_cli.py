"""The front door: help, exit codes, signals, deadlines, readers that leave, and faults of
arcprobe's own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from arcprobe import __version__
from arcprobe.commands import group
from arcprobe.commands.listing import COMMANDS
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.lab.script import NetworkScript
from arcprobe.model import Check, Kind
from arcprobe.pipeline import preflight
from arcprobe.plan import make_plan
from arcprobe.probes import runner as _runner
from arcprobe.probes.beginning import run_clock
from arcprobe.probes.context import context_of
from arcprobe.probes.trust import stores as _trust
from tests.support.rehearsed import config_in, recording, run
from tests.support.silent import SilentPeer

PROGRAM = [sys.executable, "-W", "error", "-m", "arcprobe"]
SERVICES = str(Path(__file__).parent.parent / "fixtures" / "services" / "kubeadm.json")
CONTRACTED = """
    check watch demo endpoints skip-range job run status report plan gateway verify traffic explain
    completion version
""".split()
posix = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no such signals and no pseudo-terminals"
)


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """The command lines of a command and of all below it."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, *path, name)


ALL = list(commands(group.command))


def one_line(text: str) -> str:
    """The text without ``arcprobe: `` and its newline; it is one line that prints."""
    assert text.startswith("arcprobe: ")
    assert text.endswith("\n")
    line = text.removeprefix("arcprobe: ").rstrip("\n")
    assert line.isprintable()
    return line


# --------------------------------------------------------------------------------------------------


def test_commands_of_the_contract() -> None:
    """The contract's commands are there, in its order."""
    assert list(COMMANDS) == CONTRACTED
    assert {path for path in ALL if path[:1] in (("report",), ("skip-range",))} == {
        ("report",),
        *(("report", name) for name in ("show", "merge", "diff", "ticket")),
        ("skip-range",),
        *(("skip-range", name) for name in ("check", "suggest", "explain")),
    }


@pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "arcprobe")
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(path: tuple[str, ...], option: str) -> None:
    """Each command has help with examples that begin with its own name, on stdout, exit 0."""
    ended = run(*path, option)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: {' '.join(('arcprobe', *path))}")
    examples = ended.out.partition("Examples:")[2]
    assert f"arcprobe {' '.join(path)}".strip() in examples


def test_version() -> None:
    """--version names the program and its version."""
    ended = run("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"arcprobe {__version__}\n", "")


def test_nothing_asked() -> None:
    """Without a command: the help on stderr, exit 2, for nothing was asked and nothing passed."""
    ended = run()
    assert (ended.code, ended.out) == (2, "")
    assert "Commands:" in ended.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["chekc"], "chekc"),
        (["check", "--regoin", "eastus"], "--regoin"),
        (["check", "--region"], "--region"),
        (["check", "surplus"], "surplus"),
        (["check", "--region", "eastus", "--format", "pdf"], "--format"),
        (["check", "--region", "eastus", "--report", "html"], "--report"),
        (["demo", "claen"], "clean"),
        (["demo", "clean", "--format", "xml"], "--format"),
        (["report", "show"], "FILE"),
        (["report", "show", "/nowhere.json"], "/nowhere.json"),
        (["explain", "proxy-deneid"], "proxy-denied"),
        (["skip-range", "chekc"], "chekc"),
        (["endpoints", "--region", "westeuorpe"], "westeurope"),
    ],
    ids=" ".join,
)
def test_wrong_command_line(arguments: list[str], named: str) -> None:
    """What is wrong with a command line is one line that names it; exit 2, nothing on stdout."""
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert named in one_line(ended.err)


def test_list() -> None:
    """``demo --list``: a line a scenario, its name first; as JSON name, story, verdict and
    causes."""
    assert [line.split()[0] for line in run("demo", "--list").out.splitlines()] == [
        each.name for each in SCENARIOS
    ]
    rows: Any = run("demo", "--list", "--format", "json").report
    assert rows == [
        {
            "name": each.name,
            "story": each.story,
            "verdict": each.verdict,
            "causes": list(each.causes),
        }
        for each in SCENARIOS
    ]


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "strict", "code"),
    [
        ("clean", False, 0),
        ("clean", True, 0),
        ("inspected-trusted", False, 0),
        ("inspected-trusted", True, 1),
        ("denied", False, 1),
    ],
)
def test_exit_code(scenario: str, strict: bool, code: int, tmp_path: Path) -> None:
    """0 where all passed or only warns, 1 where something failed; --strict makes warnings fail,
    also of a recording."""
    file = tmp_path / "report.json"
    file.write_text(recording(scenario).out, encoding="utf-8")
    assert run("report", "show", str(file), *(["--strict"] if strict else [])).code == code


@pytest.mark.parametrize("name", ["clean", "denied", "inspected-trusted"])
def test_demo_as_a_process(name: str) -> None:
    """As a process, warnings being errors: the same exit code, a report on stdout, nothing on
    stderr."""
    ended = subprocess.run(
        [*PROGRAM, "demo", name, "--format", "json"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (recording(name).code, "")
    codes = [cause["code"] for cause in json.loads(ended.stdout)["causes"]]
    assert codes == [cause["code"] for cause in recording(name).report["causes"]]


def test_report_file_not_written(tmp_path: Path) -> None:
    """A report file that cannot be written is exit 3 and one line; the others and stdout are
    written."""
    good = tmp_path / "good.json"
    ended = run(
        "demo", "clean", "--report", f"html={tmp_path}/nowhere/x.html", "--report", f"json={good}"
    )
    assert ended.code == 3
    assert "--report html=" in one_line(ended.err)
    assert "\nPASS  " in ended.out
    assert json.loads(good.read_text(encoding="utf-8"))["verdict"] == "pass"


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_standard_streams(closed: str, tmp_path: Path) -> None:
    """With standard streams closed by the caller the exit code is the verdict's, and a report file
    holds the report alone."""
    file = tmp_path / "report.json"
    script = f'exec "$@" {closed}'
    arguments = ["demo", "denied", "--report", f"json={file}"]
    ended = subprocess.run(
        ["sh", "-c", script, "sh", *PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, b"")
    assert json.loads(file.read_text(encoding="utf-8"))["verdict"] == "fail"


@posix
@pytest.mark.parametrize(
    "arguments", [["demo", "everything", "--format", "json"], ["endpoints", "--region", "eastus"]]
)
def test_reader_that_leaves(arguments: list[str]) -> None:
    """Who stops reading (``| head``) gets no traceback, and the exit code is no verdict."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*PROGRAM, *arguments], stdout=writing, stderr=subprocess.PIPE, timeout=50, check=False
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (3, b"")


@posix
def test_full_disk() -> None:
    """A stdout that cannot be written is one line and exit 3."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [*PROGRAM, "demo", "clean"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=50,
            check=False,
        )
    assert ended.returncode == 3
    assert "stdout" in ended.stderr.splitlines()[0]
    assert "Traceback" not in ended.stderr


# --------------------------------------------------------------------------------------------------


def test_fault_in_a_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault inside a probe costs its own check alone: error, arcprobe-fault, exit 3, and the rest
    of the report."""

    async def broken(check: Check, place: object) -> Any:
        if check.host == "management.azure.com":
            raise ZeroDivisionError("as if")
        return await healthy(check, place)  # type: ignore[arg-type]

    healthy = _runner.PROBES[Kind.HTTPS]
    monkeypatch.setitem(_runner.PROBES, Kind.HTTPS, broken)
    ended = run("demo", "clean", "--format", "json")
    told = ended.report
    assert (ended.code, told["verdict"], ended.err) == (3, "error", "")
    assert [cause["code"] for cause in told["causes"]] == ["arcprobe-fault"]
    broken_checks = {
        finding["target"] for finding in told["findings"] if finding["code"] == "arcprobe-fault"
    }
    assert broken_checks == {"management.azure.com:443"}
    verdicts = {
        finding["verdict"] for finding in told["findings"] if finding["target"] not in broken_checks
    }
    assert "pass" in verdicts
    assert not verdicts & {"fail", "warn", "error"}
    assert any("ZeroDivisionError" in line for line in told["causes"][0]["evidence"])


@pytest.mark.parametrize(
    "error", [RuntimeError("first\nsecond"), RecursionError(), KeyError("x"), MemoryError()]
)
def test_fault_of_a_command(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault anywhere else is one line on stderr and exit 3, no traceback."""

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("arcprobe.commands.explain.codes.row", broken)
    ended = run("explain", "proxy-denied")
    assert (ended.code, ended.out) == (3, "")
    assert type(error).__name__ in one_line(ended.err)


def test_interrupted_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before anything runs is one line and exit 3."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("arcprobe.commands.explain.codes.row", interrupted)
    ended = run("explain", "proxy-denied")
    assert (ended.code, one_line(ended.err.lstrip())) == (3, "interrupted")


# --------------------------------------------------------------------------------------------------


def behind(peer: SilentPeer, *more: str) -> list[str]:
    """``check`` behind a proxy that never answers, everything else read from a file; nothing goes
    anywhere else."""
    proxy = f"http://127.0.0.1:{peer.port}"
    flags = [
        "--region",
        "eastus",
        "--proxy-https",
        proxy,
        "--proxy-skip-range",
        "10.96.0.0/12,.svc",
        "--services",
        SERVICES,
    ]
    return [*PROGRAM, "check", *flags, "--format", "json", *more]


def unfinished(text: str, why: str) -> dict[str, Any]:
    """The report of a run that was ended early: valid, every check in it, what was seen and what
    was not."""
    told: dict[str, Any] = json.loads(text)
    assert told["verdict"] == "error"
    assert why in told["run"]["interrupted"]
    codes = {finding["code"] for finding in told["findings"]}
    assert "not-finished" in codes
    assert {check["id"] for check in told["checks"]} == {
        finding["check"] for finding in told["findings"]
    }
    assert "not-finished" in [cause["code"] for cause in told["causes"]]
    return told


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_signal(number: signal.Signals) -> None:
    """SIGTERM and SIGINT in the middle of a run: the report on stdout says so, exit 3, no
    traceback."""
    with SilentPeer() as peer:
        program = behind(peer, "--timeout", "100", "--deadline", "200")
        process = subprocess.Popen(
            program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            assert peer.wait_for(5)
            process.send_signal(number)
            out, err = process.communicate(timeout=50)
        finally:
            process.kill()
            process.wait()
    assert (process.returncode, err) == (3, "")
    unfinished(out, number.name)


def test_deadline() -> None:
    """A deadline shorter than the network: exit 3, a valid report, and what was seen until then is
    in it."""
    with SilentPeer() as peer:
        program = behind(peer, "--timeout", "100", "--deadline", "3")
        ended = subprocess.run(program, capture_output=True, text=True, timeout=50, check=False)
    assert (ended.returncode, ended.stderr) == (3, "")
    told = unfinished(ended.stdout, "deadline")
    (seen,) = [
        finding
        for finding in told["findings"]
        if finding["kind"] == "skip-range" and finding["verdict"] != "skip"
    ][:1]
    assert seen["code"] != "not-finished"


def test_all_in_flight_at_once() -> None:
    """On a way that swallows everything every connection is made at once: the last one while the
    first still waits."""
    with SilentPeer() as peer, Rehearsal(NetworkScript(proxy=None)) as network:
        network.dial_map = dict.fromkeys(network.dial_map, ("127.0.0.1", peer.port))
        config = config_in(network, timeout="100", deadline="200")
        stores = _trust.Stores(config.public_roots, (), None)
        runner = _runner.Runner(
            make_plan(config), context_of(config, stores, run_clock()), lambda *_: ()
        )
        asked = [check for check in runner.checks if check.kind in (Kind.HTTPS, Kind.WEBSOCKET)]
        assert len(asked) > 5

        async def until_all_are_open() -> bool:
            running = asyncio.create_task(runner.run(60))
            came = await asyncio.to_thread(peer.wait_for, len(asked), 40)
            runner.stop("all are open")
            await running
            return came

        assert asyncio.run(until_all_are_open())
    # nothing was closed and nothing timed out: each check waits on its own connection
    assert peer.taken == len(asked)
    kinds = {check.id: check.kind for check in runner.checks}
    waiting = {
        each.check
        for each in runner.observations
        if each.unfinished and kinds[each.check] is not Kind.DNS
    }
    assert waiting == {check.id for check in asked}


def test_stopped_means_stopped() -> None:
    """After the end of a run nothing is asked again: no connection follows a signal."""
    with SilentPeer() as peer, Rehearsal(NetworkScript(proxy=None)) as network:
        network.dial_map = dict.fromkeys(network.dial_map, ("127.0.0.1", peer.port))
        config = config_in(network, timeout="100", deadline="0.5", only=("https",))
        report = preflight(config)
    assert report.run.interrupted
    assert peer.taken <= sum(check.kind is Kind.HTTPS for check in report.checks)


def test_threads_end() -> None:
    """A run leaves no thread behind."""
    before = set(threading.enumerate())
    assert run("demo", "direct").code == 0
    assert {each.name for each in set(threading.enumerate()) - before if not each.daemon} == set()


# --------------------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\x1b\[")


def on_a_terminal(arguments: list[str], **variables: str) -> str:
    """What a process shows on a pseudo-terminal."""
    import pty

    outer, inner = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **variables}
    with subprocess.Popen(
        [*PROGRAM, *arguments], stdout=inner, stderr=inner, stdin=subprocess.DEVNULL, env=environ
    ) as process:
        os.close(inner)
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while piece := os.read(outer, 65536):
                shown += piece
        process.wait(50)
    os.close(outer)
    return shown.decode()


@posix
def test_colour(tmp_path: Path) -> None:
    """Colour on a terminal only, and not where NO_COLOR or TERM=dumb says otherwise."""
    file = tmp_path / "report.json"
    file.write_text(recording("denied").out, encoding="utf-8")
    show = ["report", "show", str(file)]
    assert _ESCAPE.search(on_a_terminal(show))
    assert not _ESCAPE.search(on_a_terminal(show, NO_COLOR="1"))
    assert not _ESCAPE.search(on_a_terminal(show, TERM="dumb"))
    assert not _ESCAPE.search(run(*show).out)


@posix
def test_progress_is_plain_without_colour() -> None:
    """Progress is shown on a terminal, and leaves no escape where NO_COLOR or TERM=dumb says so."""
    with SilentPeer() as peer:  # so that there is something to be waited for
        proxy = f"http://127.0.0.1:{peer.port}"
        words = ["check", "--region", "westeurope", "--proxy-https", proxy, "--timeout", "1"]
        shown = on_a_terminal([*words, "--only", "proxy", "--format", "json"])
    assert _ESCAPE.search(shown)
    assert '"code":"proxy-hung"' in shown.replace(" ", "")
    assert not _ESCAPE.search(on_a_terminal(["demo", "clean"], NO_COLOR="1"))
    assert not _ESCAPE.search(on_a_terminal(["demo", "clean"], TERM="dumb"))
