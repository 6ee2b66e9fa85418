"""The package's TOML files, compiled and not."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.knowledge import tables

TEXT = b'[one]\nword = "first"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with one file of tables, not compiled."""
    (tmp_path / "some.toml").write_bytes(TEXT)
    monkeypatch.setattr(tables, "_FOLDER", f"{tmp_path}/")
    return tmp_path


def test_text_alone(folder: Path) -> None:
    """Without a compiled form the text is parsed."""
    assert tables.read("some") == {"one": {"word": "first"}}


def test_compiled_form_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the compiled form was made of this text, the text is not parsed."""
    (folder / "some.compiled").write_bytes(tables.compiled(TEXT))
    monkeypatch.setattr(tables, "parsed", None)
    assert tables.read("some") == {"one": {"word": "first"}}


def test_changed_text_is_parsed(folder: Path) -> None:
    """A compiled form of another text is left alone."""
    (folder / "some.compiled").write_bytes(tables.compiled(b'[one]\nword = "other"\n'))
    assert tables.read("some") == {"one": {"word": "first"}}


@pytest.mark.parametrize("damage", [b"", b"\x00", b"i\x01\x00\x00\x00", b"junk" * 99])
def test_damaged_compiled_form_is_left_alone(folder: Path, damage: bytes) -> None:
    """A damaged compiled form costs time, not the run."""
    (folder / "some.compiled").write_bytes(damage)
    assert tables.read("some") == {"one": {"word": "first"}}


def test_missing_file(folder: Path) -> None:
    """A name that there is not raises."""
    with pytest.raises(FileNotFoundError):
        tables.read("other")


def test_date_is_text(folder: Path) -> None:
    """A date is the same text, compiled or not."""
    text = b"rows = [{ day = 2026-11-26 }]"
    (folder / "some.toml").write_bytes(text)
    assert tables.read("some") == {"rows": [{"day": "2026-11-26"}]}
    (folder / "some.compiled").write_bytes(tables.compiled(text))
    assert tables.read("some") == {"rows": [{"day": "2026-11-26"}]}
