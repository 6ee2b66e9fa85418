"""A proxy, or a name server, in the cluster's own ranges."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from arcprobe.findings.case import open_case
from arcprobe.findings.telling import tell
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Attempt,
    Cluster,
    Experiment,
    FailureKind,
    Judgement,
    Kind,
    Lookup,
    Observation,
    Owner,
    Range,
    Service,
    Settings,
)
from tests.findings.seen import HOST, PROXY, RUN, attempt, check, failed, observed, to_proxy

SERVICES = Range(what="services", cidr="10.16.0.0/12", source="ServiceCIDR")


def word_on(cluster: Cluster) -> Judgement:
    """What is said of the proxy at 10.20.0.8, which is silent."""
    proxied = check(proxy=PROXY)
    asked = check(Kind.PROXY, host=PROXY.host, port=PROXY.port, proxy=PROXY)
    place = check(Kind.SKIP_RANGE, host="kubernetes.default.svc")
    silent = to_proxy(failure=failed(FailureKind.TIMED_OUT))
    observations = [
        observed(proxied, *silent),
        observed(asked, *silent),
        Observation(check=place.id, attempts=(attempt(cluster, label=Experiment.CLUSTER),)),
    ]
    run = replace(RUN, settings=Settings(proxy_https=PROXY))
    (word,) = tell(asked, open_case((proxied, asked, place), observations, run))
    return word


@pytest.mark.parametrize("what", ["services", "pods"])
def test_in_a_known_range(what: str) -> None:
    """The cluster is to act: the address is its own."""
    word = word_on(Cluster(source="api", ranges=(replace(SERVICES, what=what),)))
    assert (word.code, word.owner) == ("proxy-silent", "cluster")
    assert word.remedy is not None
    assert language().say(word.remedy).startswith("The cluster's own range 10.16.0.0/12 contains")


@pytest.mark.parametrize(
    "cluster",
    [
        Cluster(source="api", ranges=(replace(SERVICES, cidr="10.96.0.0/12"),)),
        Cluster(source="api", ranges=(replace(SERVICES, inferred=True),)),
        Cluster(source="api", ranges=(replace(SERVICES, what="nodes"),)),
        Cluster(source="api", ranges=(replace(SERVICES, cidr="10.16.0.0/99"),)),
        Cluster(
            source="api",
            ranges=(SERVICES,),
            services=(Service(namespace="proxies", name="squid", addresses=("10.20.0.8",)),),
        ),
    ],
    ids=["elsewhere", "inferred", "nodes", "no-range", "a-service-of-the-cluster"],
)
def test_elsewhere(cluster: Cluster) -> None:
    """Outside, in a range that is only guessed, or as a Service of the cluster, nothing is said of
    it."""
    assert word_on(cluster).owner != "cluster"


@pytest.mark.parametrize(
    ("cidr", "owner"), [("10.16.0.0/12", Owner.CLUSTER), ("10.96.0.0/12", Owner.DNS)]
)
def test_a_name_server_in_the_range(cidr: str, owner: Owner) -> None:
    """A name server whose address is the cluster's own does not answer there."""
    asked = check(Kind.DNS)
    silent = Lookup(
        name=HOST,
        engine="10.20.0.53",
        record="A",
        transport="udp",
        failure=failed(FailureKind.TIMED_OUT),
    )
    system = Lookup(name=HOST, failure=failed(FailureKind.TIMED_OUT))
    place = check(Kind.SKIP_RANGE, host="kubernetes.default.svc")
    told = Cluster(source="api", ranges=(replace(SERVICES, cidr=cidr),))
    observations = [
        Observation(
            check=asked.id,
            attempts=(
                attempt(system, label=Experiment.SYSTEM),
                Attempt(label=Experiment.NAME_SERVER.of("10.20.0.53"), steps=(silent,)),
            ),
        ),
        Observation(check=place.id, attempts=(attempt(told, label=Experiment.CLUSTER),)),
    ]
    (word,) = tell(asked, open_case((asked, place), observations, RUN))
    assert word.code == "resolver-silent"
    assert (word.owner or Owner.DNS) is owner
