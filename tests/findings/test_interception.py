"""One word for each chain: what explains one that reaches no public root, and in what order."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings.comparison import Comparison
from arcprobe.findings.interception import ChainKind, ChainState, classify, classify_all
from arcprobe.knowledge.language import language
from arcprobe.model import Certificate, Check, Handshake, Head
from tests.findings.sessions import CONTOSO, HOST, MICROSOFT, STS, certificate, check, shown

MARKS: dict[str, Any] = {
    "scts": 2,
    "aia": ("http://a.example/ca.crt",),
    "policies": ("2.23.140.1.2.2",),
    "aki": "i",
}
NEW_ROOT = "CN=Microsoft TLS RSA Root G2,O=Microsoft Corporation,C=US"


def leaf(host: str = HOST, issuer: str = CONTOSO, **more: Any) -> Certificate:
    return certificate(f"CN={host}", issuer, **more)


def kind(
    handshake: Handshake, comparison: Comparison | None = None, asked: Check | None = None
) -> ChainKind:
    return classify(asked or check(), handshake, comparison or Comparison()).kind


def told(state: ChainState) -> list[str]:
    return [language().say(sign.line) for sign in state.signs]


def test_a_public_root_and_the_right_name() -> None:
    """Genuine, whoever issued it; for another name it is another server's."""
    genuine = classify(check(), shown(leaf(), anchor="CN=root"), Comparison())
    assert genuine.kind is ChainKind.GENUINE
    assert told(genuine) == ["proof: ends in the public root CN=root"]
    other = shown(leaf(), anchor="CN=root", name_matches=False)
    elsewhere = classify(check(), other, Comparison())
    assert elsewhere.kind is ChainKind.ELSEWHERE
    assert told(elsewhere)[1] == (
        "consistent with: a public certificate for another party: another server"
    )


def test_a_key_that_is_its_issuers_is_intercepted_under_any_root() -> None:
    """A public root that was put into the store does not help a forger."""
    forged = shown(leaf(aki="k", ski="k", key_sha256="k"), anchor="CN=root")
    state = classify(check(), forged, Comparison())
    assert state.kind is ChainKind.INTERCEPTED
    assert not any("no public root" in words for words in told(state))


def test_nothing_explains_it() -> None:
    """A private issuer that signs for an endpoint of Azure is an interceptor; its signs are sorted
    by weight, its identity is its name."""
    state = classify(check(), shown(leaf()), Comparison())
    assert state.kind is ChainKind.INTERCEPTED
    assert (state.identity, state.product, state.is_product_proven) == (CONTOSO, "", True)
    weights = [sign.weight for sign in state.signs]
    assert weights == sorted(weights)
    assert len(weights) == 3


@pytest.mark.parametrize(
    ("issuer", "proven"),
    [("CN=Zscaler Root CA,O=Zscaler Inc.", True), ("CN=AVG Web/Mail Shield Root", False)],
)
def test_the_product_is_that_of_the_name(issuer: str, proven: bool) -> None:
    """A name that was seen at a product proves it, one that is only likely does not."""
    state = classify(check(), shown(leaf(issuer=issuer)), Comparison())
    assert state.product
    assert state.is_product_proven is proven


# ------------------------------------------------------------------------------------ unknown roots


def new_root(**more: Any) -> Certificate:
    return certificate(NEW_ROOT, NEW_ROOT, **more)


def test_a_root_is_known_by_its_fingerprint() -> None:
    """The root of 2025 that stores lack, whatever the leaf looks like."""
    root = new_root(sha256="6a170583db584151e1c454eeca2a64cc5d8e484a5bd1156e720b4458654ee9e5")
    state = classify(check(), shown(leaf(issuer=NEW_ROOT), root), Comparison())
    assert (state.kind, state.missing) == (ChainKind.ROOT_UNKNOWN, NEW_ROOT)
    assert told(state)[0].startswith(
        "proof: the chain ends in Microsoft TLS RSA Root G2 (sha256 6a170583db584151…): "
    )
    assert kind(shown(root)) is ChainKind.INTERCEPTED
    assert kind(shown(leaf(issuer=NEW_ROOT), new_root())) is ChainKind.INTERCEPTED


