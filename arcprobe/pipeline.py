"""Checks and observations to a whole report: the stages that follow the probes, joined in one
place."""

from __future__ import annotations

import msgspec

from arcprobe.diagnosis import diagnose, verdict_of
from arcprobe.findings import judge
from arcprobe.findings.reading import read
from arcprobe.model import Check, Observation, Report, Run


def judged(run: Run, checks: tuple[Check, ...], observations: tuple[Observation, ...]) -> Report:
    """The report of what was asked and seen. Pure: a recording gives the same findings and causes
    again."""
    findings = judge(checks, observations, run)
    return Report(
        schema=1,
        verdict=verdict_of(findings, run),
        run=run,
        checks=checks,
        observations=observations,
        findings=findings,
        causes=diagnose(findings, checks, run),
    )


def judged_again(report: Report, *, strict: bool = False) -> Report:
    """The same checks and observations as this version of arcprobe judges them."""
    run = report.run
    if strict and not run.settings.strict:
        run = msgspec.structs.replace(
            run, settings=msgspec.structs.replace(run.settings, strict=True)
        )
    return judged(run, report.checks, report.observations)


def issuers(report: Report) -> dict[str, str]:
    """Endpoint and route -> issuer of the certificate that the connection which speaks for it
    showed."""
    seen = {observation.check: observation for observation in report.observations}
    found: dict[str, str] = {}
    for check in report.checks:
        handshake = read(check, seen.get(check.id)).speaks.handshake
        if handshake is not None and handshake.chain:
            found[f"{check.target} ({check.route})"] = handshake.chain[0].issuer
    return found
