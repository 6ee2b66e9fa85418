"""Commands run in this process with what they print kept, and each demo scenario run once for all
tests that read its report."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from typing import Any, NamedTuple

import msgspec

from arcprobe import cli
from arcprobe.commands.demo import run_check
from arcprobe.lab.network import Rehearsal
from arcprobe.model import Config
from arcprobe.settings.load import load


class Ended(NamedTuple):
    """Exit code, stdout and stderr of one command."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """What was printed, as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def _kept(call: Any) -> Ended:
    out, err = (
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)
    )
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = call()
        except SystemExit as ending:
            code = ending.code
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Ended(code, *texts)


def run(*arguments: str) -> Ended:
    """``arcprobe`` with these arguments."""
    return _kept(lambda: cli.run(arguments))


def run_in(network: Rehearsal, *arguments: str) -> Ended:
    """``check`` inside a rehearsed network, with its flags and further ones."""
    return _kept(lambda: run_check([*network.flags, *arguments], rehearsal=network))


@cache
def recording(scenario: str) -> Ended:
    """A demo scenario with ``--format json``; run once."""
    return run("demo", scenario, "--format", "json")


def config_in(network: Rehearsal, **flags: Any) -> Config:
    """The settings of a rehearsed network, as ``check`` has them there."""
    named = dict(
        zip(
            (name.removeprefix("--") for name in network.flags[::2]),
            network.flags[1::2],
            strict=True,
        )
    )
    config = load({**named, **flags}, network.environment)
    return msgspec.structs.replace(
        config,
        name_servers=network.name_servers,
        dial_map=network.dial_map,
        cluster=msgspec.structs.replace(config.cluster, environ=network.environment),
    )
