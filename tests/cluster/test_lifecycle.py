"""``arcprobe verify`` and ``arcprobe traffic`` on a real control plane: agents as Azure Arc leaves
them, a proxy pod that logs, and a reader who may read just that."""

from __future__ import annotations

import base64
import functools
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.using import Done
from tests.support import images

AGENTS, RELEASE = "azure-arc", "azure-arc-release"
READER, STRANGER, POD = "vera", "otto", "auditor"
PROXY, LIST = "http://proxy.corp:3128", "10.96.0.0/12,.svc,.svc.cluster.local"
SECRET = "canary-of-the-agents"
WITH_LOGIN = PROXY.replace("//", f"//jane:{SECRET}@")
TESTED = ("--proxy-https", PROXY, "--proxy-skip-range", LIST, "--no-check", "--format", "json")

LOG = (
    '{"time":"2026-11-26T20:00:00Z","host":"mcr.microsoft.com:443","status":200}',
    "2026-11-26T20:00:01Z CONNECT eastus.dp.kubernetesconfiguration.azure.com:443 200",
    "2026-11-26T20:00:02Z CONNECT strange.example.com:443 403 denied",
    "2026-11-26T20:00:03Z CONNECT mcr.microsoft.com:443 200",
    f"2026-11-26T20:00:04Z ready, token={SECRET}",
)
_LOGS = "import sys, time; print(*sys.argv[1:], sep='\\n', flush=True); time.sleep(3600)"

# what `verify` and `traffic` ask for, and nothing beside it
READING = {
    AGENTS: (
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
        {
            "apiGroups": [""],
            "resources": ["configmaps"],
            "resourceNames": ["azure-clusterconfig"],
            "verbs": ["get"],
        },
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["proxy-config"],
            "verbs": ["get"],
        },
    ),
    RELEASE: ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]},),
}


def made(version: str, kind: str, namespace: str, name: str, **content: Any) -> dict[str, Any]:
    about = {"namespace": namespace, "name": name, **content.pop("metadata", {})}
    return {"apiVersion": version, "kind": kind, "metadata": about, **content}


