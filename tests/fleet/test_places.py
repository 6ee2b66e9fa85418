"""What is read of the report of one place."""

from __future__ import annotations

import json

import pytest

from arcprobe.fleet.merge import Merger
from arcprobe.fleet.places import Symptoms, read
from arcprobe.model import Verdict
from tests.fleet.sample import DENIED, TARGETS, report


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"schema":1}',
        b"[" * 100_000,
        report("a", "pod").replace('"schema": 1', '"schema": 9'),
    ],
)
def test_what_is_no_report_is_refused(data: bytes | str) -> None:
    """What is no report is a ValueError of one line, and the merger goes on."""
    merger = Merger()
    with pytest.raises(ValueError, match="report"):
        merger.add(data)
    merger.add(report("node-1", "pod"))
    assert merger.result().verdict is Verdict.PASS


def symptoms(*args: str) -> Symptoms:
    """Of a report in which the proxy denies all."""
    return Symptoms(read(report("node-1", "pod", DENIED, *args)))


def test_a_cause_is_told_apart_by_what_is_broken() -> None:
    """Causes of one code differ by their subject, else by their few endpoints."""
    assert list(symptoms().causes) == [("proxy-denied", " ".join(TARGETS))]
    assert list(symptoms("http://p:1").causes) == [("proxy-denied", "http://p:1")]


def test_passes() -> None:
    """A check works where it passed; where it failed, or was not asked, it does not."""
    one = Symptoms(read(report("node-1", "pod", {"proxy-denied": TARGETS[:1]})))
    broken, works = f"https {TARGETS[0]}", f"https {TARGETS[1]}"
    assert one.passes([works])
    assert not one.passes([broken, works])
    assert not one.passes(["never asked"])


def test_signature() -> None:
    """Places that say the same share one signature, whatever their names and times; by another
    proxy, or with another code, they do not."""
    first = read(report("node-1", "pod", DENIED)).signature
    assert read(report("node-2", "node", DENIED, seconds=9.0)).signature == first
    proxy = {"scheme": "http", "host": "p", "port": 1}
    other = report("node-1", "pod", DENIED, settings={"proxy_https": proxy})
    assert read(other).signature != first
    assert read(report("node-1", "pod", {"proxy-silent": TARGETS})).signature != first


def test_codes_of_a_later_version_are_read() -> None:
    """A code that this version does not know keeps no place out of the picture."""
    later = json.loads(report("node-1", "pod", {"code-of-tomorrow": TARGETS}))
    assert read(json.dumps(later)).causes[0].code == "code-of-tomorrow"


NO_STEP = [{"label": "agents", "steps": []}]


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, Verdict.PASS),
        ({"checks": []}, Verdict.ERROR),
        ({"observations": []}, Verdict.ERROR),
        ({"observations": [{"check": f"https {target}"} for target in TARGETS]}, Verdict.ERROR),
        (
            {
                "observations": [
                    {"check": f"https {target}", "attempts": NO_STEP} for target in TARGETS
                ]
            },
            Verdict.ERROR,
        ),
        ({"observations": [], "verdict": "fail"}, Verdict.FAIL),
    ],
)
def test_where_nothing_was_seen(changes: dict[str, object], due: Verdict) -> None:
    """A report that holds nothing of what it asked does not say that all is well; two of them say
    no more."""
    text = json.dumps({**json.loads(report("node-1", "pod")), **changes})
    assert read(text).verdict_seen is due
    merger = Merger()
    merger.add(text)
    merger.add(text.replace("node-1", "node-2"))
    assert merger.result().verdict is due
