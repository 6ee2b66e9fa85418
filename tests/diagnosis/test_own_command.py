"""The command that whoever runs arcprobe pastes: whole, and quoted for bash and PowerShell."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import Any

import msgspec
import pytest

from arcprobe.commands.check import command as check
from arcprobe.commands.settings_flags import by_setting
from arcprobe.diagnosis.own_command import commands_of, quoted, trusting
from arcprobe.model import Code, Proxy, Settings
from arcprobe.settings.load import load
from tests.lifecycle.shell_readers import read_powershell
from tests.support import powershell

PROXY = Proxy(scheme="http", host="proxy.corp", port=3128)
BASE = Settings(
    region="westeurope",
    features=("cluster-connect",),
    proxy_https=PROXY,
    proxy_http=PROXY,
    skip_range="10.0.0.0/33",
)


def commands(code: Code, settings: Settings = BASE, **fields: str) -> dict[str, str]:
    """The command lines by program."""
    return dict(commands_of(code, ((code, fields),), settings))


def test_the_corrected_list_stands_in_the_whole_command() -> None:
    """Everything that was given, and the list put right, for the check and for the agents."""
    found = commands(Code.ENTRY_MALFORMED, corrected="10.0.0.0/8,.svc")
    common = "--proxy-https http://proxy.corp:3128 --proxy-http http://proxy.corp:3128"
    common += " --proxy-skip-range '10.0.0.0/8,.svc'"
    assert found == {
        "arcprobe": f"arcprobe check --region westeurope {common}",
        "az": 'az connectedk8s connect --name "$CLUSTER" --resource-group "$GROUP"'
        f" --location westeurope {common}",
    }


@pytest.mark.parametrize(
    ("code", "url"),
    [
        (Code.PROXY_SPEAKS_TLS, "--proxy-https https://proxy.corp:3128"),
        (Code.PROXY_SPEAKS_PLAIN, "--proxy-https http://proxy.corp:3128"),
    ],
)
def test_the_scheme_is_put_right(code: Code, url: str) -> None:
    """Of both proxies."""
    found = commands(code)
    assert url in found["arcprobe"]
    assert url in found["az"]


@pytest.mark.parametrize("code", [Code.PROXY_AUTH_REQUIRED, Code.GATEWAY_URL_MALFORMED])
def test_what_only_the_user_knows_is_not_invented(code: Code) -> None:
    """No command without the right value in it."""
    assert commands(code) == {}
    assert commands(Code.SERVICES_UNCOVERED) == {}


def test_a_list_that_is_too_broad_loses_what_is() -> None:
    """The entries that a finding names go, whatever else the corrected list has."""
    found = commands(
        Code.SKIP_RANGE_TOO_BROAD,
        corrected="10.0.0.0/8,.his.arc.azure.com",
        entries=".his.arc.azure.com",
    )
    assert "--proxy-skip-range 10.0.0.0/8 " in found["arcprobe"] + " "


def test_a_password_is_a_variable() -> None:
    """The report holds none, and a command line shows what is on it to everybody."""
    given = msgspec.structs.replace(PROXY, has_credentials=True)
    settings = msgspec.structs.replace(BASE, proxy_https=given)
    found = commands(Code.ENTRY_MALFORMED, settings, corrected=".svc")
    assert '--proxy-auth-file "$PROXY_AUTH_FILE"' in found["arcprobe"]


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("https://a.example:1/x", "https://a.example:1/x"),
        ("a,b", "'a,b'"),  # PowerShell makes a list of it
        ("*", "'*'"),
        ("a b", "'a b'"),
        ("$HOME", "'$HOME'"),
        ("@x", "'@x'"),
        ("it's", '"it\'s"'),
        ("it\u2019s", '"it\u2019s"'),  # PowerShell ends a string there
        ("%PATH%", "'%PATH%'"),
        ("`date` $(date) !!", "'`date` $(date) !!'"),
        ("a&b|c<d>e^f;(x)", "'a&b|c<d>e^f;(x)'"),
        ("C:\\Users\\R&D\\ca.pem", "'C:\\Users\\R&D\\ca.pem'"),
        ("--%", "'--%'"),
        ("-x", "'-x'"),
    ],
)
def test_values_are_quoted(value: str, due: str) -> None:
    """As bash and PowerShell read them: the same text for both."""
    assert quoted(value) == due
    assert shlex.split(due) == [value]
    assert read_powershell(due, {}) == [value]


def test_quotes_of_both_kinds_are_as_bash_reads_them() -> None:
    """No text is right for both shells there."""
    assert quoted("it's $5") == "'it'\\''s $5'"
    assert shlex.split(quoted("it's $5")) == ["it's $5"]


def test_an_empty_value_arrives() -> None:
    """Old PowerShells leave out an argument that is empty."""
    settings = msgspec.structs.replace(BASE, skip_range="")
    found = commands(Code.PROXY_SPEAKS_TLS, settings)["arcprobe"]
    assert found.endswith(" --proxy-skip-range=")
    assert read_powershell(found, {})[-1] == "--proxy-skip-range="


def test_both_shells_read_the_same_commands() -> None:
    """Of all settings at once, with the variables that the user has set."""
    first = load(dict(GIVEN), {}).settings
    set_before = {"CLUSTER": "my cluster", "GROUP": "it's mine"}
    for command in commands(Code.PROXY_VARIABLES_DISAGREE, first).values():
        read = re.sub(r'"\$(\w+)"', r'"${env:\1}"', command)  # a variable of the session there
        assert len(powershell.command(read)) == len(read_powershell(read, set_before))
        bash = ["bash", "-c", f"printf '%s\\0' {command}"]
        done = subprocess.run(bash, env=set_before, capture_output=True, text=True, check=True)
        assert read_powershell(read, set_before) == done.stdout.split("\0")[:-1]


GIVEN: list[tuple[str, Any]] = [
    ("cloud", "AzureUSGovernment"),
    ("region", "usgovvirginia"),
    ("feature", ("gitops", "azure-rbac")),
    ("no-feature", ("cluster-connect",)),
    ("key-vault", ("shop",)),
    ("proxy-https", "https://proxy.corp:3129"),
    ("proxy-http", "http://[2001:db8::1]:3128"),
    ("proxy-skip-range", "10.0.0.0/8, .svc,*.x"),
    ("add-proxy-bypass", ("Arc",)),
    ("endpoint", ("https://a.corp:8443/x",)),
    ("only", ("https*",)),
    ("skip", ("dns",)),
    ("resolve", ("a.corp:443:10.0.0.1",)),
    ("product", ("squid", "bind")),
    ("client", ("10.1.0.0/16",)),
    ("services", "/tmp/a services.json"),
    ("service-cidr", ("10.96.0.0/12",)),
    ("api-server", ("https://api.corp:6443",)),
    ("kubeconfig", "/root/.kube/config"),
    ("context", "prod"),
    ("direct", True),
    ("strict", True),
    ("timeout", "3"),
    ("deadline", "90.5"),
    ("websocket-hold", "2"),
]


def test_the_command_gives_the_same_settings_again() -> None:
    """Read by `check` as a shell would give it, it is the run's own settings."""
    first = load(dict(GIVEN), {}).settings
    words = shlex.split(commands(Code.PROXY_VARIABLES_DISAGREE, first)["arcprobe"])
    assert words[:2] == ["arcprobe", "check"]
    context = check.make_context("check", words[2:], resilient_parsing=True)
    flags = {name: context.params[name] for name in context.params if name not in OTHERS}
    again = load(by_setting(flags), {}).settings
    assert plain(again) == plain(first)


