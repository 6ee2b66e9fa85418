"""The code table: the contract's codes, all words there, nothing printed unfilled."""

from __future__ import annotations

import re
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcprobe import codes
from arcprobe.model import Layer, Verdict

# the code table of the contract, word for word: codes in brackets pass
CONTRACT = {
    "dns": "[name-resolves] name-unknown name-empty resolver-failed resolver-refused resolver-silent resolver-unreachable"
    " name-sinkholed name-hijacked-by-search name-private private-link-unresolved resolvers-disagree lookup-slow"
    " dns-tcp-blocked unknown-names-rewritten ipv6-lookup-dropped",
    "proxy": "[proxy-opens-tunnel] proxy-name-unknown proxy-refused proxy-silent proxy-unreachable proxy-reset proxy-not-http"
    " proxy-speaks-plain proxy-speaks-tls proxy-certificate-untrusted proxy-auth-required proxy-auth-rejected"
    " proxy-auth-unsupported proxy-denied proxy-port-denied proxy-cannot-resolve proxy-cannot-connect proxy-hung"
    " proxy-closed proxy-redirects proxy-overloaded proxy-variables-disagree",
    "tcp": "[target-accepts] target-refused target-silent target-unreachable transparent-proxy",
    "tls": "[certificate-genuine] tls-intercepted issuer-unexpected issuer-changed chain-incomplete certificate-untrusted"
    " certificate-wrong-name certificate-expired certificate-not-yet-valid clock-skewed tls-reset tls-silent tls-closed"
    " tls-rejected tls-plaintext-answer tls-too-old",
    "http": "[endpoint-answers] block-page answer-from-middlebox answer-silent answer-closed answer-redirected path-mtu"
    " large-hello-dropped origin-error",
    "websocket": "[websocket-upgraded websocket-reaches-origin] websocket-stripped websocket-refused websocket-faked"
    " websocket-dropped websocket-silent websocket-idle-cut",
    "skip-range": "[cluster-traffic-bypasses] services-uncovered api-server-uncovered cluster-suffix-missing pods-uncovered"
    " nodes-uncovered skip-range-too-broad entry-malformed entry-ineffective services-unreadable",
    "gateway": "[gateway-usable] gateway-url-malformed gateway-cloud-unsupported gateway-private-link gateway-inspected"
    " gateway-not-enabled gateway-quota agent-too-old",
    "discovery": "[hosts-discovered] wildcard-unproven",
    "run": "not-finished arcprobe-fault",
}
ALWAYS_WARN = (
    "pods-uncovered nodes-uncovered entry-ineffective lookup-slow resolvers-disagree ipv6-lookup-dropped unknown-names-rewritten"
    " issuer-unexpected name-private proxy-variables-disagree wildcard-unproven services-unreadable origin-error"
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
    """Every code of the contract is there, on its layer, passing or not as the contract brackets it."""
    code = codes.get(name)
    assert code.layer == layer
    assert code.passes is passes


def test_no_code_beside_the_contract_but_for_the_cluster() -> None:
    """Only the cluster layer has codes that the contract does not list yet."""
    extra = {code.name for code in codes.all()} - set(contracted())
    assert {codes.get(name).layer for name in extra} == {Layer.CLUSTER}


def test_default_verdicts() -> None:
    """The defaults are the contract's verdict rules: the listed ones warn, faults of the run are errors, all others fail."""
    for code in codes.all():
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


@pytest.mark.parametrize("code", codes.all(), ids=lambda code: code.name)
def test_words_are_complete(code: codes.Code) -> None:
    """Every code has a summary, a headline, a meaning; what is wrong also has an owner, a remedy, a way to look."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", code.name)
    assert code.summary
    assert code.headline
    assert "\n" not in code.summary + code.headline
    assert code.meaning.endswith(".")
    assert "{" not in code.meaning
    assert "{" not in code.verify
    assert len(code.meaning) > 60
    if not code.passes:
        assert code.owner in codes.OWNERS
        assert code.remedy
        assert code.verify
    else:
        assert not code.owner


@pytest.mark.parametrize("code", codes.all(), ids=lambda code: code.name)
def test_templates_print_no_placeholder(code: codes.Code) -> None:
    """With no field known, with those of every check, and with all, a template prints no brace and no bracket pair."""
    names = set(re.findall(r"\{([a-z_]+)\}", code.summary + code.headline + code.remedy))
    every_check = {
        "host": "a.example",
        "port": "443",
        "target": "a.example:443",
        "proxy": "http://p:3128",
        "route": "proxy",
    }
    for fields in ({}, every_check, every_check | dict.fromkeys(names, "value")):
        for template in (code.summary, code.headline, code.remedy):
            text = codes.fill(template, fields)
            assert not re.search(r"[{}]|\[\[|\]\]", text), text
            assert "something unknown" not in text, (code.name, text)
            assert "  " not in text


def test_fill_optional_part() -> None:
    """A part in double brackets is printed when all its fields are known, and left out otherwise."""
    assert codes.fill("a[[ ({status}, {product})]]b", {"status": "403"}) == "ab"
    assert (
        codes.fill("a[[ ({status}, {product})]]b", {"status": "403", "product": "Squid"})
        == "a (403, Squid)b"
    )


def test_fill_does_not_fill_values() -> None:
    """A value from outside that looks like a template stays as it is."""
    assert (
        codes.fill("{host}", {"host": "{proxy}[[{status}]]", "proxy": "secret"})
        == "{proxy}[[{status}]]"
    )


@given(
    st.text(max_size=60),
    st.dictionaries(st.text(ascii_lowercase, max_size=8), st.text(max_size=20)),
)
def test_fill_takes_any_text(template: str, fields: dict[str, str]) -> None:
    """No template and no fields make it fail."""
    codes.fill(template, fields)


def test_fill_stand_in_and_capital() -> None:
    """A field that is unknown takes its stand-in's value; a sentence that begins with a neutral word begins with a capital."""
    assert codes.fill("{targets} x", {"target": "a:443"}) == "a:443 x"
    assert codes.fill("{targets} x", {}) == "The endpoint x"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("proxy-denyed", "proxy-denied"), ("websocket_stripped", "websocket-stripped")],
)
def test_unknown_code_suggests(typed: str, meant: str) -> None:
    """A misspelt code is refused with the nearest names."""
    with pytest.raises(codes.UnknownCode) as caught:
        codes.get(typed)
    assert meant in caught.value.near
    assert meant in str(caught.value)


def test_unknown_code_without_neighbour() -> None:
    """A code that resembles none is refused without a suggestion."""
    with pytest.raises(codes.UnknownCode) as caught:
        codes.get("zzz")
    assert caught.value.near == ()