@pytest.mark.parametrize(
    ("chain", "given", "due"),
    [
        ((leaf(issuer=MICROSOFT, **MARKS), certificate(MICROSOFT, NEW_ROOT, ski="i")), True, True),
        (
            (leaf(issuer=MICROSOFT, **MARKS), certificate(MICROSOFT, NEW_ROOT, ski="i")),
            False,
            False,
        ),
        ((leaf(issuer=MICROSOFT), certificate(MICROSOFT, NEW_ROOT, ski="i")), True, False),
        ((leaf(issuer=NEW_ROOT, **MARKS),), True, False),
    ],
    ids=["rehearsal", "borrowed name", "no marks", "no intermediate"],
)
def test_a_root_is_believed_by_its_name(
    chain: tuple[Certificate, ...], given: bool, due: bool
) -> None:
    """Only where all roots are made for a rehearsal, above an intermediate, and with the marks of a
    public CA."""
    state = classify(check(), shown(*chain, new_root()), Comparison(roots_given=given))
    assert (state.kind is ChainKind.ROOT_UNKNOWN) is due
    if due:
        assert state.missing == NEW_ROOT
        assert told(state)[0].startswith(
            "consistent with: the chain ends in a root named Microsoft TLS"
        )


# --------------------------------------------------------------------------------------- a gap


def test_others_send_what_is_missing() -> None:
    """A CA that stands in public chains of this run is only not sent here; its namesake with
    another key is somebody else's."""
    known = Comparison(authorities={"CN=below": frozenset({"k"})})
    state = classify(check(), shown(leaf(issuer="CN=below", aki="k")), known)
    assert (state.kind, state.missing) == (ChainKind.INCOMPLETE, "CN=below")
    assert told(state)[0].startswith("proof: other endpoints of this run send the missing")
    assert kind(shown(leaf(issuer="CN=below", aki="other")), known) is ChainKind.INTERCEPTED


def test_the_last_certificate_names_the_key_that_is_missing() -> None:
    """Not the leaf, whose issuer was sent."""
    known = Comparison(authorities={"CN=root": frozenset({"k"})})
    for key, due in (("k", ChainKind.INCOMPLETE), ("other", ChainKind.INTERCEPTED)):
        below = certificate("CN=below", "CN=root", ski="b", aki=key)
        assert kind(shown(leaf(issuer="CN=below", aki="b"), below), known) is due


def test_a_gap_below_a_public_name() -> None:
    """The name of a public CA and the marks of its leaves: a link was left out. Without the marks
    the name is borrowed."""
    state = classify(check(), shown(leaf(issuer=MICROSOFT, **MARKS)), Comparison())
    assert (state.kind, state.missing) == (ChainKind.INCOMPLETE, MICROSOFT)
    assert told(state) == [
        "consistent with: the leaf has 2 signed certificate timestamps, AIA "
        f"http://a.example/ca.crt, and the issuer {MICROSOFT}",
        f"consistent with: the certificate of {MICROSOFT} was not sent",
    ]
    assert kind(shown(leaf(issuer=MICROSOFT))) is ChainKind.INTERCEPTED
    assert kind(shown(leaf(issuer=CONTOSO, **MARKS))) is ChainKind.INTERCEPTED


def test_a_public_name_with_another_key() -> None:
    """A public CA that others of this run send, under another key: the name is borrowed, and
    nothing was left out."""
    seen = Comparison(authorities={MICROSOFT: frozenset({"k"})})
    forged = leaf(issuer=MICROSOFT, **{**MARKS, "aki": "other"})
    assert kind(shown(forged), seen) is ChainKind.INTERCEPTED


