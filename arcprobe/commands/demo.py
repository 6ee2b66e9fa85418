"""``arcprobe demo``: the same preflight, against an enterprise network simulated on loopback."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arcprobe.commands import output, speaking, values
from arcprobe.model.errors import ConfigError

if TYPE_CHECKING:
    from arcprobe.knowledge.language import Language
    from arcprobe.lab.network import Rehearsal
    from arcprobe.model import Config

EXAMPLES = """\b
Examples:
  arcprobe demo
  arcprobe demo --list
  arcprobe demo websocket-stripped
  arcprobe demo everything --format json
  arcprobe demo inspected --report html=report.html
  arcprobe demo denied --lang ja
"""


@click.command("demo", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "scenario", default="everything", shell_complete=values.completing(values.scenarios)
)
@click.option("--list", "lists", is_flag=True, help="Name the scenarios and their stories.")
@output.wide_option
@output.options
@output.events_option
@speaking.lang_option
def command(
    scenario: str,
    lists: bool,
    wide: bool,
    format: str,
    reports: output.Files,
    events: str,
    words: Language,
) -> None:
    """Run the preflight, for real sockets, TLS and DNS, against a simulated network.

    It starts on loopback and ends with the command: no network, no root, no settings needed.
    """
    if not lists:
        sys.exit(_run(scenario, output.wanted(format, reports, wide=wide, events=events), words))
    if format not in ("text", "json"):
        problem = f"{format} is no form of --list"
        raise ConfigError("--format", problem, "use one of text, json")
    click.echo(_listing(format, words), nl=False)


def _listing(format: str, words: Language) -> str:
    from arcprobe.lab.scenarios import SCENARIOS

    if format == "json":
        import msgspec

        rows = [
            {"name": each.name, "story": each.story, "verdict": each.verdict, "causes": each.causes}
            for each in SCENARIOS
        ]
        return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n"
    width = max(len(scenario.name) for scenario in SCENARIOS)
    return "".join(
        f"{each.name:<{width}}  {words.template(f'lab.story.{each.name}')}\n" for each in SCENARIOS
    )


def _run(name: str, wanted: output.Wanted, words: Language) -> int:
    from arcprobe.lab.scenarios import find_scenario, nearest_names

    scenario = find_scenario(name)
    if scenario is None:
        near = ", ".join(nearest_names(name))
        hint = f"nearest: {near}" if near else "`arcprobe demo --list` names them"
        raise click.BadParameter(f"unknown scenario {name!a:.62}; {hint}", param_hint="SCENARIO")
    from arcprobe.lab.network import Rehearsal

    with Rehearsal(scenario.network) as network:
        flags = [*network.flags, *speaking.flag_of(words)]
        code: int = run_check(flags, rehearsal=network, name=scenario.name, wanted=wanted)
        return code


def run_check(
    argv: list[str], *, rehearsal: Rehearsal, name: str = "", wanted: output.Wanted | None = None
) -> int:
    """``check`` with these arguments inside a rehearsed network; the exit code. ``name``: the
    scenario, which the report then names; ``wanted``: what is written, where the arguments do not
    say it."""
    from arcprobe.commands import check

    with check.command.make_context("check", list(argv)) as context:
        flags = dict(context.params)
    flags.pop("until_pass")  # a rehearsed network is broken for ever
    file, wide, format, reports, events = (
        flags.pop(name) for name in ("file", "wide", "format", "reports", "events")
    )
    config = rehearsed(check.read_settings(flags, rehearsal.environment, file), rehearsal)
    config.demo = name
    own = output.wanted(format, reports, wide=wide, events=events)
    return check.run(config, wanted or own)


def rehearsed(config: Config, rehearsal: Rehearsal) -> Config:
    """The settings led into a rehearsed network: its name servers, its addresses, its cluster."""
    import msgspec

    source = msgspec.structs.replace(config.cluster, environ=rehearsal.environment)
    if rehearsal.service_account is not None:
        account = str(rehearsal.service_account)
        source = msgspec.structs.replace(source, service_account=account)
    return msgspec.structs.replace(
        config, name_servers=rehearsal.name_servers, dial_map=rehearsal.dial_map, cluster=source
    )
