"""The crash barrier: whatever a judge does, its check gets a word."""

from __future__ import annotations

from arcprobe.findings.crash_barrier import fault, guarded
from arcprobe.knowledge.language import language
from arcprobe.model import Code, Judgement

WELL = Judgement(code=Code.ENDPOINT_ANSWERS)


def raising() -> Judgement:
    """A judge with a fault, whose words hold what no terminal should see."""
    raise KeyError("a\x1b[2Jb")


def test_what_a_judge_says_goes_through() -> None:
    """A word, several words, or none, come back as they are."""
    assert guarded(lambda: WELL) is WELL
    assert guarded(lambda: (WELL, WELL)) == (WELL, WELL)
    assert guarded(lambda: None) is None


def test_a_judge_that_raises_is_a_fault_of_arcprobe() -> None:
    """Its check gets arcprobe-fault, with the place in the source, in one printable line."""
    said = guarded(raising)
    assert said.code is Code.ARCPROBE_FAULT
    (evidence,) = (language().say(line) for line in said.evidence)
    assert evidence.startswith("KeyError: ")
    assert "test_crash_barrier.py:" in evidence
    assert "\x1b" not in evidence


def test_a_code_that_does_not_exist_is_a_fault_of_arcprobe() -> None:
    """A judge that says a code which the table does not have costs its check alone."""
    misspelt = Judgement(code="proxy-denyed")  # type: ignore[arg-type]
    assert guarded(lambda: misspelt).code is Code.ARCPROBE_FAULT
    several = guarded(lambda: (WELL, misspelt))
    assert isinstance(several, Judgement)
    assert several.code is Code.ARCPROBE_FAULT


def test_the_words_of_a_fault_are_bounded() -> None:
    """However long an exception's words are, the report stays small."""
    said = fault(ValueError("x" * 10_000))
    assert len(dict(said.values)["reason"]) == 300


def test_a_fault_without_a_trace() -> None:
    """An exception that was never raised is told as well."""
    assert fault(ValueError("x")).code is Code.ARCPROBE_FAULT
