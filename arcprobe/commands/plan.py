"""``arcprobe plan``: the commands that follow a preflight that passed. Runs none of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
import msgspec

from arcprobe.commands import speaking
from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.commands.settings_flags import by_setting, settings_flags
from arcprobe.knowledge.language import Language, language
from arcprobe.lifecycle import journey, shells
from arcprobe.lifecycle.journey import Order
from arcprobe.lifecycle.steps import Step
from arcprobe.model import Report, Verdict, line
from arcprobe.model.errors import ConfigError

if TYPE_CHECKING:
    from arcprobe.model import Config

EXAMPLES = """\b
Examples:
  arcprobe plan report.json --name edge1 --resource-group arc
  arcprobe plan --region eastus --proxy-https http://proxy.corp:3128
  arcprobe plan report.json --existing --gateway-resource-id /subscriptions/…/gateways/contoso
  arcprobe plan report.json --steps --shell powershell
  arcprobe plan --region eastus --disable-gateway --name edge1 --resource-group arc
"""

_BESIDE_A_REPORT = ("proxy-cert", "api-server", "kubeconfig", "context")
"""Settings that a report holds not at all, or without their path."""

_IN_UTF_8 = ("bash", "powershell")
"""Shells whose comments may be in any language. The prompt of cmd reads the bytes of its code page:
in cp932 the second byte of a letter can be a pipe, which ``rem`` does not hide."""


@click.command("plan", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("report", metavar="[REPORT]", required=False)
@settings_flags("plan")
@click.option("--name", default="", metavar="NAME", help="Name of the connected cluster.")
@click.option("--resource-group", "group", default="", metavar="NAME", help="Its resource group.")
@click.option("--gateway-resource-id", default="", metavar="ID", help="Arc gateway that is there.")
@click.option("--gateway-name", default="", metavar="NAME", help="Arc gateway to create.")
@click.option("--existing", is_flag=True, help="The cluster is connected already: update it.")
@click.option("--disable-gateway", "leaves", is_flag=True, help="The way back from the gateway.")
@click.option("--steps", is_flag=True, help="The whole life, with waiting times and checks.")
@click.option("--force", is_flag=True, help="Print the commands although the report fails.")
@click.option("--cmdlets", is_flag=True, help="Az PowerShell in the place of az, where it can.")
@click.option(
    "--shell",
    type=click.Choice(list(shells.SHELLS)),
    default="bash",
    show_default=True,
    help="Quote for this shell; cmd: for its prompt, not a batch file.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What goes to stdout.",
)
@speaking.lang_option
def command(
    report: str | None,
    file: str | None,
    force: bool,
    shell: str,
    form: str,
    words: Language,
    **flags: Any,
) -> None:
    """The exact commands that connect the cluster, move it to the Arc gateway, or take it back:
    from settings, or from REPORT (JSON; - is stdin), a preflight that passed.

    Nothing is run. A password is never printed: it is a variable that you set.
    """
    own = {name: flags.pop(name) for name in ("existing", "leaves", "steps")}
    names = ("name", "group", "gateway_resource_id", "gateway_name", "cmdlets")
    named = {name: flags.pop(name) for name in names}
    _check_names(named, shell)
    seen = _judged(report, flags, file)
    words = words if shell in _IN_UTF_8 else language()
    if seen is not None and _fails(seen):
        _tell_causes(_spoken(seen, words), words)
        if not force:
            sys.exit(FAILED)
    order = _order(seen, by_setting(flags), file, named)
    steps = _chosen(order, **own)
    if form == "json":
        click.echo(_json(steps))
        sys.exit(DONE)
    head = line("lifecycle.tested") if seen is not None else line("lifecycle.untested")
    click.echo("\n".join((*_head(shell, words.say(head)), *_lines(steps, shell, words))))


def _check_names(named: Mapping[str, Any], shell: str) -> None:
    if named["cmdlets"] and shell != "powershell":
        raise ConfigError("--cmdlets", f"are nothing for {shell}", "with --shell powershell")
    if named["gateway_resource_id"] and named["gateway_name"]:
        problem = "a gateway that is there, and one to create"
        raise ConfigError("--gateway-name", problem, "use one of the two, or --gateway-resource-id")
    if named["gateway_resource_id"]:
        from arcprobe.commands import azure

        azure.read_id("--gateway-resource-id", named["gateway_resource_id"], azure.GATEWAY_TYPE)


def _lines(steps: tuple[Step, ...], shell: str, words: Language) -> list[str]:
    try:
        return shells.lines_of(steps, shells.SHELLS[shell], words)
    except shells.Unquotable as error:
        raise ConfigError("--shell", str(error), "bash or powershell can") from None


def _head(shell: str, head: str) -> tuple[str, ...]:
    return (f"{shells.SHELLS[shell].comment} {head}", "")


def _json(steps: tuple[Step, ...]) -> str:
    document = msgspec.json.encode({"steps": shells.as_data(steps)})
    return msgspec.json.format(document, indent=2).decode()


def _chosen(order: Order, *, existing: bool, leaves: bool, steps: bool) -> tuple[Step, ...]:
    if leaves:
        return journey.leaving_gateway(order)
    if steps:
        return journey.whole_life(order, existing=existing)
    return journey.connecting(order, existing=existing)


# -------------------------------------------------------------------------------------- the report


def _judged(file: str | None, flags: Mapping[str, Any], config: str | None) -> Report | None:
    if file is None:
        return None
    from arcprobe.commands.report import read
    from arcprobe.pipeline import judged_again

    given = [name for name, value in by_setting(flags).items() if value not in (None, ())]
    wrong = [f"--{name}" for name in given if name not in _BESIDE_A_REPORT]
    wrong += ["--config"] if config else []
    if wrong:
        advice = "leave it out, or leave out the report"
        raise ConfigError(wrong[0], "the report has its own settings", advice)
    return judged_again(read(file))


def _spoken(report: Report, words: Language) -> Report:
    from arcprobe.pipeline import spoken

    return spoken(report, words)


def _fails(report: Report) -> bool:
    return report.verdict in (Verdict.FAIL, Verdict.ERROR)


def _tell_causes(report: Report, words: Language) -> None:
    click.echo(words.say(line("lifecycle.fails")), err=True)
    for cause in report.causes:
        if cause.verdict in (Verdict.FAIL, Verdict.ERROR):
            click.echo(f"  {cause.code}: {cause.headline}", err=True)
            click.echo(f"    {cause.remedy}", err=True)


# --------------------------------------------------------------------------------------- the order


def _order(
    report: Report | None, flags: dict[str, Any], file: str | None, named: Mapping[str, Any]
) -> Order:
    from arcprobe.commands.endpoints import check_gateway

    names = {
        "name": named["name"],
        "group": named["group"],
        "gateway_id": named["gateway_resource_id"],
        "gateway_name": named["gateway_name"],
        "cmdlets": named["cmdlets"],
    }
    if report is None:
        config = _config(flags, file)
        order = Order(
            settings=config.settings,
            proxy_cert=config.settings.proxy_cert,
            kubeconfig=config.cluster.kubeconfig,
            context=config.cluster.context,
            api_servers=config.cluster.api_servers,
            **names,
        )
    else:
        from arcprobe.pipeline import api_servers

        order = Order(
            settings=report.run.settings,
            proxy_cert=flags.get("proxy-cert") or report.run.settings.proxy_cert,
            kubeconfig=flags.get("kubeconfig") or "",
            context=flags.get("context") or "",
            api_servers=flags.get("api-server") or api_servers(report),
            **names,
        )
    check_gateway(order.settings, order.has_gateway, "--gateway-name")
    return order


def _config(flags: Mapping[str, Any], file: str | None) -> Config:
    from arcprobe.settings.load import load

    return load(flags, os.environ, file)
