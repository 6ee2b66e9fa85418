"""A wrong setting is one line."""

from __future__ import annotations

from arcprobe.model.errors import ConfigError, ConfigErrors


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


def test_by_the_name_that_was_used() -> None:
    """A variable that was wrong is named, not the flag that nobody typed; also of several."""
    one = ConfigError("--region", "is unknown", "say westeurope")
    both = ConfigErrors([one, ConfigError("--cloud", "is none")])
    assert str(both) == "--region: is unknown; say westeurope; also --cloud: is none"
    names = {"--region": "ARCPROBE_REGION", "--cloud": "cloud of a.toml"}
    assert str(one.named(names.__getitem__)) == "ARCPROBE_REGION: is unknown; say westeurope"
    assert str(both.named(names.__getitem__)) == (
        "ARCPROBE_REGION: is unknown; say westeurope; also cloud of a.toml: is none"
    )


def test_many_wrong_settings_are_bounded() -> None:
    """3,000 characters, however many they are."""
    assert len(str(ConfigErrors(ConfigError("--a", "x" * 500) for _ in range(20)))) == 3000


def test_in_other_words() -> None:
    """The same error, by another sentence."""
    error = ConfigError("--region", "is unknown")
    assert error.told_as("see --help") is error
    assert str(error) == "see --help"
