"""What is said where a cluster tells less than all."""

from __future__ import annotations

from arcprobe.knowledge.language import language
from arcprobe.model import FailureKind
from arcprobe.probes.cluster.told import Refused, told


def test_told_is_a_sentence_of_the_cluster() -> None:
    """A key of the section ``cluster`` becomes its sentence."""
    key = next(key for key in sorted(language().keys()) if key.startswith("cluster."))
    assert told(key.removeprefix("cluster.")) == language().fill(language().template(key))


def test_refused_keeps_what_happened() -> None:
    """A refusal carries its kind, its words and its HTTP status."""
    refused = Refused(FailureKind.FORBIDDEN, "services is forbidden", 403)
    assert refused.failure.kind is FailureKind.FORBIDDEN
    assert (str(refused), refused.status) == ("services is forbidden", 403)
    assert Refused(FailureKind.TIMED_OUT, "x").status == 0
