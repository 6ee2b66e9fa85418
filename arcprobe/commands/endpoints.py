"""``arcprobe endpoints``: what must be reachable, as a table, as data, or as rules for a proxy or firewall."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from arcprobe import allow_lists, catalogue

EXAMPLES = """\b
Examples:
  arcprobe endpoints --region westeurope
  arcprobe endpoints --region westeurope --feature azure-rbac --key-vault shop --format csv
  arcprobe endpoints --region westeurope --gateway-url contoso.gw.arc.azure.com
  arcprobe endpoints --region westeurope --removable
  arcprobe endpoints --region westeurope --format squid
"""


@click.command("endpoints", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--cloud",
    default=catalogue.CLOUDS[0],
    envvar="ARCPROBE_CLOUD",
    show_default=True,
    metavar="NAME",
    help=f"One of {', '.join(catalogue.CLOUDS)}.",
)
@click.option(
    "--region",
    "--location",
    "region",
    default="",
    envvar=["ARCPROBE_REGION", "ARCPROBE_LOCATION"],
    metavar="NAME",
    help="Azure region of the connected cluster; required.",
)
@click.option(
    "--feature",
    "features",
    multiple=True,
    envvar="ARCPROBE_FEATURE",
    metavar="NAME",
    help=f"Repeatable: {', '.join(catalogue.FEATURES)}. On by default: {', '.join(catalogue.DEFAULT_FEATURES)}.",
)
@click.option(
    "--no-feature",
    "without",
    multiple=True,
    envvar="ARCPROBE_NO_FEATURE",
    metavar="NAME",
    help="Switch a feature off; repeatable.",
)
@click.option(
    "--key-vault",
    "key_vaults",
    multiple=True,
    envvar="ARCPROBE_KEY_VAULT",
    metavar="NAME",
    help="A key vault that the cluster uses; repeatable.",
)
@click.option(
    "--gateway-url", default="", envvar="ARCPROBE_GATEWAY_URL", metavar="URL", help="Host or URL of the Arc gateway resource."
)
@click.option("--removable", is_flag=True, help="What may be closed once the Arc gateway carries it.")
@click.option(
    "--format",
    "form",
    default="text",
    envvar="ARCPROBE_FORMAT",
    show_default=True,
    metavar="NAME",
    help=f"One of {', '.join(allow_lists.RENDERERS)}.",
)
def command(
    cloud: str,
    region: str,
    features: tuple[str, ...],
    without: tuple[str, ...],
    key_vaults: tuple[str, ...],
    gateway_url: str,
    removable: bool,
    form: str,
) -> None:
    """What must be reachable for Azure Arc-enabled Kubernetes. Needs no network."""
    selection = select(cloud, region, features, without, key_vaults, gateway_url, removable)
    if form not in allow_lists.RENDERERS:
        raise _wrong("--format", f"{form[:40]!a} is none of {', '.join(allow_lists.RENDERERS)}")
    if removable and form not in allow_lists.LISTINGS:
        raise _wrong(
            "--format",
            f"with --removable one of {', '.join(allow_lists.LISTINGS)}, not {form}: its rules allow, they do not close",
        )
    click.echo(allow_lists.RENDERERS[form](selection))


def select(
    cloud: str,
    region: str,
    features: Iterable[str] = (),
    without: Iterable[str] = (),
    key_vaults: Iterable[str] = (),
    gateway_url: str = "",
    removable: bool = False,
) -> allow_lists.Selection:
    """The settings, checked, and the endpoints they come to. Raises ``click.UsageError`` that names the setting."""
    cloud = _checked("--cloud", catalogue.check_cloud, cloud)
    if not region.strip():
        raise _wrong("--region", "missing; half of the endpoints are regional, for example --region westeurope")
    region = _checked("--region", lambda given: catalogue.check_region(cloud, given), region)
    on = [*catalogue.DEFAULT_FEATURES, *(_checked("--feature", catalogue.check_feature, each) for each in _words(features))]
    off = {_checked("--no-feature", catalogue.check_feature, each) for each in _words(without)}
    vaults = tuple(_checked("--key-vault", catalogue.check_key_vault, each) for each in _words(key_vaults))
    if vaults:
        on.append("key-vault")
    chosen = tuple(each for each in catalogue.FEATURES if each in on and each not in off)
    vaults = vaults if "key-vault" in chosen else ()
    gateway = _checked("--gateway-url", catalogue.gateway_host, gateway_url) if gateway_url.strip() else None
    if (gateway or removable) and cloud != "AzureCloud":
        raise _wrong(
            "--gateway-url" if gateway else "--removable", f"the Arc gateway is offered in AzureCloud only, not in {cloud}"
        )
    if removable:
        rows = catalogue.removable(cloud, region, chosen, vaults)
    else:
        rows = catalogue.endpoints(cloud, region, chosen, gateway, vaults)
    return allow_lists.Selection(
        cloud=cloud,
        region=region,
        gateway=gateway,
        features=(catalogue.CORE, *chosen),
        endpoints=rows,
        unlisted=catalogue.unlisted(cloud, chosen),
        removable=removable,
    )


def _words(values: Iterable[str]) -> list[str]:
    """Values of a repeatable flag; one value may hold several, with commas or blanks between, as the environment has to."""
    return [word for value in values for word in value.replace(",", " ").split()]


def _checked(setting: str, check: Callable[[str], str], given: str) -> str:
    try:
        return check(given)
    except ValueError as error:
        raise _wrong(setting, str(error)) from None


def _wrong(setting: str, words: str) -> click.UsageError:
    return click.UsageError(f"{setting}: {words}")
