"""What ``job`` and ``run`` hand to the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from arcprobe.commands import job
from arcprobe.commands.manifest_options import Request, request, schedule
from arcprobe.model.errors import ConfigError


def asked(*arguments: str, **environ: str) -> Request:
    """The request of ``job`` with these arguments."""
    with job.command.make_context("job", ["--region", "westeurope", *arguments]) as context:
        assert isinstance(context, click.Context)
        values: dict[str, Any] = dict(context.params)
    for name in ("no_namespace", "create_namespace", "kube_version", "schedule"):
        del values[name]
    return request(values, environ)


def test_files_go_along(tmp_path: Path) -> None:
    """A file of a setting goes into the manifest, and the setting then names it there."""
    file = tmp_path / "report.json"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^--baseline: .* is not a JSON report"):
        asked("--baseline", str(file))
    recording = Path(__file__).parents[2] / "fixtures" / "clean" / "recording.json"
    made = asked("--baseline", str(recording))
    assert made.config["baseline"] == "/etc/arcprobe/baseline.json"
    assert made.files["baseline.json"] == recording.read_text(encoding="utf-8")


def test_what_stays_here(tmp_path: Path) -> None:
    """Services, kubeconfig and password file stay: the password goes into a Secret."""
    file = tmp_path / "auth"
    file.write_text("arc:geheim", encoding="utf-8")
    proxy = ("--proxy-https", "http://proxy:3128", "--proxy-auth-file", str(file))
    made = asked(*proxy, "--services", "/nowhere", "--kubeconfig", "k", "--context", "c")
    assert made.config == {"region": "westeurope", "proxy-https": "http://proxy:3128"}
    assert (made.credentials, made.proxy_secret) == ("arc:geheim", "arcprobe-proxy")
    assert made.notes == ("--services stays here: in the cluster the API server is asked",)
    assert "geheim" not in repr(made)


def test_a_namespace_of_any_length() -> None:
    """Every name that Kubernetes takes for a namespace: 63 characters, and no more."""
    assert asked("--namespace", "n" * 63).namespace == "n" * 63
    with pytest.raises(ConfigError, match=r"^--namespace: is .nnn"):
        asked("--namespace", "n" * 64)


def test_two_passwords_are_refused() -> None:
    """One Secret holds one user and password."""
    proxies = ("--proxy-https", "http://a:b@p:1", "--proxy-http", "http://a:c@q:1")
    with pytest.raises(ConfigError, match="--proxy-http: has other credentials"):
        asked(*proxies)


@pytest.mark.parametrize(
    ("image", "due"),
    [
        ("arcprobe:1", "mirror.local/hub/arcprobe:1"),
        ("team/arcprobe:1", "mirror.local/hub/team/arcprobe:1"),
        ("registry.test/team/arcprobe:1", "mirror.local/hub/team/arcprobe:1"),
        ("localhost/arcprobe:1", "mirror.local/hub/arcprobe:1"),
        ("host:5000/arcprobe", "mirror.local/hub/arcprobe"),
    ],
)
def test_mirror(image: str, due: str) -> None:
    """A mirror stands in the place of the registry that an image names, where it names one."""
    assert asked("--image", image, "--registry", "https://mirror.local/hub/").image == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("a", {"key": "a", "operator": "Exists"}),
        ("a=b:NoSchedule", {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"}),
        (":NoExecute", {"operator": "Exists", "effect": "NoExecute"}),
    ],
)
def test_tolerations(text: str, due: dict[str, str]) -> None:
    """KEY[=VALUE][:EFFECT] is read as kubectl writes taints."""
    assert asked("--toleration", text).tolerations == (due,)


@pytest.mark.parametrize(
    ("nodes", "is_right"),
    [
        ("1", True),
        ("10000", True),
        ("0", False),
        ("10001", False),
        ("pool=edge", True),
        ("a b", False),
    ],
)
def test_nodes(nodes: str, is_right: bool) -> None:
    """A number of nodes is from 1 to 10000; else it is a label selector."""
    if is_right:
        assert asked("--nodes", nodes).nodes == nodes
        return
    with pytest.raises(ConfigError, match=r"^--nodes"):
        asked("--nodes", nodes)


def test_vantages() -> None:
    """Both networks, or one."""
    found = [asked("--vantage", name).vantages for name in ("pod", "node", "both")]
    assert found == [("pod",), ("node",), ("pod", "node")]


def test_architecture() -> None:
    """An architecture is one more label that nodes must have."""
    made = asked("--architecture", "arm64", "--node-selector", "pool=edge")
    assert made.node_selector == {"pool": "edge", "kubernetes.io/arch": "arm64"}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:3128", "http://localhost:3128", "http://[::1]:1", "http://0.0.0.0:1"]
)
def test_a_proxy_on_loopback_is_no_proxy_of_pods(url: str) -> None:
    """A pod that dials it dials itself: refused, with the setting and what would be right."""
    with pytest.raises(ConfigError, match="name the address of the proxy in the network"):
        asked("--proxy-https", url)
    with pytest.raises(ConfigError, match=r"^--proxy-http: .* is each pod itself"):
        asked("--proxy-http", url)


@pytest.mark.parametrize("text", ["*/30 * * * *", "0 6-18/2 1,15 JAN-MAR mon", "@hourly"])
def test_schedule(text: str) -> None:
    """What cron has is taken, for one node or a number of nodes."""
    assert schedule(text, "one") == schedule(text, "3") == text
    assert schedule("", "all") == ""


@pytest.mark.parametrize(
    ("text", "nodes", "problem"),
    [
        ("30 minutes", "one", "use five fields as cron has them"),
        ("* * * *", "one", "use five fields as cron has them"),
        ("@often", "one", "use five fields as cron has them"),
        ("* * * * *\n* * * * *", "one", "use five fields as cron has them"),
        ("@hourly", "all", "use --nodes one or a number"),
        ("@hourly", "pool=edge", "use --nodes one or a number"),
    ],
)
def test_schedule_that_cannot_be(text: str, nodes: str, problem: str) -> None:
    """What Kubernetes would refuse is told before, and so is a schedule of a DaemonSet."""
    with pytest.raises(ConfigError, match=f"^--schedule: .*{problem}"):
        schedule(text, nodes)
