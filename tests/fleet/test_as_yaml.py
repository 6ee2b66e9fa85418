"""YAML that every reader takes for the same."""

from __future__ import annotations

import pytest
import yaml

from arcprobe.fleet.as_yaml import to_yaml


@pytest.mark.parametrize(
    "text",
    [
        "1e3",
        "no",
        "0x1f",
        "1_0",
        "0o17",
        "12:30",
        "~",
        "",
        " a",
        "a: b",
        "# x",
        "=",
        "<<",
        "1.5",
        "é\t",
    ],
)
def test_texts_stay_texts_for_every_yaml_reader(text: str) -> None:
    """A text that a YAML reader could take for a number or a word of its own is quoted."""
    line = to_yaml([{"key": text}]).splitlines()[1]
    assert line.startswith('key: "')
    assert yaml.safe_load(line) == {"key": text}


def test_several_lines_stay_readable() -> None:
    """A text of several lines is a block, as a person would write it; one that a block would
    change is quoted."""
    assert to_yaml([{"a": "one\ntwo\n"}]) == "---\na: |\n  one\n  two\n"
    for text in ("one \ntwo\n", "tab\t\nx\n", "\x1b\nx\n"):
        assert yaml.safe_load(to_yaml([{"a": text}])) == {"a": text}


def test_a_document_for_each_object() -> None:
    """Objects in order, their keys as they come, long lines whole."""
    text = to_yaml([{"b": 1, "a": "w" * 300}, {"c": None}])
    assert text.count("---\n") == 2
    assert text.index("b: 1") < text.index("a: ")
    assert "w" * 300 in text
