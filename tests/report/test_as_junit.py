"""JUnit: a case a check, as pipelines read it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import msgspec
import pytest

from arcprobe.model import Report, Verdict
from arcprobe.report import as_junit

from . import sample


def cases(report: Report) -> dict[str, ET.Element]:
    return {
        case.get("name", ""): case
        for case in ET.fromstring(as_junit.render(report)).iter("testcase")
    }


def test_junit_elements() -> None:
    """A failing check is a failure, a skipped one is skipped with its reason, a passing one has
    neither."""
    found = cases(sample.broken())
    failure = found[sample.OBO.id].find("failure")
    assert failure is not None
    assert failure.get("type") == "proxy-port-denied"
    skipped = found[sample.OBO_TLS.id].find("skipped")
    assert skipped is not None
    assert "no tunnel" in (skipped.get("message") or "")
    assert found[sample.ARM.id].find("failure") is None
    suite = ET.fromstring(as_junit.render(sample.broken())).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "7",
        "failures": "2",
        "errors": "0",
        "skipped": "2",
    }


@pytest.mark.parametrize(
    ("verdict", "element"), [(Verdict.WARN, "system-out"), (Verdict.ERROR, "error")]
)
def test_junit_warn_and_error(verdict: Verdict, element: str) -> None:
    """A warning is a pass with system-out, and its name says so; an error of arcprobe is an error,
    not a failure."""
    report = sample.broken()
    findings = tuple(
        msgspec.structs.replace(finding, verdict=verdict) for finding in report.findings[:1]
    )
    ((name, case),) = cases(msgspec.structs.replace(report, findings=findings)).items()
    assert [child.tag for child in case] == [element]
    assert name.endswith(" [warn]") == (verdict is Verdict.WARN)


def test_junit_hostile() -> None:
    """Control characters that XML forbids are shown as escapes, and the document stays one
    document."""
    found = cases(sample.hostile())
    assert len(found) == 2
    assert all("\\x1b[31m" in name and "</script>" in name for name in found)


def test_junit_time() -> None:
    """The time of a check is that of its steps on the wire."""
    assert float(cases(sample.broken())[sample.ARM.id].get("time", "")) == pytest.approx(0.03)


def test_junit_lists_the_causes() -> None:
    """The suite's output is the verdict line, then each cause with its change."""
    suite = ET.fromstring(as_junit.render(sample.broken())).find("testsuite")
    assert suite is not None
    lines = (suite.findtext("system-out") or "").splitlines()
    assert lines[0].startswith("Azure Arc will not work from here: 2 causes.")
    assert lines[2].startswith("proxy-port-denied: http://proxy.corp.example:3128 blocks")
    assert lines[3].startswith("Proxy team: allow CONNECT")


def test_junit_time_of_a_check_without_a_connection() -> None:
    """A check that is judged from another's observation took no time of its own."""
    report = sample.broken()
    checks = tuple(msgspec.structs.replace(check, observed_with="other") for check in report.checks)
    case = cases(msgspec.structs.replace(report, checks=checks))[sample.ARM.id]
    assert case.get("time") == "0.000"
