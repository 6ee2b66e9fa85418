"""Programs that a test needs."""

from __future__ import annotations

import os
import shutil


def may_skip(*programs: str, lacks: str = "") -> bool:
    """Whether one of the programs is missing, or this machine ``lacks`` something else, where that
    is nobody's fault: not in CI, which installs all of them, and where the test then fails."""
    absent = [name for name in programs if shutil.which(name) is None]
    return bool(absent or lacks) and not os.environ.get("CI")
