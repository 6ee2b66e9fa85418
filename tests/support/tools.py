"""Programs, libraries and folders that a test needs. What is missing skips the test, but in CI,
which installs all of it, and where the test then fails."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest


def may_skip(*programs: str, lacks: str = "") -> bool:
    """Whether one of the programs is missing, or this machine ``lacks`` something else, where that
    is nobody's fault: not in CI, which installs all of them, and where the test then fails."""
    absent = [name for name in programs if shutil.which(name) is None]
    return bool(absent or lacks) and not os.environ.get("CI")


def library(name: str) -> ModuleType:
    """A library of the extra ``test``. Where it is missing the test is skipped, by the same rule:
    in CI it fails."""
    if find_spec(name.partition(".")[0]) is None and not os.environ.get("CI"):
        pytest.skip(f"needs {name}: pip install -e '.[test]'", allow_module_level=True)
    return import_module(name)


def program(name: str, path: str) -> str:
    """Where a program is, in the folders of ``path``."""
    return shutil.which(name, path=path) or _missing(f"{name} is not installed")


def named_folder(variable: str, content: str) -> Path:
    """The folder that a variable names, as .ci/run sets it; ``content``: what has to be in it."""
    return Path(os.environ.get(variable) or _missing(f"{variable} names no folder of {content}"))


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(f"{what}: see .ci/run")
