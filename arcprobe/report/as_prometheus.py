"""Report -> a textfile for Prometheus' node exporter (text exposition format 0.0.4). Labels are
those that stay the same from run to run: what is asked, never what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from arcprobe.knowledge.language import Language
from arcprobe.model import Check, Report, Verdict
from arcprobe.model.text import printable
from arcprobe.report.times import times
from arcprobe.report.words import Words

# a number for alerts such as `max by (region) (arcprobe_verdict) >= 2`
_NUMBERS = {Verdict.SKIP: -1, Verdict.PASS: 0, Verdict.WARN: 1, Verdict.FAIL: 2, Verdict.ERROR: 3}
_SCALE = "; ".join(f"{number} {verdict}" for verdict, number in _NUMBERS.items())

_Sample = tuple[Mapping[str, str], float]


def render(
    report: Report, *, language: Language | None = None, colour: bool = False, width: int = 100
) -> str:
    """The report as metrics. ``language``, ``colour`` and ``width`` change nothing."""
    return "\n".join(_lines(report, Words())) + "\n"


def _lines(report: Report, words: Words) -> Iterator[str]:
    for key, samples in _samples(report).items():
        name, found = f"arcprobe_{key}", list(samples)
        if found:
            yield f"# HELP {name} {words(f'report.prometheus.{key}', scale=_SCALE)}"
            yield f"# TYPE {name} gauge"
        for labels, value in found:
            yield f"{name}{_labels(labels)} {value:.14g}"


def _samples(report: Report) -> dict[str, Iterable[_Sample]]:
    run, checks = report.run, {check.id: check for check in report.checks}
    about = {"version": run.version, "vantage": run.vantage, "region": run.settings.region}
    worst: dict[str, Verdict] = {}
    for finding in report.findings:
        before = worst.get(finding.check, Verdict.SKIP)
        worst[finding.check] = Verdict.worst((before, finding.verdict))
    return {
        "info": [(about, 1)],
        "verdict": [({}, _NUMBERS[report.verdict])],
        "run_timestamp_seconds": _began(run.started),
        "run_duration_seconds": [({}, run.seconds)],
        "endpoint_data_timestamp_seconds": _began(f"{run.data}T00:00:00Z"),
        "check_verdict": _of_checks(checks, worst),
        "check_duration_seconds": (
            (_asked(checks[name]), seconds)
            for name, seconds in times(report).items()
            if name in checks
        ),
        "causes": _causes(report),
    }


def _of_checks(checks: Mapping[str, Check], worst: Mapping[str, Verdict]) -> Iterator[_Sample]:
    for name, verdict in worst.items():
        if name in checks:
            yield _asked(checks[name]), _NUMBERS[verdict]


def _asked(check: Check) -> dict[str, str]:
    return {
        "check": check.id,
        "kind": check.kind.value,
        "target": check.target,
        "route": check.route.value,
        "feature": check.feature,
    }


def _causes(report: Report) -> Iterator[_Sample]:
    count = Counter((cause.code, cause.owner, cause.verdict) for cause in report.causes)
    for (code, owner, verdict), number in count.items():
        yield {"code": code, "owner": owner, "verdict": verdict}, number


def _began(started: str) -> list[_Sample]:
    try:
        return [({}, datetime.fromisoformat(started.replace("Z", "+00:00")).timestamp())]
    except ValueError:
        return []


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return printable(value).replace("\\", "\\\\").replace('"', '\\"')
