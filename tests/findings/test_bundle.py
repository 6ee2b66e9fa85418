"""What --proxy-cert does for a chain, or would do."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings.bundle import what_if
from arcprobe.knowledge.language import language
from arcprobe.model import Certificate, GoRefusal, GoSaid, Settings, Store, Trust
from tests.findings.sessions import CONTOSO, certificate, shown

LEAF = certificate("CN=host", CONTOSO)
ROOT = certificate(CONTOSO, CONTOSO, sha256="0123456789abcdef0123")
NOTES = ("1", "2", "3", "4", "5", "6", "7")


def told(*trust: Trust, chain: tuple[Certificate, ...] = (LEAF,), **settings: Any) -> list[str]:
    """The lines in English."""
    lines = what_if(shown(*chain, trust=trust), Settings(**settings))
    return [language().say(line) for line in lines]


def bundle(store: Store = Store.BUNDLE, **more: Any) -> Trust:
    return Trust(store=store, **{"accepted": False, **more})


@pytest.mark.parametrize(
    ("chain", "root"),
    [
        ((LEAF,), CONTOSO),
        ((LEAF, ROOT), f"{CONTOSO} (sha256 0123456789abcdef…, it came with the chain)"),
    ],
)
def test_the_root_that_would_be_needed(chain: tuple[Certificate, ...], root: str) -> None:
    """Without a bundle the root is named that agents would need, with its fingerprint where it
    came."""
    assert told(chain=chain) == [
        "--proxy-cert was not given: the agents would trust this chain with the root of "
        f"{root} in it, as PEM"
    ]


def test_a_bundle_that_makes_agents_accept() -> None:
    """The root in which the chain ends is named, and the date that is wrong; what was noted of the
    bundle follows, at most six lines."""
    accepts = "ca.pem holds the CA that the agents need: the chain ends in CN=r"
    good = bundle(accepted=True, anchor="CN=r", words="ok")
    assert told(good, proxy_cert="ca.pem") == [accepts]
    late = bundle(anchor="CN=r", words="certificate has expired")
    assert told(late, proxy_cert="ca.pem", proxy_cert_notes=NOTES) == [
        f"{accepts}, except for a date: certificate has expired",
        *(f"ca.pem: {number}" for number in range(1, 7)),
    ]


@pytest.mark.parametrize(
    ("refusal", "begin"),
    [
        (None, "ca.pem holds the CA that the agents need"),
        (GoRefusal.CURVE, "ca.pem does not make the agents accept this chain: it ends in CN=r"),
    ],
)
def test_a_bundle_in_which_only_openssl_finds_the_root(
    refusal: GoRefusal | None, begin: str
) -> None:
    """What Go refuses with the same roots no bundle heals, and that is said."""
    good = bundle(accepted=True, anchor="CN=r", go=GoSaid(refusal=refusal))
    (line,) = told(good, proxy_cert="ca.pem")
    assert line.startswith(begin)


def test_a_bundle_that_does_not_help() -> None:
    """What OpenSSL says, and the root that is needed; of an intermediate, that only Go takes it."""
    refused = bundle(code=20, words="unable to get local issuer certificate")
    partial = bundle(Store.BUNDLE_PARTIAL, accepted=True)
    first, needed = told(refused, proxy_cert="ca.pem")
    assert first == (
        "ca.pem does not make the agents accept this chain "
        "(OpenSSL: unable to get local issuer certificate, code 20)"
    )
    assert needed == f"ca.pem needs the root of {CONTOSO}"
    assert told(refused, partial)[1] == (
        "--proxy-cert holds an intermediate without the root: Go programs would accept it, "
        "OpenSSL and .NET do not; add the root"
    )
    assert told(bundle(code=1))[0].endswith("(OpenSSL: refused, code 1)")


OTHERS = ("CN=1", "CN=2", "CN=3", "CN=4", "CN=5", "CN=6")


def test_a_ca_of_the_same_name_with_another_key() -> None:
    """It is named: who looks at the file sees the right name there."""
    wrong = bundle(code=30, words="authority and subject key identifier mismatch")
    assert told(wrong, proxy_cert="ca.pem")[1] == (
        f"ca.pem holds a CA named {CONTOSO} with another key, an older or newer one:"
        " export the one in use from the proxy"
    )


def test_a_bundle_of_another_pki() -> None:
    """What stands in it is named beside what is missing, a few names of many; where the names are
    not known, or the right one is there, the root that is needed is."""
    refused = bundle(code=20, words="x")
    needed = f"ca.pem needs the root of {CONTOSO}"
    other = told(refused, proxy_cert="ca.pem", proxy_cert_subjects=OTHERS)[1]
    assert CONTOSO in other
    assert other != needed
    assert "CN=1" in other
    assert "CN=6" not in other
    for names in ((), (CONTOSO, "CN=1")):
        assert told(refused, proxy_cert="ca.pem", proxy_cert_subjects=names)[1] == needed
