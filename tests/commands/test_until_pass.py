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
