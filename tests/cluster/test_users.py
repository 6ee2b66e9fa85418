"""``arcprobe run`` by those who may not do everything, and with settings that are wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.cluster import policies
from tests.cluster.cluster import Cluster
from tests.cluster.using import NOWHERE, Done, all_at_once, content, namespace, staying

_POD = ("--vantage", "pod", "--format", "json")


_MAKER = "arcprobe-tests-maker-of-roles"
_HELD = ("--verb=create,get,delete", "--resource=clusterroles,clusterrolebindings")


@contextlib.contextmanager
def _makers_of_roles(cluster: Cluster, user: str) -> Iterator[None]:
    """Meanwhile the user may make roles for the whole cluster, but hand out no right that he or she
    has not."""
    binding = ("clusterrolebinding", _MAKER, f"--clusterrole={_MAKER}", f"--user={user}")
    cluster.kubectl("create", "clusterrole", _MAKER, *_HELD)
    cluster.kubectl("create", *binding)
    try:
        yield
    finally:
        cluster.kubectl("delete", "clusterrole,clusterrolebinding", _MAKER)


@pytest.fixture(scope="module")
def done(cluster: Cluster) -> dict[str, Done]:
    """What each run printed."""
    nora, greta, victor = map(cluster.user, ("nora", "greta", "victor"))
    with namespace(cluster, "team-nora") as team, _makers_of_roles(cluster, "greta"):
        admins = ("admins", "--clusterrole=admin", "--user=nora", "--user=greta", "-n", team)
        cluster.kubectl("create", "rolebinding", *admins)
        inside = (*NOWHERE, *_POD, "--namespace", team, "--kubeconfig")
        runs = {
            "admin of a namespace": (*inside, str(nora)),
            "admin of a namespace, without rights": (*inside, str(nora), "--no-rights"),
            "maker of roles": (*inside, str(greta)),
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


def test_rights_that_cannot_be_handed_out(done: dict[str, Done]) -> None:
    """Who may make roles but has not what this one gives is told so in the API server's words, and
    gets a run."""
    stderr = done["maker of roles"].stderr
    assert len(content(done["maker of roles"])["places"]) == 1, stderr
    assert "is attempting to grant RBAC permissions not currently held" in stderr


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
