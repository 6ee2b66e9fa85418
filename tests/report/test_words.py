"""What the formats say of a report: one sentence, who acts, how many."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import Cause, Code, Owner, Report, Settings, Unproven, Verdict
from arcprobe.report import renderer
from arcprobe.report.words import Words

from . import sample

ENGLISH = Words()


def cause(verdict: Verdict, owner: Owner) -> Cause:
    """A cause of that verdict."""
    return Cause(
        code=Code.BLOCK_PAGE, verdict=verdict, headline="", remedy="", owner=owner, explains=()
    )


def line(verdict: Verdict, *causes: Cause, strict: bool = False, interrupted: str = "") -> str:
    """The verdict line of a report with these causes."""
    run = sample.run(interrupted=interrupted, settings=Settings(strict=strict))
    report: Report = msgspec.structs.replace(
        sample.clean(), verdict=verdict, causes=causes, run=run
    )
    return ENGLISH.verdict_line(report)


PROXY = cause(Verdict.FAIL, Owner.PROXY)
DNS = cause(Verdict.FAIL, Owner.DNS)
WARNING = cause(Verdict.WARN, Owner.PKI)
NOBODYS = cause(Verdict.WARN, Owner.NOBODY)


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (
            line(Verdict.PASS),
            "What Azure Arc requires was tested from here: 2 requirements proved.",
        ),
        (
            line(Verdict.WARN, WARNING),
            "What Azure Arc requires was tested from here: 2 requirements proved,"
            " with 1 warning. Who must act: the PKI team (certificates).",
        ),
        (
            line(Verdict.WARN, NOBODYS, NOBODYS),
            "What Azure Arc requires was tested from here: 2 requirements proved, with 2 warnings.",
        ),
        (
            line(Verdict.FAIL, PROXY, DNS, PROXY, WARNING),
            "Azure Arc will not work from here: 3 causes, 1 warning."
            " Who must act: the proxy team and the DNS team.",
        ),
        (
            line(Verdict.FAIL, WARNING, strict=True),
            "Azure Arc will not work from here: 1 warning (warnings count: --strict)."
            " Who must act: the PKI team (certificates).",
        ),
        (
            line(Verdict.FAIL, PROXY, strict=True),
            "Azure Arc will not work from here: 1 cause. Who must act: the proxy team.",
        ),
        (
            line(Verdict.ERROR, interrupted="deadline of 60 s"),
            "arcprobe could not finish: deadline of 60 s.",
        ),
        (line(Verdict.ERROR, PROXY), "arcprobe could not finish. The results so far show 1 cause."),
        (line(Verdict.ERROR), "Nothing was seen, so nothing is known of this network."),
    ],
)
def test_verdict_line(said: str, due: str) -> None:
    """One sentence says whether it will work, what stands in the way, and who must act."""
    assert said == due


@pytest.mark.parametrize(
    ("owner", "due"),
    [
        (Owner.NOBODY, "unassigned"),
        (Owner.PROXY, "the proxy team"),
        (Owner.FIREWALL, "the firewall team"),
        (Owner.DNS, "the DNS team"),
        (Owner.PKI, "the PKI team (certificates)"),
        (Owner.CLUSTER, "the cluster team"),
        (Owner.AZURE, "Microsoft Azure"),
        (Owner.YOU, "you (this run's settings)"),
        ("the board\x07", "the board\\x07"),
    ],
)
def test_actor(owner: str, due: str) -> None:
    """Every owner has words of its own; one of a later version is named as it is, harmless."""
    assert ENGLISH.actor(owner) == due


def asked(only: tuple[str, ...], skip: tuple[str, ...], verdict: Verdict = Verdict.PASS) -> str:
    """The verdict line of a run with these filters."""
    run = sample.run(settings=Settings(only=only, skip=skip))
    causes = (PROXY,) if verdict is Verdict.FAIL else ()
    report = msgspec.structs.replace(sample.clean(), run=run, verdict=verdict, causes=causes)
    return ENGLISH.verdict_line(report)


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (
            asked(("skip-range",), ()),
            "The tested part works: 2 requirements proved. Tested only: skip-range.",
        ),
        (
            asked((), ("*.azure.com", "dns")),
            "The tested part works: 2 requirements proved. Skipped: *.azure.com, dns.",
        ),
        (
            asked(("a\x1b",), ("b",)),
            "The tested part works: 2 requirements proved. Tested only: a\\x1b. Skipped: b.",
        ),
        (
            asked(("dns",), (), Verdict.FAIL),
            "Azure Arc will not work from here: 1 cause. Who must act: the proxy team."
            " Tested only: dns.",
        ),
    ],
)
def test_what_was_asked(said: str, due: str) -> None:
    """With --only or --skip the headline speaks for what was asked."""
    assert said == due


def test_what_no_run_can_prove() -> None:
    """A pass names what it does not know; of many the first."""
    unproven = tuple(Unproven(target=f"*.{name}.com:443", why="none") for name in "abcdef")
    report = msgspec.structs.replace(sample.clean(), unproven=unproven)
    assert ENGLISH.verdict_line(report) == (
        "What Azure Arc requires was tested from here: 2 requirements proved."
        " Not testable: *.a.com:443, *.b.com:443, *.c.com:443, *.d.com:443 and 2 more."
    )


def test_a_pass_of_nothing_and_of_one() -> None:
    """The count speaks for required checks that passed, and for no other."""
    nothing = msgspec.structs.replace(sample.clean(), findings=())
    one = msgspec.structs.replace(sample.clean(), findings=sample.clean().findings[:1])
    told = [ENGLISH.verdict_line(report) for report in (nothing, one)]
    assert told == [
        "What Azure Arc requires was tested from here: there was nothing to test.",
        "What Azure Arc requires was tested from here: 1 requirement proved.",
    ]


@pytest.mark.parametrize("name", ["text", "html", "markdown", "junit"])
def test_every_format_says_what_was_proved(name: str) -> None:
    """No format promises what was not tested."""
    told = renderer(name)(sample.clean())
    assert "2 requirements proved" in told
    assert "will work" not in told
