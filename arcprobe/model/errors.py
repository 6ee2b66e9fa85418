"""What is said of a wrong setting. Light, so that ``arcprobe --version`` need not load the
settings."""

from __future__ import annotations

_LONGEST = 600  # characters: one line, whatever the setting held


class ConfigError(Exception):
    """A setting is wrong. Prints as one line: the setting, what is wrong with it, what would be
    right."""

    def __init__(self, setting: str, problem: str, advice: str = "") -> None:
        from arcprobe.model.text import printable

        self.setting, self.problem, self.advice = setting, problem, advice
        line = f"{setting}: {problem}" + (f"; {advice}" if advice else "")
        super().__init__(printable(line, _LONGEST))
