"""A netlab scenario as the internet of a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.cluster import network
from tests.cluster.cluster import Cluster
from tests.netlab import made as netlab
from tests.netlab.scenario import Scenario
from tests.netlab.zone import REGION
from tests.support import images


@contextlib.contextmanager
def joined(scenario: Scenario, cluster: Cluster) -> Iterator[netlab.Built]:
    """The scenario's network, and the cluster behind its router."""
    with netlab.built(scenario) as lab, network.joined(cluster, lab.topology):
        yield lab


def flags(scenario: Scenario, lab: netlab.Built) -> list[str]:
    """Of ``arcprobe run`` and ``job`` in this network. ``--timeout`` is the scenario's; where
    everything answers a longer one, given after these, costs nothing."""
    roots = str(lab.pki / "public-roots.pem")
    fixed = ["--region", REGION, "--public-roots", roots, "--timeout", str(scenario.timeout)]
    image = ["--image", images.IMAGE, "--pull-policy", "Never"]
    # the lab's node and API server are not this cluster's
    own = (
        lab.fill(word).replace("10.77.1.0/24,10.77.5.2", "10.99.0.0/24")
        for word in scenario.settings
    )
    return [*fixed, *image, *own]
