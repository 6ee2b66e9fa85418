"""Programs and libraries that a test needs."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

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
