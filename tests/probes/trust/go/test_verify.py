"""What Go's verifier refuses, and by which reason. Beside it, tests/agents compares with Go itself
over thousands of chains."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.go.verify import Refused, Roots, verify
from tests.agents.generated.chains import (
    AUTHORITY_TRAITS,
    COMMON_TRAITS,
    HOST,
    LEAF_TRAITS,
    WHEN,
    single,
)


@dataclass(frozen=True)
class Odd:
    """A trait, or a kind of key, at a place of a chain: 0 the leaf, 1 the CA, 2 the root."""

    place: int
    trait: str = ""
    key: str = ""
    reason: GoRefusal | None = None


CASES = [
    Odd(0),
    *(Odd(0, trait) for trait in ("upper", "wildcard", "others-first", "many", "very-many")),
    *(Odd(0, trait) for trait in ("sct-garbage", "purposes-none", "unknown", "far", "serial-zero")),
    Odd(0, "dot", reason=GoRefusal.NAME),
    Odd(0, "wildcard-dot", reason=GoRefusal.NAME),
    Odd(0, "wildcard-deep", reason=GoRefusal.NAME),
    Odd(0, "no-names", reason=GoRefusal.NAME),
    Odd(0, "address-as-name", reason=GoRefusal.NAME),
    Odd(0, "address-mapped", reason=GoRefusal.NOT_READ),
    Odd(0, "clients-only", reason=GoRefusal.PURPOSES),
    Odd(0, "rsa-large", reason=GoRefusal.KEY),
    Odd(0, "serial-negative", reason=GoRefusal.NEGATIVE_SERIAL),
    Odd(0, "critical", reason=GoRefusal.CRITICAL_EXTENSION),
    Odd(0, "twice", reason=GoRefusal.NOT_READ),
    Odd(0, "forged", reason=GoRefusal.NOT_SIGNED),
    Odd(0, "expired", reason=GoRefusal.DATES),
    *(Odd(place, "clients-only", reason=GoRefusal.PURPOSES) for place in (1, 2)),
    *(Odd(place, "purposes-any") for place in (1, 2)),
    *(Odd(place, "no-basic", reason=GoRefusal.NO_CA_FLAG) for place in (1, 2)),
    *(Odd(place, "basic-false", reason=GoRefusal.NOT_A_CA) for place in (1, 2)),
    *(Odd(place, "usage-no-sign", reason=GoRefusal.KEY_USAGE) for place in (1, 2)),
    Odd(2, "path-0", reason=GoRefusal.PATH_LENGTH),
    Odd(1, "path-0"),
    *(Odd(place, "permitted-other", reason=GoRefusal.NAME_CONSTRAINTS) for place in (1, 2)),
    *(Odd(place, "excluded", reason=GoRefusal.NAME_CONSTRAINTS) for place in (1, 2)),
    *(Odd(place, "permitted") for place in (1, 2)),
    Odd(1, "version-1", reason=GoRefusal.NO_CA_FLAG),
    Odd(2, "version-1"),
    *(Odd(place, key="BrainpoolP256R1", reason=GoRefusal.CURVE) for place in (0, 1, 2)),
    *(Odd(place, key="SECP256K1", reason=GoRefusal.CURVE) for place in (0, 1, 2)),
    Odd(0, key="Ed448", reason=GoRefusal.KEY),
    Odd(0, key="DSA", reason=GoRefusal.KEY),
    *(Odd(place, key="Ed25519") for place in (0, 1, 2)),
    *(Odd(place, key="SECP224R1") for place in (0, 1, 2)),
]


@pytest.mark.parametrize("odd", CASES, ids=lambda odd: f"{odd.place} {odd.trait}{odd.key}")
def test_each_fault_has_its_reason(odd: Odd) -> None:
    """A chain of a leaf, a CA and a root, with one odd thing in it."""
    traits = {**AUTHORITY_TRAITS, **LEAF_TRAITS, **COMMON_TRAITS}
    if odd.place:
        traits |= AUTHORITY_TRAITS
    kinds = {odd.place: odd.key} if odd.key else {}
    wanted = {odd.place: [traits[odd.trait]]} if odd.trait else {}
    chain = single(wanted, 1, kinds)
    reason = None
    try:
        path = verify(chain.sent, Roots(chain.roots), HOST, WHEN)
        assert path == (*chain.sent, *chain.roots)
    except Refused as refused:
        reason = refused.reason
    assert reason == odd.reason


@pytest.mark.parametrize(
    ("key", "reason"), [("Ed448", GoRefusal.SIGNATURE), ("DSA", GoRefusal.KEY)]
)
@pytest.mark.parametrize("place", [1, 2])
def test_authorities_of_another_kind(key: str, reason: GoRefusal, place: int) -> None:
    """A CA whose key Go does not have signs nothing: Ed448 has no algorithm, DSA no support."""
    chain = single({}, 1, {place: key})
    with pytest.raises(Refused) as caught:
        verify(chain.sent, Roots(chain.roots), HOST, WHEN)
    assert caught.value.reason in (reason, GoRefusal.UNKNOWN_AUTHORITY)


def test_a_chain_of_any_length() -> None:
    """Twenty-two intermediates are no fault."""
    chain = single({}, 22, {})
    assert len(verify(chain.sent, Roots(chain.roots), HOST, WHEN)) == 24


def test_another_path_is_tried() -> None:
    """Of two authorities of one name and key, the one that is for servers leads to the root."""
    chain = single({1: [AUTHORITY_TRAITS["clients-only"]]}, 1, {})
    good = single({}, 1, {})
    sent = (good.sent[0], chain.sent[1], good.sent[1])
    assert verify(sent, Roots(good.roots), HOST, WHEN)[1] == good.sent[1]
    with pytest.raises(Refused):
        verify(sent[:2], Roots(good.roots), HOST, WHEN)


def test_without_name_and_dates() -> None:
    """An empty name and no time leave both out."""
    chain = single({0: [LEAF_TRAITS["dot"], COMMON_TRAITS["expired"]]}, 1, {})
    assert verify(chain.sent, Roots(chain.roots), "", None)[0] == chain.sent[0]


def test_the_culprit_is_named() -> None:
    """What is refused is told by its certificate."""
    chain = single({1: [AUTHORITY_TRAITS["clients-only"]]}, 1, {})
    with pytest.raises(Refused) as caught:
        verify(chain.sent, Roots(chain.roots), HOST, WHEN)
    assert caught.value.culprit == chain.sent[1]
    assert caught.value.words == "x509: certificate specifies an incompatible key usage"


def test_a_root_that_is_not_read_is_why() -> None:
    """A chain to a root on a curve that Go does not have ends nowhere, and the root is named."""
    chain = single({}, 1, {2: "BrainpoolP256R1"})
    with pytest.raises(Refused) as caught:
        verify(chain.sent, Roots(chain.roots), HOST, WHEN)
    assert caught.value.culprit == chain.roots[0]
