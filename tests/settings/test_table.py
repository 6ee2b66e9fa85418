"""One row a setting: its flags, its variable, its key, its help, its line of the README."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from arcprobe.commands.check import command as check
from arcprobe.commands.job import command as job
from arcprobe.commands.run import command as run
from arcprobe.model import Config
from arcprobe.settings.load import load
from arcprobe.settings.table import ROWS, SETTINGS, Shape, variable
from tests.support.readme import readme_table
from tests.support.source import ROOT

NAMES = """add-proxy-bypass api-server baseline client cloud context data deadline direct endpoint
feature gateway-bypass gateway-resource-id gateway-url key-vault kubeconfig lang location no-feature
only
pod-cidr product proxy-auth-file
proxy-cert proxy-http proxy-https proxy-skip-range public-roots region resolve
service-cidr services skip skip-range strict timeout websocket-hold""".split()


def test_settings_of_the_contract() -> None:
    """These are the settings, under each of their names."""
    assert sorted(ROWS) == NAMES


@pytest.mark.parametrize("command", [check, job, run], ids=["check", "job", "run"])
@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_a_flag(name: str, command: click.Command) -> None:
    """Each name of a setting is a flag of the commands that run a preflight, with help."""
    (option,) = [option for option in command.params if f"--{name}" in option.opts]
    assert isinstance(option, click.Option)
    assert option.help
    assert option.help.endswith(".")


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("timeout", "Seconds for one operation on the wire (default 10)."),
        (
            "websocket-hold",
            "Seconds to keep an upgraded connection, to find idle cuts; 0: off (default 0).",
        ),
        ("no-feature", "Feature to leave out; repeatable."),
        ("strict", "Warnings fail too."),
    ],
)
def test_help(name: str, due: str) -> None:
    """The help says what is the default, and what may be repeated."""
    assert ROWS[name].words() == due


def test_help_of_a_manifest() -> None:
    """For a manifest the help says what goes into it and what stays."""
    assert ROWS["proxy-cert"].words("job").endswith("; goes into the ConfigMap.")
    assert "Stays here" in ROWS["services"].words("run")
    assert "Stays here" not in ROWS["services"].words("check")


def test_variable() -> None:
    """A setting's variable is its name in capitals."""
    assert variable("proxy-skip-range") == "ARCPROBE_PROXY_SKIP_RANGE"


_SOME = {Shape.NUMBER: "7", Shape.SWITCH: "true"}
_VALUES = {
    "add-proxy-bypass": "Arc",
    "cloud": "AzureCloud",
    "region": "eastus",
    "location": "eastus",
    "gateway-url": "contoso.gw.arc.azure.com",
    "gateway-bypass": "*.vault.azure.net",
    "feature": "gitops",
    "no-feature": "cluster-connect",
    "key-vault": "shop",
    "proxy-https": "http://proxy:1",
    "proxy-http": "http://proxy:1",
    "endpoint": "https://a.corp/",
    "resolve": "a.corp:443:10.0.0.1",
    "service-cidr": "10.96.0.0/12",
    "pod-cidr": "10.244.0.0/16",
    "api-server": "api.corp",
    "client": "10.0.0.0/8",
    "product": "squid",
    "lang": "ja",
    "data": str(ROOT / "knowledge" / "endpoints-AzureCloud.toml"),
}


@pytest.mark.parametrize("name", sorted({*NAMES} - {"proxy-auth-file"}))
def test_a_setting_is_a_variable_and_a_key(name: str, tmp_path: Path) -> None:
    """What a setting is given by its variable it is given by its key, too."""
    row = ROWS[name]
    text = _VALUES.get(name, _SOME.get(row.shape, "x"))
    file = tmp_path / "settings.yaml"
    written = f"[{text!r}]" if row.shape is Shape.LIST else text
    file.write_text(f"{name}: {written}\n", encoding="utf-8")
    region = {} if row.name == "region" else {"region": "eastus"}
    by_variable = load(region, {variable(name): text})
    by_key = load(region, {}, str(file))
    assert dict(by_variable.settings.sources)[row.name] == variable(name)
    assert dict(by_key.settings.sources)[row.name] == f"--config {file}"
    assert _plain(by_variable) == _plain(by_key)


def _plain(config: Config) -> tuple[Any, ...]:
    """What settings come to, without the names of where they came from."""
    settings: dict[str, Any] = msgspec.to_builtins(config.settings)
    for proxy in (settings["proxy_https"], settings["proxy_http"]):
        if proxy:
            del proxy["setting"]
    del settings["sources"], settings["skip_range_setting"], settings["other_proxy"]
    rest = {name: getattr(config, name) for name in config.__struct_fields__ if name != "settings"}
    return settings, rest


def test_readme_table() -> None:
    """The README's table has a line a setting, with all its names."""
    head, rule, *lines = readme_table().splitlines()
    assert (head, rule) == ("| flag | meaning |", "| --- | --- |")
    assert len(lines) == len(SETTINGS) == 35
    assert lines[1].startswith("| `--region`, `--location` | Azure region")
    assert "| `--timeout` | Seconds for one operation on the wire (default 10) |" in lines
