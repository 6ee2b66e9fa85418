"""Names that did not become addresses: one table from what a resolver did to a code."""

from __future__ import annotations

from arcprobe.findings.reading import failure_kind, failure_words
from arcprobe.model import Check, Code, FailureKind, Judgement, Lookup, line

LOOKUP_CODES = {
    FailureKind.NAME_UNKNOWN: Code.NAME_UNKNOWN,
    FailureKind.NAME_EMPTY: Code.NAME_EMPTY,
    FailureKind.RESOLVER_FAILED: Code.RESOLVER_FAILED,
    FailureKind.RESOLVER_REFUSED: Code.RESOLVER_REFUSED,
    FailureKind.TIMED_OUT: Code.RESOLVER_SILENT,
    FailureKind.REFUSED: Code.RESOLVER_UNREACHABLE,
    FailureKind.UNREACHABLE: Code.RESOLVER_UNREACHABLE,
    FailureKind.PROHIBITED: Code.RESOLVER_UNREACHABLE,
}
DENIED = frozenset({Code.NAME_UNKNOWN, Code.NAME_EMPTY})
"""There was an answer: no such name, or no address for it."""


def code_of(lookup: Lookup) -> Code:
    """What the failure of a lookup means. The system's EAI_AGAIN says only that it failed."""
    return LOOKUP_CODES.get(failure_kind(lookup.failure), Code.RESOLVER_FAILED)


def lookup_failed(check: Check, lookup: Lookup) -> Judgement:
    """A name that did not become an address, by what the system's resolver said alone.

    That the proxy's own name is not known is the setting's fault; that its resolver fails is DNS's.
    """
    code, subject = code_of(lookup), ""
    if check.proxy is not None and code in DENIED:
        code, subject = Code.PROXY_NAME_UNKNOWN, check.proxy.url
    failure = failure_words(lookup.failure)
    return Judgement(
        code=code,
        evidence=(line("name.system-failed", name=lookup.name, failure=failure),),
        subject=subject,
        values=(
            ("reason", lookup.failure.detail if lookup.failure else ""),
            ("resolver", line("name.system-resolver")),
        ),
    )
