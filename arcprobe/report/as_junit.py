"""Report -> JUnit XML (xunit2): one test case a check, so that a pipeline shows what broke and
since when.

``warn`` is a pass with system-out, ``skip`` is skipped with its reason, ``error`` is an error:
arcprobe's own, not the network's.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from arcprobe.model import Finding, Observation, Report, Verdict
from arcprobe.report import layout as _layout
from arcprobe.report.layout import visible


def render(report: Report, *, colour: bool = False, width: int = 100) -> str:
    """The report as one JUnit document. ``colour`` and ``width`` change nothing.

    Characters that XML 1.0 section 2.2 forbids are written as escapes such as ``\\x1b``.
    """
    by_check: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_check.setdefault(finding.check, []).append(finding)
    times = {observation.check: _seconds(observation) for observation in report.observations}
    observed_with = {check.id: check.observed_with for check in report.checks}
    verdicts = {
        check: _layout.worst(finding.verdict for finding in findings)
        for check, findings in by_check.items()
    }
    count = list(verdicts.values()).count
    numbers = {
        "tests": str(len(verdicts)),
        "failures": str(count(Verdict.FAIL)),
        "errors": str(count(Verdict.ERROR)),
        "skipped": str(count(Verdict.SKIP)),
        "time": f"{report.run.seconds:.3f}",
    }
    suites = ET.Element(
        "testsuites",
        {
            "name": "arcprobe",
            **{key: numbers[key] for key in ("tests", "failures", "errors", "time")},
        },
    )
    suite = ET.SubElement(
        suites,
        "testsuite",
        {
            "name": "arcprobe",
            **numbers,
            "timestamp": visible(report.run.started[:19]),
            "hostname": visible(report.run.host),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("verdict", report.verdict.value), *_layout.facts(report)):
        ET.SubElement(properties, "property", {"name": visible(name), "value": visible(value)})
    for check, findings in by_check.items():
        case = ET.SubElement(
            suite,
            "testcase",
            {
                "classname": visible(f"arcprobe.{findings[0].kind}"),
                "name": visible(check),
                "time": f"{times.get(check, 0.0) if not observed_with.get(check) else 0.0:.3f}",
            },
        )
        _result(case, verdicts[check], findings)
    lines = [_layout.verdict_line(report)]
    for cause in report.causes:
        lines += [
            "",
            visible(f"{cause.code}: {cause.headline}"),
            *_layout.visible_lines(cause.remedy),
        ]
    ET.SubElement(suite, "system-out").text = "\n".join(lines)
    ET.indent(suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
    )


_ELEMENTS = {Verdict.FAIL: "failure", Verdict.ERROR: "error", Verdict.SKIP: "skipped"}


def _result(case: ET.Element, verdict: Verdict, findings: list[Finding]) -> None:
    worst = next(finding for finding in findings if finding.verdict is verdict)
    element = _ELEMENTS.get(verdict)
    if element:
        # a skipped check has no code of its own: it carries the one that it would have
        # had, or that of what is in its way
        kind = {} if verdict is Verdict.SKIP else {"type": visible(worst.code)}
        attributes = {"message": visible(worst.summary)} | kind
        ET.SubElement(case, element, attributes).text = _body(
            finding for finding in findings if finding.verdict is verdict
        )
    rest = [finding for finding in findings if not element or finding.verdict is not verdict]
    if rest:
        ET.SubElement(case, "system-out").text = _body(rest)


def _body(findings: Iterable[Finding]) -> str:
    lines: list[str] = []
    for finding in findings:
        code = "" if finding.verdict is Verdict.SKIP else f" {finding.code}"
        lines.append(visible(f"{finding.verdict}{code}: {finding.summary}"))
        lines.extend(visible(line) for line in finding.evidence)
        if finding.remedy and finding.verdict is not Verdict.PASS:
            lines.append(f"To act: {_layout.actor(finding.owner)}")
            lines.extend(_layout.visible_lines(finding.remedy))
    return "\n".join(lines)


def _seconds(observation: Observation) -> float:
    """From the start of the first step of a check to the end of its last, seconds."""
    steps = [step for attempt in observation.attempts for step in attempt.steps]
    if not steps:
        return 0.0
    return max(step.started + step.took for step in steps) - min(step.started for step in steps)
