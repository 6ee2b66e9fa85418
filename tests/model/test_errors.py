"""A wrong setting is one line."""

from __future__ import annotations

from arcprobe.model.errors import ConfigError


def test_one_line() -> None:
    """The setting, what is wrong, what would be right."""
    error = ConfigError("--region", "is unknown", "say westeurope")
    assert str(error) == "--region: is unknown; say westeurope"
    assert (error.setting, error.problem, error.advice) == (
        "--region",
        "is unknown",
        "say westeurope",
    )


def test_without_advice() -> None:
    """Where nothing better is known, nothing is said."""
    assert str(ConfigError("--region", "is unknown")) == "--region: is unknown"


def test_what_it_held_is_printable_and_bounded() -> None:
    """Whatever the setting held: no control character, 600 characters."""
    assert str(ConfigError("--a", "x\x1b\ny")) == "--a: x\\x1b\\ny"
    assert len(str(ConfigError("--a", "x" * 1000))) == 600
