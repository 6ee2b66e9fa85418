"""What was given, unread, and where each value came from: flags before ``ARCPROBE_*`` before the
file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import msgspec

from arcprobe.model.errors import ConfigError
from arcprobe.settings.files import read_file
from arcprobe.settings.table import PREFIX, ROWS, Setting, Shape, variable

# An empty flag switches these off, whatever the environment says.
_SWITCHED_OFF = frozenset({"proxy-https", "proxy-http", "proxy-skip-range"})

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_NOTHING: tuple[Any, ...] = (None, (), [], "")


class Given(msgspec.Struct, frozen=True):
    """Values by the settings' own names, and where each came from: ``flag``, a variable, or
    ``--config FILE``."""

    values: dict[str, Any] = {}
    sources: dict[str, str] = {}

    def text(self, name: str) -> str:
        """A value; empty where none was given."""
        return str(self.values.get(name, ""))

    def take(self, name: str, value: Any, source: str) -> None:
        """A value from the next source; it counts where no source before had one."""
        own_name = ROWS[name].name
        switches_off = source == "flag" and value == "" and own_name in _SWITCHED_OFF
        is_given = switches_off or value not in _NOTHING
        if is_given and own_name not in self.values:
            self.values[own_name] = value
            self.sources[own_name] = source


def gather(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None) -> Given:
    """What was given. ``flags``: by names without dashes; None, or an empty list, stands for "not
    given"."""
    given = Given()
    for name, value in flags.items():
        given.take(name, value, "flag")
    for name in sorted(ROWS):
        if text := environ.get(variable(name), ""):
            given.take(name, _from_variable(ROWS[name], variable(name), text), variable(name))
    if file:
        for name, value in _from_file(file):
            given.take(name, value, f"--config {file}")
    return given


@contextmanager
def named_as_given(sources: Mapping[str, str]) -> Iterator[None]:
    """Whatever ConfigError is raised within names the setting as it was given: the variable, or the
    key and its file."""
    try:
        yield
    except ConfigError as error:
        setting = given_name(error.setting, sources)
        raise ConfigError(setting, error.problem, error.advice) from None


def given_name(setting: str, sources: Mapping[str, str]) -> str:
    """A setting under the name by which it was given: a flag as it is, else the variable, or the
    key and its file."""
    key = setting.removeprefix("--")
    source = sources.get(key, "flag")
    if source == "flag" or key == setting:
        return setting
    return source if source.startswith(PREFIX) else f"{key} of {source}"


def _from_variable(row: Setting, name: str, text: str) -> Any:
    if row.shape is Shape.LIST:
        return row.split(text)
    if row.shape is not Shape.SWITCH:
        return text
    if text.lower() not in _TRUE + _FALSE:
        raise ConfigError(name, f"is {text[:20]!a}", "true or false would be right")
    return text.lower() in _TRUE


# ----------------------------------------------------------------------------------------- the file


def _from_file(path: str) -> Iterator[tuple[str, Any]]:
    import yaml

    text = read_file("--config", path).decode("utf-8", "replace")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _no_yaml(path, error) from None
    except RecursionError:
        raise ConfigError("--config", f"{path}: is nested too deep") from None
    except ValueError as error:  # PyYAML's own for a date or a number that does not exist
        problem = f"{path}: is not YAML: {str(error)[:80]!a}"
        raise ConfigError("--config", problem, "quote the value") from None
    if content is None:
        return
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        advice = "lines like 'region: westeurope' would be right"
        raise ConfigError("--config", f"{path}: is not a mapping", advice)
    lines = {str(key.value): key.start_mark.line + 1 for key, _value in node.value}
    for name, value in content.items():
        where = f"{path}, line {lines.get(str(name), 0)}"
        yield str(name), _from_yaml(where, _row(where, name), str(name), value)


def _no_yaml(path: str, error: Exception) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    where = f"{path}, line {mark.line + 1}" if mark is not None else path
    problem = getattr(error, "problem", None)
    return ConfigError("--config", f"{where}: is not YAML", str(problem or ""))


def _row(where: str, name: object) -> Setting:
    if isinstance(name, str) and name in ROWS:
        return ROWS[name]
    near = get_close_matches(str(name), sorted(ROWS), 1)
    advice = "the keys are the flags' names without the leading dashes"
    if near:
        advice = f"did you mean {near[0]!r}?"
    raise ConfigError("--config", f"{where}: unknown key {str(name)[:60]!a}", advice)


def _from_yaml(where: str, row: Setting, name: str, value: Any) -> Any:
    if row.shape is Shape.LIST:
        parts = value if isinstance(value, list) else [value]
        if not all(_is_scalar(part) for part in parts):
            problem = f"{where}: {name} is not a list of texts"
            raise ConfigError("--config", problem, f"'{name}: [a, b]' would be right")
        return tuple(str(part) for part in parts)
    if row.shape is Shape.SWITCH:
        if not isinstance(value, bool):
            raise ConfigError("--config", f"{where}: {name} is not true or false")
        return value
    if isinstance(value, dict | list | bool):
        raise ConfigError("--config", f"{where}: {name} is not one text or number")
    return None if value is None else str(value)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
