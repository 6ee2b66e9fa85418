"""What Go keeps of a certificate, and why it does not read one."""

from __future__ import annotations

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.go.facts import Constraints, NotRead


def test_not_read_keeps_gos_own_words() -> None:
    """A certificate that Go does not read says why, as a kind and in Go's words."""
    reason = next(iter(GoRefusal))
    refusal = NotRead(reason, "x509: malformed certificate")
    assert (refusal.reason, refusal.words) == (reason, "x509: malformed certificate")
    assert str(refusal) == "x509: malformed certificate"


def test_constraints_of_two_certificates_are_apart() -> None:
    """What one certificate permits is not permitted by another."""
    one, other = Constraints(), Constraints()
    one.dns.append("corp.example")
    assert other.dns == []