def agent(name: str, *lines: str) -> dict[str, Any]:
    """A Deployment of one pod that logs these lines and stays."""
    labels = {"app": name}
    container = {
        "name": "agent",
        "image": images.IMAGE,
        "imagePullPolicy": "Never",
        "command": ["python3", "-c", _LOGS, *lines],
        "env": [{"name": "HTTPS_PROXY", "value": WITH_LOGIN}, {"name": "NO_PROXY", "value": LIST}],
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return made("apps/v1", "Deployment", AGENTS, name, spec=spec)


def release() -> dict[str, Any]:
    """What Helm keeps of the agents' release."""
    values = {"httpsProxy": WITH_LOGIN, "noProxy": LIST, "isProxyEnabled": True}
    content = {"config": {"global": values}, "manifest": f"onboardingPrivateKey: {SECRET}"}
    packed = base64.b64encode(gzip.compress(json.dumps(content).encode()))
    labels = {"owner": "helm", "name": "azure-arc", "status": "deployed", "version": "1"}
    return made(
        "v1",
        "Secret",
        RELEASE,
        "sh.helm.release.v1.azure-arc.v1",
        metadata={"labels": labels},
        type="helm.sh/release.v1",
        data={"release": base64.b64encode(packed).decode()},
    )


def rights(namespace: str) -> Iterator[dict[str, Any]]:
    """A role, and who has it: a user, and the account of a pod."""
    group = "rbac.authorization.k8s.io"
    role = {"apiGroup": group, "kind": "Role", "name": "reader"}
    who = [
        {"apiGroup": group, "kind": "User", "name": READER},
        {"kind": "ServiceAccount", "namespace": AGENTS, "name": POD},
    ]
    yield made(f"{group}/v1", "Role", namespace, "reader", rules=list(READING[namespace]))
    yield made(f"{group}/v1", "RoleBinding", namespace, "reader", roleRef=role, subjects=who)


def is_ready(cluster: Cluster, *names: str) -> bool:
    found = cluster.get("deployments", "-n", AGENTS)["items"]
    ready = {each["metadata"]["name"] for each in found if each["status"].get("readyReplicas")}
    return ready >= set(names)


@pytest.fixture(scope="module")
def connected(cluster: Cluster) -> Iterator[Cluster]:
    """A cluster with agents."""
    for name in (AGENTS, RELEASE):
        cluster.kubectl("create", "namespace", name)
    proxy = {"HTTPS_PROXY": WITH_LOGIN, "NO_PROXY": LIST}
    config = {"AZURE_RESOURCE_NAME": "edge", "AZURE_ARC_AGENT_VERSION": "1.31.3"}
    cluster.apply(
        agent("config-agent"),
        agent("arc-proxy", *LOG),
        made("v1", "ConfigMap", AGENTS, "azure-clusterconfig", data=config),
        made("v1", "Secret", AGENTS, "proxy-config", stringData=proxy),
        made("v1", "ServiceAccount", AGENTS, POD),
        release(),
        *rights(AGENTS),
        *rights(RELEASE),
    )
    cluster.wait_for(
        "agents", functools.partial(is_ready, cluster, "config-agent", "arc-proxy"), 120
    )
    yield cluster
    cluster.kubectl("delete", "namespace", AGENTS, RELEASE, "--wait=false")


def run(cluster: Cluster, user: str, *words: str) -> Done:
    done = cluster.arcprobe(*words, "--kubeconfig", str(cluster.user(user)))
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def in_a_pod(cluster: Cluster, name: str, *words: str) -> tuple[int, str]:
    """The exit code and the log of a pod that runs arcprobe with the rights of a reader."""
    container = {
        "name": "arcprobe",
        "image": images.IMAGE,
        "imagePullPolicy": "Never",
        "args": list(words),
    }
    spec = {"serviceAccountName": POD, "restartPolicy": "Never", "containers": [container]}
    cluster.apply(made("v1", "Pod", AGENTS, name, spec=spec))

    def state() -> dict[str, Any]:
        found = cluster.get("pod", name, "-n", AGENTS)["status"].get("containerStatuses")
        return dict(found[0]["state"].get("terminated", {})) if found else {}

    cluster.wait_for(f"the end of {name}", state, 120)
    log = cluster.kubectl("logs", "-n", AGENTS, name)
    assert SECRET not in log
    return state()["exitCode"], log


def summaries(text: str) -> list[str]:
    return [point["summary"] for point in json.loads(text)["points"]]


def codes(text: str) -> list[str]:
    return [point["code"] for point in json.loads(text)["points"] if point["code"]]


SOUND = (
    "2 Deployments of azure-arc are ready",
    "The cluster has the tested --proxy-https",
    "The cluster has the tested --proxy-skip-range",
    "The agents are 1.31.3",
)


def test_verify_reads_it_all(connected: Cluster) -> None:
    """The cluster's half in full, by who may read just that; Azure's half is one point."""
    done = run(connected, READER, "verify", *TESTED)
    assert codes(done.stdout) == ["azure-not-signed-in"], done.stderr
    assert set(SOUND) <= set(summaries(done.stdout))
    assert "could not be read" not in done.stdout


def test_verify_in_a_pod(connected: Cluster) -> None:
    """The same in a pod, by its own account."""
    code, log = in_a_pod(connected, "verifying", "verify", *TESTED)
    assert code == 1
    assert codes(log) == ["azure-not-signed-in"]
    assert set(SOUND) <= set(summaries(log))
    assert "could not be read" not in log


def test_verify_tells_what_differs(connected: Cluster) -> None:
    """Another proxy than that of the agents: the first place that differs is named."""
    tested = ("--proxy-https", "http://other.corp:3128", *TESTED[2:])
    done = run(connected, READER, "verify", *tested)
    assert codes(done.stdout) == ["azure-not-signed-in", "proxy-settings-differ"]
    assert "Deployment arc-proxy: http://proxy.corp:3128" in done.stdout


def test_verify_without_rights(connected: Cluster) -> None:
    """Who may read nothing is told each thing that could not be read."""
    done = run(connected, STRANGER, "verify", *TESTED)
    assert codes(done.stdout) == ["azure-not-signed-in"]
    unread = [words for words in summaries(done.stdout) if "could not be read" in words]
    assert len(unread) == 5
    assert all("forbidden" in words.lower() for words in unread)


def hosts(text: str) -> dict[str, tuple[int, int]]:
    """Of each host: how often it was seen, and refused."""
    found = json.loads(text)["hosts"]
    return {f"{each['host']}:{each['port']}": (each["count"], each["refused"]) for each in found}


SEEN = {
    "mcr.microsoft.com:443": (2, 0),
    "eastus.dp.kubernetesconfiguration.azure.com:443": (1, 0),
    "strange.example.com:443": (1, 1),
}


def test_traffic_reads_the_log(connected: Cluster) -> None:
    """The proxy pod is found, and its log read, by who may read just that; the lines that were not
    understood are shown without what is secret in them."""
    done = run(connected, READER, "traffic", "--format", "json")
    assert (done.returncode, hosts(done.stdout)) == (1, SEEN), done.stderr
    assert json.loads(done.stdout)["not_understood"]["lines"] == 1


def test_traffic_in_a_pod(connected: Cluster) -> None:
    """The same in a pod, by its own account."""
    code, log = in_a_pod(connected, "auditing", "traffic", "--format", "json")
    assert (code, hosts(log)) == (1, SEEN)


def test_traffic_without_rights(connected: Cluster) -> None:
    """Who may not read the log is told so in one line."""
    done = run(connected, STRANGER, "traffic")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "forbidden" in done.stderr.lower()


def test_both_only_read(connected: Cluster) -> None:
    """Nothing but reading was asked of the API server, and nothing that the role does not hold."""
    own = [
        entry
        for entry in connected.audited(0)
        if entry["user"]["username"] in (READER, f"system:serviceaccount:{AGENTS}:{POD}")
        and entry["requestURI"].startswith(("/api/v1/namespaces/", "/apis/apps/v1/namespaces/"))
    ]
    assert own
    assert {entry["verb"] for entry in own} <= {"get", "list"}
    assert {entry["responseStatus"]["code"] for entry in own} == {200}
