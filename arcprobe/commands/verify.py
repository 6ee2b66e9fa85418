"""``arcprobe verify``: the cluster after onboarding, or after its move to the gateway."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from arcprobe.commands import azure
from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.commands.namespace import namespace_option
from arcprobe.commands.output import exit_code, format_option
from arcprobe.commands.settings_flags import by_setting, settings_flags
from arcprobe.commands.speaking import spoken
from arcprobe.knowledge.language import Language
from arcprobe.lifecycle import points, verification
from arcprobe.lifecycle.gateway import endpoint_of
from arcprobe.model import Config, Report, Verdict
from arcprobe.model.agents import Agents
from arcprobe.model.azure import Answer, ResourceId, Trouble

EXAMPLES = """\b
Examples:
  arcprobe verify --region eastus --proxy-https http://proxy.corp:3128 --proxy-skip-range .svc
  arcprobe verify --region eastus --gateway-url contoso.gw.arc.azure.com --format json
  arcprobe verify --cluster-id /subscriptions/…/connectedClusters/edge --no-check
"""

_NOT_ASKED = Answer(trouble=Trouble.NOT_SIGNED_IN)


@click.command("verify", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@settings_flags("check")
@click.option(
    "--cluster-id", default="", metavar="ID", help="Absent: as the agents' ConfigMap has it."
)
@click.option("--gateway-id", default="", metavar="ID", help="The gateway that it should use.")
@click.option("--no-gateway", is_flag=True, help="The cluster is to use no gateway.")
@click.option("--no-check", is_flag=True, help="Leave out the preflight at the end.")
@namespace_option("azure-arc", "Of the Arc agents.")
@azure.arm_endpoint
@format_option("text", "json")
def command(
    file: str | None,
    cluster_id: str,
    gateway_id: str,
    no_gateway: bool,
    no_check: bool,
    namespace: str,
    arm_endpoint: str,
    format: str,
    **flags: Any,
) -> None:
    """Whether a connected cluster is as it should be: linked to the gateway, agents new enough,
    connected and ready, with the proxy settings that were tested, an hour since the switch. Then,
    with --region, `check` in gateway mode.

    The cluster is read in a pod by its API, elsewhere by kubectl; Azure as `arcprobe gateway` does.
    What cannot be read is said, and costs nothing else. Rights for all of it: in azure-arc to list
    Deployments and pods and to get ConfigMap azure-clusterconfig and Secret proxy-config, in
    azure-arc-release to list Secrets.

    \b
    Exit codes: 0 passed, 1 something failed, 2 wrong settings, 3 not finished.
    """
    from arcprobe.probes.cluster.agents import read_agents

    if gateway_id:
        azure.read_id("--gateway-id", gateway_id, azure.GATEWAY_TYPE)
    config = azure.read_config(flags, file)
    gateway_id = gateway_id or config.gateway_id
    agents = read_agents(config.cluster, namespace, config.settings.timeout)
    wanted = _cluster_id(cluster_id, agents)
    seen = _seen(config, arm_endpoint, wanted, agents)
    seen = msgspec.structs.replace(seen, gateway_id=gateway_id, uses_gateway=not no_gateway)
    found = verification.judge(seen)
    report = None
    if by_setting(flags).get("region") and not no_check:
        report = _checked(config, arm_endpoint, seen)
    _show(found, report, format, spoken(config.lang, os.environ))
    code = FAILED if points.verdict_of(found) is Verdict.FAIL else DONE
    sys.exit(max(code, exit_code(report)) if report is not None else code)


def _cluster_id(given: str, agents: Agents) -> ResourceId | None:
    if given:
        return azure.read_id("--cluster-id", given, azure.CLUSTER_TYPE)
    names = ("AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZURE_RESOURCE_NAME")
    subscription, group, name = (agents.config.get(each, "") for each in names)
    scope = f"/subscriptions/{subscription}/resourceGroups/{group}"
    try:
        from arcprobe.model.azure import resource_id

        return resource_id(f"{scope}/providers/{azure.CLUSTER_TYPE}/{name}", azure.CLUSTER_TYPE)
    except ValueError:
        return None


def _seen(
    config: Config, endpoint: str, wanted: ResourceId | None, agents: Agents
) -> verification.Seen:
    cluster = association = _NOT_ASKED
    if wanted is not None:
        linked = f"{wanted.path}/providers/Microsoft.HybridCompute/settings/default"
        with azure.opened(config, endpoint) as arm:
            cluster = arm.get(wanted.path, azure.CLUSTER_VERSION)
            association = arm.get(linked, azure.GATEWAY_VERSION)
    return verification.Seen(
        name=wanted.name if wanted is not None else "-",
        cluster=cluster,
        association=association,
        agents=agents,
        settings=config.settings,
        now=datetime.now(UTC),
    )


def _checked(config: Config, endpoint: str, seen: verification.Seen) -> Report:
    """The preflight, with the gateway that the cluster is linked to where no URL was given."""
    from arcprobe.pipeline import preflight

    host = config.settings.gateway_host
    if seen.uses_gateway and not host:
        host = _linked_host(config, endpoint, seen)
    settings = msgspec.structs.replace(
        config.settings, gateway_host=host, gateway_url=config.settings.gateway_url or host
    )
    return preflight(msgspec.structs.replace(config, settings=settings))


def _linked_host(config: Config, endpoint: str, seen: verification.Seen) -> str:
    from arcprobe.model.azure import resource_id

    linked = verification.linked_gateway(seen.cluster, seen.association)
    try:
        wanted = resource_id(linked, azure.GATEWAY_TYPE)
    except ValueError:
        return ""
    return endpoint_of(azure.gateway_alone(config, endpoint, wanted))


def _show(
    found: tuple[points.Point, ...], report: Report | None, format: str, words: Language
) -> None:
    from arcprobe.pipeline import spoken as said
    from arcprobe.report import renderer

    if format == "json":
        data = points.as_data(found)
        shown = None if report is None else msgspec.Raw(renderer("json")(report).encode())
        click.echo(msgspec.json.format(msgspec.json.encode({**data, "check": shown}), indent=2))
        return
    click.echo(points.as_text(found, words))
    if report is not None:
        click.echo("\n" + renderer("text")(said(report, words), language=words))
