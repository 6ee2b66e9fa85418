"""What the commands that ask Azure share."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.commands.azure import gateway_alone, opened, read_config, read_id, with_gateway
from arcprobe.model import Secret
from arcprobe.model.errors import ConfigError
from tests.support.arm import GATEWAY, TOKEN, FakeArm, gateway

TYPE = "Microsoft.HybridCompute/gateways"


def test_a_region_need_not_be_given() -> None:
    """Azure is asked without a region; a proxy is read as everywhere."""
    config = read_config({"proxy_https": "http://u:secret@proxy:3128", "timeout": "3"}, None)
    assert config.settings.timeout == 3.0
    assert list(config.credentials.values()) == [("u", Secret("secret"))]


def test_the_endpoint_must_be_https() -> None:
    """A token goes over TLS alone."""
    for url in ("http://127.0.0.1", "127.0.0.1", "https://u:p@host"):
        with pytest.raises(ConfigError, match="--arm-endpoint"):
            opened(read_config({}, None), url)


def test_the_gateway_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway of an ID, by the run's own trust."""
    monkeypatch.setenv("ARCPROBE_AZURE_TOKEN", TOKEN)
    with FakeArm(tmp_path) as azure:
        config = read_config({"public_roots": str(azure.roots)}, None)
        found = gateway_alone(config, azure.url, read_id("--x", GATEWAY, TYPE))
    assert found.text("name") == "contoso"


def test_the_url_of_a_gateway_comes_from_azure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--gateway-resource-id stands for --gateway-url; what Azure does not tell, or tells otherwise,
    is one line."""
    monkeypatch.setenv("ARCPROBE_AZURE_TOKEN", TOKEN)
    with FakeArm(tmp_path) as azure:
        environ = {"ARCPROBE_ARM_ENDPOINT": azure.url}
        asked = {"public_roots": str(azure.roots), "gateway_resource_id": GATEWAY}
        config = with_gateway(read_config(asked, None), environ)
        assert config.settings.gateway_url == "https://contoso.gw.arc.azure.com"
        azure.bodies[GATEWAY] = gateway(gatewayBypass=["a.example"])
        both = with_gateway(read_config({**asked, "gateway_bypass": ("b.example",)}, None), environ)
        assert both.settings.gateway_bypass == ("b.example", "a.example")
        other = read_config({**asked, "gateway_url": "x.gw.arc.azure.com"}, None)
        with pytest.raises(ConfigError, match="its endpoint is contoso"):
            with_gateway(other, environ)
        azure.bodies[GATEWAY] = gateway(provisioningState="Creating", gatewayEndpoint=None)
        with pytest.raises(ConfigError, match="is not ready"):
            with_gateway(read_config(asked, None), environ)
        azure.trouble(GATEWAY, 403)
        with pytest.raises(ConfigError, match="You are not allowed to read contoso"):
            with_gateway(read_config(asked, None), environ)
