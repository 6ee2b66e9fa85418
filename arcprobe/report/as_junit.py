"""Report -> JUnit XML (xunit2): one test case a check, so that a pipeline shows what broke and
since when.

``warn`` is a pass with system-out whose name says "[warn]" (a pipeline shows no more of a pass),
``skip`` is skipped with its reason, ``error`` is an error:
arcprobe's own, not the network's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from xml.etree import ElementTree as ET

from arcprobe.knowledge.language import Language
from arcprobe.model import Finding, Report, Verdict
from arcprobe.model.text import printable
from arcprobe.report import layout, outline
from arcprobe.report.times import times
from arcprobe.report.words import Words

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ELEMENTS = {Verdict.FAIL: "failure", Verdict.ERROR: "error", Verdict.SKIP: "skipped"}
_SECOND = 19  # length of a time as RFC 3339 has it, to the second


def render(
    report: Report, *, language: Language | None = None, colour: bool = False, width: int = 100
) -> str:
    """The report as one JUnit document. ``colour`` and ``width`` change nothing.

    Characters that XML 1.0 section 2.2 forbids are written as escapes such as ``\\x1b``.
    """
    words = Words(language)
    cases = _by_check(report)
    numbers = _numbers(report, cases)
    total = {key: numbers[key] for key in ("tests", "failures", "errors", "time")}
    suites = ET.Element("testsuites", {"name": "arcprobe", **total})
    place = {
        "timestamp": printable(report.run.started[:_SECOND]),
        "hostname": printable(report.run.host),
    }
    suite = ET.SubElement(suites, "testsuite", {"name": "arcprobe", **numbers, **place})
    properties = ET.SubElement(suite, "properties")
    for name, value in (("verdict", report.verdict.value), *layout.facts(report, words)):
        ET.SubElement(properties, "property", {"name": printable(name), "value": printable(value)})
    took = times(report)
    for check, findings in cases.items():
        attributes = {
            "classname": f"arcprobe.{findings[0].kind}",
            "name": _name(check, findings),
            "time": f"{took.get(check, 0.0):.3f}",
        }
        _result(ET.SubElement(suite, "testcase", attributes), findings, words)
    ET.SubElement(suite, "system-out").text = "\n".join(_summary(report, words))
    ET.indent(suites)
    return f"{_HEAD}{ET.tostring(suites, encoding='unicode')}\n"


def _by_check(report: Report) -> dict[str, list[Finding]]:
    cases: dict[str, list[Finding]] = {}
    for finding in report.findings:
        cases.setdefault(finding.check, []).append(finding)
    return cases


def _numbers(report: Report, cases: dict[str, list[Finding]]) -> dict[str, str]:
    count = Counter(map(_worst, cases.values()))
    return {
        "tests": str(len(cases)),
        "failures": str(count[Verdict.FAIL]),
        "errors": str(count[Verdict.ERROR]),
        "skipped": str(count[Verdict.SKIP]),
        "time": f"{report.run.seconds:.3f}",
    }


def _name(check: str, findings: list[Finding]) -> str:
    mark = " [warn]" if _worst(findings) is Verdict.WARN else ""
    return f"{printable(check)}{mark}"


def _worst(findings: Iterable[Finding]) -> Verdict:
    return Verdict.worst(finding.verdict for finding in findings)


def _summary(report: Report, words: Words) -> Iterator[str]:
    yield words.verdict_line(report)
    for item in outline.items(report):
        cause = item.cause
        yield ""
        yield printable(f"{cause.code}: {cause.headline}")
        yield from layout.lines(cause.remedy)


def _result(case: ET.Element, findings: list[Finding], words: Words) -> None:
    """Adds what came of the check; findings that are less grave than its verdict are output."""
    verdict = _worst(findings)
    rest = findings
    if verdict in _ELEMENTS:
        gravest = [finding for finding in findings if finding.verdict is verdict]
        rest = [finding for finding in findings if finding.verdict is not verdict]
        attributes = {"message": printable(gravest[0].summary)}
        if verdict is not Verdict.SKIP:  # the code of a skipped check is not its own
            attributes["type"] = printable(gravest[0].code)
        ET.SubElement(case, _ELEMENTS[verdict], attributes).text = _body(gravest, words)
    if rest:
        ET.SubElement(case, "system-out").text = _body(rest, words)


def _body(findings: Iterable[Finding], words: Words) -> str:
    return "\n".join(chain.from_iterable(_told(finding, words) for finding in findings))


def _told(finding: Finding, words: Words) -> Iterator[str]:
    code = "" if finding.verdict is Verdict.SKIP else f" {finding.code}"
    yield printable(f"{finding.verdict}{code}: {finding.summary}")
    yield from map(printable, finding.evidence)
    if finding.remedy and finding.verdict is not Verdict.PASS:
        yield words("report.junit.acts", actor=words.actor(finding.owner))
        yield from layout.lines(finding.remedy)