def test_what_is_known_of_a_missing_root_is_told() -> None:
    """The root of 2025 is in few stores: the line says so."""
    chain = (leaf(issuer=MICROSOFT, **MARKS), certificate(MICROSOFT, NEW_ROOT, ski="i"))
    state = classify(check(), shown(*chain), Comparison())
    assert state.missing == NEW_ROOT
    assert told(state)[2].startswith("consistent with: Microsoft TLS RSA Root G2: ")


# ---------------------------------------------------------------------------- private and elsewhere


def signing(*asked: Check, **more: Any) -> Comparison:
    """A run in which one private issuer signs for these checks."""
    made = {one.id: shown(leaf(one.host), host=one.host, **more) for one in asked}
    return Comparison(
        checks={one.id: one for one in asked},
        handshakes=made,
        private={key: handshake.chain[0] for key, handshake in made.items()},
    )


def test_an_endpoint_of_the_persons_own() -> None:
    """It may have a CA of its own, unless that CA signs for Azure too, bears a product's name, or a
    middlebox answered."""
    host = "registry.contoso.example"
    own = check(host, custom=True)
    chain = shown(leaf(host), host=host)
    assert kind(chain, asked=own) is ChainKind.PRIVATE
    assert kind(chain, signing(own, check("two.example", custom=True)), own) is ChainKind.PRIVATE
    assert kind(chain, signing(own, check(STS)), own) is ChainKind.INTERCEPTED
    wrong = signing(own, check(STS), name_matches=False)
    assert kind(chain, wrong, own) is ChainKind.PRIVATE
    zscaler = shown(leaf(host, "CN=Zscaler Root CA,O=Zscaler Inc."), host=host)
    assert kind(zscaler, asked=own) is ChainKind.INTERCEPTED
    head = Head(status=403, headers=(("X-Squid-Error", "ERR_ACCESS_DENIED 0"),))
    answered = Comparison(answers={own.id: head})
    assert kind(chain, answered, own) is ChainKind.INTERCEPTED
    other = shown(leaf("other.example"), host=host, name_matches=False)
    assert kind(other, asked=own) is ChainKind.ELSEWHERE
    self_made = shown(certificate("CN=x", "CN=x"), host=host)
    assert kind(self_made, signing(own, check(STS)), own) is ChainKind.PRIVATE


def test_a_private_certificate_for_other_names() -> None:
    """A server that was not meant; a forger makes one for the name that was asked, also as common
    name only, and signs for others."""
    names = tuple(f"{number}.example" for number in range(7))
    wrong = shown(leaf(names=names), name_matches=False)
    state = classify(check(), wrong, Comparison())
    assert state.kind is ChainKind.ELSEWHERE
    assert told(state) == [
        "proof: it is for 0.example, 1.example, 2.example, 3.example, 4.example, 5.example, "
        f"not for {HOST}, and from a private issuer"
    ]
    named = shown(leaf(names=(), common_name=HOST.upper()), name_matches=False)
    assert kind(named) is ChainKind.INTERCEPTED
    assert kind(wrong, signing(check(STS))) is ChainKind.INTERCEPTED
    nameless = classify(check(), shown(leaf(names=()), name_matches=False), Comparison())
    assert "it is for nothing, not for" in told(nameless)[0]
    common = shown(leaf(names=(), common_name="box"), name_matches=False)
    assert "it is for box, not for" in told(classify(check(), common, Comparison()))[0]
    product = leaf(issuer="CN=Zscaler Root CA,O=Zscaler Inc.")
    assert kind(shown(product, name_matches=False)) is ChainKind.INTERCEPTED


def test_every_chain_of_a_run_once() -> None:
    """Each check with a chain has its state."""
    states = classify_all(signing(check(), check(STS)))
    assert {key: state.kind for key, state in states.items()} == {
        check().id: ChainKind.INTERCEPTED,
        check(STS).id: ChainKind.INTERCEPTED,
    }
