"""``arcprobe endpoints``: what must be reachable, as a table, as data, or as rules for a proxy or
firewall."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import click
import msgspec

from arcprobe.commands import comparing, updating
from arcprobe.commands.settings_flags import by_setting, settings_flags
from arcprobe.commands.speaking import spoken
from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.language import Language
from arcprobe.knowledge.products import allow_list, allow_lists, closing_forms, closing_list
from arcprobe.knowledge.products.wildcards import WILDCARDS
from arcprobe.knowledge.selection import Selection
from arcprobe.lifecycle.verification import LONG_ENOUGH
from arcprobe.model import PUBLIC_CLOUD, Config, Settings, line
from arcprobe.model.errors import ConfigError
from arcprobe.report.exports import CLOSINGS, EXPORTS
from arcprobe.report.layout import STALE
from arcprobe.report.of_endpoints import LISTINGS
from arcprobe.settings.gather import gather
from arcprobe.settings.load import load
from arcprobe.settings.table import ROWS, variable

FORMATS = (*LISTINGS, *EXPORTS, *allow_lists())

EXAMPLES = """\b
Examples:
  arcprobe endpoints --region westeurope
  arcprobe endpoints --region westeurope --feature azure-rbac --key-vault shop --format csv
  arcprobe endpoints --region westeurope --gateway-url contoso.gw.arc.azure.com
  arcprobe endpoints --region westeurope --removable --since 2026-11-26T20:00:00Z --format squid
  arcprobe endpoints --region westeurope --format squid
  arcprobe endpoints --region westeurope --compare /etc/squid/squid.conf
  arcprobe endpoints --update-from endpoints-AzureCloud.toml --data /etc/arcprobe/data.toml --yes
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
    "--discover",
    is_flag=True,
    help="Ask the services, by the proxy of the settings, for today's hosts behind the patterns: "
    "they stand in the place of the patterns.",
)
@click.option(
    "--compare",
    default="",
    metavar="FILE",
    help="A list that is there, of people or a product; - is stdin: what is missing, ineffective, "
    "too broad, superfluous.",
)
@click.option(
    "--compare-as",
    default="",
    metavar="NAME",
    help=f"By whose rules it is read: {', '.join(WILDCARDS)}; absent: as it looks.",
)
@click.option(
    "--update-from",
    default="",
    metavar="FILE|URL",
    help="Newer endpoints, of the form of arcprobe/knowledge/endpoints-CLOUD.toml; https by the "
    "proxy of the settings: what they change.",
)
@click.option("--yes", is_flag=True, help="Keep them in the file of --data.")
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
def command(
    file: str | None,
    removable: bool,
    since: str,
    discover: bool,
    compare: str,
    compare_as: str,
    update_from: str,
    yes: bool,
    form: str,
    **flags: Any,
) -> None:
    """What must be reachable for Azure Arc-enabled Kubernetes. Needs no network, but for
    --discover, for an URL, and to ask Azure for a gateway that is named by its resource ID.

    \b
    Exit codes: 0, 1 with --compare: something needed is missing, with --update-from: it differs
    and was not kept, 2 wrong settings.
    """
    _check_format(form, removable)
    comparing.check_flags(compare, compare_as, form)
    updating.check_flags(update_from, yes, form)
    if since:
        _check_since(since, removable, datetime.now(UTC))
    named = {
        name: _words(value) if isinstance(value, tuple) else value
        for name, value in by_setting(flags).items()
    }
    if update_from:
        words = spoken(gather(named, os.environ, file).text("lang"), os.environ)
        sys.exit(updating.updated(update_from, form, words, named, file, is_wanted=yes))
    config = read_config(named, os.environ, file, removable=removable)
    settings, words = config.settings, spoken(config.lang, os.environ)
    chosen = closable(settings) if removable else needed(settings)
    if discover:
        chosen = _with_todays_hosts(chosen, named, file, removable)
    if compare:
        sys.exit(comparing.compared(compare, compare_as, form, chosen, words))
    _tell_age(settings.cloud, words)
    if form in LISTINGS:
        click.echo(LISTINGS[form](chosen, words))
    else:
        click.echo(_closing(form, settings, chosen) if removable else _opening(form, chosen))


