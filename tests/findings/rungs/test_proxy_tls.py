"""The rung of TLS with the proxy itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from arcprobe.findings.reading import read
from arcprobe.findings.rungs.proxy_tls import judge
from arcprobe.model import FailureKind, Role, Store, Trust
from tests.findings.seen import (
    LEAF,
    TLS_PROXY,
    answer,
    check,
    ended_at,
    head,
    observed,
    said,
    scene,
    shaken,
    to_proxy,
    unshaken,
)


@pytest.mark.parametrize(
    ("trust", "name_matches", "due"),
    [
        (Trust(store=Store.PUBLIC, accepted=True), True, ""),
        (
            Trust(
                store=Store.PUBLIC,
                accepted=False,
                code=20,
                words="unable to get local issuer certificate",
            ),
            True,
            "proxy-certificate-untrusted",
        ),
        (Trust(store=Store.PUBLIC, accepted=True), False, "proxy-certificate-untrusted"),
        (
            Trust(store=Store.PUBLIC, accepted=True, code=10, words="certificate has expired"),
            True,
            "proxy-certificate-untrusted",
        ),
    ],
)
def test_proxy_certificate(trust: Trust, name_matches: bool, due: str) -> None:
    """A proxy that is spoken to by TLS needs a certificate that the agents would take, also where
    it opens tunnels."""
    steps = (
        *to_proxy(TLS_PROXY),
        shaken(Role.PROXY, chain=(LEAF,), trust=(trust,), name_matches=name_matches),
        answer(head(200)),
    )
    assert ended_at(check(proxy=TLS_PROXY), *steps) == due


@pytest.mark.parametrize(
    ("kind", "more", "due"),
    [
        (FailureKind.TLS_PLAINTEXT, {"first_bytes": "HTTP/1.1 400 Bad"}, "proxy-speaks-plain"),
        (FailureKind.TLS_PLAINTEXT, {"first_bytes": "SSH-2.0-x"}, "proxy-not-http"),
        (FailureKind.TLS_ALERT, {"alert": "certificate_required"}, "proxy-auth-unsupported"),
        (FailureKind.TLS_ALERT, {"alert": "internal_error"}, "proxy-certificate-untrusted"),
        (FailureKind.TOO_LARGE, {}, "proxy-not-http"),
        (FailureKind.TIMED_OUT, {}, "proxy-hung"),
    ],
)
def test_handshake_with_the_proxy_fails(kind: FailureKind, more: dict[str, Any], due: str) -> None:
    """What a proxy says in the place of a handshake tells what it is, or what it wants."""
    steps = (*to_proxy(TLS_PROXY), unshaken(kind, Role.PROXY, **more))
    assert ended_at(check(proxy=TLS_PROXY), *steps) == due


def test_the_certificate_that_is_refused_is_the_first() -> None:
    """It is named, with its issuer, its names, and each store that does not know it; the proxy's
    CA, where it was sent, is not."""
    authority = msgspec.structs.replace(LEAF, subject="CN=Corp CA", issuer="CN=Corp CA", names=())
    refused = Trust(store=Store.PUBLIC, accepted=False, code=20, words="no issuer")
    chain = (LEAF, authority)
    step = shaken(Role.PROXY, chain=chain, trust=(refused,), name_matches=False)
    asked = check(proxy=TLS_PROXY)
    seen = observed(asked, *to_proxy(TLS_PROXY), step)
    found = judge(read(asked, seen), scene((asked, seen)))
    assert found is not None
    assert said(found) == (
        "certificate of the proxy: subject CN=eastus.his.arc.azure.com, issuer "
        "CN=Microsoft Azure RSA TLS Issuing CA 03,O=Microsoft Corporation,C=US",
        "no trust store accepts its chain (public: no issuer)",
        "it is for eastus.his.arc.azure.com, not for proxy.example",
    )
    assert dict(found.values)["issuer"] == LEAF.issuer
