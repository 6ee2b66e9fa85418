"""Programs that a test needs."""

from __future__ import annotations

import os
import shutil


def may_skip(*programs: str) -> bool:
    """Whether one of the programs is missing on a machine where that is nobody's fault: not in CI,
    which installs all of them, and where the test then fails."""
    return not os.environ.get("CI") and any(shutil.which(name) is None for name in programs)
