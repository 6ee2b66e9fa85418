"""A session that stands with TLS that agents do not speak."""

from __future__ import annotations

import pytest

from arcprobe.findings.rungs import version
from arcprobe.model import FailureKind
from tests.findings.seen import unshaken, value_of
from tests.findings.sessions import CONTOSO, Sessions, certificate, check, shown

LEAF = certificate("CN=host", CONTOSO)


@pytest.mark.parametrize(
    ("spoken", "cipher", "line", "versions"),
    [
        ("TLSv1.1", "AES128-SHA", "TLSv1.1 is the newest version that it supports", "TLSv1.1"),
        (
            "TLSv1.2",
            "AES256-GCM-SHA384",
            "AES256-GCM-SHA384 is the best cipher that it accepts: no elliptic-curve key exchange, "
            "which Go requires since 1.22",
            "TLSv1.2 with AES256-GCM-SHA384",
        ),
    ],
)
def test_old_versions_and_ciphers_that_go_refuses(
    spoken: str, cipher: str, line: str, versions: str
) -> None:
    """TLS 1.1, or RSA key exchange alone, is of no use to Go agents; the issuer tells who speaks
    so."""
    seen = Sessions().add(check(), shown(LEAF, version=spoken, cipher=cipher))
    judgement = seen.judged(version.judge)
    assert judgement is not None
    assert judgement.code == "tls-too-old"
    assert value_of(judgement, "versions") == versions
    assert seen.told(version.judge) == (line, f"issuer: {CONTOSO}")


def test_what_agents_speak_is_no_fault() -> None:
    """TLS 1.3, and 1.2 with elliptic curves; what gave no chain is another rung's."""
    curves = shown(LEAF, version="TLSv1.2", cipher="ECDHE-RSA-AES256-GCM-SHA384")
    for step in (shown(LEAF), curves, unshaken(FailureKind.RESET)):
        assert Sessions().add(check(), step).code(version.judge) == ""
