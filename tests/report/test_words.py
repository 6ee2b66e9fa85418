"""What the formats say of a report: one sentence, who acts, how many."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import Cause, Code, Owner, Report, Settings, Verdict
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
        (line(Verdict.PASS), "Azure Arc will work from here."),
        (
            line(Verdict.WARN, WARNING),
            "Azure Arc will work from here, with 1 warning. To act: the PKI team (certificates).",
        ),
        (line(Verdict.WARN, NOBODYS, NOBODYS), "Azure Arc will work from here, with 2 warnings."),
        (
            line(Verdict.FAIL, PROXY, DNS, PROXY, WARNING),
            "Azure Arc will not work from here: 3 causes. To act: the proxy team and the DNS team.",
        ),
        (
            line(Verdict.FAIL, WARNING, strict=True),
            "Azure Arc will not work from here: 1 cause (warnings count: --strict)."
            " To act: the PKI team (certificates).",
        ),
        (
            line(Verdict.FAIL, PROXY, strict=True),
            "Azure Arc will not work from here: 1 cause. To act: the proxy team.",
        ),
        (
            line(Verdict.ERROR, interrupted="deadline of 60 s"),
            "arcprobe could not finish: deadline of 60 s.",
        ),
        (
            line(Verdict.ERROR, PROXY),
            "arcprobe could not finish. What was seen until then shows 1 cause.",
        ),
    ],
)
def test_verdict_line(said: str, due: str) -> None:
    """One sentence says whether it will work, what stands in the way, and who must act."""
    assert said == due


@pytest.mark.parametrize(
    ("owner", "due"),
    [
        (Owner.NOBODY, "nobody named"),
        (Owner.PROXY, "the proxy team"),
        (Owner.FIREWALL, "the firewall team"),
        (Owner.DNS, "the DNS team"),
        (Owner.PKI, "the PKI team (certificates)"),
        (Owner.CLUSTER, "the cluster team"),
        (Owner.AZURE, "Microsoft Azure"),
        (Owner.YOU, "you (the settings of this run)"),
        ("the board\x07", "the board\\x07"),
    ],
)
def test_actor(owner: str, due: str) -> None:
    """Every owner has words of its own; one of a later version is named as it is, harmless."""
    assert ENGLISH.actor(owner) == due
