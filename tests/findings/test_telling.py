"""The rules of telling, by name: in which words a check is told, and what undoes or redirects
them."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings import telling
from arcprobe.findings.case import Case, open_case
from arcprobe.findings.telling import QUESTIONS, RULES, tell
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Check,
    Code,
    Dial,
    Exchange,
    FailureKind,
    Judgement,
    Kind,
    Observation,
    Settings,
    SkipReason,
    Verdict,
)
from tests.findings.seen import (
    DIRECT,
    RUN,
    THROUGH,
    answer,
    check,
    failed,
    head,
    observed,
    shaken,
    to_proxy,
    to_target,
)

OK = Exchange(method="GET", path="/", head=head(200, "OK"))
WELL = observed(DIRECT, *to_target(), shaken(), OK)


def case_of(*seen: tuple[Check, Observation | None], chosen: Settings | None = None) -> Case:
    """The case of these checks and what was observed for them."""
    run = msgspec.structs.replace(RUN, settings=chosen or Settings())
    checks = tuple(asked for asked, _ in seen)
    return open_case(checks, [found for _, found in seen if found is not None], run)


def said(asked: Check, case: Case) -> list[tuple[Code, SkipReason | None]]:
    """Code and reason of each judgement on a check."""
    return [(word.code, word.skip) for word in tell(asked, case)]


def words_of(judgement: Judgement) -> str:
    """The summary of a judgement."""
    assert judgement.summary is not None
    return language().say(judgement.summary)


def test_starved() -> None:
    """What this host did not give is no fault of the network: an error, whose words name the host,
    and nothing else is said; other checks are judged as ever."""
    refused = failed(FailureKind.LOCAL_LIMIT, "[Errno 24] Too many open files")
    here, there = check(), check(host="other.example")
    dialled = Dial(address="20.49.97.1", port=443, failure=refused)
    case = case_of(
        (here, observed(here, dialled)), (there, observed(there, *to_target(), shaken(), OK))
    )
    assert said(here, case) == [(Code.NOT_FINISHED, None)]
    (judgement,) = tell(here, case)
    assert words_of(judgement) == (
        f"{here.target} was not asked: this host ran out of resources ([Errno 24] Too many"
        " open files)"
    )
    assert judgement.remedy is not None
    assert language().say(judgement.remedy).startswith("Raise the limits of this host")
    assert said(there, case) != [(Code.NOT_FINISHED, None)]


def test_the_rules_are_in_this_order() -> None:
    """What was left out, crashed, cut short or only compared is told before any question is
    judged."""
    assert [rule.__name__ for rule in RULES] == [
        "filtered",
        "crashed",
        "cut_short",
        "starved",
        "unseen",
        "compared",
        "gateway_misnamed",
        "question",
    ]


def test_every_kind_has_its_question() -> None:
    """No kind of check is without a judge."""
    assert set(QUESTIONS) == set(Kind)


def test_filtered() -> None:
    """What --only or --skip leaves out is asked, because others need it, and not judged."""
    supporting = msgspec.structs.replace(DIRECT, supporting=True)
    assert said(supporting, case_of((supporting, WELL))) == [
        (Code.ENDPOINT_ANSWERS, SkipReason.FILTERED)
    ]


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ('["a.example.net"]', (Code.HOSTS_DISCOVERED, None)),
        ("[]", (Code.HOSTS_DISCOVERED, SkipReason.FILTERED)),
    ],
)
def test_filtered_discovery_that_found_hosts_says_so(
    body: str, due: tuple[Code, SkipReason | None]
) -> None:
    """Hosts that are asked because a discovery named them are explained by it, though it was left
    out."""
    discovery = msgspec.structs.replace(
        check(Kind.DISCOVERY, host="*.example.net"),
        supporting=True,
        discovery="gns",
        pattern="*.example.net",
        observed_with=DIRECT.id,
    )
    found = observed(
        DIRECT, *to_target(), shaken(), Exchange(method="GET", path="/", head=head(200, body=body))
    )
    assert said(discovery, case_of((DIRECT, found), (discovery, None))) == [due]


def test_crashed() -> None:
    """A probe that crashed is a fault of arcprobe, with its words as evidence."""
    case = case_of((DIRECT, Observation(check=DIRECT.id, crash="ValueError: x (dns.py:3)")))
    (word,) = tell(DIRECT, case)
    assert word.code is Code.ARCPROBE_FAULT
    assert [language().say(line) for line in word.evidence] == ["ValueError: x (dns.py:3)"]


@pytest.mark.parametrize(
    ("found", "evidence"),
    [
        (Observation(check=DIRECT.id, unfinished=True), "nothing was seen so far"),
        (
            msgspec.structs.replace(
                observed(DIRECT, *to_target(failure=failed(FailureKind.TIMED_OUT))), unfinished=True
            ),
            "reached so far: lookup, dial: timed-out",
        ),
    ],
)
def test_cut_short(found: Observation, evidence: str) -> None:
    """What the deadline cut says how far it had come."""
    (word,) = tell(DIRECT, case_of((DIRECT, found)))
    assert word.code is Code.NOT_FINISHED
    assert [language().say(line) for line in word.evidence] == [evidence]


@pytest.mark.parametrize(
    ("found", "summary"),
    [
        (WELL, "without the proxy the endpoint can be reached, certificate issued by CN=Microsoft"),
        (
            observed(DIRECT, *to_target(failure=failed(FailureKind.REFUSED))),
            "without the proxy: target-refused",
        ),
        (
            observed(
                DIRECT,
                *to_target(),
                msgspec.structs.replace(
                    shaken(), chain=(), failure=failed(FailureKind.RESET, "reset by peer")
                ),
            ),
            "without the proxy: reset by peer",
        ),
        (
            observed(DIRECT, *to_target()),
            "without the proxy the endpoint can be reached, certificate issued by unknown",
        ),
    ],
)
def test_compared(found: Observation, summary: str) -> None:
    """--direct: what the route without the proxy shows is told, and is never a fault."""
    compared = msgspec.structs.replace(DIRECT, compare=True)
    (word,) = tell(compared, case_of((compared, found)))
    assert (word.verdict, word.skip) == (Verdict.SKIP, SkipReason.COMPARISON)
    assert words_of(word).startswith(summary)


@pytest.mark.parametrize(
    ("url", "due"),
    [
        ("https://x.gw.arc.azure.com", (Code.ENDPOINT_ANSWERS, None)),
        ("https://x.gw.arc.azure.com/path", (Code.ENDPOINT_ANSWERS, SkipReason.GATEWAY_URL)),
    ],
)
def test_gateway_misnamed(url: str, due: tuple[Code, SkipReason | None]) -> None:
    """Where --gateway-url is malformed, what its host answers says nothing."""
    asked = check(host="x.gw.arc.azure.com")
    chosen = Settings(gateway_url=url, gateway_host="x.gw.arc.azure.com")
    found = observed(asked, *to_target(host=asked.host), shaken(), OK)
    assert said(asked, case_of((asked, found), chosen=chosen)) == [due]


def test_a_name_that_was_not_asked() -> None:
    """A name without an observation is skipped."""
    asked = check(Kind.DNS)
    assert said(asked, case_of((asked, None))) == [(Code.NAME_RESOLVES, SkipReason.NOT_ASKED)]


def test_what_only_many_reports_can_say() -> None:
    """A question about the whole cluster waits for the merged report."""
    asked = check(Kind.CLUSTER)
    assert said(asked, case_of((asked, None))) == [(Code.ENDPOINT_ANSWERS, SkipReason.MERGED)]


def test_hosts_that_must_go_through_the_proxy() -> None:
    """What the user named, and what is only compared, may go past the proxy without being
    missed."""
    required = check(host="management.azure.com", proxy=THROUGH.proxy)
    named = check(host="registry.corp.example", custom=True)
    compared = check(host="login.microsoftonline.com", compare=True)
    listed = check(Kind.SKIP_RANGE, proxy=THROUGH.proxy)
    chosen = Settings(
        proxy_https=THROUGH.proxy,
        skip_range="10.0.0.0/8,.svc,.svc.cluster.local,.azure.com,.corp.example,.microsoftonline.com",
    )
    case = case_of((required, None), (named, None), (compared, None), (listed, None), chosen=chosen)
    words = {word.code: word for word in tell(listed, case)}
    lines = [language().say(each) for each in words[Code.SKIP_RANGE_TOO_BROAD].evidence]
    assert len(lines) == 1
    assert "management.azure.com:443" in lines[0]


def test_a_rule_that_says_nothing_at_all_leaves_a_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check always gets a word."""
    monkeypatch.setattr(telling, "RULES", ())
    assert said(DIRECT, case_of((DIRECT, WELL))) == [(Code.ENDPOINT_ANSWERS, SkipReason.NOT_ASKED)]


def test_through_a_proxy_all_is_well() -> None:
    """A tunnel, a session and an answer: the endpoint answers."""
    found = observed(THROUGH, *to_proxy(), answer(head(200)), shaken(), OK)
    assert said(THROUGH, case_of((THROUGH, found))) == [(Code.ENDPOINT_ANSWERS, None)]
