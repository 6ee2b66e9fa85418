"""Findings in, causes out, each with what somebody pastes to heal it. Pure."""

from __future__ import annotations

from arcprobe.diagnosis.causes import (
    EXPLAINS as EXPLAINS,
    diagnose as diagnose,
    unproven as unproven,
    verdict_of as verdict_of,
)
