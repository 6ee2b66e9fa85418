"""A proxy is set, and https does not use it: the direct way then fails by the settings, not by the
network."""

from __future__ import annotations

import msgspec

from arcprobe.findings.case import Case
from arcprobe.findings.lost import is_lost
from arcprobe.model import Check, Code, Duty, Judgement, Owner, Verdict, line


def retold(check: Check, words: tuple[Judgement, ...], case: Case) -> tuple[Judgement, ...]:
    """The same words; where the direct way fails for want of a proxy, the settings are told as the
    cause."""
    is_direct = check.proxy is None and not check.via_bypass
    if not case.scene.settings.other_proxy or not is_direct or check.duty is not Duty.JUDGED:
        return words
    if not any(map(is_lost, words)) or _is_any_reached(case):
        return words
    return tuple(_retold(word, case) if is_lost(word) else word for word in words)


def _is_any_reached(case: Case) -> bool:
    """Whether the direct way leads to some endpoint: then it is open, and what fails is a gap of
    its own."""
    direct = (
        climb
        for key, climb in case.climbs.items()
        if case.checks[key].proxy is None and not case.checks[key].via_bypass
    )
    return any(climb.answer is not None for climb in direct)


def _retold(word: Judgement, case: Case) -> Judgement:
    setting = case.scene.settings.other_proxy
    proxy = case.scene.settings.proxy_http
    key, url = "unproxied.unread", ""
    if proxy is not None:
        key, url = "unproxied.http-only", proxy.url
    detail = line(key, setting=setting)
    return msgspec.structs.replace(
        word,
        code=Code.PROXY_VARIABLES_DISAGREE,
        verdict=Verdict.FAIL,
        evidence=(detail, *word.evidence),
        values=(*word.values, ("detail", detail)),
        subject=setting,
        product="",
        summary=line("unproxied.summary", detail=detail),
        remedy=line("unproxied.remedy", url=url),
        owner=Owner.YOU,
    )