OTHERS = {"file", "wide", "format", "reports", "lang", "until_pass", "events"}


def plain(settings: Settings) -> dict[str, Any]:
    """The settings without the names of where they came from."""
    told = msgspec.to_builtins(settings)
    told.pop("sources")
    return {name: value for name, value in told.items() if not name.endswith("setting")}


def test_all_that_is_wrong_is_put_right_in_one_command() -> None:
    """Two faults of the user's own: pasted for the one, the command heals the other too."""
    faults: tuple[tuple[Code, dict[str, str]], ...] = (
        (Code.PROXY_SPEAKS_TLS, {}),
        (Code.SERVICES_UNCOVERED, {"corrected": "10.96.0.0/12"}),
        (Code.PROXY_DENIED, {}),
    )
    first, second = (commands_of(code, faults, BASE) for code, _ in faults[:2])
    assert first == second
    assert "--proxy-https https://proxy.corp:3128" in first[0][1]
    assert "--proxy-skip-range 10.96.0.0/12" in first[0][1]
    assert commands_of(Code.PROXY_DENIED, faults, BASE) == ()


def test_a_root_is_written_as_it_was_shown() -> None:
    """Line by line, with no here-document, so that the indent of a report does no harm; beside what
    is trusted already; then its digest, then the check."""
    settings = msgspec.structs.replace(BASE, proxy_cert="old ca.pem")
    (program, lines), (az, connect) = trusting("-----BEGIN\nAB+/=\n-----END\n", settings)
    assert (program, az) == ("arcprobe", "az")
    assert lines[:6] == (
        "printf '%s\\n' \\",
        "    '-----BEGIN' \\",
        "    AB+/= \\",
        "    '-----END' \\",
        "    | cat - 'old ca.pem' > arc-proxy-ca.pem",
        "openssl x509 -in arc-proxy-ca.pem -noout -fingerprint -sha256",
    )
    assert lines[6].endswith("--proxy-cert arc-proxy-ca.pem")
    assert connect[0].endswith("--proxy-cert arc-proxy-ca.pem")


UNREAD = msgspec.structs.replace(BASE, proxy_https=None, other_proxy="HTTP_PROXY")


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        (UNREAD, "--proxy-https http://proxy.corp:3128 --proxy-http http://proxy.corp:3128"),
        (msgspec.structs.replace(BASE, proxy_http=None), "--proxy-https http://proxy.corp:3128"),
        (msgspec.structs.replace(UNREAD, proxy_http=None), ""),
    ],
)
def test_a_proxy_that_https_does_not_use(settings: Settings, due: str) -> None:
    """What http has is said for https too; where neither has one, only the user knows it."""
    found = commands(Code.PROXY_VARIABLES_DISAGREE, settings)
    assert bool(found) is bool(due)
    for command in found.values():
        assert f" {due} --proxy-skip-range" in command
