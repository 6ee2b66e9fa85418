"""A peer that does not understand the padded ClientHello and takes a smaller one: nothing else
changes."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings.reading import discovered_hosts, read
from arcprobe.model import (
    Attempt,
    Code,
    Experiment,
    Failure,
    FailureKind,
    Finding,
    Handshake,
    Kind,
    Observation,
    Report,
    Role,
)
from arcprobe.pipeline import judged_again
from arcprobe.report import as_json
from tests.support.recordings import FOLDER

PADDED = 1792  # bytes of a ClientHello with an ML-KEM key share


def with_rejected_hello(observation: Observation) -> Observation:
    """The same connection, made with a small ClientHello after the padded one was answered by an
    alert."""
    agents = observation.attempts[0] if observation.attempts else Attempt(label="", steps=())
    handshake = next(
        (
            step
            for step in agents.steps
            if isinstance(step, Handshake) and step.peer is Role.TARGET and step.failure is None
        ),
        None,
    )
    if agents.experiment is not Experiment.AGENTS or handshake is None:
        return observation
    before = agents.steps[: agents.steps.index(handshake)]
    rejected = Handshake(
        server_name=handshake.server_name,
        alert="illegal_parameter",
        client_hello=PADDED,
        failure=Failure(kind=FailureKind.TLS_ALERT, detail="SSLV3_ALERT_ILLEGAL_PARAMETER"),
    )
    small = msgspec.structs.replace(agents, label=Experiment.SMALL_HELLO)
    agents = Attempt(label=Experiment.AGENTS, steps=(*before, rejected))
    attempts = (agents, *observation.attempts[1:], small)
    return msgspec.structs.replace(observation, attempts=attempts)


def recorded(scenario: str) -> Report:
    """A recording as it is."""
    return as_json.load((FOLDER / scenario / "recording.json").read_bytes())


def through_the_peer(report: Report) -> Report:
    """The same network behind a peer that rejects the padded hello."""
    observations = tuple(with_rejected_hello(each) for each in report.observations)
    assert observations != report.observations
    return msgspec.structs.replace(report, observations=observations)


def plain(finding: Finding) -> tuple[object, ...]:
    """A finding without its evidence."""
    return (
        finding.check,
        finding.verdict,
        finding.code,
        finding.summary,
        finding.remedy,
        finding.owner,
    )


@pytest.mark.parametrize("scenario", ["clean", "direct", "inspected", "gateway-inspected"])
def test_the_verdicts_are_those_without_the_peer(scenario: str) -> None:
    """Each finding, each cause and the verdict are those of the same network without the peer."""
    report = recorded(scenario)
    without, behind = judged_again(report), judged_again(through_the_peer(report))
    assert [plain(each) for each in behind.findings] == [plain(each) for each in without.findings]
    assert behind.verdict is without.verdict
    told = [(cause.code, cause.headline, cause.explains) for cause in behind.causes]
    assert told == [(cause.code, cause.headline, cause.explains) for cause in without.causes]


def test_the_evidence_of_each_certificate_is_kept() -> None:
    """What the chains say in comparison is said as before, and beside it one line about the
    hello."""
    report = recorded("inspected")
    without, behind = judged_again(report), judged_again(through_the_peer(report))
    pairs = zip(without.findings, behind.findings, strict=True)
    sessions = [(one, other) for one, other in pairs if one.code is Code.TLS_INTERCEPTED]
    assert len(sessions) > 5
    for one, other in sessions:
        more = [text for text in other.evidence if text not in one.evidence]
        assert len(more) == 1
        assert str(PADDED) in more[0]
        assert len([text for text in one.evidence if text not in other.evidence]) <= 1


def test_discovered_hosts_are_found() -> None:
    """The hosts that an answer names are found on the connection that speaks, also when a run asks
    live."""
    report = through_the_peer(recorded("clean"))
    seen = {observation.check: observation for observation in report.observations}
    carriers = {check.id: check for check in report.checks}
    asked = [
        check for check in report.checks if check.kind is Kind.DISCOVERY and check.observed_with
    ]
    assert asked
    for check in asked:
        reading = read(carriers[check.observed_with], seen[check.observed_with])
        assert discovered_hosts(check, reading), check.pattern
