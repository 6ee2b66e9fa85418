"""``arcprobe run`` where Kubernetes does not let a pod begin, or ends it: Kubernetes' own words are
told, in seconds. The runs are made side by side; each stays in a namespace of its own."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.hosts import SECONDS
from tests.cluster.using import (
    NOWHERE,
    WAITING,
    Done,
    all_at_once,
    begun,
    content,
    has_pods,
    namespace,
    staying,
)
from tests.support import images

_POD = ("--vantage", "pod", "--format", "json")
_TEAM = "team-refused"


def _limited(kind: str, namespace: str, **spec: Any) -> dict[str, Any]:
    about = {"name": "limit", "namespace": namespace}
    return {"apiVersion": "v1", "kind": kind, "metadata": about, "spec": spec}


def _broken_shop(namespace: str) -> dict[str, Any]:
    """A Deployment of somebody else's, whose pods are refused too."""
    labels = {"app": "shop"}
    pod = {"containers": [{"name": "shop", "image": images.IMAGE}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    about = {"namespace": namespace, "name": "shop"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec}


# run: its flags, and a pattern of the reason that it must tell
CASES: dict[str, tuple[tuple[str, ...], str]] = {
    "secret": (
        ("--namespace", "team-plain", "--proxy-secret", "mars"),
        r'FailedMount: MountVolume.SetUp failed for volume "settings".*secret "mars" not found',
    ),
    "image": (
        ("--image", "registry.invalid/arcprobe:1", "--pull-policy", "IfNotPresent"),
        r"registry.invalid.*(no such host|server misbehaving|i/o timeout|refused)",
    ),
    "image that was not loaded": (("--image", "localhost/mars:1"), r"not on the node"),
    "room": (("--nodes", "all", "--request", "cpu=999"), r"Insufficient cpu"),
    "quota": (("--namespace", _TEAM), r"must specify limits.cpu"),
    "largest container": (
        ("--namespace", "team-small"),
        r"maximum memory usage per Container is 16Mi",
    ),
    "priority": (("--priority-class", "mars"), r"no PriorityClass with name mars was found"),
}


@pytest.fixture(scope="module")
def done(cluster: Cluster) -> Iterator[dict[str, Done]]:
    """What each of the runs printed."""
    small = {"type": "Container", "max": {"memory": "16Mi"}}
    with contextlib.ExitStack() as stack:
        for name in ("team-plain", _TEAM, "team-small"):
            stack.enter_context(namespace(cluster, name))
        cluster.apply(
            _limited("ResourceQuota", _TEAM, hard={"limits.cpu": "1"}),
            _broken_shop(_TEAM),
            _limited("LimitRange", "team-small", limits=[small]),
        )
        patience = ("--patience", "12")
        runs = {name: (*NOWHERE, *_POD, *patience, *given) for name, (given, _) in CASES.items()}
        yield all_at_once(cluster, runs)


@pytest.mark.parametrize("name", CASES)
def test_reason_is_told(name: str, done: dict[str, Done], cluster: Cluster) -> None:
    """The reason stands in the picture, with the exit code of what was not finished, long before
    --wait; nothing is left."""
    picture, code = content(done[name]), done[name].returncode
    reasons = [lost["reason"] for lost in picture["lost"]]
    assert (code, bool(reasons)) == (3, True), done[name].stderr
    assert all(re.search(CASES[name][1], reason) for reason in reasons), reasons
    assert "shop" not in str(reasons)
    assert staying(cluster) == []


def test_last_words_are_kept(done: dict[str, Done]) -> None:
    """What Kubernetes said last of a pod stands with the cause, for the pod is gone by then."""
    (lost,) = (cause for cause in content(done["secret"])["causes"] if cause["code"] == "node-lost")
    assert any("FailedMount" in said for said in lost["evidence"]), lost


def test_node_without_room_is_named(done: dict[str, Done], cluster: Cluster) -> None:
    """A pod that cannot be scheduled is told with the node that it was meant for."""
    lost = content(done["room"])["lost"]
    assert sorted(node["node"] for node in lost) == cluster.nodes


def test_node_that_is_away(cluster: Cluster) -> None:
    """A node whose kubelet is dead is named with the reason, long before --wait; the other node's
    reports stand, also where that one is cordoned and tainted."""
    taint = ("taint", "node", "n1", "mars=1:NoSchedule")
    cluster.stop("n2-kubelet")
    try:
        cluster.kubectl("cordon", "n1")
        cluster.kubectl(*taint)
        cluster.wait_for("n2 NotReady", lambda: not cluster.is_ready("n2"))
        given = ("--nodes", "all", "--patience", "15", "--format", "json")
        done = cluster.arcprobe("run", *NOWHERE, *given)
    finally:
        cluster.start_kubelet("n2")
        cluster.kubectl(*taint[:-1], "mars-")
        cluster.kubectl("uncordon", "n1")
        cluster.wait_for("n2 Ready", lambda: cluster.is_ready("n2"))
    picture = content(done)
    assert {lost["node"] for lost in picture["lost"]} == {"n2"}, done.stderr
    assert "node n2 is not Ready: Kubelet stopped posting node status" in done.stderr
    assert {place["node"] for place in picture["places"]} == set(cluster.nodes) - {"n2"}


def test_pod_that_is_taken_away(cluster: Cluster) -> None:
    """A pod that is deleted before it reported, and does not come again, is lost with that reason,
    long before --wait."""
    with namespace(cluster, "team-evicted") as team:
        given = ("--namespace", team, "--timeout", "280", "--patience", "10")
        with begun(cluster, *WAITING, *given, *_POD) as process:
            cluster.wait_for("a pod", lambda: has_pods(cluster))
            at_once = ("--force", "--grace-period=0", "-l", "app.kubernetes.io/name=arcprobe")
            cluster.kubectl("-n", team, "delete", "jobs,pods", *at_once)
            out, words = process.communicate(timeout=SECONDS)
    assert process.returncode == 3, words
    assert "removed before it reported" in out
