"""Which hosts stand behind a wildcard? What was named, and why nothing was."""

from __future__ import annotations

import msgspec

from arcprobe.findings.questions.discovery import found_hosts, judge
from arcprobe.knowledge.language import language
from arcprobe.model import Code, Exchange, FailureKind, Judgement, Kind, SkipReason, Verdict
from tests.findings.seen import DIRECT, check, failed, head, observed, shaken, to_target
from tests.findings.test_telling import case_of

ASKED = msgspec.structs.replace(
    check(Kind.DISCOVERY, host="*.servicebus.windows.net"),
    discovery="gns",
    pattern="*.servicebus.windows.net",
    observed_with=DIRECT.id,
)


def answered(body: str, status: int = 200) -> Judgement:
    """What is said where the endpoint answers so."""
    exchange = Exchange(method="GET", path="/", head=head(status, body=body))
    seen = observed(DIRECT, *to_target(), shaken(), exchange)
    return judge(ASKED, case_of((DIRECT, seen), (ASKED, None)))


def test_hosts_were_named() -> None:
    """The hosts stand in the evidence and in the values."""
    word = answered('["a.servicebus.windows.net", "b.servicebus.windows.net"]')
    assert word.code is Code.HOSTS_DISCOVERED
    assert (
        language()
        .say(word.evidence[0])
        .endswith("named: a.servicebus.windows.net, b.servicebus.windows.net")
    )


def test_an_answer_that_names_nothing() -> None:
    """An endpoint that answers and names no host leaves the wildcard unproven, with its status."""
    word = answered("[]")
    assert word.code is Code.WILDCARD_UNPROVEN
    assert word.verdict is None
    assert "200" in language().words(dict(word.values)["reason"])


def test_no_answer() -> None:
    """Where the endpoint gave no answer of its own, the wildcard waits for it."""
    seen = observed(DIRECT, *to_target(failure=failed(FailureKind.REFUSED)))
    word = judge(ASKED, case_of((DIRECT, seen), (ASKED, None)))
    assert (word.verdict, word.skip) == (Verdict.SKIP, SkipReason.NO_ANSWER)


def test_no_answer_of_a_filtered_endpoint() -> None:
    """Where --only left that endpoint out, the discovery tells how its connection ended."""
    carrier = msgspec.structs.replace(DIRECT, supporting=True)
    seen = observed(carrier, *to_target(failure=failed(FailureKind.REFUSED)))
    word = judge(ASKED, case_of((carrier, seen), (ASKED, None)))
    assert word.code is Code.TARGET_REFUSED
    assert dict(word.values)["host"] == DIRECT.host


def test_not_asked() -> None:
    """A discovery whose question was not asked is skipped."""
    word = judge(ASKED, case_of((DIRECT, None), (ASKED, None)))
    assert word.skip is SkipReason.NOT_ASKED
    assert judge(ASKED, case_of((ASKED, None))).skip is SkipReason.NOT_ASKED


def test_no_public_source() -> None:
    """A wildcard that nothing public names hosts for says so."""
    asked = msgspec.structs.replace(ASKED, observed_with="", note="no public source names them")
    word = judge(asked, case_of((asked, None)))
    assert (word.code, word.skip) == (Code.WILDCARD_UNPROVEN, SkipReason.NO_PUBLIC_SOURCE)
    assert [language().say(line) for line in word.evidence] == ["no public source names them"]


def test_hosts_of_what_was_not_asked() -> None:
    """Without a public source, or an answer, no host was found."""
    without = msgspec.structs.replace(ASKED, observed_with="")
    assert found_hosts(without, case_of((without, None))) == ()
    assert found_hosts(ASKED, case_of((DIRECT, None), (ASKED, None))) == ()
