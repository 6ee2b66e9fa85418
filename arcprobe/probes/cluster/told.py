"""What is said where a cluster tells less than all. Recorded, and so in English whatever the
report's language."""

from __future__ import annotations

from arcprobe.knowledge.language import language
from arcprobe.model import Failure, FailureKind, Value, line


def told(key: str, **values: Value) -> str:
    """A sentence of the section ``cluster``."""
    return language().say(line(f"cluster.{key}", **values))


class Refused(Exception):
    """A request that brought no object: what happened, and the HTTP status where there was one."""

    def __init__(self, kind: FailureKind, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.failure = Failure(kind=kind, detail=detail)
        self.status = status
