"""How long each check took."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.report.times import times

from . import sample


def test_one_connection_is_shared_out() -> None:
    """A check that is judged from another's connection has half of its time: the sum is what was
    spent."""
    shared = msgspec.structs.replace(sample.ARM_TLS, observed_with=sample.ARM.id)
    report = msgspec.structs.replace(sample.broken(), checks=(sample.ARM, shared))
    took = times(report)
    assert took[sample.ARM.id] == took[sample.ARM_TLS.id] == pytest.approx(0.015)