def _tell_age(cloud: str, words: Language) -> None:
    """Says on stderr that the endpoints are old, where they are."""
    day = catalogue.data_of(cloud)
    age = datetime.now(UTC).date() - day
    if age > STALE:
        told = line("endpoints.note.stale", date=day.isoformat(), count=age.days)
        click.echo(words.say(told), err=True)


def _with_todays_hosts(
    selection: Selection, flags: Mapping[str, Any], file: str | None, removable: bool
) -> Selection:
    """The selection with the hosts that the services name in the place of patterns."""
    if removable:
        problem = "what may be closed may be closed for every host of a pattern"
        raise ConfigError("--discover", problem, "leave it out")
    from arcprobe.commands import azure, discovering

    found = discovering.discovered(azure.read_config(flags, file))
    return discovering.with_hosts(selection, found)


def _opening(form: str, selection: Selection) -> str:
    return EXPORTS[form](selection) if form in EXPORTS else allow_list(form, selection)


def _closing(form: str, settings: Settings, closed: Selection) -> str:
    without = msgspec.structs.replace(settings, gateway_host="", gateway_url="")
    if form in CLOSINGS:
        return CLOSINGS[form](needed(without), closed)
    return closing_list(form, needed(without), closed)


def _check_format(form: str, removable: bool) -> None:
    if form not in FORMATS:
        raise ConfigError(
            "--format", f"{form[:40]!a} is unknown", f"use one of {', '.join(FORMATS)}"
        )
    forms = (*LISTINGS, *CLOSINGS, *closing_forms())
    if removable and form not in forms:
        raise ConfigError(
            "--format",
            f"{form} allows addresses, which needed hosts share, or is for browsers",
            f"with --removable one of {', '.join(forms)}",
        )


def _check_since(since: str, removable: bool, now: datetime) -> None:
    """An hour must have gone by before anything may be closed. Raises ``ConfigError``."""
    if not removable:
        raise ConfigError("--since", "is given without --removable", "leave it out")
    try:
        switched = datetime.fromisoformat(since.strip())
    except ValueError:
        advice = "use a time like 2026-11-26T20:00:00Z"
        raise ConfigError("--since", f"{since[:40]!a} is no time", advice) from None
    if switched.tzinfo is None:
        switched = switched.astimezone()
    ends = switched + LONG_ENOUGH
    if now < ends:
        when = ends.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
        problem = "less than an hour since the switch to the gateway: nothing may be closed yet"
        raise ConfigError("--since", problem, f"from {when} on")


def read_config(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: str | None = None,
    *,
    removable: bool = False,
) -> Config:
    """The settings that choose endpoints, read as `check` reads them; Azure is asked for a gateway
    that is named by its resource ID. Raises ``ConfigError``."""
    # Only what this command has flags for: a proxy variable that is wrong is none of its business.
    names = [variable(name) for name, row in ROWS.items() if "endpoints" in row.commands]
    known = {name: text for name, text in environ.items() if name in names}
    config = load(flags, known, file)
    if config.gateway_id:
        from arcprobe.commands import azure

        config = azure.with_gateway(azure.read_config(flags, file), environ)
    check_gateway(config.settings, removable)
    return config


def needed(settings: Settings) -> Selection:
    """The endpoints that must be open."""
    sent_past = (settings.key_vaults, settings.proxy_bypass, settings.gateway_bypass)
    chosen = catalogue.endpoints(*_where(settings), settings.gateway_host or None, *sent_past)
    return _selection(settings, chosen)


def closable(settings: Settings) -> Selection:
    """The endpoints that may be closed once the gateway carries them."""
    sent_past = (settings.key_vaults, settings.proxy_bypass, settings.gateway_bypass)
    chosen = catalogue.removable(*_where(settings), *sent_past)
    return msgspec.structs.replace(_selection(settings, chosen), removable=True)


def _where(settings: Settings) -> tuple[str, str, set[str]]:
    features = set(settings.features)
    if settings.key_vaults:
        features.add("key-vault")
    return settings.cloud, settings.region, features


def _selection(settings: Settings, chosen: tuple[Endpoint, ...]) -> Selection:
    cloud, region, features = _where(settings)
    return Selection(
        cloud=cloud,
        region=region,
        gateway=settings.gateway_host or None,
        features=(catalogue.CORE, *(name for name in catalogue.FEATURES if name in features)),
        endpoints=chosen,
        unlisted=catalogue.unlisted(cloud, features),
        is_region_known=catalogue.is_known_region(cloud, region),
        clients=settings.clients,
    )


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
