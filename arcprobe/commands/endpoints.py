"""``arcprobe endpoints``: what must be reachable, as a table, as data, or as rules for a proxy or
firewall."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import click

from arcprobe.knowledge import allow_lists, catalogue
from arcprobe.model.errors import ConfigError
from arcprobe.settings import load as config

EXAMPLES = """\b
Examples:
  arcprobe endpoints --region westeurope
  arcprobe endpoints --region westeurope --feature azure-rbac --key-vault shop --format csv
  arcprobe endpoints --region westeurope --gateway-url contoso.gw.arc.azure.com
  arcprobe endpoints --region westeurope --removable
  arcprobe endpoints --region westeurope --format squid
"""


@click.command(
    "endpoints", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--cloud",
    metavar="NAME",
    help=f"One of {', '.join(catalogue.CLOUDS)}; the first is the default.",
)
@click.option(
    "--region",
    "--location",
    "region",
    metavar="NAME",
    help="Azure region of the connected cluster; required.",
)
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="NAME",
    help=f"Repeatable: {', '.join(catalogue.FEATURES)}. On by default: {', '.join(catalogue.DEFAULT_FEATURES)}.",
)
@click.option(
    "--no-feature",
    "without",
    multiple=True,
    metavar="NAME",
    help="Switch a feature off; repeatable.",
)
@click.option(
    "--key-vault",
    "key_vaults",
    multiple=True,
    metavar="NAME",
    help="A key vault that the cluster uses; repeatable.",
)
@click.option("--gateway-url", metavar="URL", help="Host or URL of the Arc gateway resource.")
@click.option(
    "--config",
    "file",
    envvar="ARCPROBE_CONFIG",
    metavar="FILE",
    help="YAML file with settings, as for `check`.",
)
@click.option(
    "--removable", is_flag=True, help="What may be closed once the Arc gateway carries it."
)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    metavar="NAME",
    help=f"One of {', '.join(allow_lists.RENDERERS)}.",
)
def command(
    cloud: str | None,
    region: str | None,
    features: tuple[str, ...],
    without: tuple[str, ...],
    key_vaults: tuple[str, ...],
    gateway_url: str | None,
    file: str | None,
    removable: bool,
    form: str,
) -> None:
    """What must be reachable for Azure Arc-enabled Kubernetes. Needs no network."""
    if form not in allow_lists.RENDERERS:
        raise ConfigError(
            "--format",
            f"{form[:40]!a} is unknown",
            f"one of {', '.join(allow_lists.RENDERERS)} would be right",
        )
    if removable and form not in allow_lists.LISTINGS:
        raise ConfigError(
            "--format",
            f"{form} holds rules that allow",
            f"with --removable one of {', '.join(allow_lists.LISTINGS)}",
        )
    flags = {
        "cloud": cloud,
        "region": region,
        "feature": _words(features),
        "no-feature": _words(without),
        "key-vault": _words(key_vaults),
        "gateway-url": gateway_url,
    }
    click.echo(allow_lists.RENDERERS[form](select(flags, os.environ, file, removable=removable)))


def select(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: str | None = None,
    *,
    removable: bool = False,
) -> allow_lists.Selection:
    """The settings, read as `check` reads them, and the endpoints that they come to. Raises
    ``ConfigError``."""
    # Only what this command has flags for: a proxy variable that is wrong is none of its business.
    names = {config.PREFIX + name.upper().replace("-", "_") for name in (*flags, "location")}
    settings = config.load(
        flags, {name: text for name, text in environ.items() if name in names}, file
    ).settings
    gateway = settings.gateway_host or None
    if gateway:
        try:
            catalogue.gateway_host(
                settings.gateway_url
            )  # `check` has a finding for it; a list of rules has no place for one
        except ValueError as error:
            raise ConfigError("--gateway-url", str(error)) from None
    if (gateway or removable) and settings.cloud != catalogue.CLOUDS[0]:
        setting = "--gateway-url" if gateway else "--removable"
        raise ConfigError(
            setting,
            f"the Arc gateway is not offered in {settings.cloud}",
            f"only in {catalogue.CLOUDS[0]}",
        )
    features = {*settings.features, *(("key-vault",) if settings.key_vaults else ())}
    where = (settings.cloud, settings.region, features)
    return allow_lists.Selection(
        cloud=settings.cloud,
        region=settings.region,
        gateway=gateway,
        features=(catalogue.CORE, *(each for each in catalogue.FEATURES if each in features)),
        endpoints=catalogue.removable(*where, settings.key_vaults)
        if removable
        else catalogue.endpoints(*where, gateway, settings.key_vaults),
        unlisted=catalogue.unlisted(settings.cloud, features),
        removable=removable,
    )


def _words(values: Iterable[str]) -> tuple[str, ...]:
    """Values of a repeatable flag; one value may hold several, with commas between, as the
    environment has to."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
