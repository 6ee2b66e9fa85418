"""What the package's build adds to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from arcprobe import build
from arcprobe.knowledge import tables

KNOWLEDGE = Path(tables.__file__).parent


def test_every_table_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every TOML file of the package, compiled as the build does it, is read back equal, and
    nothing else is left in the package."""
    copy = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, copy, ignore=shutil.ignore_patterns("*.compiled", "__pycache__"))
    build.compile_tables(copy)
    names = [str(file.relative_to(copy).with_suffix("")) for file in copy.rglob("*.toml")]
    said = {name: tables.parsed((copy / f"{name}.toml").read_bytes()) for name in names}
    monkeypatch.setattr(tables, "_FOLDER", f"{copy}/")
    monkeypatch.setattr(tables, "parsed", None)
    assert {name: tables.read(name) for name in names} == said
    assert not list(copy.rglob("*.pyc"))
    assert {"codes", "texts/en", "texts/ja", "products/squid", "endpoints-AzureCloud"} <= set(names)
