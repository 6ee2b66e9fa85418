"""The code table: the contract's codes, all words there, nothing printed unfilled."""

from __future__ import annotations

import re

import pytest

from arcprobe.knowledge import codes
from arcprobe.model import Code, Layer, Owner, Verdict

# the code table of the contract, word for word: codes in brackets pass
CONTRACT = {
    "dns": (
        "[name-resolves] name-unknown name-empty resolver-failed resolver-refused"
        " resolver-silent resolver-unreachable name-sinkholed name-hijacked-by-search"
        " name-private private-link-unresolved resolvers-disagree lookup-slow"
        " dns-tcp-blocked unknown-names-rewritten ipv6-lookup-dropped"
    ),
    "proxy": (
        "[proxy-opens-tunnel] proxy-name-unknown proxy-refused proxy-silent"
        " proxy-unreachable proxy-reset proxy-not-http proxy-speaks-plain proxy-speaks-tls"
        " proxy-certificate-untrusted proxy-auth-required proxy-auth-rejected"
        " proxy-auth-unsupported proxy-denied proxy-port-denied proxy-cannot-resolve"
        " proxy-cannot-connect proxy-hung proxy-closed proxy-redirects proxy-overloaded"
        " proxy-variables-disagree [onboarding-ready] onboarding-route-differs"
        " onboarding-api-proxied onboarding-tool-old"
    ),
    "tcp": ("[target-accepts] target-refused target-silent target-unreachable transparent-proxy"),
    "tls": (
        "[certificate-genuine] tls-intercepted issuer-unexpected issuer-changed"
        " chain-incomplete certificate-untrusted certificate-wrong-name"
        " certificate-expired certificate-not-yet-valid clock-skewed tls-reset tls-silent"
        " tls-closed tls-rejected tls-plaintext-answer tls-too-old onboarding-trust-lacking"
    ),
    "http": (
        "[endpoint-answers] block-page answer-from-middlebox answer-silent answer-closed"
        " answer-redirected path-mtu large-hello-dropped origin-error"
    ),
    "websocket": (
        "[websocket-upgraded websocket-reaches-origin] websocket-stripped"
        " websocket-refused websocket-faked websocket-dropped websocket-silent"
        " websocket-idle-cut"
    ),
    "skip-range": (
        "[cluster-traffic-bypasses] services-uncovered api-server-uncovered"
        " cluster-suffix-missing pods-uncovered nodes-uncovered skip-range-too-broad"
        " service-range-unknown entry-malformed entry-ineffective services-unreadable"
    ),
    "gateway": (
        "[gateway-usable] gateway-url-malformed gateway-cloud-unsupported"
        " gateway-private-link gateway-inspected gateway-not-enabled gateway-quota"
        " agent-too-old"
        " azure-not-signed-in azure-token-rejected azure-forbidden"
        " azure-throttled azure-error azure-unreachable"
        " resource-unknown gateway-url-differs permission-missing"
        " provider-unregistered cluster-not-connected agents-not-ready"
        " proxy-settings-differ switch-too-recent gateway-still-enabled"
    ),
    "discovery": ("[hosts-discovered] wildcard-unproven"),
    "run": ("not-finished arcprobe-fault"),
}
ALWAYS_WARN = (
    "azure-throttled azure-error switch-too-recent onboarding-route-differs onboarding-api-proxied "
    "pods-uncovered nodes-uncovered entry-ineffective lookup-slow resolvers-disagree "
    "ipv6-lookup-dropped unknown-names-rewritten issuer-unexpected name-private "
    "proxy-variables-disagree wildcard-unproven services-unreadable origin-error "
    "service-range-unknown "
).split()


def contracted() -> dict[str, tuple[str, bool]]:
    """Code to its layer and whether it passes, read from the table above."""
    found = {}
    for layer, row in CONTRACT.items():
        bracketed = " ".join(re.findall(r"\[(.*?)\]", row)).split()
        for name in row.replace("[", "").replace("]", "").split():
            found[name] = (layer, name in bracketed)
    return found


@pytest.mark.parametrize(
    ("name", "layer", "passes"), [(name, *row) for name, row in contracted().items()]
)
def test_contracted_code(name: str, layer: str, passes: bool) -> None:
    """Every code of the contract is there, on its layer, passing or not as the contract brackets
    it."""
    code = codes.row(name)
    assert code.layer == layer
    assert code.passes is passes


def test_no_code_beside_the_contract_but_for_the_cluster() -> None:
    """Only the cluster layer has codes that the contract does not list yet."""
    extra = {code.name for code in codes.rows()} - set(contracted())
    assert {codes.row(name).layer for name in extra} == {Layer.CLUSTER}


def test_default_verdicts() -> None:
    """The defaults are the contract's verdict rules: the listed ones warn, faults of the run are
    errors, all others fail."""
    for code in codes.rows():
        if code.layer is Layer.CLUSTER or code.passes:
            continue
        expected = (
            Verdict.WARN
            if code.name in ALWAYS_WARN
            else Verdict.ERROR
            if code.layer is Layer.RUN
            else Verdict.FAIL
        )
        assert code.verdict is expected, code.name


def test_every_code_has_one_row() -> None:
    """The enum and the table hold the same codes, in the same order."""
    assert [row.name for row in codes.rows()] == list(Code)


@pytest.mark.parametrize("row", codes.rows(), ids=lambda row: row.name)
def test_faults_have_an_owner(row: codes.Row) -> None:
    """What is wrong has somebody who acts; what is well has nobody."""
    assert row.passes is (row.owner is Owner.NOBODY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("proxy-denyed", "proxy-denied"), ("websocket_stripped", "websocket-stripped")],
)
def test_unknown_code_suggests(typed: str, meant: str) -> None:
    """A misspelt code is refused with the nearest names."""
    with pytest.raises(codes.UnknownCode) as caught:
        codes.row(typed)
    assert meant in caught.value.near
    assert meant in str(caught.value)


def test_unknown_code_without_neighbour() -> None:
    """A code that resembles none is refused without a suggestion."""
    with pytest.raises(codes.UnknownCode) as caught:
        codes.row("zzz")
    assert caught.value.near == ()
