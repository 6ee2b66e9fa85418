"""Question: does the proxy open tunnels? Judged from all connections through it."""

from __future__ import annotations

from arcprobe.findings import loopback
from arcprobe.findings.case import Case
from arcprobe.findings.ladder import climb
from arcprobe.findings.questions.session import told_for_supporting
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.codes import row
from arcprobe.model import Check, Code, Judgement, Kind, Proxy, SkipReason, Verdict, line
from arcprobe.model.told import about


def judge(check: Check, case: Case) -> tuple[Judgement, ...]:
    """What the proxy is, after a word about settings that disagree."""
    proxy = check.proxy
    if proxy is None:
        return ()
    if check.unused:
        return (_judge_unused(check, proxy, case),)
    return (*_disagreeing(case), _judge_used(check, proxy, case))


def _disagreeing(case: Case) -> tuple[Judgement, ...]:
    notes = case.scene.settings.proxy_notes
    if not notes:
        return ()
    return (
        Judgement(
            code=Code.PROXY_VARIABLES_DISAGREE,
            evidence=tuple(line("proxy.note", note=note) for note in notes),
            values=(("detail", notes[0]),),
        ),
    )


def _judge_unused(check: Check, proxy: Proxy, case: Case) -> Judgement:
    """A proxy that no other check uses: it was dialled for its own sake."""
    broken = climb(case.reading(check), case.scene).below
    return broken or Judgement(
        code=Code.PROXY_OPENS_TUNNEL,
        evidence=(line("proxy.named-by", setting=proxy.setting),),
        summary=line("proxy.unused", proxy=proxy.url),
    )


def _judge_used(check: Check, proxy: Proxy, case: Case) -> Judgement:
    through = case.through(proxy.url)
    if (fault := case.proxy_faults.get(proxy.url)) is not None:
        return _broken(check, proxy, fault, case)
    opened = [each for each in through if case.reading(each).speaks.is_tunnel_open]
    if opened:
        return _open(proxy, len(opened), len(through))
    if told := _told_in_its_place(proxy, through, case):
        return told
    if through:
        return skip(check, SkipReason.TOLD_BY_OTHERS, line("skip.no-tunnel"))
    return skip(check, SkipReason.NOT_ASKED, line("skip.nothing-asked"))


def _broken(check: Check, proxy: Proxy, fault: Judgement, case: Case) -> Judgement:
    name = case.names.get(proxy.host)
    if name is not None and row(name.code).verdict is Verdict.FAIL:
        return skip(check, SkipReason.NAME_BROKEN, line("skip.proxy-name"))
    return fault


def _open(proxy: Proxy, opened: int, asked: int) -> Judgement:
    counted = line("proxy.opened", count=opened, all=asked)
    named = (line("proxy.named-by", setting=proxy.setting),) if proxy.setting else ()
    return Judgement(
        code=Code.PROXY_OPENS_TUNNEL,
        evidence=(counted, *named, *loopback.words_on(proxy)),
        summary=line("proxy.opens", proxy=proxy.url),
    )


def _told_in_its_place(proxy: Proxy, through: list[Check], case: Case) -> Judgement | None:
    """Where all that goes through the proxy is filtered out, its own check tells how that ended."""
    others = (
        check
        for check in case.checks.values()
        if check.kind not in (Kind.DNS, Kind.PROXY)
        and check.proxy is not None
        and check.proxy.url == proxy.url
    )
    if not all(check.supporting for check in others):
        return None
    told = ((check, told_for_supporting(check, case)) for check in through)
    return next((about(check, word) for check, word in told if word is not None), None)
