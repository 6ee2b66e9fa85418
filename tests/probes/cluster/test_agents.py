"""The namespace of the Arc agents, read."""

from __future__ import annotations

import base64
from pathlib import Path

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
