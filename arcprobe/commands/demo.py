"""``arcprobe demo``: the same preflight, against an enterprise network rehearsed on loopback."""

from __future__ import annotations

import sys

import click

from arcprobe.commands import output as _output
from arcprobe.model.errors import ConfigError

EXAMPLES = """\b
Examples:
  arcprobe demo
  arcprobe demo --list
  arcprobe demo websocket-stripped
  arcprobe demo everything --format json
  arcprobe demo inspected --report html=report.html
"""


@click.command("demo", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("scenario", default="clean")
@click.option("--list", "lists", is_flag=True, help="Name the scenarios and their stories.")
@_output.options
def command(scenario: str, lists: bool, form: str, reports: tuple[tuple[str, str], ...]) -> None:
    """Run the preflight, for real sockets, TLS and DNS, against a rehearsed network.

    It starts on loopback and ends with the command: no network, no root, no settings needed.
    """
    if lists:
        if form not in ("text", "json"):
            raise ConfigError(
                "--format", f"{form} is no form of --list", "one of text, json would be right"
            )
        click.echo(_listing(form), nl=False)
        return
    sys.exit(_run(scenario, form, reports))


def _listing(form: str) -> str:
    from arcprobe.lab.scenarios import SCENARIOS

    if form == "json":
        import msgspec

        rows = [
            {"name": each.name, "story": each.story, "verdict": each.verdict, "causes": each.causes}
            for each in SCENARIOS
        ]
        return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n"
    width = max(len(each.name) for each in SCENARIOS)
    return "".join(f"{each.name:<{width}}  {each.story}\n" for each in SCENARIOS)


def _run(name: str, form: str, reports: tuple[tuple[str, str], ...]) -> int:
    from arcprobe.lab.scenarios import find_scenario, nearest_names

    scenario = find_scenario(name)
    if scenario is None:
        near = nearest_names(name)
        hint = f"nearest: {', '.join(near)}" if near else "`arcprobe demo --list` names them"
        raise click.BadParameter(f"unknown scenario {name!a:.62}; {hint}", param_hint="SCENARIO")
    from arcprobe.commands.check import run_check
    from arcprobe.lab.network import Rehearsal

    with Rehearsal(scenario.network) as network:
        own = [part for kind, file in reports for part in ("--report", f"{kind}={file}")]
        code: int = run_check([*network.flags, "--format", form, *own], rehearsal=network)
        return code
