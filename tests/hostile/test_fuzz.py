"""Inputs of chance: no parser and no judge fails over them, and no broken path passes."""

from __future__ import annotations

import pytest

from tests.hostile import fuzz

SECONDS = 10  # of each seed; ten minutes: python -m tests.hostile.fuzz


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_is_found(seed: int) -> None:
    """No traceback, no pass over a required check that failed, a cause for each finding."""
    rounds, found = fuzz.run(SECONDS, seed)
    assert found == []
    assert rounds > 10
