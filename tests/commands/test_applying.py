"""The objects of ``arcprobe run``: made, deleted, and nothing else touched."""

from __future__ import annotations

from arcprobe.commands import applying
from tests.commands.kubelets import Kubelets, left, needs_kubectl, run_in
from tests.support.apiserver import ApiServer, BadDay


def test_command_that_cleans_up() -> None:
    """What is in a namespace of the run's own goes with it; else each kind is named; always by the
    run's own label."""
    label = "-l app.kubernetes.io/instance=a-1"
    own = applying.clean_up("a-1", "a-1", ["namespace", "clusterrole", "job"])
    assert own == f"kubectl delete namespace,clusterrole {label}"
    team = applying.clean_up("a-1", "team", ["clusterrole", "configmap", "job"])
    inside = f"kubectl -n team delete configmap,job {label}"
    assert team == f"{inside}; kubectl delete clusterrole {label}"


@needs_kubectl
def test_what_a_killed_run_left_is_told(api: ApiServer) -> None:
    """The next run names the objects of one that was killed, and the command that removes them."""
    Kubelets(api, ("node-a",))
    labels = {
        "app.kubernetes.io/managed-by": "arcprobe-run",
        "app.kubernetes.io/instance": "arcprobe-0d761d",
    }
    api.add("namespaces", "arcprobe-0d761d", metadata={"labels": labels})
    api.add("daemonsets", "arcprobe-0d761d-node", "arcprobe-0d761d", metadata={"labels": labels})
    result = run_in(api)
    command = "kubectl delete namespace,clusterrole,clusterrolebinding"
    assert result.exit_code == 0, result.stderr
    assert f"{command} -l app.kubernetes.io/instance=arcprobe-0d761d" in result.stderr


@needs_kubectl
def test_forbidden_rights_are_gone_without(api: ApiServer) -> None:
    """Who may not make a ClusterRole still gets the run, with a word about it; --no-rights does not
    try."""
    Kubelets(api, ("node-a",))
    path = "/apis/rbac.authorization.k8s.io/v1/cluster"
    api.bad_days.append(BadDay(path, status=403, method="POST"))
    result = run_in(api, "--namespace", "team")
    assert result.exit_code == 0, result.output
    assert "continuing without permission to read Services" in result.stderr
    assert left(api) == set()
    api.requests.clear()
    assert run_in(api, "--namespace", "team", "--no-rights").exit_code == 0
    assert not any(where.startswith(path) for method, where in api.requests if method == "POST")
