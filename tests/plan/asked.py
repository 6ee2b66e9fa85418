"""Plans as the tests ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arcprobe.model import Check, Config, Kind, Verdict
from arcprobe.plan import make_plan
from arcprobe.settings.load import load

PROXY = {"proxy-https": "http://proxy.corp:3128"}


GATEWAY = {"gateway-url": "https://contoso.gw.arc.azure.com"}


RELAY = ".servicebus.windows.net"


CARRIERS = (Kind.HTTPS, Kind.WEBSOCKET)


REGIONS = {
    "AzureCloud": "eastus",
    "AzureUSGovernment": "usgovvirginia",
    "AzureChinaCloud": "chinaeast2",
}


def config_of(flags: Mapping[str, Any] | None = None, **more: Any) -> Config:
    """The settings of these flags, in eastus or a region of the cloud."""
    given_flags = {
        **(flags or {}),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return load({"region": REGIONS[given_flags.get("cloud", "AzureCloud")], **given_flags}, {})


def plan_of(flags: Mapping[str, Any] | None = None, **more: Any) -> tuple[Check, ...]:
    """The plan of these flags."""
    return make_plan(config_of(flags, **more))


def kinds(checks: tuple[Check, ...]) -> set[Kind]:
    """The kinds that occur."""
    return {check.kind for check in checks}


def one(checks: tuple[Check, ...], **fields: Any) -> Check:
    """The only check with these fields."""
    (found,) = [
        check
        for check in checks
        if all(getattr(check, name) == value for name, value in fields.items())
    ]
    return found


def discovery_of(key: str) -> Check:
    """The discovery of that key, behind the proxy."""
    return one(plan_of(PROXY), kind=Kind.DISCOVERY, discovery=key)


BAD = {Verdict.WARN, Verdict.FAIL, Verdict.ERROR}
