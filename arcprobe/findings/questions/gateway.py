"""Question: is the Arc gateway usable? Judged from its settings, and from what the checks of its
host found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.codes import passes
from arcprobe.model import (
    PUBLIC_CLOUD,
    Check,
    Code,
    Judgement,
    Kind,
    Settings,
    SkipReason,
    Verdict,
    line,
)

# https://learn.microsoft.com/azure/azure-arc/kubernetes/arc-gateway-simplify-networking
GATEWAY_SUFFIX = ".gw.arc.azure.com"


def is_gateway(host: str) -> bool:
    """Whether a host can be an Arc gateway's, by its name."""
    prefix = host.removesuffix(GATEWAY_SUFFIX)
    return prefix != host and bool(prefix) and "." not in prefix


def is_usable_url(settings: Settings) -> bool:
    """Whether ``--gateway-url`` is a gateway's: its host, or https:// and its host, without another
    port and without a path."""
    try:
        return is_gateway(catalogue.gateway_host(settings.gateway_url or settings.gateway_host))
    except ValueError:
        return False


def judge(
    check: Check, settings: Settings, found: Mapping[Check, tuple[Judgement, ...]]
) -> Judgement:
    """``found``: what was judged of the other checks of the gateway's host."""
    return (
        _misconfigured(check, settings)
        or _told_by_others(found)
        or _without_certificate(check, found)
        or Judgement(code=Code.GATEWAY_USABLE, evidence=(line("gateway.answers", host=check.host),))
    )


def _misconfigured(check: Check, settings: Settings) -> Judgement | None:
    if settings.cloud != PUBLIC_CLOUD:
        return Judgement(
            code=Code.GATEWAY_CLOUD_UNSUPPORTED,
            evidence=(line("gateway.cloud", cloud=settings.cloud), line("gateway.public-only")),
            values=(("cloud", settings.cloud),),
        )
    if is_usable_url(settings) and is_gateway(check.host):
        return None
    return Judgement(
        code=Code.GATEWAY_URL_MALFORMED,
        evidence=(
            line("gateway.url-is", url=settings.gateway_url),
            line("gateway.url-form", suffix=GATEWAY_SUFFIX),
        ),
        values=(("url", settings.gateway_url),),
    )


def _told_by_others(found: Mapping[Check, tuple[Judgement, ...]]) -> Judgement | None:
    words = list(chain.from_iterable(found.values()))
    broken = [word.code for word in words if word.verdict is Verdict.SKIP or not passes(word.code)]
    if not broken:
        return None
    return Judgement(
        code=Code.GATEWAY_USABLE,
        verdict=Verdict.SKIP,
        skip=SkipReason.TOLD_BY_OTHERS,
        summary=line("gateway.told-by-others"),
        evidence=tuple(line("gateway.code", code=code.value) for code in dict.fromkeys(broken)),
    )


def _without_certificate(
    check: Check, found: Mapping[Check, tuple[Judgement, ...]]
) -> Judgement | None:
    if any(said and other.kind is Kind.TLS for other, said in found.items()):
        return None
    return Judgement(
        code=Code.GATEWAY_USABLE,
        verdict=Verdict.SKIP,
        skip=SkipReason.NOT_ASKED,
        summary=line("gateway.no-certificate-asked"),
        evidence=(line("gateway.no-certificate-check", host=check.host),),
    )
