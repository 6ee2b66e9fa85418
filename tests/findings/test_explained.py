"""A handshake that ended early is told from its neighbours by what the further connections showed.
From values alone."""

from __future__ import annotations

import pytest

from arcprobe.findings.old_answers import answer as http
from arcprobe.findings.old_certificates import _explained
from arcprobe.model import Attempt, Dial, Experiment, FailureKind, Handshake, Role
from tests.findings.seen import DIRECT, attempt, failed, observed, shaken, to_target, unshaken

CUT = (FailureKind.RESET, FailureKind.CLOSED, FailureKind.TIMED_OUT)
SMALL_HELLO = attempt(*to_target(), shaken(client_hello=320), label=Experiment.SMALL_HELLO)
SMALL_SEGMENTS = attempt(*to_target(), shaken(), label=Experiment.SMALL_SEGMENTS)
OLD = attempt(
    *to_target(), shaken(version="TLSv1.1", cipher="AES128-SHA"), label=Experiment.OLD_TLS
)
WEAK = attempt(
    *to_target(), shaken(version="TLSv1.2", cipher="AES128-SHA"), label=Experiment.OLD_TLS
)
CONTROL = attempt(Dial(address="192.0.2.1", port=443, role=Role.CONTROL), label=Experiment.CONTROL)
CONTROL_REFUSED = attempt(
    Dial(address="192.0.2.1", port=443, role=Role.CONTROL, failure=failed(FailureKind.TIMED_OUT)),
    label=Experiment.CONTROL,
)


def failing(label: str, kind: FailureKind = FailureKind.TIMED_OUT) -> Attempt:
    """A further connection that fared no better."""
    return attempt(*to_target(), unshaken(kind), label=label)


@pytest.mark.parametrize(
    ("kind", "more", "due"),
    [
        # too large for the path: only what waits in silence, and what small segments cure
        (FailureKind.TIMED_OUT, (SMALL_SEGMENTS,), "path-mtu"),
        (FailureKind.TIMED_OUT, (SMALL_HELLO, SMALL_SEGMENTS), "path-mtu"),
        (FailureKind.TIMED_OUT, (failing("small segments"), SMALL_HELLO), "large-hello-dropped"),
        (FailureKind.RESET, (SMALL_SEGMENTS,), ""),
        # a ClientHello with ML-KEM takes two packets: devices that know one drop, reset or close
        *((kind, (SMALL_HELLO,), "large-hello-dropped") for kind in CUT),
        # nothing newer is spoken
        (FailureKind.TLS_VERSION, (OLD,), "tls-too-old"),
        (FailureKind.TLS_ALERT, (OLD,), "tls-too-old"),
        (FailureKind.TLS_ALERT, (WEAK,), "tls-too-old"),
        (FailureKind.CLOSED, (OLD,), "tls-too-old"),
        (FailureKind.CLOSED, (WEAK,), ""),
        # somebody accepts every connection
        *((kind, (CONTROL,), "transparent-proxy") for kind in (*CUT, FailureKind.TLS_PLAINTEXT)),
        (FailureKind.TLS_ALERT, (CONTROL,), ""),
        (FailureKind.RESET, (CONTROL_REFUSED,), ""),
        # nothing was proved
        *((kind, (), "") for kind in FailureKind),
        *(
            (
                kind,
                (
                    failing("small hello"),
                    failing("small segments"),
                    failing("old TLS"),
                    CONTROL_REFUSED,
                ),
                "",
            )
            for kind in CUT
        ),
    ],
)
def test_experiments(kind: FailureKind, more: tuple[Attempt, ...], due: str) -> None:
    """Only a further connection that fares better, in the one thing in which it differs, explains
    the one that failed."""
    handshake = unshaken(kind)
    found = _explained.judge(
        DIRECT, observed(DIRECT, *to_target(), handshake, more=more), handshake
    )
    assert (found.code if found else "") == due
    assert found is None or len(found.evidence) >= 2


def test_a_handshake_that_stood_needs_no_explanation() -> None:
    """Whatever else was tried, a handshake that succeeded is not explained away."""
    more = (SMALL_HELLO, SMALL_SEGMENTS, OLD, CONTROL)
    assert (
        _explained.judge(DIRECT, observed(DIRECT, *to_target(), shaken(), more=more), shaken())
        is None
    )


@pytest.mark.parametrize(
    ("kind", "more", "stands"),
    [
        (FailureKind.TLS_ALERT, (SMALL_HELLO,), True),
        (FailureKind.TLS_OTHER, (SMALL_HELLO,), True),
        (FailureKind.TLS_ALERT, (failing("small hello"),), False),
        (FailureKind.TLS_ALERT, (), False),
        (FailureKind.RESET, (SMALL_HELLO,), False),
    ],
)
def test_the_padding_is_ours(kind: FailureKind, more: tuple[Attempt, ...], stands: bool) -> None:
    """Where a peer only misunderstood our padding, the connection without it stands for the
    agents'; a loss stays a loss."""
    observation = observed(DIRECT, *to_target(), unshaken(kind), more=more)
    chosen = http.handshake_of(_explained.agents_attempt(observation))
    assert isinstance(chosen, Handshake)
    assert (chosen.failure is None) is stands
    effective = _explained.effective(observation)
    assert effective.attempts[0].label == Experiment.AGENTS
    assert http.handshake_of(effective.attempts[0]) == chosen
    assert len({each.label for each in effective.attempts}) == len(effective.attempts)
