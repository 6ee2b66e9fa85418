"""``arcprobe endpoints``: what must be reachable, as a table, as data, or as rules for a proxy or
firewall."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import click

from arcprobe.commands.settings_flags import by_setting, settings_flags
from arcprobe.commands.speaking import spoken
from arcprobe.knowledge import catalogue
from arcprobe.knowledge.language import Language
from arcprobe.knowledge.products import allow_list, allow_lists
from arcprobe.knowledge.selection import Selection
from arcprobe.lifecycle.verification import LONG_ENOUGH
from arcprobe.model import PUBLIC_CLOUD, Settings
from arcprobe.model.errors import ConfigError
from arcprobe.report.exports import EXPORTS
from arcprobe.report.of_endpoints import LISTINGS
from arcprobe.settings.load import load
from arcprobe.settings.table import ROWS, variable

FORMATS = (*LISTINGS, *EXPORTS, *allow_lists())

EXAMPLES = """\b
Examples:
  arcprobe endpoints --region westeurope
  arcprobe endpoints --region westeurope --feature azure-rbac --key-vault shop --format csv
  arcprobe endpoints --region westeurope --gateway-url contoso.gw.arc.azure.com
  arcprobe endpoints --region westeurope --removable --since 2026-11-26T20:00:00Z
  arcprobe endpoints --region westeurope --format squid
"""


@click.command(
    "endpoints", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@settings_flags("endpoints")
@click.option(
    "--removable", is_flag=True, help="What may be closed once the Arc gateway carries it."
)
@click.option(
    "--since",
    default="",
    metavar="TIME",
    help="When the cluster was switched to the gateway; within an hour of it nothing is listed.",
)
@click.option(
    "--format",
    "-o",
    "--output",
    "form",
    default="text",
    show_default=True,
    metavar="NAME",
    help=f"One of {', '.join(FORMATS)}.",
)
def command(file: str | None, removable: bool, since: str, form: str, **flags: Any) -> None:
    """What must be reachable for Azure Arc-enabled Kubernetes. Needs no network."""
    _check_format(form, removable)
    if since:
        _check_since(since, removable, datetime.now(UTC))
    named = {
        name: _words(value) if isinstance(value, tuple) else value
        for name, value in by_setting(flags).items()
    }
    selection, lang = selected(named, os.environ, file, removable=removable)
    click.echo(_rendered(form, selection, spoken(lang, os.environ)))


def _rendered(form: str, selection: Selection, words: Language) -> str:
    if form in LISTINGS:
        return LISTINGS[form](selection, words)
    return EXPORTS[form](selection) if form in EXPORTS else allow_list(form, selection)


def _check_format(form: str, removable: bool) -> None:
    if form not in FORMATS:
        raise ConfigError(
            "--format", f"{form[:40]!a} is unknown", f"one of {', '.join(FORMATS)} would be right"
        )
    if removable and form not in LISTINGS:
        raise ConfigError(
            "--format",
            f"{form} holds rules that allow",
            f"with --removable one of {', '.join(LISTINGS)}",
        )


def _check_since(since: str, removable: bool, now: datetime) -> None:
    """An hour must have gone by before anything may be closed. Raises ``ConfigError``."""
    if not removable:
        raise ConfigError("--since", "is given without --removable", "leave it out")
    try:
        switched = datetime.fromisoformat(since.strip())
    except ValueError:
        advice = "2026-11-26T20:00:00Z would be right"
        raise ConfigError("--since", f"{since[:40]!a} is no time", advice) from None
    if switched.tzinfo is None:
        switched = switched.astimezone()
    ends = switched + LONG_ENOUGH
    if now < ends:
        when = ends.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
        problem = "less than an hour since the switch to the gateway: nothing may be closed yet"
        raise ConfigError("--since", problem, f"from {when} on")


def select(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: str | None = None,
    *,
    removable: bool = False,
) -> Selection:
    """The settings, read as `check` reads them, and the endpoints that they come to. Raises
    ``ConfigError``."""
    return selected(flags, environ, file, removable=removable)[0]


def selected(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: str | None = None,
    *,
    removable: bool = False,
) -> tuple[Selection, str]:
    """The same, and the language that was asked for (empty: none)."""
    # Only what this command has flags for: a proxy variable that is wrong is none of its business.
    names = [variable(name) for name, row in ROWS.items() if "endpoints" in row.commands]
    known = {name: text for name, text in environ.items() if name in names}
    config = load(flags, known, file)
    settings = config.settings
    check_gateway(settings, removable)
    gateway = settings.gateway_host or None
    features = set(settings.features)
    if settings.key_vaults:
        features.add("key-vault")
    where = (settings.cloud, settings.region, features)
    if removable:
        chosen = catalogue.removable(*where, settings.key_vaults, settings.proxy_bypass)
    else:
        sent_past = (settings.key_vaults, settings.proxy_bypass)
        chosen = catalogue.endpoints(*where, gateway, *sent_past)
    selection = Selection(
        cloud=settings.cloud,
        region=settings.region,
        gateway=gateway,
        features=(catalogue.CORE, *(name for name in catalogue.FEATURES if name in features)),
        endpoints=chosen,
        unlisted=catalogue.unlisted(settings.cloud, features),
        is_region_known=catalogue.is_known_region(settings.cloud, settings.region),
        removable=removable,
        clients=settings.clients,
    )
    return selection, config.lang


def check_gateway(settings: Settings, is_asked: bool, asking: str = "--removable") -> None:
    """`check` has a finding for what is wrong with a gateway; a list of rules has no place for
    one. ``asking``: the flag that asks for a gateway beside --gateway-url, where ``is_asked``.
    Raises ``ConfigError``."""
    if settings.gateway_host:
        try:
            catalogue.gateway_host(settings.gateway_url)
        except ValueError as error:
            raise ConfigError("--gateway-url", str(error)) from None
    wanting = {"--gateway-url": bool(settings.gateway_host), asking: is_asked}
    setting = next((name for name, is_given in wanting.items() if is_given), "")
    if setting and settings.cloud != PUBLIC_CLOUD:
        raise ConfigError(
            setting,
            f"the Arc gateway is not offered in {settings.cloud}",
            f"only in {PUBLIC_CLOUD}",
        )


def _words(values: Iterable[str]) -> tuple[str, ...]:
    """Values of a repeatable flag; one value may hold several, with commas between, as the
    environment has to."""
    words = chain.from_iterable(value.split(",") for value in values)
    return tuple(word.strip() for word in words if word.strip())
