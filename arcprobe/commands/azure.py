"""What the commands that ask Azure share: the way there, the token, what is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click
import msgspec

from arcprobe.commands.settings_flags import by_setting
from arcprobe.lifecycle import gateway as resource, points
from arcprobe.model import Config, Credentials
from arcprobe.model.azure import Answer, ResourceId, resource_id
from arcprobe.model.errors import ConfigError

if TYPE_CHECKING:
    from arcprobe.probes.http_client import Way

GATEWAY_TYPE = "Microsoft.HybridCompute/gateways"
CLUSTER_TYPE = "Microsoft.Kubernetes/connectedClusters"

# azure-mgmt-hybridcompute 10.0.0, azure-mgmt-hybridkubernetes 2.0.0
GATEWAY_VERSION = "2026-07-15"
CLUSTER_VERSION = "2026-05-01"
_PERMISSIONS_VERSION = "2022-04-01"
_PROVIDERS_VERSION = "2021-04-01"

_ANY_REGION = {"AzureUSGovernment": "usgovvirginia", "AzureChinaCloud": "chinaeast2"}


def arm_endpoint(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--arm-endpoint``."""
    return click.option(
        "--arm-endpoint",
        default="",
        metavar="URL",
        envvar="ARCPROBE_ARM_ENDPOINT",
        help="Azure Resource Manager, where it is not the cloud's own.",
    )(command)


def read_config(flags: Mapping[str, Any], file: str | None) -> Config:
    """The settings, files read; a region need not be given. Raises ``ConfigError``."""
    from arcprobe.pipeline import prepare
    from arcprobe.settings.gather import gather
    from arcprobe.settings.load import load

    named = by_setting(flags)
    given = gather(named, os.environ, file)
    if not given.text("region"):
        named["region"] = _ANY_REGION.get(given.text("cloud"), "eastus")
    return prepare(load(named, os.environ, file))


def read_id(setting: str, text: str, of_type: str) -> ResourceId:
    """An ID of a resource. Raises ``ConfigError``."""
    try:
        return resource_id(text, of_type)
    except ValueError as error:
        raise ConfigError(setting, str(error)) from None


def opened(config: Config, endpoint: str) -> Any:
    """Azure Resource Manager, ready to be asked: a context manager."""
    from urllib.parse import urlsplit

    from arcprobe.probes.azure.arm import ENDPOINTS, Arm, token_of

    url = (endpoint or ENDPOINTS[config.settings.cloud]).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise ConfigError("--arm-endpoint", "is no https URL", "https://management.azure.com")
    way = way_to(config, url)
    return Arm(way, token_of(os.environ, way))


def way_to(config: Config, url: str) -> Way:
    """By which proxy and trust an https URL is asked: those of the settings."""
    from urllib.parse import urlsplit

    from arcprobe.plan.routes import route
    from arcprobe.probes.http_client import Way

    parts = urlsplit(url)
    proxy, _entry = route(config.settings, "https", parts.hostname or "", parts.port or 443)
    pair = config.credentials.get(proxy) if proxy is not None else None
    return Way(
        endpoint=url,
        proxy=proxy,
        credentials=None if pair is None else Credentials(*pair),
        proxy_cert=config.proxy_cert,
        roots=config.public_roots,
        timeout=config.settings.timeout,
    )


def ask_gateway(config: Config, endpoint: str, wanted: ResourceId) -> resource.Told:
    """All that is to be known of a gateway."""
    subscription = f"/subscriptions/{wanted.subscription}"
    with opened(config, endpoint) as arm:
        return resource.Told(
            cloud=config.settings.cloud,
            name=wanted.name,
            gateway=arm.get(wanted.path, GATEWAY_VERSION),
            others=arm.get(f"{subscription}/providers/{GATEWAY_TYPE}", GATEWAY_VERSION),
            permissions=arm.get(
                f"{wanted.scope}/providers/Microsoft.Authorization/permissions",
                _PERMISSIONS_VERSION,
            ),
            providers={
                name: arm.get(f"{subscription}/providers/{name}", _PROVIDERS_VERSION)
                for name in resource.PROVIDERS
            },
            gateway_host=config.settings.gateway_host,
        )


def gateway_alone(config: Config, endpoint: str, wanted: ResourceId) -> Answer:
    """The gateway itself."""
    with opened(config, endpoint) as arm:
        found: Answer = arm.get(wanted.path, GATEWAY_VERSION)
        return found


def with_gateway(config: Config, environ: Mapping[str, str]) -> Config:
    """The settings with the URL of the gateway that --gateway-resource-id names. Raises
    ``ConfigError`` where Azure does not tell it, or tells another than --gateway-url."""
    from arcprobe.pipeline import prepare

    setting = "--gateway-resource-id"
    wanted = read_id(setting, config.gateway_id, GATEWAY_TYPE)
    asking = prepare(msgspec.structs.replace(config, services_file="", baseline_file=""))
    found = gateway_alone(asking, environ.get("ARCPROBE_ARM_ENDPOINT", ""), wanted)
    if found.trouble is not None:
        point = points.troubled(found, wanted.name)
        raise ConfigError(setting, point.summary, point.remedy)
    host = resource.endpoint_of(found)
    if not host:
        raise ConfigError(setting, f"{wanted.name} is not ready: it has no endpoint yet")
    given = config.settings.gateway_host
    if given and given != host:
        raise ConfigError(setting, f"its endpoint is {host}", f"--gateway-url names {given}")
    bypass = dict.fromkeys((*config.settings.gateway_bypass, *resource.bypass_of(found)))
    settings = msgspec.structs.replace(
        config.settings,
        gateway_host=host,
        gateway_url=f"https://{host}",
        gateway_bypass=tuple(bypass),
    )
    return msgspec.structs.replace(config, settings=settings)


__all__ = [
    "arm_endpoint",
    "ask_gateway",
    "opened",
    "read_config",
    "read_id",
    "way_to",
    "with_gateway",
]
