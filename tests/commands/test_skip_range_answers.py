"""What ``arcprobe skip-range`` prints, of answers made here."""

from __future__ import annotations

import json

import pytest

from arcprobe import no_proxy
from arcprobe.commands import skip_range_answers as answers
from arcprobe.model import Code, Finding, Kind, Layer, Route, Verdict

LIST = "10.0.0.0/8,.svc"
ROWS = (("a.svc", "a.svc", None), ("evil\x1b[31m", "evil", 443))


def answer(
    verdict: Verdict,
    *,
    code: Code = Code.SERVICES_UNCOVERED,
    corrected: str = LIST,
    skip_range: str | None = LIST,
) -> answers.Answer:
    """An answer with one finding."""
    finding = Finding(
        check="skip-range",
        kind=Kind.SKIP_RANGE,
        layer=Layer.SKIP_RANGE,
        target="the list",
        route=Route.DIRECT,
        verdict=verdict,
        code=code,
        summary="two\nlines",
        evidence=("10.0.0.1 is not covered",),
        remedy="Give the Services.",
    )
    return answers.Answer(
        verdict=verdict,
        skip_range=skip_range,
        findings=(finding,),
        suggestion=no_proxy.Suggestion(skip_range=corrected, added=(), removed=()),
    )


@pytest.mark.parametrize(
    ("verdict", "strict", "code"),
    [
        (Verdict.PASS, True, 0),
        (Verdict.SKIP, True, 0),
        (Verdict.WARN, False, 0),
        (Verdict.WARN, True, 1),
        (Verdict.FAIL, False, 1),
    ],
)
def test_exit_code(verdict: Verdict, strict: bool, code: int) -> None:
    """1 where something failed; a warning counts where --strict says so."""
    assert answers.exit_code(answer(verdict), strict) == code


def test_text() -> None:
    """The verdict with the list, each finding on one printable line, its evidence, and the
    corrected list once, where it is another one."""
    lines = answers.as_text(answer(Verdict.FAIL, corrected="10.0.0.0/8,.svc,new")).splitlines()
    assert lines[0].startswith("FAIL")
    assert LIST in lines[0]
    assert "fail  services-uncovered: two\\nlines" in lines
    assert "      10.0.0.1 is not covered" in lines
    assert lines[-1] == "10.0.0.0/8,.svc,new"


@pytest.mark.parametrize(
    "made",
    [answer(Verdict.FAIL), answer(Verdict.PASS, corrected="new"), answer(Verdict.SKIP)],
    ids=["same-list", "passes", "skipped"],
)
def test_no_list_where_none_is_needed(made: answers.Answer) -> None:
    """No corrected list where it is the one that was given, or where nothing is to be done."""
    assert answers.as_text(made).splitlines()[-1] == "      10.0.0.1 is not covered"


def test_how_to_give_services() -> None:
    """Where the Services could not be read, the text ends with how to give them."""
    made = answer(Verdict.WARN, code=Code.SERVICES_UNREADABLE)
    assert answers.as_text(made).splitlines()[-1] == "Give the Services."


def test_no_list_is_said() -> None:
    """Where there is no list at all, the first line says so."""
    first = answers.as_text(answer(Verdict.SKIP, skip_range=None)).splitlines()[0]
    assert LIST not in first
    assert first.startswith("SKIP")


def test_json() -> None:
    """The answer is one document with verdict, list, findings and suggestion."""
    document = json.loads(answers.as_json(answer(Verdict.FAIL)))
    assert set(document) == {"verdict", "skip_range", "findings", "suggestion"}
    assert document["findings"][0]["code"] == "services-uncovered"
    changed = no_proxy.Suggestion(skip_range="a,b", added=("b",), removed=("c",))
    assert json.loads(answers.suggestion_json(changed)) == {
        "skip_range": "a,b",
        "added": ["b"],
        "removed": ["c"],
    }


def test_hosts_and_clients() -> None:
    """A line a host, a column a client: the entry by which it goes direct, or the proxy; nothing of
    the host reaches the terminal raw."""
    heading, first, second = answers.explained_text(LIST, ROWS)
    assert heading.split()[1:] == list(no_proxy.DIALECTS)
    assert first.split() == ["a.svc", *[".svc"] * 5]
    assert second.split() == ["evil\\x1b[31m", *["proxy"] * 5]


def test_hosts_and_clients_as_json() -> None:
    """The same as one document."""
    document = json.loads("".join(answers.explained_json(LIST, ROWS)))
    assert [row["host"] for row in document["hosts"]] == ["a.svc", "evil\x1b[31m"]
    assert document["hosts"][0]["dialects"]["go"] == {"bypassed": True, "entry": ".svc"}
    assert json.loads("".join(answers.explained_json(LIST, ()))) == {"hosts": []}
