"""``arcprobe run`` by those who may not do everything, and with settings that are wrong."""

from __future__ import annotations

import pytest

from tests.cluster import policies
from tests.cluster.cluster import Cluster
from tests.cluster.using import NOWHERE, Done, all_at_once, content, namespace, staying

_POD = ("--vantage", "pod", "--format", "json")


@pytest.fixture(scope="module")
def done(cluster: Cluster) -> dict[str, Done]:
    """What each run printed."""
    nora, victor = cluster.user("nora"), cluster.user("victor")
    with namespace(cluster, "team-nora") as team:
        binding = ("rolebinding", "nora", "--clusterrole=admin", "--user=nora", "-n", team)
        cluster.kubectl("create", *binding)
        hers = (*NOWHERE, *_POD, "--kubeconfig", str(nora), "--namespace", team)
        runs = {
            "admin of a namespace": hers,
            "admin of a namespace, without rights": (*hers, "--no-rights"),
            "viewer": (*NOWHERE, "--kubeconfig", str(victor), "--namespace", "default"),
            "context": (*NOWHERE, "--context", "mars"),
            "kubeconfig": (*NOWHERE, "--kubeconfig", "/mars"),
            "label": (*NOWHERE, "--nodes", "zone=mars"),
            "secret": (*NOWHERE, "--proxy-secret", "mars"),
        }
        printed = all_at_once(cluster, runs)
        left = cluster.kubectl("-n", team, "get", "jobs,configmaps,serviceaccounts", "-o", "name")
        assert "arcprobe" not in left
    return printed


def test_namespace_admin(done: dict[str, Done]) -> None:
    """Who may do everything in one namespace alone gets a run; the rights that are missing are told
    once, or left out when that is asked for."""
    without = done["admin of a namespace, without rights"]
    for name in ("admin of a namespace", "admin of a namespace, without rights"):
        assert len(content(done[name])["places"]) == 1, done[name].stderr
    told = "continuing without permission to read Services"
    assert told in done["admin of a namespace"].stderr
    assert told not in without.stderr


def test_viewer_is_told_why(done: dict[str, Done], cluster: Cluster) -> None:
    """Who may make nothing gets the API server's words, and nobody cries that something was not
    cleaned up."""
    viewer = done["viewer"]
    assert viewer.returncode == 3
    assert 'User "victor" cannot create resource' in viewer.stderr
    assert "not cleaned up" not in viewer.stderr
    assert staying(cluster) == []


@pytest.mark.parametrize("name", ["context", "kubeconfig", "label", "secret"])
def test_wrong_setting(name: str, done: dict[str, Done]) -> None:
    """What cannot work is told in one line at once, with exit 2: nothing was made."""
    assert (done[name].returncode, done[name].stderr.count("\n")) == (2, 1), done[name].stderr


def test_node_network_that_is_not_let_in(cluster: Cluster) -> None:
    """Where the cluster refuses hostNetwork the pod network's verdict stands, as a warning with the
    remedy."""
    given = (*NOWHERE, "--patience", "12", "--format", "json")
    cluster.kubectl("delete", "clusterrolebinding", "policy-privileged")
    try:
        done = cluster.arcprobe("run", *given)
    finally:
        cluster.apply(policies.binding("privileged"))
    picture = content(done)
    assert {place["vantage"] for place in picture["places"]} == {"pod"}, done.stderr
    (lost,) = picture["lost"]
    assert lost["vantage"] == "node"
    assert "PodSecurityPolicy" in lost["reason"]
    assert [cause["verdict"] for cause in picture["causes"] if cause["code"] == "node-lost"] == [
        "warn"
    ]
