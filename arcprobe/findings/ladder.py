"""The rungs in order, with a crash barrier each; a connection is climbed until one is broken."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from arcprobe.findings.crash_barrier import guarded
from arcprobe.findings.reading import Reading, Rung
from arcprobe.findings.rungs import (
    answer,
    certificate,
    dates,
    dial,
    handshake,
    name,
    proxy_tls,
    socks,
    tunnel,
    upgrade,
    version,
)
from arcprobe.findings.scene import Scene
from arcprobe.knowledge.codes import passes
from arcprobe.model import Code, Judgement

Judge = Callable[[Reading, Scene], Judgement | None]
"""What a rung says of a connection; None: it stands, or the connection did not come so far."""

LADDER: tuple[tuple[Rung, Judge], ...] = (
    (Rung.NAME, name.judge),
    (Rung.DIAL, dial.judge),
    (Rung.PROXY_TLS, proxy_tls.judge),
    (Rung.TUNNEL, tunnel.judge),
    (Rung.TUNNEL, socks.judge),
    (Rung.HANDSHAKE, handshake.judge),
    (Rung.VERSION, version.judge),
    (Rung.CERTIFICATE, certificate.judge),
    (Rung.DATES, dates.judge),
    (Rung.ANSWER, answer.judge),
    (Rung.UPGRADE, upgrade.judge),
)
# A session with faults goes on: what comes inside it is judged too, unless another server answered.
_GOES_ON = frozenset({Rung.VERSION, Rung.CERTIFICATE, Rung.DATES})


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """How far the connection of a check came, and what was said on the way. ``check``: its id."""

    check: str
    said: tuple[tuple[Rung, Judgement], ...]

    @property
    def below(self) -> Judgement | None:
        """What ended the connection below TLS with the target."""
        return next((word for rung, word in self.said if rung < Rung.HANDSHAKE), None)

    @property
    def session(self) -> tuple[Judgement, ...]:
        """What is said of TLS with the target: its faults, or where there is none that it is
        well."""
        words = tuple(word for rung, word in self.said if Rung.HANDSHAKE <= rung <= Rung.DATES)
        return tuple(word for word in words if not passes(word.code)) or words

    @property
    def answer(self) -> Judgement | None:
        """What is said of the answer to the request, or to the upgrade."""
        return next((word for rung, word in self.said if rung >= Rung.ANSWER), None)


def climb(reading: Reading, scene: Scene) -> Climb:
    """The ladder, from the name upwards."""
    said: list[tuple[Rung, Judgement]] = []
    for rung, judge in LADDER:
        word = guarded(judge, reading, scene)
        if word is not None:
            said.append((rung, word))
            if _ends(rung, word):
                break
    return Climb(check=reading.check.id, said=tuple(said))


def _ends(rung: Rung, word: Judgement) -> bool:
    if rung not in _GOES_ON:
        return True
    return word.code in (Code.CERTIFICATE_WRONG_NAME, Code.ARCPROBE_FAULT)
