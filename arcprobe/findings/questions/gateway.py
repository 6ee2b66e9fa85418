"""Judges the Arc gateway: its settings, and what the checks of its host found."""

from __future__ import annotations

from collections.abc import Mapping

from arcprobe.findings._judgement import Judgement
from arcprobe.knowledge import catalogue, codes
from arcprobe.model import Check, Code, Kind, Settings, Verdict

# <prefix>.gw.arc.azure.com, learn.microsoft.com, arc-gateway-simplify-networking, 2026-02-26
GATEWAY_SUFFIX = ".gw.arc.azure.com"
_CLOUD = "AzureCloud"


def is_gateway(host: str) -> bool:
    """Whether a host can be an Arc gateway's, by its name."""
    prefix = host.removesuffix(GATEWAY_SUFFIX)
    return prefix != host and bool(prefix) and "." not in prefix


def usable_url(settings: Settings) -> bool:
    """Whether ``--gateway-url`` is a gateway's: its host, or https:// and its host, without another
    port and without a path."""
    try:
        return is_gateway(catalogue.gateway_host(settings.gateway_url or settings.gateway_host))
    except ValueError:
        return False


def judge(
    check: Check, settings: Settings, found: Mapping[str, tuple[Judgement, ...]]
) -> Judgement:
    """``found``: what was judged of the other checks of the gateway's host, by their ids, which
    begin with the kind."""
    if settings.cloud != _CLOUD:
        return Judgement(
            code=Code.GATEWAY_CLOUD_UNSUPPORTED,
            evidence=(
                f"--gateway-url is set and --cloud is {settings.cloud}",
                "the gateway exists in the public cloud only",
            ),
            fields=(("cloud", settings.cloud),),
        )
    if not (usable_url(settings) and is_gateway(check.host)):
        return Judgement(
            code=Code.GATEWAY_URL_MALFORMED,
            evidence=(
                f"--gateway-url is {settings.gateway_url}",
                f"a gateway's URL is https://<prefix>{GATEWAY_SUFFIX}",
            ),
            fields=(("url", settings.gateway_url),),
        )
    broken = [
        judgement.code
        for judgements in found.values()
        for judgement in judgements
        if judgement.verdict is Verdict.SKIP or not codes.row(judgement.code).passes
    ]
    if broken:
        return Judgement(
            code=Code.GATEWAY_USABLE,
            verdict=Verdict.SKIP,
            summary="The checks of the gateway's host say what is wrong",
            evidence=tuple(dict.fromkeys(broken)),
        )
    if not any(
        judgements and check_id.split(" ")[0] == Kind.TLS.value
        for check_id, judgements in found.items()
    ):
        return Judgement(
            code=Code.GATEWAY_USABLE,
            verdict=Verdict.SKIP,
            summary="Its certificate was not asked for",
            evidence=(f"no check looked at the certificate of {check.host}",),
        )
    return Judgement(
        code=Code.GATEWAY_USABLE, evidence=(f"{check.host} answers, with a genuine certificate",)
    )
