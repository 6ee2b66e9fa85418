"""The picture of many places as text of at most one screen, and as a report that every renderer
takes."""

from __future__ import annotations

import textwrap
from collections import Counter

import msgspec

from arcprobe.fleet.merge import Group, Merged
from arcprobe.model import Check, Code, Finding, Kind, Layer, Report, Route, Run, Settings, Verdict

WIDTH, HEIGHT = 80, 24
_MOST_GROUPS = 5


def render_text(merged: Merged, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Verdict, causes (what, who must act, the remedy), then groups of places; never more than
    ``height`` lines."""
    lines = [*textwrap.wrap(_title(merged), width, max_lines=2, placeholder=" …"), ""]
    groups = [_group(group, width) for group in merged.groups[:_MOST_GROUPS]]
    if len(merged.groups) > _MOST_GROUPS:
        groups[-1] = (
            f"… and {len(merged.groups) - _MOST_GROUPS + 1} more groups: --format json names them"[
                :width
            ]
        )
    room = height - len(lines) - len(groups) - 2
    for number, cause in enumerate(merged.causes, 1):
        block = textwrap.wrap(
            f"{number}. {cause.headline} [{cause.code}]",
            width,
            subsequent_indent="   ",
            max_lines=2,
            placeholder=" …",
        )
        if cause.remedy:
            act = f"   {cause.owner or 'you'}: {cause.remedy}"
            block += textwrap.wrap(
                act, width, subsequent_indent="   ", max_lines=2, placeholder=" …"
            )
        left = len(merged.causes) - number
        if len(block) + (1 if left else 0) > room:
            more = f"{left + 1} more cause{'s' if left else ''}"
            lines.append(f"… and {more}: --format json names {'them' if left else 'it'}"[:width])
            break
        lines += block
        room -= len(block)
    if merged.causes and groups:
        lines.append("")
    return "\n".join([*lines, *groups]) + "\n"


def _title(merged: Merged) -> str:
    counts = Counter(place.verdict for place in merged.places)
    nodes = {place.node for place in merged.places if place.vantage != "laptop"}
    vantages = sorted({place.vantage for place in merged.places})
    seen = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    lost = [f"{len({each.node for each in merged.lost})} lost"] if merged.lost else []
    where = (
        f"{len(nodes)} nodes, {len(merged.places)} reports ({', '.join(vantages)})"
        if vantages
        else "no report"
    )
    return f"{merged.verdict.upper()}  {where}: {', '.join([*seen, *lost]) or 'nothing'}"


def _group(group: Group, width: int) -> str:
    causes = f"  {', '.join(group.causes)}" if group.causes else ""
    line = f"{len(group.nodes):>5} {group.vantage:<6} {group.verdict:<5}{causes}  {', '.join(group.nodes[:4])}"
    line += f" +{len(group.nodes) - 4}" if len(group.nodes) > 4 else ""
    return line if len(line) <= width else line[: width - 1] + "…"


def as_report(merged: Merged) -> Report:
    """A report of the contract's form: one check for each cause, or one that passes."""
    checks: list[Check] = []
    findings: list[Finding] = []
    causes = []
    for number, cause in enumerate(merged.causes, 1):
        check = _check(f"cluster {number} {cause.code}")
        checks.append(check)
        findings.append(
            Finding(
                check=check.id,
                kind=check.kind,
                layer=cause.layer,
                target=check.target,
                route=check.route,
                verdict=cause.verdict,
                code=cause.code,
                summary=cause.headline,
                evidence=(*cause.evidence, *(f"at: {where}" for where in cause.explains[:200])),
                remedy=cause.remedy,
                owner=cause.owner,
            )
        )
        causes.append(msgspec.structs.replace(cause, explains=(check.id,)))
    if not merged.causes:
        check = _check("cluster nodes-agree")
        checks.append(check)
        findings.append(
            Finding(
                check=check.id,
                kind=check.kind,
                layer=Layer.CLUSTER,
                target=check.target,
                route=check.route,
                verdict=Verdict.PASS,
                code=Code.NODES_AGREE,
                summary=f"All {len(merged.places)} places see the same",
            )
        )
    run = Run(
        version=max((place.version for place in merged.places), default=""),
        started=min((place.started for place in merged.places), default=""),
        seconds=max((place.seconds for place in merged.places), default=0.0),
        vantage=Counter(place.vantage for place in merged.places).most_common(1)[0][0]
        if merged.places
        else "laptop",
        host="",
        node="",
        pod="",
        settings=Settings(),
    )
    return Report(
        schema=1,
        verdict=merged.verdict,
        run=run,
        checks=tuple(checks),
        observations=(),
        findings=tuple(findings),
        causes=tuple(causes),
    )


def _check(identity: str) -> Check:
    return Check(
        id=identity,
        kind=Kind.CLUSTER,
        target="cluster",
        route=Route.DIRECT,
        required=True,
        feature="core",
    )


def render_json(merged: Merged) -> str:
    """The report, and beside the contract's keys ``places``, ``lost`` and ``groups``."""
    content = msgspec.to_builtins(as_report(merged))
    for name in ("places", "lost", "groups"):
        content[name] = msgspec.to_builtins(getattr(merged, name))
    for place in content["places"]:
        del place["signature"]
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"
