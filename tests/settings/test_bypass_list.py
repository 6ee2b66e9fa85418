"""The bypass list of the settings."""

from __future__ import annotations

import pytest

from tests.settings.given import refused

BAD_SKIP_RANGES = {
    "semicolons": ("10.0.0.0/8;.svc", "commas"),
    "blanks": ("10.0.0.0/8, .svc", "blank"),
    "a range that is none": ("10.0.0.0/33", "10.0.0.0/33"),
    "an IPv6 range that is none": ("fd00::/129", "fd00::/129"),
    "an address that is none": ("10.0.0.256/8", "10.0.0.256/8"),
}


@pytest.mark.parametrize("case", BAD_SKIP_RANGES)
def test_bad_skip_range(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A skip range that no client reads as it was meant is refused, with the entry and what would
    be right."""
    text, advice = BAD_SKIP_RANGES[case]
    line = refused(capsys, "--proxy-https", "http://proxy:3128", "--proxy-skip-range", text)
    assert "--proxy-skip-range" in line
    assert advice in line
