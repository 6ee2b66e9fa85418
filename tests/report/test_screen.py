"""The first screen and the last line: what a person reads when they read no more."""

from __future__ import annotations

import re
from functools import cache

import msgspec
import pytest

from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import Code, Layer, Owner, Report, Verdict
from arcprobe.report import as_text, columns
from arcprobe.report.outline import items
from arcprobe.report.paper import Paper
from arcprobe.report.screen import Screen, last_line
from arcprobe.report.table import table
from arcprobe.report.words import Words
from tests.support.golden import GOLDEN, Golden, played

from . import sample

NAMES = [scenario.name for scenario in SCENARIOS]
each_scenario = pytest.mark.parametrize("name", NAMES)


@cache
def report(name: str) -> Report:
    """What the demo of that name reports."""
    return played(name)


def screen(of: Report, width: int = 80) -> list[str]:
    """The first screen."""
    return Screen(of, Words(), Paper(colour=False, width=width), table(of)).lines()


@each_scenario
def test_first_screen_fits_a_terminal(name: str) -> None:
    """24 lines of 80 columns hold the verdict, who must act, and every cause by its number."""
    lines = screen(report(name))
    assert len(lines) <= 24
    assert max(map(columns.width_of, lines)) <= 80
    text = "\n".join(lines)
    assert f"DEMO {name}" in lines[0]
    shown = [int(number) for number in re.findall(r"^  (\d+) [✗!?]", text, re.M)]
    assert shown == [item.number for item in items(report(name))]


@each_scenario
def test_last_line_is_the_verdict(name: str) -> None:
    """The last line of the text repeats the verdict and its counts, and says what comes next."""
    last = as_text.render(report(name), width=80).splitlines()[-1]
    assert last.startswith(report(name).verdict.upper())
    assert last.endswith("arcprobe check --region REGION --proxy-https http://PROXY:PORT")
    counts = Words().counts(report(name))
    assert counts in last
    assert counts in "".join(screen(report(name), width=400)[:3]) or report(name).verdict != "fail"


@each_scenario
def test_failures_stand_before_warnings(name: str) -> None:
    """Numbers run from 1 without a gap, failures first."""
    found = items(report(name))
    assert [item.number for item in found] == list(range(1, len(found) + 1))
    verdicts = [item.cause.verdict for item in found]
    assert verdicts == sorted(verdicts, key=lambda verdict: verdict is Verdict.WARN)


def test_many_causes_are_cut_not_lost() -> None:
    """Forty causes do not push the verdict off the screen; how many are below is told."""
    cause = sample.broken().causes[0]
    many = msgspec.structs.replace(sample.broken(), causes=(cause,) * 40)
    lines = screen(many)
    assert len(lines) == 24
    assert re.fullmatch(r"  … and \d+ more, below", lines[-1])


def hop_line(of: Report, width: int = 80) -> str:
    """The line that draws the way."""
    return next(line for line in screen(of, width) if line.endswith("Azure"))


def test_hops() -> None:
    """The picture has the worst of every rung, and how many endpoints it hits; it becomes narrower
    before it breaks."""
    assert hop_line(report("everything")) == (
        "  laptop ── DNS ✓ ── proxy ✗ 2 ── TLS ! 2 ── HTTP ✓ ── WebSocket ✗ 2 ── Azure"
    )
    assert hop_line(report("everything"), 74) == (
        "  laptop ─ DNS ✓ ─ proxy ✗ 2 ─ TLS ! 2 ─ HTTP ✓ ─ WebSocket ✗ 2 ─ Azure"
    )


def last(of: Report, saved: str = "") -> str:
    """The last line, without the verdict."""
    return last_line(of, Words(), saved)


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (last(sample.clean()), "No fault found. Next: arcprobe plan FILE"),
        (
            last(sample.broken(), "r.json"),
            "2 causes. Next: arcprobe report ticket r.json --owner proxy",
        ),
        (last(sample.broken()), "2 causes. Next: arcprobe report ticket FILE --owner proxy"),
        (
            last(
                msgspec.structs.replace(
                    sample.broken(),
                    causes=(msgspec.structs.replace(sample.broken().causes[0], owner=Owner.YOU),),
                )
            ),
            "1 cause. Next: make the changes above, then arcprobe check again",
        ),
        (
            last(msgspec.structs.replace(sample.clean(), verdict=Verdict.ERROR)),
            "No fault found. Next: arcprobe check again, with a longer --deadline",
        ),
    ],
)
def test_next_command(said: str, due: str) -> None:
    """What comes next follows from who must act."""
    assert said == due


def test_what_another_change_heals() -> None:
    """Exempting a host from inspection also ends what the inspection does to its WebSockets; where
    it hits another host as well, it does not."""
    cause = sample.broken().causes[0]
    inspected, stripped = (
        msgspec.structs.replace(cause, code=code, layer=layer, affects=("a:443",))
        for code, layer in (
            (Code.TLS_INTERCEPTED, Layer.TLS),
            (Code.WEBSOCKET_STRIPPED, Layer.WEBSOCKET),
        )
    )
    both = msgspec.structs.replace(sample.broken(), causes=(inspected, stripped))
    assert [item.heals for item in items(both)] == [(2,), ()]
    assert "  1 ✗ (also fixes 2)" in "\n".join(screen(both))
    wider = msgspec.structs.replace(stripped, affects=("a:443", "b:443"))
    apart = msgspec.structs.replace(sample.broken(), causes=(inspected, wider))
    assert [item.heals for item in items(apart)] == [(), ()]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.file.stem)
def test_golden(golden: Golden) -> None:
    """The text is what a person has read and found good; after a change of words:
    ``python -m tests.support.golden``, and read the diff."""
    assert golden.text() == golden.file.read_text(encoding="utf-8")
    if golden.terminal == "ascii":
        assert golden.text().isascii()
    if golden.terminal == "colour":
        plain = golden._replace(options={"width": 80}).text()
        assert re.sub(r"\x1b\[[0-9;]*m", "", golden.text()) == plain
