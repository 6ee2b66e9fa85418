"""The JSON report of a run, as far as the lab compares it."""

from __future__ import annotations

from msgspec import Struct

_ASKED = ("https", "websocket")


class Cause(Struct, frozen=True):
    """A cause as the report has it."""

    code: str
    verdict: str = ""
    owner: str = ""
    headline: str = ""
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()


class Check(Struct, frozen=True):
    """A check as the report has it."""

    id: str
    kind: str
    target: str
    required: bool
    protocol: str
    path: str
    compare: bool = False
    left_out: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether Azure Arc needs the endpoint that this check connects to."""
        judged = self.required and not self.compare and not self.left_out
        return judged and self.kind in _ASKED

    @property
    def url(self) -> str:
        """What the check asks for."""
        scheme = "wss" if self.kind == "websocket" else "https"
        return f"{scheme}://{self.target.removesuffix(':443')}{self.path or '/'}"


class Finding(Struct, frozen=True):
    """A finding as the report has it."""

    check: str
    verdict: str
    evidence: tuple[str, ...] = ()
    remedy: str = ""


class Report(Struct, frozen=True):
    """The JSON report."""

    verdict: str
    checks: tuple[Check, ...] = ()
    causes: tuple[Cause, ...] = ()
    findings: tuple[Finding, ...] = ()
