"""Text in columns: East Asian letters take two, and what is pasted is not broken."""

from __future__ import annotations

import pytest

from arcprobe.report import columns


@pytest.mark.parametrize(
    ("text", "due"), [("proxy", 5), ("プロキシ", 8), ("é", 1), ("e\u0301", 1), ("✗", 1), ("", 0)]
)
def test_width(text: str, due: int) -> None:
    """A wide letter counts two columns, a combining one none."""
    assert columns.width_of(text) == due


def test_padded_and_cut() -> None:
    """Both count columns, not letters."""
    assert columns.padded("プロ", 6) == "プロ  "
    assert columns.cut("プロキシ", 8) == "プロキシ"
    assert columns.cut("プロキシ", 7) == "プロキ…"
    assert columns.cut("プロキシ", 6) == "プロ…"


def test_words_and_code_stay_whole() -> None:
    """A line breaks at blanks, and not within backticks."""
    lines = list(columns.wrapped("a bb `c d e` ccc", 8, "1. ", "   "))
    assert lines == ["1. a bb", "   `c d e`", "   ccc"]


def test_japanese_breaks_anywhere_but_before_a_stop() -> None:
    """A line does not begin with 。"""
    lines = list(columns.wrapped("拒否しました。連絡", 12))
    assert lines == ["拒否しまし", "た。連絡"]


def test_brackets_hold_on() -> None:
    """No line ends with an opening bracket, none begins with a closing one."""
    assert list(columns.wrapped("あなた (この設定)。", 8)) == ["あなた", "(この設", "定)。"]
    assert list(columns.wrapped("検査のバイパス)", 14)) == ["検査のバイパ", "ス)"]
