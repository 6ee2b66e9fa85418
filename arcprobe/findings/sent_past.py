"""An endpoint that stands in the bypass list by its own name, and to which no direct way leads: the
list sends it where nothing is, not the firewall or DNS."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from arcprobe import no_proxy
from arcprobe.findings.case import Case
from arcprobe.findings.lost import is_lost
from arcprobe.knowledge.bypass_keywords import keyword_for
from arcprobe.model import Check, Code, Duty, Judgement, Owner, Verdict, line

_PRIVATE_ENDPOINT = frozenset({Code.NAME_PRIVATE, Code.PRIVATE_LINK_UNRESOLVED})
"""What is said of a name that is to go direct: its answer, not the list, is wrong then."""


def retold(check: Check, words: tuple[Judgement, ...], case: Case) -> tuple[Judgement, ...]:
    """The same words; where the direct way of a host that the list names is closed, the list is
    told as the cause."""
    if not _is_sent_past(check, case) or not any(map(is_lost, words)):
        return words
    return tuple(_retold(word, check, case) if is_lost(word) else word for word in words)


def _is_sent_past(check: Check, case: Case) -> bool:
    """Whether an endpoint goes direct by its own name in the list. Broader entries are judged with
    the list; what a keyword of az, or --endpoint, asks for is meant."""
    if not check.via_bypass or check.custom or check.duty is not Duty.JUDGED:
        return False
    settings = case.scene.settings
    if keyword_for(check.host, settings.proxy_bypass, settings.cloud):
        return False
    if no_proxy.too_broad(check.via_bypass, ((check.host, check.port),)):
        return False
    said = case.names.get(check.host)
    return said is None or said.code not in _PRIVATE_ENDPOINT


def _retold(word: Judgement, check: Check, case: Case) -> Judgement:
    closed = closed_entries(case) or {check.via_bypass: ((check.host, check.port),)}
    rest = without(case.scene.settings.skip_range or "", closed)
    told = line("sent-past.told", entry=check.via_bypass, target=check.target)
    return msgspec.structs.replace(
        word,
        code=Code.SKIP_RANGE_TOO_BROAD,
        verdict=Verdict.FAIL,
        evidence=(told, *word.evidence),
        values=(
            *word.values,
            ("entry", check.via_bypass),
            ("what", line("sent-past.what")),
            ("host", check.host),
            ("corrected", rest),
        ),
        subject=case.scene.settings.skip_range_setting,
        product="",
        summary=line("sent-past.summary", entry=check.via_bypass, target=check.target),
        remedy=line("sent-past.remedy", entries=tuple(closed), rest=rest),
        owner=Owner.YOU,
    )


def closed_entries(case: Case) -> dict[str, tuple[tuple[str, int], ...]]:
    """The entries that send a host where nothing answers, with host and port."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for key, climb in case.climbs.items():
        check = case.checks[key]
        if climb.answer is None and climb.below is not None and _is_sent_past(check, case):
            pair = (check.host, check.port)
            found[check.via_bypass] = (*found.get(check.via_bypass, ()), pair)
    return found


def without(skip_range: str, entries: Collection[str]) -> str:
    """A list without these entries."""
    given = no_proxy.entries(skip_range)
    return ",".join(entry.text for entry in given if entry.text not in entries)
