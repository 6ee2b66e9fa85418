"""What was seen for one check."""

from __future__ import annotations

import pytest

from arcprobe.model import (
    Attempt,
    Cluster,
    Dial,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Lookup,
    Observation,
    Role,
)
from tests.report import sample


@pytest.mark.parametrize("experiment", Experiment)
def test_labels_are_experiments(experiment: Experiment) -> None:
    """Each experiment is found again by its label."""
    assert Attempt(label=experiment.value, steps=()).experiment is experiment


def test_one_of_several_peers() -> None:
    """A name server's label ends with its address."""
    label = Experiment.NAME_SERVER.of("192.0.2.53")
    attempt = Attempt(label=label, steps=())
    assert label == "name server 192.0.2.53"
    assert (attempt.experiment, attempt.peer) == (Experiment.NAME_SERVER, "192.0.2.53")


def test_labels_of_later_versions() -> None:
    """A label that is not known is no experiment, and no fault."""
    assert Attempt(label="by carrier pigeon", steps=()).experiment is None


def test_seconds() -> None:
    """From the start of the first step to the end of the last, over all connections."""
    first = Lookup(name="a.example", started=1.0, took=0.5)
    last = Dial(address="192.0.2.1", port=443, started=2.0, took=1.25)
    attempts = (Attempt(label="agents", steps=(last,)), Attempt(label="alone", steps=(first,)))
    assert Observation(check="x", attempts=attempts).seconds == 2.25
    assert Observation(check="x").seconds == 0.0


def test_began_and_sources() -> None:
    """When the first step began, and from which addresses it connected."""
    dials = tuple(
        Dial(address="192.0.2.1", port=443, started=started, source=source)
        for started, source in ((2.0, "10.0.0.2"), (1.5, "10.0.0.2"), (3.0, ""))
    )
    seen = Observation(check="x", attempts=(Attempt(label="agents", steps=dials),))
    assert (seen.began, seen.sources) == (1.5, ("10.0.0.2",))
    assert (Observation(check="x").began, Observation(check="x").sources) == (0.0, ())


def test_destinations_are_the_endpoints() -> None:
    """Of what was dialled, an address each once, the proxy's left out."""
    steps = (
        Dial(address="192.0.2.8", port=3128, role=Role.PROXY),
        Dial(address="192.0.2.1", port=443, role=Role.TARGET),
        Dial(address="192.0.2.2", port=443, role=Role.TARGET),
        Dial(address="192.0.2.1", port=443, role=Role.TARGET),
    )
    seen = Observation(check="x", attempts=(Attempt(label="agents", steps=steps),))
    assert seen.destinations == ("192.0.2.1", "192.0.2.2")


def test_resolvers_that_found_nothing() -> None:
    """Each that failed, once; who answered is none of them."""
    failure = Failure(kind=FailureKind.NAME_UNKNOWN)
    steps = (
        Lookup(name="a.example", engine="192.0.2.53", failure=failure),
        Lookup(name="a.example", engine="192.0.2.54"),
        Lookup(name="a.example", engine="192.0.2.53", failure=failure),
    )
    seen = Observation(check="x", attempts=(Attempt(label="system", steps=steps),))
    assert seen.resolvers_without == ("192.0.2.53",)


def test_timeline_and_chain() -> None:
    """The steps that took time, and the certificates that an endpoint showed."""
    shown = Handshake(server_name="a", started=1.0, took=0.5, chain=(sample.CERTIFICATE,))
    of_proxy = Handshake(server_name="p", peer=Role.PROXY, chain=(sample.CERTIFICATE,))
    seen = Observation(
        check="x", attempts=(Attempt(label="agents", steps=(of_proxy, Lookup(name="a"), shown)),)
    )
    assert seen.timeline == (("handshake", 1.0, 0.5, False),)
    assert seen.chain == (sample.CERTIFICATE,)
    only_proxy = Observation(check="x", attempts=(Attempt(label="agents", steps=(of_proxy,)),))
    assert (only_proxy.timeline, only_proxy.chain) == ((), ())


def test_what_the_cluster_told() -> None:
    """The cluster's own words, where the check asked it; nothing of any other check."""
    told = Cluster(source="file")
    attempts = (Attempt(label="agents", steps=(Lookup(name="a.example"), told)),)
    assert Observation(check="x", attempts=attempts).cluster is told
    assert Observation(check="x", attempts=attempts[:0]).cluster is None
