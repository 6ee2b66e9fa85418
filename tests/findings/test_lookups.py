"""A name that did not become an address, by what the system's resolver said alone."""

from __future__ import annotations

import pytest

from arcprobe.findings.lookups import lookup_failed
from arcprobe.knowledge.language import language
from arcprobe.model import Code, Failure, FailureKind, Kind, Lookup
from tests.findings.seen import HOST, PROXY, check

NAME = check(Kind.DNS)
OF_PROXY = check(Kind.DNS, host=PROXY.host, port=PROXY.port, proxy=PROXY)
CODES = [
    (FailureKind.NAME_UNKNOWN, Code.NAME_UNKNOWN),
    (FailureKind.NAME_EMPTY, Code.NAME_EMPTY),
    (FailureKind.RESOLVER_FAILED, Code.RESOLVER_FAILED),
    (FailureKind.RESOLVER_REFUSED, Code.RESOLVER_REFUSED),
    (FailureKind.TIMED_OUT, Code.RESOLVER_SILENT),
    (FailureKind.REFUSED, Code.RESOLVER_UNREACHABLE),
    (FailureKind.UNREACHABLE, Code.RESOLVER_UNREACHABLE),
    (FailureKind.PROHIBITED, Code.RESOLVER_UNREACHABLE),
    (FailureKind.LOOKUP_FAILED, Code.RESOLVER_FAILED),
    (FailureKind.OTHER, Code.RESOLVER_FAILED),
]


def failed(kind: FailureKind, detail: str = "") -> Lookup:
    """A lookup of the endpoint's name that failed."""
    return Lookup(name=HOST, failure=Failure(kind=kind, detail=detail))


@pytest.mark.parametrize(("kind", "due"), CODES)
def test_each_failure_has_its_code(kind: FailureKind, due: Code) -> None:
    """What the resolver did names the fault of an endpoint's name."""
    found = lookup_failed(NAME, failed(kind))
    assert (found.code, found.subject) == (due, "")


@pytest.mark.parametrize(("kind", "due"), CODES)
def test_the_proxys_name(kind: FailureKind, due: Code) -> None:
    """That the proxy's name is not known is the setting's fault; all else is DNS's."""
    found = lookup_failed(OF_PROXY, failed(kind))
    if kind in (FailureKind.NAME_UNKNOWN, FailureKind.NAME_EMPTY):
        assert (found.code, found.subject) == (Code.PROXY_NAME_UNKNOWN, "http://proxy.example:3128")
    else:
        assert (found.code, found.subject) == (due, "")


def test_the_words() -> None:
    """The evidence has the system's own words, else the kind of failure; the summary names who
    said it."""
    found = lookup_failed(NAME, failed(FailureKind.LOOKUP_FAILED, "Try again"))
    assert language().say(found.evidence[0]) == (
        "the system's resolver, asked for eastus.his.arc.azure.com: Try again"
    )
    values = {**dict(found.values), "host": HOST}
    assert language().code(found.code, "summary", values) == (
        "the system's resolver failed to look up eastus.his.arc.azure.com (Try again)"
    )
    silent = lookup_failed(NAME, failed(FailureKind.TIMED_OUT))
    assert language().say(silent.evidence[0]).endswith(": timed-out")
