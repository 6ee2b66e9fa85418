"""The text report: what a person must find in it, in that order, and nothing that moves their
terminal."""

from __future__ import annotations

import re
import subprocess
import sys

import msgspec
import pytest

from arcprobe.model import Code, Kind, Layer, Verdict
from arcprobe.report import as_text

from . import sample


def test_order() -> None:
    """Verdict first, then the causes, then the table, then what passed and was not asked, then the
    facts of the run, and the verdict again."""
    text = as_text.render(sample.broken())
    places = [
        text.index(word)
        for word in (
            "FAIL  Azure",
            "\n  1 ✗",
            "1. ✗",
            "2. ✗",
            "\nEndpoint",
            "checks passed",
            "no host known",
            "\nRun:",
            "\nFAIL  2 causes. Next: ",
        )
    ]
    assert places == sorted(places)


def test_a_cause_alone_is_enough_to_act() -> None:
    """A cause shows its code, who acts, the change with its command unbroken, the status line, and
    every host it breaks."""
    text = as_text.render(sample.broken(), width=60)
    for words in (
        "proxy-port-denied",
        "Owner:     the proxy team",
        "`acl SSL_ports port 8084`",
        "X-Squid-Error: ERR_ACCESS_DENIED 0",
        "Affects:   westeurope.obo.arc.azure.com:8084",
        "10.96.0.0/12,10.43.0.0/16,.svc,.svc.cluster.local,kubernetes.default.svc",
    ):
        assert words in text


def test_all_hosts_of_a_cause() -> None:
    """Seventy endpoints that one cause breaks are all named, since somebody has to allow each."""
    checks = tuple(sample.check(Kind.HTTPS, f"host{number}.example:443") for number in range(70))
    report = sample.broken()
    cause = msgspec.structs.replace(report.causes[0], explains=tuple(check.id for check in checks))
    text = as_text.render(msgspec.structs.replace(report, checks=checks, causes=(cause,)))
    assert all(check.target in text for check in checks)


def test_table() -> None:
    """The table shows the rung that broke, those below it as passed, those above as not asked."""
    rows = {
        line.split()[0]: line.split()[1:]
        for line in as_text.render(sample.broken()).splitlines()
        if line.startswith("w")
    }
    assert rows["westeurope.obo.arc.azure.com:8084"] == ["✗", "–", "–"]


def test_clean() -> None:
    """A clean report has one sentence, the table, a count of the passes, and no word about a
    cause."""
    text = as_text.render(sample.clean())
    assert text.startswith(
        "PASS  What Azure Arc requires was tested from here: 2 requirements proved.\n"
    )
    assert "✓ core: 1 endpoint works\n" in text
    assert "✓ 2 checks passed\n" in text
    assert "endpoint-answers" not in text
    assert "Change:" not in text


def test_wide() -> None:
    """``wide`` unfolds the passes."""
    assert "[endpoint-answers]" in as_text.render(sample.clean(), wide=True)


def test_colour_only_when_asked() -> None:
    """Without ``colour`` there is no escape sequence; with it the same words."""
    plain = as_text.render(sample.broken())
    coloured = as_text.render(sample.broken(), colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_ascii() -> None:
    """``ascii_only`` leaves no character of the renderer's own that a plain terminal lacks."""
    assert as_text.render(sample.clean(), ascii_only=True).isascii()


@pytest.mark.parametrize("width", [40, 72, 200])
def test_width(width: int) -> None:
    """Prose keeps to the width."""
    text = as_text.render(sample.clean(), width=width)
    assert max(
        len(line) for line in text.splitlines() if line.startswith(("PASS", "Proxy", " "))
    ) <= max(width, 52)


def test_hostile_text_is_visible_and_harmless() -> None:
    """No control, no bidirectional override, no line break from outside reaches the terminal; they
    are shown as escapes."""
    text = as_text.render(sample.hostile())
    assert all(character == "\n" or character.isprintable() for character in text)
    assert "\\x1b[31m" in text
    assert "\\u202e" in text
    assert "\\x00" in text
    assert "\\x9b" in text


def test_unexplained_findings_show() -> None:
    """A finding that no cause explains is not lost."""
    report = msgspec.structs.replace(sample.broken(), causes=())
    text = as_text.render(report)
    assert "Other findings" in text
    assert "10.43.0.1 is uncovered" in text


def test_error_verdict() -> None:
    """A run that was cut says so and what cut it."""
    report = msgspec.structs.replace(
        sample.clean(), verdict=Verdict.ERROR, run=sample.run(interrupted="deadline of 60 s")
    )
    assert as_text.render(report).startswith("ERROR  arcprobe could not finish: deadline of 60 s.")


def test_skips_are_grouped() -> None:
    """Skips of one reason are one line, however many endpoints they are."""
    checks = tuple(sample.check(Kind.HTTPS, f"host{number}.example:443") for number in range(30))
    findings = tuple(
        sample.finding(
            check,
            Verdict.SKIP,
            Layer.PROXY,
            Code.PROXY_REFUSED,
            "Not tested: the proxy blocks everything",
        )
        for check in checks
    )
    text = as_text.render(msgspec.structs.replace(sample.clean(), checks=checks, findings=findings))
    assert text.count("Not tested: the proxy blocks everything") == 1
    assert "(30 checks)" in text


def test_light() -> None:
    """Rendering text imports no terminal library, so that it starts fast and small."""
    code = (
        "import sys, arcprobe.report.as_text;"
        "sys.exit('rich' in sys.modules or 'cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def with_cause(evidence: int, targets: int, *, wide: bool = False) -> str:
    """The text of a report with one cause that has that many lines and endpoints."""
    checks = tuple(sample.check(Kind.HTTPS, f"host{number}:443") for number in range(targets))
    cause = msgspec.structs.replace(
        sample.broken().causes[0],
        explains=tuple(check.id for check in checks),
        evidence=tuple(f"line {number}" for number in range(evidence)),
    )
    report = msgspec.structs.replace(sample.broken(), checks=checks, findings=(), causes=(cause,))
    return as_text.render(report, wide=wide)


def test_evidence_has_four_lines() -> None:
    """Four lines of evidence stand; of more the text counts those beyond, and ``wide`` has all."""
    assert "more: --wide" not in with_cause(evidence=4, targets=1)
    text = with_cause(evidence=5, targets=1)
    assert "line 3\n" in text
    assert "line 4\n" not in text
    assert "… and 1 line more: --wide" in text
    assert "line 19\n" in with_cause(evidence=20, targets=1, wide=True)


def test_a_hundred_endpoints_are_named() -> None:
    """A hundred endpoints of a cause are named; of more the text counts those beyond."""
    assert "in the JSON report" not in with_cause(evidence=1, targets=100)
    assert "host99:443, … and 1 more in the JSON report" in " ".join(
        with_cause(evidence=1, targets=101).split()
    )


@pytest.mark.parametrize(("count", "end"), [(8, "h7:443"), (9, "h7:443 and 1 more")])
def test_eight_skipped_endpoints_are_named(count: int, end: str) -> None:
    """Of a group of skips eight endpoints are named, all of them with ``wide``."""
    findings = tuple(
        sample.finding(
            sample.check(Kind.HTTPS, f"h{number}:443"),
            Verdict.SKIP,
            Layer.HTTP,
            Code.ENDPOINT_ANSWERS,
            "Not tested: why",
        )
        for number in range(count)
    )
    report = msgspec.structs.replace(sample.clean(), findings=findings)
    assert f"{end}\n" in as_text.render(report)
    assert f"h{count - 1}:443\n" in as_text.render(report, wide=True)
