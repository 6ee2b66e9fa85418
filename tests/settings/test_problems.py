"""Of several wrong settings all are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.model.errors import ConfigError, ConfigErrors
from arcprobe.settings.load import load
from arcprobe.settings.problems import Problems
from tests.settings.given import in_file, problem


def test_problems_are_told_together() -> None:
    """What is raised within is kept, each once, and told in one line."""
    problems = Problems()
    for setting in ("--a", "--b", "--a"):
        with problems:
            raise ConfigError(setting, "is wrong")
    with problems:
        raise ConfigErrors((ConfigError("--c", "is wrong", "right"),))
    assert problem(problems.tell) == (
        "--a: is wrong; also --b: is wrong; also --c: is wrong; right"
    )


def test_one_problem_and_none() -> None:
    """One is told as it is; without any nothing is raised."""
    problems = Problems()
    problems.tell()
    with problems:
        raise ConfigError("--a", "is wrong")
    assert problem(problems.tell) == "--a: is wrong"


def test_other_exceptions_pass() -> None:
    """A fault of arcprobe's own is no wrong setting."""
    with pytest.raises(KeyError), Problems():
        raise KeyError("x")


def test_all_wrong_settings_are_named(tmp_path: Path) -> None:
    """Not only the missing region: flags, variables and keys of the file, each under the name by
    which it was given."""
    file = in_file(tmp_path, "cloud: AzureCloud\nregoin: x\npod-cidr: [a, 10.0.0.0/8]\n")
    flags = {"timeout": "soon", "endpoint": ("https://a..b/",), "feature": ("portl",)}
    environ = {"ARCPROBE_DEADLINE": "0", "ARCPROBE_STRICT": "perhaps"}
    told = problem(lambda: load(flags, environ, file))
    named = [part.split(": ")[0] for part in told.split("; also ")]
    assert sorted(named) == sorted(
        [
            "ARCPROBE_STRICT",
            "--config",
            "--timeout",
            "--endpoint",
            "--feature",
            f"pod-cidr of --config {file}",
            "ARCPROBE_DEADLINE",
            "--region",
        ]
    )
    assert "\n" not in told


def test_wrong_proxy_beside_other_settings() -> None:
    """A wrong proxy does not hide a wrong time."""
    flags = {"region": "westeurope", "proxy-https": "http://", "timeout": ""}
    told = problem(lambda: load(flags, {}))
    assert "--proxy-https: " in told
    assert "--timeout: is ''" in told
