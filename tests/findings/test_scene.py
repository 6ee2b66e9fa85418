"""What all readings of a run say together, as the rungs see it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from arcprobe.findings.reading import read
from arcprobe.findings.scene import look
from arcprobe.model import AnyStep, Check, FailureKind, Observation, Store, Trust, Tunnel
from tests.findings.seen import (
    DIRECT,
    LEAF,
    PROXY,
    RUN,
    THROUGH,
    answer,
    failed,
    head,
    observed,
    scene,
    shaken,
    to_proxy,
    to_target,
    unshaken,
)

UNKNOWN = Trust(store=Store.PUBLIC, accepted=False, code=20)
FORGED = msgspec.structs.replace(LEAF, issuer="CN=Corp CA", aia=(), scts=0, policies=())


def forged(*trust: Trust) -> tuple[Check, Observation]:
    """A session that somebody on the way opened."""
    return DIRECT, observed(DIRECT, *to_target(), shaken(chain=(FORGED,), trust=(UNKNOWN, *trust)))


@pytest.mark.parametrize(
    ("seen", "genuine", "intercepted", "refused"),
    [
        ((DIRECT, observed(DIRECT, *to_target(), shaken())), True, False, False),
        (forged(), False, True, True),
        (forged(Trust(store=Store.BUNDLE, accepted=True, anchor="CN=Corp CA")), False, True, False),
        ((DIRECT, observed(DIRECT, *to_target())), True, False, False),
    ],
)
def test_whose_session_it_is(
    seen: tuple[Check, Observation], genuine: bool, intercepted: bool, refused: bool
) -> None:
    """A session is the endpoint's own, or somebody's whom the agents accept, or refuse."""
    around, reading = scene(seen), read(*seen)
    assert around.is_genuine(reading) is genuine
    assert around.is_intercepted(reading) is intercepted
    assert around.is_refused(reading) is refused


def test_clear_text_is_nobodys_own() -> None:
    """Without TLS anybody on the way may have written an answer."""
    plain = msgspec.structs.replace(DIRECT, protocol="http")
    seen = (plain, observed(plain, *to_target()))
    assert not scene(seen).is_genuine(read(*seen))


@pytest.mark.parametrize(
    ("tunnel", "steps", "due"),
    [
        (answer(head(200)), (shaken(),), {PROXY.url}),
        (answer(head(200)), (unshaken(FailureKind.RESET),), {PROXY.url}),
        (answer(head(200)), (unshaken(FailureKind.TLS_PLAINTEXT),), set()),
        (answer(head(403)), (), set()),
        (answer(None, failure=failed(FailureKind.CLOSED)), (), set()),
    ],
)
def test_proxies_that_opened_a_tunnel(
    tunnel: Tunnel, steps: tuple[AnyStep, ...], due: set[str]
) -> None:
    """Who opened a tunnel is an HTTP proxy; who says 200 and sends a page opened it in word
    only."""
    seen = (THROUGH, observed(THROUGH, *to_proxy(), tunnel, *steps))
    assert scene(seen).http_proxies == due


@pytest.mark.parametrize(
    ("started", "due"),
    [
        ("2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("nonsense", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_clock_of_a_recording(started: str, due: datetime) -> None:
    """A recording is judged by the clock of its host; one without a time by the begin of time."""
    run = msgspec.structs.replace(RUN, started=started)
    assert look((), (), run).started == due
