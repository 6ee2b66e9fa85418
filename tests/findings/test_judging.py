"""The judging of a run: a fault of a judge costs its check, never the report."""

from __future__ import annotations

import pytest

from arcprobe.diagnosis import diagnose, verdict_of
from arcprobe.findings import judge, judging, telling
from arcprobe.findings.case import Case
from arcprobe.model import Check, Code, Exchange, Judgement, Kind, Verdict, line
from arcprobe.pipeline import judged
from arcprobe.report import as_json
from tests.findings.seen import DIRECT, RUN, check, head, observed, shaken, to_target

OTHER = check(host="management.azure.com")
CHECKS = (DIRECT, OTHER)
SEEN = tuple(
    observed(asked, *to_target(), shaken(), Exchange(method="GET", path="/", head=head(200, "OK")))
    for asked in CHECKS
)


def broken(check: Check, case: Case) -> tuple[Judgement, ...]:
    """A judge with a fault, at one endpoint."""
    if check is DIRECT:
        raise RuntimeError("broken judge")
    return (Judgement(code=Code.ENDPOINT_ANSWERS),)


def test_a_judge_that_raises_costs_its_check_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One check is arcprobe-fault with verdict error, the others keep their verdicts, and the
    report can be written."""
    questions = {**telling.QUESTIONS, Kind.HTTPS: broken}
    monkeypatch.setattr(telling, "QUESTIONS", questions)
    report = judged(RUN, CHECKS, SEEN)
    assert [(each.code, each.verdict) for each in report.findings] == [
        (Code.ARCPROBE_FAULT, Verdict.ERROR),
        (Code.ENDPOINT_ANSWERS, Verdict.PASS),
    ]
    assert report.verdict is Verdict.ERROR
    assert [cause.code for cause in report.causes] == [Code.ARCPROBE_FAULT]
    assert "broken judge" in as_json.render(report)


@pytest.mark.parametrize(
    "said",
    [
        Judgement(code="endpoint-answer"),  # type: ignore[arg-type]
        Judgement(code=Code.ENDPOINT_ANSWERS, evidence=(line("no.such-sentence"),)),
    ],
)
def test_a_word_that_does_not_exist_costs_its_check_alone(
    monkeypatch: pytest.MonkeyPatch, said: Judgement
) -> None:
    """A misspelt code, and a sentence that no language has, are faults of arcprobe at that
    check."""
    questions = {**telling.QUESTIONS, Kind.HTTPS: lambda check, case: (said,)}
    monkeypatch.setattr(telling, "QUESTIONS", questions)
    findings = judge(CHECKS, SEEN, RUN)
    assert [each.code for each in findings] == [Code.ARCPROBE_FAULT, Code.ARCPROBE_FAULT]


def test_where_nothing_can_be_read_the_report_still_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in what all checks share is said of each; there is a verdict and a cause."""

    def failing(*_args: object) -> Case:
        raise RuntimeError("no scene")

    monkeypatch.setattr(judging, "open_case", failing)
    findings = judge(CHECKS, SEEN, RUN)
    assert {each.code for each in findings} == {Code.ARCPROBE_FAULT}
    assert verdict_of(findings, RUN) is Verdict.ERROR
    assert len(diagnose(findings, CHECKS, RUN)) == 1
