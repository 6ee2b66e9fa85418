"""No secret gets into what the commands of a cluster's later life write: one in every input."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from arcprobe import cli
from arcprobe.knowledge import catalogue
from tests.support.apiserver import ApiServer
from tests.support.arm import CLUSTER, GATEWAY, FakeArm
from tests.support.tools import may_skip

SECRET = "Gr33n-Teapot"
PROXY = f"http://jane:{SECRET}@127.0.0.1:9"
REGION = ("--region", "eastus")
FORMS = (("--format", "text"), ("--format", "json"))

LOG = f"""2026-11-26T20:00:01Z CONNECT mcr.microsoft.com:443 200 user=jane:{SECRET}
{{"host":"mcr.microsoft.com","authorization":"Basic {SECRET}"}}
https://jane:{SECRET}@mcr.microsoft.com/v2/
nothing here, Bearer {SECRET}
password={SECRET}
"pwd": "{SECRET}"
apikey: {SECRET}
proxy jane:{SECRET}@10.0.0.1:3128 is used
"""
LIST = f"""http://jane:{SECRET}@mcr.microsoft.com:443
acl arc dstdomain mcr.microsoft.com # password={SECRET}
token={SECRET} login.microsoftonline.com
jane:{SECRET}@*.servicebus.windows.net
"""


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    yield
    catalogue.use(None)


def written(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """All that a command writes; no traceback, and one line where the settings are wrong."""
    code = cli.run(list(arguments))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert code in (0, 1, 2)
    assert code != 2 or (out, err.count("\n")) == ("", 1), err
    return out + err


def assert_silent(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    text = written(capsys, *arguments)
    assert SECRET.lower() not in text.lower(), arguments
    return text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shell", ["bash", "powershell", "cmd"])
def test_plan(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shell: str, form: tuple[str, str]
) -> None:
    """Passwords of proxies by flag, by file and in a bypass list; IDs and URLs that hold one."""
    secret = tmp_path / "auth"
    secret.write_text(f"jane:{SECRET}\n")
    plan = ("plan", *REGION, "--shell", shell, *form)
    by_file = ("--proxy-https", "http://127.0.0.1:9", "--proxy-auth-file", str(secret))
    for given in (
        ("--proxy-https", PROXY, "--proxy-http", PROXY, "--steps"),
        by_file,
        ("--proxy-https", PROXY.removeprefix("http://")),
        ("--proxy-skip-range", f"{PROXY},.svc"),
        ("--gateway-url", f"https://jane:{SECRET}@x.gw.arc.azure.com"),
        ("--gateway-resource-id", f"/subscriptions/{SECRET}"),
    ):
        assert_silent(capsys, *plan, *given)


@pytest.mark.parametrize("form", FORMS)
def test_gateway(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: tuple[str, str],
) -> None:
    """A token that Azure refuses and echoes, a proxy's password, an endpoint with one."""
    with FakeArm(tmp_path / "arm") as arm:
        monkeypatch.setenv("ARCPROBE_AZURE_TOKEN", SECRET)
        arm.bodies[GATEWAY]["properties"]["gatewayEndpoint"] = f"jane:{SECRET}@x"
        here = ("--arm-endpoint", arm.url, "--public-roots", str(arm.roots))
        gateway = ("gateway", "--timeout", "2", *form)
        for given in (
            (*here, "--resource-id", GATEWAY),
            ("--arm-endpoint", arm.url, "--resource-id", GATEWAY),
            (*here, "--resource-id", GATEWAY, "--proxy-https", PROXY),
            (*here, "--resource-id", f"{GATEWAY}?sig={SECRET}"),
            ("--arm-endpoint", f"https://jane:{SECRET}@127.0.0.1:9", "--resource-id", GATEWAY),
        ):
            assert_silent(capsys, *gateway, *given)


@pytest.mark.skipif(may_skip("kubectl"), reason="no kubectl")
@pytest.mark.parametrize("form", FORMS)
def test_verify(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: tuple[str, str],
) -> None:
    """Proxies with passwords in each place of the cluster, other secrets beside them, and the
    settings' own."""
    values = {"HTTPS_PROXY": PROXY, "NO_PROXY": f".svc,{SECRET}@x", "TOKEN": SECRET}
    release = {"config": {"global": {"httpsProxy": PROXY}}, "manifest": SECRET}
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    with ApiServer(tmp_path / "api") as api, FakeArm(tmp_path / "arm") as arm:
        env = [{"name": name, "value": value} for name, value in values.items()]
        containers = [{"name": "a", "env": env}]
        spec = {"replicas": 1, "template": {"spec": {"containers": containers}}}
        api.add("deployments", "config-agent", "azure-arc", spec=spec)
        api.add("configmaps", "azure-clusterconfig", "azure-arc", data={**values, "x": SECRET})
        data = {name: base64.b64encode(text.encode()).decode() for name, text in values.items()}
        api.add("secrets", "proxy-config", "azure-arc", data=data)
        api.add(
            *("secrets", "sh.helm.release.v1.azure-arc.v1", "azure-arc-release"),
            metadata={"labels": {"owner": "helm", "name": "azure-arc", "status": "deployed"}},
            type="helm.sh/release.v1",
            data={"release": base64.b64encode(packed).decode()},
        )
        monkeypatch.setenv("ARCPROBE_AZURE_TOKEN", SECRET)
        azure = ("--arm-endpoint", arm.url, "--public-roots", str(arm.roots), "--timeout", "5")
        verify = ("verify", *azure, "--kubeconfig", api.kubeconfig, "--no-check", *form)
        for given in (
            ("--cluster-id", CLUSTER, "--proxy-https", "http://other:1"),
            ("--cluster-id", CLUSTER, "--proxy-https", PROXY),
            ("--cluster-id", f"/subscriptions/{SECRET}"),
            ("--gateway-id", f"/subscriptions/{SECRET}"),
        ):
            assert_silent(capsys, *verify, *given)


@pytest.mark.parametrize("form", FORMS)
def test_traffic(capsys: pytest.CaptureFixture[str], tmp_path: Path, form: tuple[str, str]) -> None:
    """A log full of them: lines that are understood, and samples of those that are not."""
    log = tmp_path / "log"
    log.write_text(LOG)
    text = assert_silent(capsys, "traffic", str(log), *form)
    assert "mcr.microsoft.com" in text
    assert "apikey" in text
    assert_silent(capsys, "traffic", f"https://jane:{SECRET}@x/log", *form)


@pytest.mark.parametrize("form", FORMS)
def test_endpoints(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, form: tuple[str, str]
) -> None:
    """A list that somebody keeps, data from elsewhere, times and URLs."""
    kept = tmp_path / "list"
    kept.write_text(LIST)
    endpoints = ("endpoints", *REGION, *form)
    for given in (
        ("--compare", str(kept)),
        ("--compare", f"http://jane:{SECRET}@x/list"),
        ("--data", str(kept)),
        ("--update-from", str(kept)),
        ("--update-from", f"https://jane:{SECRET}@127.0.0.1:9/x"),
        ("--update-from", f"https://127.0.0.1:9/x?sig={SECRET}"),
        ("--removable", "--since", SECRET),
        ("--gateway-url", f"https://jane:{SECRET}@x.gw.arc.azure.com"),
        ("--gateway-resource-id", SECRET),
    ):
        assert_silent(capsys, *endpoints, *given)


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of a log that is looked up is not repeated."""
    assert_silent(capsys, "explain", f"AZK8S0301 token={SECRET}")
