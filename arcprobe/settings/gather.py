"""What was given, unread, and where each value came from: flags before ``ARCPROBE_*`` before the
file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import msgspec

from arcprobe.model.discreet import discreet, without_quotes
from arcprobe.model.errors import ConfigError
from arcprobe.settings.files import read_file, text_of
from arcprobe.settings.problems import Problems
from arcprobe.settings.table import PREFIX, ROWS, Setting, Shape, variable

# An empty flag switches these off, whatever the environment says.
_SWITCHED_OFF = frozenset({"proxy-https", "proxy-http", "proxy-skip-range", "data"})

_CONFIG_LIMIT = 1024 * 1024  # bytes: PyYAML reads some ten thousand a second where it has no C

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
        row = ROWS[name]
        own_name = row.name
        is_empty = value == "" and (own_name in _SWITCHED_OFF or row.shape is Shape.NUMBER)
        is_given = (source == "flag" and is_empty) or value not in _NOTHING
        if is_given and own_name not in self.values:
            self.values[own_name] = value
            self.sources[own_name] = source


def gather(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: str | None,
    problems: Problems | None = None,
) -> Given:
    """What was given. ``flags``: by names without dashes; None, or an empty list, stands for "not
    given". ``problems`` takes what is wrong, for the caller to tell with what else he finds."""
    given, found = Given(), problems or Problems()
    for name, value in flags.items():
        given.take(name, _from_flag(ROWS[name], value), "flag")
    for name in sorted(ROWS):
        if text := environ.get(variable(name), ""):
            with found:
                given.take(name, _from_variable(ROWS[name], variable(name), text), variable(name))
    for key in _keys_of(file) if file else ():
        with found:
            value = key.read()
            given.take(key.name, value, f"--config {file}")
    if problems is None:
        found.tell()
    return given


@contextmanager
def named_as_given(sources: Mapping[str, str]) -> Iterator[None]:
    """Whatever ConfigError is raised within names the setting as it was given: the variable, or the
    key and its file."""
    try:
        yield
    except ConfigError as error:
        raise error.named(lambda setting: given_name(setting, sources)) from None


def given_name(setting: str, sources: Mapping[str, str]) -> str:
    """A setting under the name by which it was given: a flag as it is, else the variable, or the
    key and its file."""
    key = setting.removeprefix("--")
    source = sources.get(key, "flag")
    if source == "flag" or key == setting:
        return setting
    return source if source.startswith(PREFIX) else f"{key} of {source}"


def _from_flag(row: Setting, value: Any) -> Any:
    if row.shape is not Shape.LIST:
        return value
    return tuple(chain.from_iterable(_parts(row, text) for text in value or ()))


def _parts(row: Setting, text: str) -> tuple[str, ...]:
    """``A,B`` where one value was due; what is empty is left for the setting to refuse."""
    return row.split(text) or (text,)


def _from_variable(row: Setting, name: str, text: str) -> Any:
    if row.shape is Shape.LIST:
        return row.split(text)
    if row.shape is not Shape.SWITCH:
        return text
    if text.lower() not in _TRUE + _FALSE:
        raise ConfigError(name, f"is {text[:20]!a}", "use true or false")
    return text.lower() in _TRUE


# ----------------------------------------------------------------------------------------- the file


class _Key(msgspec.Struct, frozen=True):
    """A key of the file, with its line."""

    where: str
    name: str
    value: Any

    def read(self) -> Any:
        """What its setting is given by it."""
        return _from_yaml(self.where, _row(self.where, self.name), self.name, self.value)


def _keys_of(path: str) -> Iterator[_Key]:
    import yaml

    text = text_of("--config", path, read_file("--config", path, _CONFIG_LIMIT))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        raise _no_yaml(path, error) from None
    except RecursionError:
        raise ConfigError("--config", f"{path}: is nested too deep") from None
    # PyYAML's own for a date or a number that does not exist, and for an empty one
    except (ValueError, LookupError, TypeError) as error:
        problem = f"{path}: is not YAML: {without_quotes(str(error))[:80]!a}"
        raise ConfigError("--config", problem, "quote the value") from None
    if content is None:
        return
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        advice = "use lines like 'region: westeurope'"
        raise ConfigError("--config", f"{path}: is not a mapping", advice)
    lines = {str(key.value): key.start_mark.line + 1 for key, _value in node.value}
    for name, value in content.items():
        yield _Key(f"{path}, line {lines.get(str(name), 0)}", str(name), value)


def _no_yaml(path: str, error: Exception) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    where = f"{path}, line {mark.line + 1}" if mark is not None else path
    problem = getattr(error, "problem", None)
    return ConfigError("--config", f"{where}: is not YAML", without_quotes(str(problem or "")))


def _row(where: str, name: str) -> Setting:
    if name in ROWS:
        return ROWS[name]
    from difflib import get_close_matches  # 1 ms, for those who mistype alone

    near = get_close_matches(name, sorted(ROWS), 1)
    advice = "the keys are the flags' names without the leading dashes"
    if near:
        advice = f"did you mean {near[0]!r}?"
    problem = discreet(f"unknown key {name[:60]!a}; {advice}", [name])
    raise ConfigError("--config", f"{where}: {problem}")


def _from_yaml(where: str, row: Setting, name: str, value: Any) -> Any:
    if row.shape is Shape.LIST:
        return _list_from_yaml(where, row, name, value if isinstance(value, list) else [value])
    if row.shape is Shape.SWITCH:
        if not isinstance(value, bool):
            raise ConfigError("--config", f"{where}: {name} is not true or false")
        return value
    if isinstance(value, dict | list | bool):
        raise ConfigError("--config", f"{where}: {name} is not one text or number")
    return None if value is None else str(value)


def _list_from_yaml(where: str, row: Setting, name: str, parts: list[Any]) -> tuple[str, ...]:
    if not all(map(_is_scalar, parts)):
        problem = f"{where}: {name} is not a list of texts"
        raise ConfigError("--config", problem, f"use '{name}: [a, b]'")
    return tuple(chain.from_iterable(_parts(row, str(part)) for part in parts))


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
