"""A judgement in words: the finding, with what the code table and the product add to it."""

from __future__ import annotations

import msgspec

from arcprobe.knowledge.codes import row
from arcprobe.knowledge.language import Language
from arcprobe.knowledge.products import Asked, label, paste
from arcprobe.model import Check, Finding, Judgement, Line, Owner, Skip, Verdict, line

_MOST_EVIDENCE = 14  # lines of one finding; what is left out is in the observation


def word(check: Check, judgement: Judgement, language: Language) -> Finding:
    """The finding that a judgement comes to."""
    code = row(judgement.code)
    verdict = _verdict(check, judgement)
    values = _values(check, judgement, language)
    finding = Finding(
        check=check.id,
        kind=check.kind,
        layer=code.layer,
        target=check.target,
        route=check.route,
        verdict=verdict,
        code=code.name,
        summary=_summary(judgement, values, language),
        evidence=tuple(language.say(each) for each in judgement.evidence[:_MOST_EVIDENCE]),
        subject=judgement.subject,
        skip=Skip(reason=judgement.skip) if judgement.skip is not None else None,
        entries=judgement.entries,
    )
    if not verdict.needs_action:
        return finding
    own = language.say(judgement.remedy) if judgement.remedy is not None else ""
    advice = own or language.code(code.name, "remedy", values)
    lines = _product_lines(check, judgement, language)
    return msgspec.structs.replace(
        finding,
        remedy=lines or advice,
        advice=advice if lines else "",
        has_own_remedy=bool(own),
        owner=judgement.owner or code.owner,
        product=judgement.product,
        fields=tuple(sorted(values.items())),
    )


def _verdict(check: Check, judgement: Judgement) -> Verdict:
    verdict = judgement.verdict or row(judgement.code).verdict
    if verdict is Verdict.FAIL and not check.required:
        return Verdict.WARN
    return verdict


def _summary(judgement: Judgement, values: dict[str, str], language: Language) -> str:
    if judgement.summary is None:
        return language.code(judgement.code, "summary", values)
    text = language.say(judgement.summary)
    return text[:1].upper() + text[1:] if judgement.skip is not None else text


def _product_lines(check: Check, judgement: Judgement, language: Language) -> str:
    """What to change in the product that is known; it has no line for what the user must do."""
    if (judgement.owner or row(judgement.code).owner) is Owner.YOU:
        return ""
    asked = Asked(targets=((check.host, check.port),))
    pasted = paste(judgement.product, judgement.code, asked)
    if pasted is None:
        return ""
    return "\n".join((label(judgement.product, language.place(pasted.where)), *pasted.lines))


def _values(check: Check, judgement: Judgement, language: Language) -> dict[str, str]:
    """What fills the words of the code table: what every check has, and what the judge knows."""
    values = {
        "host": check.host,
        "port": str(check.port),
        "target": check.target,
        "proxy": check.proxy.url if check.proxy is not None else "",
        "route": language.say(_route(check)),
        "pattern": check.pattern,
        "hosts": check.pattern or check.host,
        "targets": check.target,
    }
    known = {name: language.words(value) for name, value in judgement.values}
    return values | {name: text for name, text in known.items() if text}


def _route(check: Check) -> Line:
    if check.proxy is None:
        return line("proxy.no-route")
    return line("proxy.route", proxy=check.proxy.url)
