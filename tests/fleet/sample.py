"""Reports of places for the tests of many places."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from arcprobe.fleet.merge import Merged, Merger

TARGETS = ("login.test:443", "his.test:443", "mcr.test:443")
DENIED = {"proxy-denied": TARGETS}


def report(
    node: str,
    vantage: str,
    broken: Mapping[str, tuple[str, ...]] | None = None,
    subject: str = "",
    verdict: str = "fail",
    **run: Any,
) -> str:
    """A report in which each code of ``broken`` explains its targets, which come to ``verdict``;
    the other targets pass."""
    broken = broken or {}
    findings, causes = [], []
    for target in TARGETS:
        code = next((code for code, targets in broken.items() if target in targets), "")
        findings.append(
            {
                "check": f"https {target}",
                "kind": "https",
                "layer": "http",
                "target": target,
                "route": "proxy",
                "verdict": verdict if code else "pass",
                "code": code or "endpoint-answers",
                "summary": "",
                "subject": subject if code else "",
            }
        )
    for code, targets in broken.items():
        explains = [f"https {target}" for target in targets]
        headline = f"{code} breaks {', '.join(targets)}"
        causes.append(
            {
                "code": code,
                "verdict": verdict,
                "headline": headline,
                "remedy": "Do it.",
                "owner": "proxy",
                "explains": explains,
                "layer": "proxy",
            }
        )
    made = {
        "version": "1",
        "started": "2026-11-23T10:00:00Z",
        "seconds": 1.5,
        "vantage": vantage,
        "host": node,
        "node": node,
        "pod": "",
    }
    content = {
        "schema": 1,
        "verdict": verdict if broken else "pass",
        "run": {**made, "settings": {}, **run},
    }
    checks = [{"id": told["check"], "kind": "https", "required": True} for told in findings]
    seen = [{"label": "agents", "steps": [{"step": "dial", "address": "192.0.2.1", "port": 443}]}]
    observations = [{"check": told["check"], "attempts": seen} for told in findings]
    told = {"findings": findings, "causes": causes}
    return json.dumps({**content, "checks": checks, "observations": observations, **told})


def merged(*reports: str) -> Merged:
    """The picture of these reports."""
    merger = Merger()
    for text in reports:
        merger.add(text)
    return merger.result()


def codes(picture: Merged) -> list[str]:
    """The codes of its causes."""
    return [cause.code for cause in picture.causes]


def large(count: int = 5_000) -> Merged:
    """A picture of so many nodes, from both vantages, in a hundred groups."""
    picture = merged(report("node-0", "pod", DENIED), report("node-1", "pod"))
    bad, good = picture.groups
    names = [f"aks-nodepool1-{number:08}-vmss" for number in range(count)]
    groups = tuple(
        msgspec.structs.replace(
            bad if number % 2 else good, vantage=vantage, nodes=tuple(names[number::50])
        )
        for number in range(50)
        for vantage in ("pod", "node")
    )
    return msgspec.structs.replace(picture, groups=groups)
