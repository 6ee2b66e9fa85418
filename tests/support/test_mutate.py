"""The mutator itself: what it changes, what it leaves alone, and that a test is really asked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support import mutate

MEMBERS = {"Code": ["NAME_EMPTY", "NAME_UNKNOWN"]}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < 3", ["a <= 3", "a < 4", "a < 2"]),
        ("a and not b", ["a or not b", "a and b"]),
        ("x = 1 if a else b", ["x = 1 if not a else b", "x = 2 if a else b", "x = 0 if a else b"]),
        ("Code.NAME_EMPTY", ["Code.NAME_UNKNOWN"]),
        ("Other.NAME_EMPTY", []),
        ("x = 'ab'", ["x = 'XXab'"]),
        ("x = True", ["x = False"]),
        ("def f(a: 'A') -> 'B':\n    'doc'\n    return a", ["return None"]),
        ("Kind = Literal['a', 'b']", []),
        ("class A(B, frozen=True):\n    'doc'", []),
        ("for a in b:\n    continue", ["break"]),
    ],
)
def test_what_is_changed(source: str, expected: list[str]) -> None:
    """Comparisons, junctions, conditions, numbers, words, members and return values are changed;
    documentation, types and keywords of classes are not."""
    mutants = mutate.mutants_in(source, "x.py", MEMBERS)
    trees = [ast.unparse(mutate.changed_tree(source, mutant, MEMBERS)) for mutant in mutants]
    assert [text.split("\n")[-1].strip() for text in trees] == expected


def test_a_test_is_asked(tmp_path: Path) -> None:
    """A change that a test notices is killed, one that it does not notice survives"""
    test = tmp_path / "test_it.py"
    test.write_text(
        "from arcprobe.no_proxy import answer\n\n\n"
        "def test_it():\n    assert not hasattr(answer, 'BROKEN')\n"
    )

    def end(source: str) -> str:
        file = "arcprobe/no_proxy/answer.py"
        whole = (mutate.ROOT / file).read_text(encoding="utf-8") + source
        return mutate.ended(file, ast.parse(whole), [str(test)], 30)

    assert end("") == "survived"
    assert end("BROKEN = 1") == "killed"


def test_a_rule_over_the_source_is_asked() -> None:
    """A sentence that a mutant names, and that is not there, is noticed though no test says it."""
    file = "arcprobe/findings/telling.py"
    source = (mutate.ROOT / file).read_text(encoding="utf-8")
    rule = [f"{mutate.KEYS}[findings/telling.py]"]
    ends = {
        key: mutate.ended(file, ast.parse(f"{source}\n_SAID = line('{key}')"), rule, 60)
        for key in ("skip.starved-remedy", "XXskip.starved-remedy")
    }
    assert list(ends.values()) == ["survived", "killed"]
