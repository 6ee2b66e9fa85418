"""Settings as flags: a command has those that its rows name."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from arcprobe.commands.settings_flags import by_setting, setting_flag, settings_flags

ENDPOINTS = """add-proxy-bypass client cloud config data feature gateway-bypass gateway-resource-id
gateway-url key-vault lang location no-feature region"""
SKIP_RANGE = """add-proxy-bypass api-server cloud config context gateway-url kubeconfig location
pod-cidr proxy-http proxy-https proxy-skip-range region service-cidr services skip-range timeout"""


def command_with(name: str) -> click.Command:
    """A command that prints what it was given."""

    @click.command()
    @settings_flags(name)
    def told(**values: Any) -> None:
        given = {key: value for key, value in by_setting(values).items() if value}
        click.echo(repr(given))

    return told


@pytest.mark.parametrize(("name", "flags"), [("endpoints", ENDPOINTS), ("skip-range", SKIP_RANGE)])
def test_flags_of_a_command(name: str, flags: str) -> None:
    """These commands take these settings, each under all its names."""
    found = {flag.removeprefix("--") for param in command_with(name).params for flag in param.opts}
    assert found == set(flags.split())


@pytest.mark.parametrize(
    ("arguments", "due"),
    [
        (["--location", "eastus"], {"region": "eastus"}),
        (["--skip-range", ".svc"], {"proxy-skip-range": ".svc"}),
        (["--only", "dns", "--only", "tls"], {"only": ("dns", "tls")}),
        (["--strict"], {"strict": True}),
        (["--timeout", "soon"], {"timeout": "soon"}),  # is read with the other sources
        ([], {}),
    ],
)
def test_values(arguments: list[str], due: dict[str, Any]) -> None:
    """A value stands under the setting's own name; what is not given is empty."""
    assert CliRunner().invoke(command_with("check"), arguments).output == f"{due!r}\n"


def test_one_flag() -> None:
    """A single setting is added by its name."""

    @click.command()
    @setting_flag("strict")
    def told(strict: bool | None) -> None:
        click.echo(repr(strict))

    assert CliRunner().invoke(told, []).output == "None\n"
    assert CliRunner().invoke(told, ["--strict"]).output == "True\n"
