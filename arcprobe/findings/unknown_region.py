"""A region that the data does not know may be new, or a slip: then DNS does not know its hosts."""

from __future__ import annotations

import msgspec

from arcprobe.findings.case import Case
from arcprobe.knowledge.catalogue import is_known_region
from arcprobe.model import Check, Code, Judgement, Owner, line

_UNKNOWN = frozenset({Code.NAME_UNKNOWN, Code.NAME_EMPTY, Code.PROXY_CANNOT_RESOLVE})


def retold(check: Check, words: tuple[Judgement, ...], case: Case) -> tuple[Judgement, ...]:
    """The same words; of a regional host that is unknown, the region is told as the cause."""
    cloud, region = case.scene.settings.cloud, case.scene.settings.region
    if not region or region not in check.host or is_known_region(cloud, region):
        return words
    return tuple(_retold(word, check.host, region) for word in words)


def _retold(word: Judgement, host: str, region: str) -> Judgement:
    if word.code not in _UNKNOWN:
        return word
    return msgspec.structs.replace(
        word,
        subject=region,
        product="",
        summary=line("catalogue.unknown-region", host=host, region=region),
        remedy=line("catalogue.unknown-region-remedy", host=host),
        owner=Owner.YOU,
    )
