"""The flags that ``job`` and ``run`` share."""

from __future__ import annotations

import click
import pytest

from arcprobe import __version__
from arcprobe.commands import job, run

SHARED = """--image --registry --pull-secret --pull-policy --namespace --name --nodes --vantage
--node-selector --architecture --toleration --priority-class --request --limit --label
--proxy-secret --ca-config-map --keep""".split()


@pytest.mark.parametrize("command", [job.command, run.command], ids=["job", "run"])
def test_both_have_them(command: click.Command) -> None:
    """Each flag of a manifest is one of both commands, with help that is a sentence."""
    options = {name: option for option in command.params for name in option.opts}
    assert set(SHARED) <= set(options)
    helps = [getattr(options[name], "help", "") for name in SHARED]
    assert [text for text in helps if not text.endswith(".")] == []


def test_defaults() -> None:
    """The image of this version, on one node, pulled where it is missing, kept for an hour."""
    with job.command.make_context("job", []) as context:
        values = context.params
    assert values["image"] == f"arcprobe:{__version__}"
    chosen = [values[name] for name in ("nodes", "pull_policy", "keep", "vantage", "name")]
    assert chosen == ["one", "IfNotPresent", 3600, None, "arcprobe"]


@pytest.mark.parametrize(
    "arguments", [["--vantage", "moon"], ["--pull-policy", "Sometimes"], ["--keep", "long"]]
)
def test_closed_choices(arguments: list[str]) -> None:
    """What is none of the choices, or no number, is refused."""
    with pytest.raises(click.BadParameter):
        job.command.make_context("job", arguments)


def test_repeatable() -> None:
    """What may be given several times is a list."""
    with job.command.make_context("job", ["--label", "a=b", "--label", "c=d"]) as context:
        assert context.params["label"] == ("a=b", "c=d")
