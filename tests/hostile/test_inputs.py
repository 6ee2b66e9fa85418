"""Every input that may hold a secret, by mistake too, against every output: none shows it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from arcprobe.report import RENDERERS
from tests.hostile.peers import ROWS, hostile_proxy
from tests.support.rehearsed import run

SECRET = "Kanarien-V0gel!"
URL = f"http://canary-user:{SECRET.replace('!', '%21')}@proxy.corp.example:3128"
WORDS = ("kanarien", "v0gel", "canary-user")

# Flags that are given the URL, or the password itself, where something else is due.
SLIPS = (
    "cloud region gateway-url gateway-resource-id gateway-bypass"
    " feature no-feature key-vault proxy-auth-file add-proxy-bypass"
    " proxy-cert public-roots baseline endpoint resolve services service-cidr pod-cidr timeout"
    " api-server deadline websocket-hold config report format"
).split()


def hides(text: str) -> bool:
    """Whether no part of the secret stands in a text."""
    return not any(word in text.lower() for word in WORDS)


@pytest.mark.parametrize("given", [SECRET, URL, f"canary-user:{SECRET}"])
@pytest.mark.parametrize("flag", SLIPS)
def test_a_flag_that_was_given_a_secret(
    flag: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line and exit code 2, which name the flag and not the value; the same by its variable."""
    region = () if flag in ("region", "config") else ("--region", "westeurope")
    only = ("--only", "nothing.example")
    ended = run("check", *region, *only, f"--{flag}", given)
    assert ended.code == 2
    assert hides(ended.out + ended.err), ended.err
    monkeypatch.setenv(f"ARCPROBE_{flag.upper().replace('-', '_')}", given)
    ended = run("check", *region, *only)
    assert ended.code == 2
    assert hides(ended.out + ended.err), ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", URL),
        (SECRET,),
        ("check", f"--{SECRET}"),
        ("explain", SECRET),
        ("demo", SECRET),
        ("report", "show", URL),
        ("report", "merge", URL),
        ("endpoints", "--region", SECRET),
        ("endpoints", "--region", "eastus", "--compare", URL),
        ("endpoints", "--region", "eastus", "--compare", "x", "--compare-as", SECRET),
        ("endpoints", "--region", "eastus", "--removable", "--since", SECRET),
        ("endpoints", "--region", "eastus", "--removable", "--format", SECRET),
        ("endpoints", "--region", "eastus", "--gateway-bypass", URL),
        ("plan", URL),
        ("plan", "--region", SECRET),
        ("plan", "--region", "eastus", "--shell", SECRET),
        ("plan", "--region", "eastus", "--proxy-https", f"ftp://u:{SECRET}@proxy:1"),
        ("gateway", "--resource-id", URL),
        ("gateway", "--resource-id", SECRET, "--arm-endpoint", URL),
        ("gateway", "--subscription", SECRET),
        ("verify", "--cluster-id", URL, "--no-check"),
        ("verify", "--gateway-id", URL),
        ("traffic", URL),
        ("traffic", SECRET),
        ("skip-range", SECRET),
        ("watch", "--every", SECRET),
        ("job", "--region", "westeurope", "--nodes", SECRET),
    ],
)
def test_a_command_line_with_a_secret_in_the_wrong_place(arguments: tuple[str, ...]) -> None:
    """What is wrong is told, the value is not."""
    ended = run(*arguments)
    assert ended.code == 2
    assert hides(ended.out + ended.err), ended.err


@pytest.mark.parametrize(
    "text", ["{}: x\n", "region: !{} x\n", "region: *{}\n", "region: [{}\n", "timeout: {}\n"]
)
def test_a_file_with_a_secret_in_the_wrong_place(text: str, tmp_path: Path) -> None:
    """Key, tag, alias, broken value of a settings file."""
    file = tmp_path / "settings.yaml"
    file.write_text(text.format(SECRET))
    ended = run("check", "--config", str(file))
    assert ended.code == 2
    assert hides(ended.out + ended.err), ended.err


KUBECTL = f"""#!/bin/sh
env > "$(dirname "$0")/environment"
echo 'error: getting credentials from http://canary-user:{SECRET} with blank@idp.example/:' \\
    'Bearer eyJhbGciOi.eyJLYW5h.c2ln' >&2
exit 1
"""


def test_every_output_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets in the proxy's URL, the bypass list, the gateway's URL, an endpoint's query, the API
    server's name and kubectl's last words: none is in any format, on stdout or on stderr; kubectl
    has none in its environment, and the report files are their owner's alone."""
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", f"canary-user:{SECRET}@127.0.0.1")
    with hostile_proxy({"a.example": ROWS["502"]}) as port:
        proxy = URL.replace("proxy.corp.example:3128", f"127.0.0.1:{port}")
        monkeypatch.setenv("ARCPROBE_PROXY_HTTPS", proxy)
        ended = run(
            *("check", "--region", "westeurope", "--only", "a.example", "--only", "skip-range"),
            *("--skip", "dns", "--timeout", "2", "--deadline", "20", "--wide"),
            *("--proxy-skip-range", f"{URL},localhost,canary-user:{SECRET}@proxy"),
            *(
                "--gateway-url",
                f"https://canary-user:{SECRET}@x.gw.arc.azure.com/?a={SECRET}#{SECRET}",
            ),
            *("--endpoint", f"https://a.example/?sig={SECRET}"),
            *(part for name in RENDERERS for part in ("--report", f"{name}={tmp_path / name}")),
        )
    assert ended.code == 1, ended.err
    for name in RENDERERS:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        text = (tmp_path / name).read_text()
        assert hides(text), [line for line in text.splitlines() if not hides(line)]
        assert "eyJ" not in text
    assert hides(ended.out + ended.err)
    assert "ARCPROBE" not in (tmp_path / "environment").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "--region", "eastus", "--proxy-https", URL, "--steps"),
        ("plan", "--region", "eastus", "--proxy-https", URL, "--format", "json"),
        ("plan", "--region", "eastus", "--proxy-https", URL, "--shell", "powershell"),
        ("plan", "--region", "eastus", "--proxy-https", URL, "--shell", "cmd"),
    ],
)
def test_a_plan_prints_no_password(arguments: tuple[str, ...]) -> None:
    """A plan for a proxy with a password has a variable in its place."""
    ended = run(*arguments)
    assert ended.code == 0
    assert "proxy.corp.example:3128" in ended.out
    assert hides(ended.out + ended.err)


@pytest.mark.parametrize("form", ["text", "json"])
def test_lists_and_logs_show_no_password(form: str, tmp_path: Path) -> None:
    """Passwords in lines of a list or a log, understood or not, are in no output."""
    lines = (
        URL,
        f"https://canary-user:{SECRET}@login.microsoftonline.com/?sig={SECRET}",
        f"password={SECRET} host=a.example.com",
        f"xx x.example.* token={SECRET}",
        f"Authorization: Basic {SECRET} to (b.example).com",
    )
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(lines) + "\n")
    asked = ("endpoints", "--region", "eastus", "--compare", str(file), "--format", form)
    for arguments in (asked, ("traffic", str(file), "--format", form)):
        ended = run(*arguments)
        assert ended.code in (0, 1)
        assert hides(ended.out + ended.err), ended.out
