"""``arcprobe gateway``: the Arc gateway resource in Azure, and the rights to use it."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

from arcprobe.commands import azure, speaking
from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.commands.output import format_option
from arcprobe.commands.settings_flags import settings_flags
from arcprobe.knowledge.language import Language
from arcprobe.lifecycle import gateway as resource, points
from arcprobe.model import Verdict
from arcprobe.model.errors import ConfigError

EXAMPLES = """\b
Examples:
  arcprobe gateway --resource-id /subscriptions/…/providers/Microsoft.HybridCompute/gateways/contoso
  arcprobe gateway --subscription ID --resource-group arc --name contoso --format json
  ARCPROBE_AZURE_TOKEN=$(az account get-access-token --query accessToken -o tsv) \\
      arcprobe gateway --resource-id ID --proxy-https http://proxy.corp:3128
"""


@click.command("gateway", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@settings_flags("gateway")
@click.option("--resource-id", default="", metavar="ID", help="The gateway's resource ID.")
@click.option("--subscription", default="", metavar="ID", help="In the place of the resource ID.")
@click.option("--resource-group", "group", default="", metavar="NAME", help="Its resource group.")
@click.option("--name", default="", metavar="NAME", help="Its name.")
@azure.arm_endpoint
@format_option("text", "json")
@speaking.lang_option
def command(
    file: str | None,
    resource_id: str,
    subscription: str,
    group: str,
    name: str,
    arm_endpoint: str,
    format: str,
    words: Language,
    **flags: Any,
) -> None:
    """Whether the Arc gateway is there and ready, its endpoint is the one of --gateway-url, and
    your rights and the registered providers suffice. By the run's own proxy and trust.

    The token: ARCPROBE_AZURE_TOKEN, else what `pip install arcprobe[azure]` finds (az login,
    workload identity, managed identity). Azure is only read.

    \b
    Exit codes: 0 passed, 1 something failed, 2 wrong settings.
    """
    if not resource_id:
        missing = [flag for flag, value in _parts(subscription, group, name) if not value]
        if missing:
            advice = "or --resource-id"
            raise ConfigError(missing[0], "is not given", advice)
        scope = f"/subscriptions/{subscription}/resourceGroups/{group}"
        resource_id = f"{scope}/providers/{azure.GATEWAY_TYPE}/{name}"
    wanted = azure.read_id("--resource-id", resource_id, azure.GATEWAY_TYPE)
    config = azure.read_config(flags, file)
    found = resource.judge(azure.ask_gateway(config, arm_endpoint, wanted))
    if format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(points.as_data(found)), indent=2))
    else:
        click.echo(points.as_text(found, words))
    sys.exit(FAILED if points.verdict_of(found) is Verdict.FAIL else DONE)


def _parts(subscription: str, group: str, name: str) -> tuple[tuple[str, str], ...]:
    return (("--subscription", subscription), ("--resource-group", group), ("--name", name))
