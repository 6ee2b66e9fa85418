"""Agents that read a bypass list in another way than Go, and names that no suffix covers."""

from __future__ import annotations

import pytest

from arcprobe.findings.questions.bypass_agents import other_agents
from arcprobe.knowledge.language import language
from arcprobe.model import Cluster, Service

CLUSTER = Cluster(
    source="file",
    services=(
        Service(namespace="azure-arc", name="logcollector", addresses=("10.96.3.4",)),
        Service(namespace="default", name="kubernetes", addresses=("10.96.0.1", "fd00::1")),
        Service(namespace="shop", name="cart", addresses=("10.96.9.9",)),
    ),
)
DOTNET = (
    "clusterconnect-agent is .NET, which ignores ranges before .NET 11: it uses"
    " default/kubernetes by its address, so put 10.96.0.1 into the list by itself"
)
BARE = (
    "Agents in azure-arc use logcollector by its bare name, which no suffix covers: put"
    " logcollector into the list"
)


@pytest.mark.parametrize(
    ("skip_range", "due"),
    [
        ("10.96.0.0/12,.svc", [DOTNET, BARE]),
        ("10.96.0.0/12,10.96.0.1,.svc", [BARE]),
        ("10.96.0.0/12,10.96.0.1,logcollector", []),
        ("10.96.0.0/12,logcollector", [DOTNET]),
        (".svc", [BARE]),
    ],
)
def test_what_is_left_to_others(skip_range: str, due: list[str]) -> None:
    """A range is nothing to .NET, a suffix nothing to a bare name; what Go does not bypass
    either is a fault, and told elsewhere."""
    assert [language().say(words) for words in other_agents(skip_range, CLUSTER)] == due


def test_what_is_not_there() -> None:
    """A Service that the cluster does not have, or in another namespace, asks for nothing."""
    other = Service(namespace="shop", name="logcollector", addresses=("10.96.3.4",))
    assert list(other_agents("10.96.0.0/12", Cluster(source="file", services=(other,)))) == []
    assert list(other_agents("10.96.0.0/12", None)) == []


@pytest.mark.parametrize(
    ("features", "skip_range", "is_told"),
    [
        (("extensions",), ".svc", True),
        (("cluster-connect", "key-vault"), ".svc", True),
        (("cluster-connect",), ".svc", False),
        (("extensions",), "169.254.169.254,.svc", False),
        (("extensions",), "169.254.0.0/16,.svc", False),
    ],
)
def test_the_instance_metadata(features: tuple[str, ...], skip_range: str, is_told: bool) -> None:
    """Told where extensions that ask it are on, and the list does not have it."""
    told = [language().say(words) for words in other_agents(skip_range, None, features)]
    assert bool(told) is is_told
    assert all("put 169.254.169.254 into the list" in words for words in told)
