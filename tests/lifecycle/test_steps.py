"""What a plan is made of."""

from __future__ import annotations

from arcprobe.lifecycle.steps import Variable, command, word


def test_a_command_takes_texts_and_words() -> None:
    """Texts become words; a word keeps its parts, the empty ones left out."""
    made = command("az", word("a", Variable("B"), ""))
    assert made.argv == (("az",), ("a", Variable("B")))
