"""A TLS handshake that ended early, told from its neighbours by the further connections that were
made to explain it."""

from __future__ import annotations

import msgspec

from arcprobe.findings import _way
from arcprobe.findings._judgement import Judgement
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Dial,
    Experiment,
    FailureKind,
    Handshake,
    Observation,
    Role,
)

_CUT = (FailureKind.RESET, FailureKind.CLOSED, FailureKind.TIMED_OUT)
_NOT_UNDERSTOOD = (FailureKind.TLS_ALERT, FailureKind.TLS_OTHER)


def _target_handshake(attempt: Attempt | None) -> Handshake | None:
    steps = attempt.steps if attempt else ()
    return next(
        (step for step in steps if isinstance(step, Handshake) and step.peer == Role.TARGET), None
    )


def _succeeds(observation: Observation, label: str) -> Handshake | None:
    handshake = _target_handshake(_way.experiment(observation, label))
    return handshake if handshake is not None and handshake.failure is None else None


def agents_attempt(observation: Observation) -> Attempt | None:
    """The connection that stands for the agents': the first, or, where a peer understood the
    padding of ours wrongly (an alert, no loss), the one without it."""
    main = _way.main_attempt(observation)
    handshake = _target_handshake(main)
    if (
        handshake is not None
        and handshake.failure is not None
        and handshake.failure.kind in _NOT_UNDERSTOOD
    ):
        small = _way.experiment(observation, Experiment.SMALL_HELLO)
        if _succeeds(observation, Experiment.SMALL_HELLO):
            return small
    return main


def effective(observation: Observation) -> Observation:
    """The observation with the connection of ``agents_attempt`` in the first place."""
    attempt = agents_attempt(observation)
    if attempt is None or attempt.label == _way.AGENTS:
        return observation
    others = tuple(
        each for each in observation.attempts if each.label not in (_way.AGENTS, attempt.label)
    )
    return msgspec.structs.replace(
        observation, attempts=(msgspec.structs.replace(attempt, label=_way.AGENTS), *others)
    )


def judge(check: Check, observation: Observation, handshake: Handshake) -> Judgement | None:
    """What the further connections prove; None where they prove nothing, and the failure speaks for
    itself."""
    failure = handshake.failure
    if failure is None:
        return None
    first = (
        f"TLS with {check.target}: {failure.detail or failure.kind.value} after {handshake.took:.2f} s",
    )
    fields = (("seconds", f"{handshake.took:.1f}"), ("size", str(handshake.client_hello)))
    # the control: another name, in a hello and in segments of the same size; where that is
    # answered, no size is to blame
    if failure.kind in _CUT and not _succeeds(observation, Experiment.OTHER_NAME):
        if failure.kind is FailureKind.TIMED_OUT and _succeeds(
            observation, Experiment.SMALL_SEGMENTS
        ):
            return Judgement(
                code=Code.PATH_MTU,
                evidence=(
                    *first,
                    f"{handshake.bytes_in} bytes came",
                    "with TCP segments of 536 bytes the same handshake succeeds",
                ),
                fields=fields,
            )
        small = _succeeds(observation, Experiment.SMALL_HELLO)
        if small is not None and small.client_hello < handshake.client_hello:
            lines = (
                f"a ClientHello of {handshake.client_hello} bytes is not answered",
                f"one of {small.client_hello} bytes is: {small.version}",
            )
            return Judgement(
                code=Code.LARGE_HELLO_DROPPED, evidence=(*first, *lines), fields=fields
            )
    if old := _succeeds(observation, Experiment.OLD_TLS):
        weak = old.version in ("TLSv1", "TLSv1.1")
        if weak or failure.kind is not FailureKind.CLOSED:
            line = f"with everything allowed it speaks {old.version} with {old.cipher}"
            return Judgement(
                code=Code.TLS_TOO_OLD,
                evidence=(*first, line),
                fields=(
                    (
                        "versions",
                        old.version if weak else f"ciphers that agents refuse ({old.cipher})",
                    ),
                ),
            )
    if (taken := _control_taken(observation)) and failure.kind in (
        *_CUT,
        FailureKind.TLS_PLAINTEXT,
    ):
        return Judgement(
            code=Code.TRANSPARENT_PROXY,
            evidence=(
                *first,
                taken,
                *(
                    (f"its first bytes: {handshake.first_bytes[:120]!r}",)
                    if handshake.first_bytes
                    else ()
                ),
            ),
            fields=(("detail", "it accepts connections to addresses where nobody is"),),
        )
    return None


def _control_taken(observation: Observation) -> str:
    """A connection to TEST-NET-1 (RFC 5737) that somebody accepted, in words."""
    control = _way.experiment(observation, Experiment.CONTROL)
    dial = (
        next((step for step in control.steps if isinstance(step, Dial)), None) if control else None
    )
    if dial is None or dial.failure is not None:
        return ""
    return f"a TCP connection to {dial.address}:{dial.port}, where nobody is (RFC 5737), was accepted in {dial.took * 1000:.0f} ms"
