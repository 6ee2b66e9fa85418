"""`arcprobe plan`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.plan import command
from arcprobe.model.errors import ConfigError

ROOT = Path(__file__).parents[2]
PROXY = ("--proxy-https", "http://canary-user:canary-pw@proxy.corp:3128")
NAMES = ("--name", "edge", "--resource-group", "arc")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def recording(name: str) -> str:
    return str(ROOT / "fixtures" / name / "recording.json")


def test_the_printed_lines_run(tmp_path: Path) -> None:
    """bash runs the whole page: az gets the settings as they are, the password from its
    variable."""
    for name in ("az", "kubectl", "arcprobe"):
        stub = tmp_path / name
        stub.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            "with open(os.environ['SEEN'], 'a') as seen:\n"
            "    print(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]), file=seen)\n"
            "print('/subscriptions/s/gateways/g')\n",
            "utf-8",
        )
        stub.chmod(0o755)
    bypass = "10.0.0.0/8,.svc, *.ümlaut.corp"
    cert = '/tmp/R&D\'s "50%" $(x)/ca.pem'
    page = run(
        *("--region", "eastus", *PROXY, "--proxy-skip-range", bypass, "--proxy-cert", cert),
        *("--gateway-url", "x.gw.arc.azure.com", "--steps", *NAMES),
        *("--add-proxy-bypass", "Arc,Microsoft.AzureMonitor.Containers"),
    )
    assert page.exit_code == 0, page.output
    seen = tmp_path / "seen"
    environ = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SEEN": str(seen),
        "ARC_PROXY_LOGIN": "me:p%40ss$1'",
    }
    subprocess.run(["bash", "-euc", page.stdout], env=environ, check=True, timeout=60)
    calls = [json.loads(line) for line in seen.read_text("utf-8").splitlines()]
    (connect,) = [call for call in calls if call[1:3] == ["connectedk8s", "connect"]]
    assert connect[3:] == [
        *("--name", "edge", "--resource-group", "arc", "--location", "eastus"),
        *("--proxy-https", "http://me:p%40ss$1'@proxy.corp:3128"),
        *("--proxy-skip-range", "10.0.0.0/8,.svc,*.ümlaut.corp"),
        *("--add-proxy-bypass", "Arc,Microsoft.AzureMonitor.Containers"),
        *("--proxy-cert", cert, "--gateway-resource-id", "/subscriptions/s/gateways/g"),
    ]
    assert ["arcprobe", "endpoints"] in [call[:2] for call in calls]


@pytest.mark.parametrize("shell", ["bash", "powershell", "cmd"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_password_is_printed(shell: str, form: str) -> None:
    """User and password stand nowhere on the page."""
    page = run("--region", "eastus", *PROXY, "--shell", shell, "--format", form, "--steps")
    assert page.exit_code == 0, page.output
    assert "canary" not in page.output


def test_a_report_that_failed_gives_its_cause() -> None:
    """A failed preflight: no command, the cause on stderr, exit 1; --force prints both."""
    failed = run(recording("proxy-down"))
    assert failed.exit_code == 1
    assert failed.stdout == ""
    assert "proxy-refused" in failed.stderr
    forced = run(recording("proxy-down"), "--force")
    assert forced.exit_code == 0
    assert "az connectedk8s connect" in forced.stdout
    assert "proxy-refused" in forced.stderr


def test_a_report_that_passed_gives_its_settings() -> None:
    """A passed preflight: the command has the report's own region, proxy and list, and the API
    server that the cluster named."""
    page = run(recording("clean"), *NAMES, "--proxy-cert", "/etc/ca.pem", "--format", "json")
    assert page.exit_code == 0, page.output
    steps = json.loads(page.stdout)["steps"]
    (argv,) = [do["argv"] for step in steps for do in step["do"] if "connect" in do.get("argv", ())]
    settings = json.loads(Path(recording("clean")).read_text("utf-8"))["run"]["settings"]
    assert argv[argv.index("--location") + 1] == settings["region"]
    assert argv[argv.index("--proxy-skip-range") + 1] == settings["skip_range"]
    assert argv[argv.index("--proxy-cert") + 1] == "/etc/ca.pem"


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [
        ((recording("clean"), "--region", "eastus"), "--region"),
        (("--region", "eastus", "--cmdlets"), "--cmdlets"),
        (
            ("--region", "eastus", "--gateway-name", "a", "--gateway-resource-id", "/b"),
            "--gateway-name",
        ),
        (("--region", "eastus", "--gateway-resource-id", "/canary"), "--gateway-resource-id"),
        (
            ("--cloud", "AzureChinaCloud", "--region", "chinaeast2", "--gateway-name", "a"),
            "--gateway-name",
        ),
        (("--region", "eastus", "--name", "a\nb", "--shell", "cmd"), "--shell"),
    ],
)
def test_what_cannot_be(arguments: tuple[str, ...], setting: str) -> None:
    """Settings that contradict each other are one line that names the setting."""
    error = run(*arguments).exception
    assert isinstance(error, ConfigError)
    assert error.setting == setting


def test_the_way_back() -> None:
    """--disable-gateway prints the one command that takes the cluster back."""
    page = run("--region", "eastus", "--disable-gateway", *NAMES)
    assert (
        "az connectedk8s update --name edge --resource-group arc --disable-gateway" in page.stdout
    )


def test_comments_in_another_language() -> None:
    """--lang: what is said is translated and what is pasted is not; the prompt of cmd reads the
    bytes of its code page, so it gets English."""
    words = ("--region", "eastus", "--proxy-https", "http://proxy.corp:3128", *NAMES)
    english, japanese = run(*words).stdout, run(*words, "--lang", "ja").stdout
    assert "# クラスターを接続する" in japanese.splitlines()
    pasted = [each for each in english.splitlines() if not each.startswith("#")]
    assert [each for each in japanese.splitlines() if each in pasted] == [*pasted]
    prompt = ("--shell", "cmd")
    assert run(*words, *prompt, "--lang", "ja").stdout == run(*words, *prompt).stdout


def test_why_it_fails_in_another_language() -> None:
    """The causes for which nothing is planned are told in the language too."""
    told = run(recording("denied"), *NAMES, "--lang", "ja").stderr
    assert "拒否" in told
    assert "denies" not in told
