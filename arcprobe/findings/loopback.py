"""A proxy on loopback: whoever is a pod and is given it asks itself."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from arcprobe.findings.case import Case
from arcprobe.knowledge.ranges import leads_nowhere
from arcprobe.model import Check, Code, Judgement, Line, Owner, Proxy, line

_POD = "pod"
_LOST = frozenset({Code.PROXY_REFUSED, Code.PROXY_UNREACHABLE, Code.PROXY_SILENT})


def retold(check: Check, words: tuple[Judgement, ...], case: Case) -> tuple[Judgement, ...]:
    """The same words; in a pod, of a proxy on loopback that is not there, whose address that is."""
    if check.proxy is None or case.scene.vantage != _POD or not _is_loopback(check.proxy):
        return words
    return tuple(_retold(word, check.proxy) if word.code in _LOST else word for word in words)


def words_on(proxy: Proxy) -> Iterator[Line]:
    """What is to be known of a proxy that works from here."""
    if _is_loopback(proxy):
        yield line("loopback.here", proxy=proxy.url)


def _is_loopback(proxy: Proxy) -> bool:
    name = proxy.host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost") or leads_nowhere(proxy.host)


def _retold(word: Judgement, proxy: Proxy) -> Judgement:
    return msgspec.structs.replace(
        word,
        evidence=(*word.evidence, line("loopback.told", proxy=proxy.url)),
        remedy=line("loopback.remedy", proxy=proxy.url),
        product="",
        owner=Owner.YOU,
    )
