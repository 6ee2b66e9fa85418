"""Workflow commands of GitHub Actions."""

from __future__ import annotations

import re

import msgspec
import pytest

from arcprobe.model import Verdict
from arcprobe.report import as_github
from tests.support.golden import played

from . import sample


def test_an_annotation_a_cause() -> None:
    """Failures are errors, warnings warnings, in the order of their numbers; the verdict is
    last."""
    lines = as_github.render(played("everything")).splitlines()
    assert [line.split("::")[1] for line in lines] == [
        "error title=arcprobe proxy-denied",
        "error title=arcprobe proxy-port-denied",
        "error title=arcprobe websocket-stripped",
        "error title=arcprobe services-uncovered",
        "warning title=arcprobe tls-intercepted",
        "error title=arcprobe FAIL",
    ]
    assert "%0Aacl arcprobe_" in lines[0]


def test_a_pass_is_a_notice() -> None:
    """Of a clean run there is the verdict alone."""
    (line,) = as_github.render(sample.clean()).splitlines()
    assert line.startswith("::notice title=arcprobe PASS::What Azure Arc requires was tested")


@pytest.mark.parametrize("headline", ["100%\r\n::error::x", "a\n::set-output name=x::y"])
def test_hostile_text_gives_no_command(headline: str) -> None:
    """A line feed of a stranger begins no command of its own."""
    cause = msgspec.structs.replace(sample.broken().causes[0], headline=headline)
    report = msgspec.structs.replace(sample.broken(), causes=(cause,), verdict=Verdict.FAIL)
    lines = as_github.render(report).splitlines()
    assert len(lines) == 2
    assert all(re.fullmatch(r"::error title=[^:,]*::[^\r\n]*", line) for line in lines)
