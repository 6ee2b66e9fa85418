"""The namespace of the Arc agents, read."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from arcprobe.model.agents import Deployment, ProxySettings
from arcprobe.probes.cluster.agents import read_agents
from tests.probes.cluster.test_access import sources
from tests.support.apiserver import ApiServer, BadDay


def fill(api: ApiServer) -> None:
    """An azure-arc namespace whose proxy has a password."""
    url = "http://canary-user:canary-pw@proxy:3128"
    env = [{"name": "HTTPS_PROXY", "value": url}, {"name": "POD", "valueFrom": {}}]
    api.add(
        "deployments",
        "config-agent",
        "azure-arc",
        spec={"replicas": 2, "template": {"spec": {"containers": [{"env": env}]}}},
        status={"readyReplicas": 1},
    )
    for name, phase in (("arc-proxy-1", "Running"), ("arc-proxy-2", "Pending"), ("x", "Running")):
        api.add("pods", name, "azure-arc", status={"phase": phase})
    data = {"AZURE_RESOURCE_NAME": "edge"}
    api.add("configmaps", "azure-clusterconfig", "azure-arc", data=data)
    values = {"httpsProxy": url, "NO_PROXY": ".svc", "other": "canary"}
    packed = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
    api.add("secrets", "proxy-config", "azure-arc", data=packed)


def release(status: str = "deployed", version: int = 1, **values: object) -> dict[str, Any]:
    """A Secret of Helm's, with values as az gives them, and a key in its manifest."""
    content = {
        "config": {"global": values},
        "manifest": "onboardingPrivateKey: canary",
        "name": "x",
    }
    packed = base64.b64encode(gzip.compress(json.dumps(content).encode()))
    labels = {"owner": "helm", "name": "azure-arc", "status": status, "version": str(version)}
    return {
        "name": f"sh.helm.release.v1.azure-arc.v{version}",
        "labels": labels,
        "type": "helm.sh/release.v1",
        "data": {"release": base64.b64encode(packed).decode()},
    }


def install(api: ApiServer, content: dict[str, Any]) -> None:
    name, labels = content.pop("name"), content.pop("labels")
    api.add("secrets", name, "azure-arc-release", metadata={"labels": labels}, **content)


def _no_release() -> dict[str, Any]:
    """A Secret by such labels that holds no release."""
    return {**release("deployed", 3), "data": {"release": "canary"}}


HELM = "Helm values of azure-arc"


@pytest.mark.parametrize(
    ("values", "due"),
    [
        (
            {
                "httpsProxy": "http:\\/\\/canary:ca/n@ry@proxy:3128",
                "httpProxy": "canary:pw@proxy:3128",
                "noProxy": ".svc\\,10.0.0.0\\/8",
                "isProxyEnabled": True,
            },
            ProxySettings(
                source=HELM,
                https="http://proxy:3128",
                http="proxy:3128",
                no_proxy=".svc,10.0.0.0/8",
            ),
        ),
        ({"httpsProxy": "http://proxy:3128", "isProxyEnabled": False}, ProxySettings(source=HELM)),
        ({"isProxyEnabled": True}, None),
    ],
)
def test_values_of_the_release(
    tmp_path: Path, values: dict[str, Any], due: ProxySettings | None
) -> None:
    """The values that Helm installed the agents with, of the release in force; no login of a proxy
    and no key of the release is kept."""
    with ApiServer(tmp_path) as api:
        install(api, _no_release())
        install(api, release("superseded", 1, httpsProxy="http://old:1"))
        install(api, release("deployed", 2, **values))
        for source in sources(api):
            found = read_agents(source, "azure-arc", 10.0)
            assert found.proxies == ((due,) if due else ())
            assert "canary" not in repr(found)


def test_what_is_read(tmp_path: Path) -> None:
    """Deployments, running proxy pods, the ConfigMap, proxy values without user and password."""
    with ApiServer(tmp_path) as api:
        fill(api)
        for source in sources(api):
            found = read_agents(source, "azure-arc", 10.0)
            assert found.deployments == (Deployment("config-agent", 1, 2),)
            assert found.proxy_pods == ("arc-proxy-1",)
            assert found.config == {"AZURE_RESOURCE_NAME": "edge"}
            assert found.proxies == (
                ProxySettings(source="Deployment config-agent", https="http://proxy:3128"),
                ProxySettings(
                    source="Secret proxy-config", https="http://proxy:3128", no_proxy=".svc"
                ),
            )
            assert "canary" not in repr(found)


def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    """A Secret that is forbidden costs that Secret alone; nonsense is told too."""
    with ApiServer(tmp_path) as api:
        fill(api)
        api.bad_days.append(BadDay("/api/v1/namespaces/azure-arc/secrets/proxy-config", 403))
        nonsense = BadDay("/api/v1/namespaces/azure-arc/pods", 200, body=b"[]")
        api.bad_days.append(nonsense)
        found = read_agents(sources(api)[0], "azure-arc", 10.0)
        assert [name for name, _ in found.unread] == ["Pods", "Secret proxy-config"]
        assert found.proxy_pods is None
        assert found.deployments is not None
