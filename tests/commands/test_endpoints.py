"""`arcprobe endpoints`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.endpoints import command
from arcprobe.knowledge import catalogue
from arcprobe.model.errors import ConfigError
from tests.support.arm import GATEWAY, TOKEN, FakeArm, gateway as arm_gateway

KEYS = {
    "host",
    "port",
    "protocol",
    "feature",
    "purpose",
    "initiator",
    "via_gateway",
    "source",
    "as_of",
}
EVERYTHING = tuple(word for feature in catalogue.FEATURES for word in ("--feature", feature))


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(command, arguments, env=dict(environment))


def document(*arguments: str, **environment: str) -> Any:
    result = run(*arguments, "--format", "json", **environment)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_is_as_the_contract_says() -> None:
    """The JSON document has the keys of the contract and no others, with their types."""
    found = document("--region", "West Europe", *EVERYTHING)
    assert list(found) == ["cloud", "region", "gateway", "endpoints"]
    assert (found["cloud"], found["region"], found["gateway"]) == ("AzureCloud", "westeurope", None)
    for each in found["endpoints"]:
        assert set(each) == KEYS
        assert isinstance(each["port"], int)
        assert isinstance(each["via_gateway"], bool)
        assert len(each["as_of"]) == 10


def test_settings_come_from_the_environment_and_flags_win() -> None:
    """The variables of the contract are read, repeatable ones with commas between; a flag wins over
    its variable."""
    environment = {
        "ARCPROBE_CLOUD": "AzureUSGovernment",
        "ARCPROBE_REGION": "usgovvirginia",
        "ARCPROBE_FEATURE": "azure-rbac, key-vault,custom-locations",
        "ARCPROBE_KEY_VAULT": "one1,two",
        "ARCPROBE_PROXY_HTTPS": "not a proxy",  # none of this command's business
        "HTTPS_PROXY": "nor this",
    }
    found = document(**environment)
    assert found["cloud"] == "AzureUSGovernment"
    hosts = {each["host"] for each in found["endpoints"]}
    assert {
        "one1.vault.usgovcloudapi.net",
        "two.vault.usgovcloudapi.net",
        "graph.microsoft.com",
    } <= hosts
    assert (
        document("--cloud", "AzureCloud", "--region", "eastus", **environment)["region"] == "eastus"
    )


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    """--config and ARCPROBE_CONFIG give settings; a variable wins over the file, a flag over
    both."""
    file = tmp_path / "settings.yaml"
    file.write_text("region: eastus\nkey-vault: [one1]\n")
    found = document("--config", str(file))
    assert found["region"] == "eastus"
    assert "one1.vault.azure.net" in {each["host"] for each in found["endpoints"]}
    assert document(ARCPROBE_CONFIG=str(file), ARCPROBE_REGION="westus")["region"] == "westus"
    assert (
        document("--config", str(file), "--region", "westeurope", ARCPROBE_REGION="westus")[
            "region"
        ]
        == "westeurope"
    )


def test_location_is_region_and_features_switch_off() -> None:
    """`--location` is taken as az has it, and `--no-feature` takes the default away."""
    found = document("--location", "eastus", "--no-feature", "cluster-connect")
    assert {each["feature"] for each in found["endpoints"]} == {"core"}


def test_the_gateway_shortens_the_list() -> None:
    """With a gateway its own host is listed and nothing that it carries."""
    found = document("--region", "eastus", "--gateway-url", "https://contoso.gw.arc.azure.com/")
    assert found["gateway"] == "contoso.gw.arc.azure.com"
    assert found["endpoints"][0]["host"] == "contoso.gw.arc.azure.com"
    assert not any(each["via_gateway"] for each in found["endpoints"])


def test_removable() -> None:
    """What may be closed is exactly what is carried, with the hour to wait told in the text."""
    found = document("--region", "eastus", "--removable")
    assert found["endpoints"]
    assert all(each["via_gateway"] for each in found["endpoints"])
    assert "an hour" in run("--region", "eastus", "--removable").stdout


def test_text_is_aligned_and_tells_what_a_person_must_know() -> None:
    """The table is aligned, names every host, and notes tell of WebSocket, doubt, and what no
    document lists."""
    text = run("--region", "eastus", *EVERYTHING).stdout
    lines = text.splitlines()
    column = lines[2].index("PORT")
    for each in document("--region", "eastus", *EVERYTHING)["endpoints"]:
        (line,) = [line for line in lines if line.startswith(f"{each['host']} ")]
        assert line[column:].split()[0] == str(each["port"])
    assert "WebSocket" in text
    assert "perhaps:" in text
    assert "--endpoint" in text
    missing = run(
        "--cloud", "AzureUSGovernment", "--region", "usgovvirginia", "--feature", "portal"
    ).stdout
    assert "portal: no document lists" in missing


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("squid", "_hosts_8084 dstdomain -n eastus.obo.arc.azure.com"),
        ("paloalto", "-8084 list eastus.obo.arc.azure.com/"),
        ("fortigate", 'set fqdn "eastus.obo.arc.azure.com"'),
        ("zscaler", "TCP 8084 to eastus.obo.arc.azure.com"),
        ("csv", "eastus.obo.arc.azure.com,8084,https"),
    ],
)
def test_exports_hold_every_host_and_the_port_8084(form: str, words: str) -> None:
    """Each product's rules hold all hosts, or a suffix that covers them, and the port that is not
    443."""
    text = run("--region", "eastus", "--feature", "azure-rbac", "--format", form).stdout
    assert words in text
    covered = (".his.arc.azure.com", "guestnotification")
    for row in catalogue.endpoints("AzureCloud", "eastus", ("azure-rbac", "cluster-connect")):
        is_covered = any(suffix in row.host for suffix in covered)
        assert row.host.removeprefix("*") in text or is_covered
    assert all(line.isprintable() for line in text.splitlines())


def test_csv_is_read_back() -> None:
    """The spreadsheet has a line an endpoint, and no cell that a spreadsheet would take for a
    formula."""
    table = list(
        csv.DictReader(
            io.StringIO(run("--region", "eastus", *EVERYTHING, "--format", "csv").stdout)
        )
    )
    assert len(table) == len(document("--region", "eastus", *EVERYTHING)["endpoints"])
    assert {"host", "port", "required"} <= set(table[0])
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row.values())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--region: is required"),
        (["--region", "westeurop"], "nearest: westeurope"),
        (["--region", "usgovvirginia"], "AzureUSGovernment"),
        (["--region", "eastus", "--cloud", "AzureGov"], "--cloud: unknown cloud 'AzureGov'"),
        (
            ["--region", "eastus", "--feature", "rbac"],
            "--feature: unknown feature 'rbac'; nearest: azure-rbac",
        ),
        (["--region", "eastus", "--no-feature", "core"], "--no-feature: unknown feature"),
        (["--region", "eastus", "--key-vault", "no_vault"], "--key-vault: unknown key vault"),
        (["--region", "eastus", "--gateway-url", "contoso"], "--gateway-url: 'contoso' is not"),
        (
            ["--region", "eastus", "--gateway-url", "http://x.gw.arc.azure.com"],
            "--gateway-url: 'http://x.gw.arc.azure.com' is not",
        ),
        (
            ["--cloud", "AzureChinaCloud", "--region", "chinaeast2", "--removable"],
            "--removable: the Arc gateway is not offered in",
        ),
        (["--region", "eastus", "--removable", "--discover"], "--discover: what may be closed"),
        (["--region", "eastus", "--format", "xml"], "--format: 'xml' is unknown"),
        (
            ["--region", "eastus", "--removable", "--format", "nftables"],
            "--format: nftables allows addresses, which needed hosts share",
        ),
    ],
)
def test_wrong_settings_are_named(arguments: list[str], words: str) -> None:
    """A wrong setting is an error of one line that says which one and what would be right; nothing
    goes to stdout."""
    result = run(*arguments)
    assert isinstance(result.exception, ConfigError)
    assert result.stdout == ""
    assert words in str(result.exception)
    assert str(result.exception).isprintable()


def test_nothing_in_the_input_reaches_the_terminal_raw() -> None:
    """Control characters in a setting are shown escaped."""
    result = run("--region", "east\x1b[2Jus\n")
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).isprintable()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--removable", "--since", "2999-01-01T00:00:00Z"), "from 2999-01-01T01:00Z on"),
        (("--removable", "--since", "yesterday"), "is no time"),
        (("--since", "2026-01-01T00:00:00Z"), "without --removable"),
    ],
)
def test_nothing_is_closed_within_the_hour(arguments: tuple[str, ...], words: str) -> None:
    """Within an hour of the switch nothing is listed as closable; a wrong time is one line."""
    error = run("--region", "eastus", *arguments).exception
    assert isinstance(error, ConfigError)
    assert words in str(error)


def test_after_the_hour_the_list_comes() -> None:
    """An hour after the switch the list is as without --since."""
    asked = ("--region", "eastus", "--removable")
    assert run(*asked, "--since", "2026-01-01T00:00:00+01:00").stdout == run(*asked).stdout


@pytest.mark.parametrize("form", ["squid", "paloalto", "csv"])
def test_the_reverse_for_a_product(form: str) -> None:
    """--removable has the lines of a product: they name what may be closed."""
    text = run("--region", "eastus", "--removable", "--format", form).stdout
    assert "servicebus" in text
    assert "login.microsoftonline.com" not in text


def test_azure_firewall_keeps_what_is_left() -> None:
    """The rule of a port is left with the hosts that stay open."""
    text = run("--region", "eastus", "--removable", "--format", "azure-firewall").stdout
    (command_line,) = [line for line in text.splitlines() if line.startswith("az ")]
    assert "collection rule update" in command_line
    assert "'login.microsoftonline.com'" in command_line
    assert "windows.net" not in command_line


def test_what_the_gateway_bypasses_stays_open() -> None:
    """A host of gatewayBypass is needed with the gateway and is in no list of what may be
    closed; a pattern of it keeps what is below, a name the pattern that it is below."""
    asked = ("--region", "eastus", "--gateway-url", "x.gw.arc.azure.com")
    bypass = ("--gateway-bypass", "a.servicebus.windows.net", "--gateway-bypass", "*.windows.net")
    hosts = {each["host"] for each in document(*asked, *bypass)["endpoints"]}
    assert {"*.servicebus.windows.net", "sts.windows.net"} <= hosts
    closed = {each["host"] for each in document(*asked, *bypass, "--removable")["endpoints"]}
    assert closed & hosts == set()
    assert "guestnotificationservice.azure.com" in closed
    squid = run(*asked, *bypass, "--removable", "--format", "squid").stdout
    assert "windows.net" not in squid


def test_azure_is_asked_for_what_the_gateway_bypasses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--gateway-resource-id gives the URL and gatewayBypass, as Azure has them."""
    with FakeArm(tmp_path) as azure:
        azure.bodies[GATEWAY] = arm_gateway(gatewayBypass=["STS.windows.net", "no name", 7])
        environment = {
            "ARCPROBE_AZURE_TOKEN": TOKEN,
            "ARCPROBE_ARM_ENDPOINT": azure.url,
            "ARCPROBE_PUBLIC_ROOTS": str(azure.roots),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        asked = ("--region", "eastus", "--gateway-resource-id", GATEWAY)
        found = document(*asked)
        closed = document(*asked, "--removable")
    assert found["gateway"] == "contoso.gw.arc.azure.com"
    assert "sts.windows.net" in {each["host"] for each in found["endpoints"]}
    assert "sts.windows.net" not in {each["host"] for each in closed["endpoints"]}


def test_the_date_of_the_data() -> None:
    """The text names the day of the newest document behind the list."""
    assert "is dated 2026-" in run("--region", "eastus").stdout
