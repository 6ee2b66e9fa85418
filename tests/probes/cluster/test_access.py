"""Paths of the API, in a pod and by kubectl."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from arcprobe.model import ClusterSource
from arcprobe.probes.cluster.access import read_paths, speaks_as_pod
from arcprobe.probes.cluster.told import Refused
from tests.support.apiserver import ApiServer, BadDay

PATHS = ("/api/v1/namespaces/azure-arc/pods", "/api/v1/namespaces/azure-arc/secrets")


def sources(api: ApiServer) -> list[ClusterSource]:
    """A pod, and a laptop where kubectl is."""
    pod = ClusterSource(environ=api.environ, service_account=api.service_account)
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return [pod]
    environ = {"PATH": str(Path(kubectl).parent), "HOME": str(api.folder)}
    return [pod, ClusterSource(environ=environ, kubeconfig=api.kubeconfig)]


def test_each_path_is_read_or_refused(tmp_path: Path) -> None:
    """One path that is forbidden costs that path alone, in a pod and by kubectl."""
    with ApiServer(tmp_path) as api:
        api.add("pods", "arc-proxy-1", "azure-arc")
        api.bad_days.append(BadDay(PATHS[1], 403))
        for source in sources(api):
            found = read_paths(source, PATHS, 10.0)
            body, refused = found[PATHS[0]], found[PATHS[1]]
            assert isinstance(body, bytes)
            assert json.loads(body)["items"][0]["metadata"]["name"] == "arc-proxy-1"
            assert isinstance(refused, Refused)
            assert refused.status == 403


def test_without_a_way_every_path_is_refused(tmp_path: Path) -> None:
    """No token and no kubectl: each path says so, nothing is raised."""
    source = ClusterSource(environ={"PATH": str(tmp_path)})
    found = read_paths(source, PATHS, 1.0)
    assert all(isinstance(each, Refused) for each in found.values())


@pytest.mark.parametrize(("kubeconfig", "is_pod"), [("", True), ("config", False)])
def test_a_kubeconfig_wins(tmp_path: Path, kubeconfig: str, is_pod: bool) -> None:
    """Who names a kubeconfig means it, also in a pod."""
    source = ClusterSource(
        environ={"KUBERNETES_SERVICE_HOST": "10.0.0.1", "PATH": ""},
        service_account=str(tmp_path),
        kubeconfig=kubeconfig,
    )
    assert speaks_as_pod(source) is is_pod
