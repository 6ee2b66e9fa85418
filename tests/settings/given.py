"""Settings as the tests give them, and what is said of those that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from arcprobe import cli
from arcprobe.model import Config
from arcprobe.model.errors import ConfigError
from arcprobe.settings.load import load

SECRET = "Gr33n-Teapot"


def loaded(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    file: str | None = None,
) -> Config:
    """Settings with a region, so that only what a test names can be wrong."""
    return load({"region": "westeurope", **(flags or {})}, environ or {}, file)


def problem(call: Callable[[], object]) -> str:
    """What the call's ConfigError says; empty where it gives a value."""
    try:
        call()
    except ConfigError as error:
        return str(error)
    return ""


def in_file(folder: Path, text: str) -> str:
    """A file with this text."""
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that ``check`` says; it is exit 2, nothing on stdout, no traceback and no
    secret."""
    base = () if {"--region", "--location"} & set(arguments) else ("--region", "westeurope")
    code = cli.run(["check", *base, *arguments])
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("arcprobe: ")
    assert err.strip().isprintable()
    assert "Traceback" not in err
    assert SECRET not in err
    return err
