"""``arcprobe job``: the manifest to stdout, what must be known beside it to stderr."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from arcprobe.commands import job
from arcprobe.model.errors import ConfigError


def _job(*arguments: str, environ: dict[str, str] | None = None) -> Any:
    clean = {
        name: None
        for name in os.environ
        if name.lower().endswith("_proxy") or name.startswith("ARCPROBE_")
    }
    return CliRunner(env={**clean, **(environ or {})}).invoke(job.command, arguments)


def test_password_is_never_in_the_manifest() -> None:
    """A password in a proxy URL is taken out, the Secret is referred to, and stderr has the line
    that makes it."""
    result = _job("--region", "westeurope", "--proxy-https", "http://jane:gehe%40im@proxy:3128")
    assert result.exit_code == 0
    assert "gehe" not in result.output + result.stderr
    assert "jane" not in result.stdout
    assert 'proxy-https: "http://proxy:3128"' in result.stdout
    assert (
        "kubectl -n arcprobe create secret generic arcprobe-proxy --from-file=proxy-auth=FILE"
        in result.stderr
    )
    documents = yaml.safe_load_all(result.stdout)
    workload = next(made for made in documents if made["kind"] == "Job")
    pod = workload["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"][-2:] == ["--proxy-auth-file", "/etc/arcprobe/proxy-auth"]
    sources = pod["volumes"][0]["projected"]["sources"]
    assert {
        "secret": {"name": "arcprobe-proxy", "items": [{"key": "proxy-auth", "path": "proxy-auth"}]}
    } in sources


def test_settings_are_handed_on_as_the_yaml_of_config() -> None:
    """Flags and ARCPROBE_ variables of `check` end in the ConfigMap under the names of --config."""
    result = _job(
        "--region",
        "westeurope",
        "--feature",
        "gitops",
        "--strict",
        "--deadline",
        "90",
        environ={"ARCPROBE_PROXY_SKIP_RANGE": ".svc"},
    )
    documents = list(yaml.safe_load_all(result.stdout))
    data = next(made["data"] for made in documents if made["kind"] == "ConfigMap")
    assert yaml.safe_load(data["config.yaml"]) == {
        "region": "westeurope",
        "feature": ["gitops"],
        "strict": True,
        "deadline": 90.0,
        "proxy-skip-range": ".svc",
    }
    assert documents[-1]["spec"]["activeDeadlineSeconds"] == 690


def test_mirror_takes_the_place_of_the_registry() -> None:
    """--registry stands before the image, in the place of the registry that the image names."""
    result = _job(
        "--region",
        "westeurope",
        "--image",
        "registry.test:5000/team/arcprobe:1",
        "--registry",
        "mirror.local/hub",
    )
    assert "mirror.local/hub/team/arcprobe:1" in result.stdout


def test_own_proxy_variables_are_not_handed_on() -> None:
    """HTTPS_PROXY of the laptop is the laptop's: it is not put into the Job, and stderr says so."""
    result = _job("--region", "westeurope", environ={"HTTPS_PROXY": "http://laptop:1"})
    assert "laptop" not in result.stdout
    assert "HTTPS_PROXY" in result.stderr


@pytest.mark.parametrize("nodes", ["one", "3", "all", "pool=edge"])
@pytest.mark.parametrize(
    "flags", [(), ("--no-namespace", "--namespace", "team", "--vantage", "both")]
)
def test_manifest_says_how_to_read_and_remove_it(nodes: str, flags: tuple[str, ...]) -> None:
    """The comment before the manifest names every workload where its report is read, and every
    object where it is removed."""
    text = _job("--region", "westeurope", "--nodes", nodes, *flags).stdout
    comment = [line for line in text.splitlines() if line.startswith("# ")]
    removed = next(line for line in comment if line.startswith("# Remove:"))
    for made in yaml.safe_load_all(text):
        kind, name = made["kind"].lower(), made["metadata"]["name"]
        if kind in ("job", "daemonset"):
            assert any(
                f"{kind}/{name}" in line for line in comment if not line.startswith("# Remove:")
            )
        what = "--field-selector metadata.name=arcprobe;" if kind == "namespace" else name
        assert what in removed


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [
        (("--nodes", "a b"), "--nodes"),
        (("--nodes", "0"), "--nodes"),
        (("--toleration", "a:Sometimes"), "--toleration"),
        (("--node-selector", "a"), "--node-selector"),
        (("--limit", "memory=lots"), "--limit"),
        (("--image", "has blank"), "--image"),
        (("--namespace", "Upper"), "--namespace"),
        (("--proxy-https", "proxy:3128"), "--proxy-https"),
    ],
)
def test_wrong_settings_are_named(arguments: tuple[str, ...], setting: str) -> None:
    """A wrong setting is one line that begins with its name; nothing is printed to stdout."""
    result = _job("--region", "westeurope", *arguments)
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith(setting)
    assert result.stdout == ""


def test_what_the_administrator_is_told_is_in_the_language_asked_for() -> None:
    """The comments above the manifest are in the words of ``--lang``, and its objects are the same
    but for that setting."""
    english = _job("--region", "westeurope").stdout
    japanese = _job("--region", "westeurope", "--lang", "ja").stdout
    assert "# レポート: kubectl -n arcprobe logs job/arcprobe-pod\n" in japanese
    objects = [list(yaml.safe_load_all(text)) for text in (english, japanese)]
    configs = [next(each for each in made if each["kind"] == "ConfigMap") for made in objects]
    assert yaml.safe_load(configs[1]["data"]["config.yaml"]) == {
        **yaml.safe_load(configs[0]["data"]["config.yaml"]),
        "lang": "ja",
    }
    assert [each["kind"] for each in objects[0]] == [each["kind"] for each in objects[1]]
