"""What is said of a wrong setting. Light, so that ``arcprobe --version`` need not load the
settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_LONGEST = 600  # characters: one line, whatever the setting held
_LONGEST_OF_ALL = 3000  # characters: of several settings


class ConfigError(Exception):
    """A setting is wrong. Prints as one line: the setting, what is wrong with it, what would be
    right."""

    def __init__(self, setting: str, problem: str, advice: str = "") -> None:
        from arcprobe.model.text import printable

        self.setting, self.problem, self.advice = setting, problem, advice
        line = f"{setting}: {problem}" + (f"; {advice}" if advice else "")
        super().__init__(printable(line, _LONGEST))

    def told_as(self, line: str) -> ConfigError:
        """The same in other words."""
        self.args = (line,)
        return self

    def named(self, name: Callable[[str], str]) -> ConfigError:
        """The same under the name by which the setting was given."""
        return ConfigError(name(self.setting), self.problem, self.advice)


class ConfigErrors(ConfigError):
    """Several settings are wrong: all of them are told, in one line."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        Exception.__init__(self, "; also ".join(map(str, self.errors))[:_LONGEST_OF_ALL])

    def named(self, name: Callable[[str], str]) -> ConfigError:
        """Each under the name by which it was given."""
        return ConfigErrors(error.named(name) for error in self.errors)
