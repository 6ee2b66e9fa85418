"""A proxy on loopback, from a pod and from elsewhere."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from arcprobe.findings.case import open_case
from arcprobe.findings.loopback import words_on
from arcprobe.findings.telling import tell
from arcprobe.knowledge.language import language
from arcprobe.model import Dial, FailureKind, Judgement, Kind, Proxy, Role, Settings
from tests.findings.seen import RUN, check, failed, observed


def word_on(host: str, vantage: str) -> Judgement:
    """What is said of a proxy at that address that refuses."""
    proxy = Proxy(scheme="http", host=host, port=3128, setting="--proxy-https")
    through = check(proxy=proxy)
    asked = check(Kind.PROXY, host=host, port=3128, proxy=proxy)
    refused = Dial(address=host, port=3128, role=Role.PROXY, failure=failed(FailureKind.REFUSED))
    seen = [observed(through, refused), observed(asked, refused)]
    run = replace(RUN, vantage=vantage, settings=Settings(proxy_https=proxy))
    (word,) = tell(asked, open_case((through, asked), seen, run))
    return word


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "::1", "localhost", "0.0.0.0"])
def test_in_a_pod(host: str) -> None:
    """The pod asks itself: the address is wrong, and nobody else has to act."""
    word = word_on(host, "pod")
    assert (word.code, word.owner) == ("proxy-refused", "you")
    assert word.remedy is not None
    assert "connects to itself" in language().say(word.remedy)


@pytest.mark.parametrize(
    ("host", "vantage"), [("127.0.0.1", "laptop"), ("127.0.0.1", "node"), ("10.20.0.8", "pod")]
)
def test_elsewhere(host: str, vantage: str) -> None:
    """A laptop may well have a proxy of its own, and a pod one in the network."""
    word = word_on(host, vantage)
    assert (word.code, word.remedy) == ("proxy-refused", None)


@pytest.mark.parametrize(
    ("host", "is_told"),
    [
        ("127.0.0.1", True),
        ("LOCALHOST.", True),
        ("proxy.localhost", True),
        ("proxy-localhost", False),
        ("10.20.0.8", False),
    ],
)
def test_what_works_from_here_alone(host: str, is_told: bool) -> None:
    """Of one that opens tunnels it is said that pods do not reach it: no fault, a word."""
    proxy = Proxy(scheme="http", host=host, port=3128, setting="--proxy-https")
    assert bool(list(words_on(proxy))) is is_told
