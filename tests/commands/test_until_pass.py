"""``check --until-pass``: bounded, and silent where nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import msgspec
import pytest

from arcprobe.commands.until_pass import repeat
from arcprobe.model import Report
from tests.support.golden import played


def asked(*reports: Report) -> tuple[Iterator[Report], list[Report]]:
    """Reports to come, and those that were shown whole."""
    return iter(reports), []


WELL = "login.microsoftonline.com:443"


def with_affected(*targets: str) -> Report:
    """The denied network, in which the cause hits these; without any, a clean one."""
    if not targets:
        return played("clean")
    report = played("denied")
    (cause,) = report.causes
    return msgspec.structs.replace(
        report, causes=(msgspec.structs.replace(cause, affects=targets),)
    )


def test_it_ends_at_the_first_pass_and_says_what_is_fixed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first report is shown whole, the second is as before and costs no line on stdout, the
    third says what is fixed."""
    denied, clean = played("denied"), played("clean")
    coming, whole = asked(denied, denied, clean, denied)
    last = repeat(lambda: next(coming), whole.append, Event(), pause=0.001)
    said = capsys.readouterr()
    assert last is clean
    assert whole == [denied]
    head, empty, title, cause = said.out.splitlines()
    assert head.endswith(f"Z: FAIL → {clean.verdict.upper()}")
    assert (empty, title) == ("", "Fixed")
    assert cause.startswith("  proxy-denied: ")
    assert said.err.count("checking again in") == 2


def test_a_part_that_is_mended_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a cause that is still there: which endpoints are well now, and later broken again; the
    administrator hears that he is on the right way."""
    worse, better, clean = (
        with_affected(*targets) for targets in (("a.example:443", WELL), ("a.example:443",), ())
    )
    coming, whole = asked(worse, better, worse, clean)
    repeat(lambda: next(coming), whole.append, Event(), pause=0.001)
    said = [line for line in capsys.readouterr().out.splitlines() if line]
    assert [line.partition(": ")[2] for line in said if "Z: " in line] == [
        "FAIL → FAIL",
        "FAIL → FAIL",
        "FAIL → PASS",
    ]
    assert said[said.index("Endpoints that are well now") + 1] == f"  {WELL}"
    assert said[said.index("Endpoints that are broken now") + 1] == f"  {WELL}"
    assert said.count("Still there") == 2


def test_it_is_bounded() -> None:
    """It does not ask for ever."""
    denied = played("denied")
    coming, whole = asked(*[denied] * 5)
    assert repeat(lambda: next(coming), whole.append, Event(), pause=0.001, most=3) is denied
    assert len(list(coming)) == 2


def test_a_signal_ends_it() -> None:
    """No further preflight after Ctrl-C, and none after one that was cut short."""
    ended = Event()
    ended.set()
    denied = played("denied")
    coming, whole = asked(denied, denied)
    repeat(lambda: next(coming), whole.append, ended, pause=60)
    assert len(list(coming)) == 1
    run = msgspec.structs.replace(denied.run, interrupted="SIGTERM")
    cut = msgspec.structs.replace(denied, run=run)
    coming, whole = asked(cut, denied)
    assert repeat(lambda: next(coming), whole.append, Event(), pause=60) is cut
