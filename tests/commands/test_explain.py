"""``arcprobe explain``: every code is explained, an unknown one is refused with its nearest."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from arcprobe.commands import explain
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.model import Code


def test_one_code() -> None:
    """A code is explained by what it means, who acts, what to change, and how to see it by hand."""
    result = CliRunner().invoke(explain.command, ["proxy-auth-required"])
    assert result.exit_code == 0
    for words in ("407", "to act: you", "What to change", "percent-encoded", "By hand", "curl"):
        assert words in result.stdout


def test_a_page() -> None:
    """A page has its title, what the code means, what to change, and commands of its own."""
    result = CliRunner().invoke(explain.command, ["api-unauthorized"])
    assert (
        result.stdout
        == """\
api-unauthorized: a warning on the cluster layer; to act: the cluster team
  The Kubernetes API does not accept the token

What it means
  401 from the API server: the token has expired, or belongs to another cluster or to a deleted
  ServiceAccount. Missing permissions have the code api-forbidden.

What to change
  Mount a current ServiceAccount token (automountServiceAccountToken: true; projected tokens
  rotate), or sign in again with kubectl.

By hand
  kubectl auth whoami
"""
    )


def test_a_code_that_passes_asks_for_nothing() -> None:
    """Where all is well nobody has to act, and there is nothing to change."""
    lines = CliRunner().invoke(explain.command, ["certificate-genuine"]).stdout.splitlines()
    assert lines[0] == "certificate-genuine: no fault on the tls layer"
    assert "What it means" in lines
    assert not {"What to change", "By hand"} & set(lines)


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("clock-skewed", "date -u; curl -sI https://HOST/ | grep -i ^date"),
        ("proxy-unreachable", "ip route get PROXYADDRESS"),
        ("certificate-expired", "# read the i: (issuer) lines, last one first"),
    ],
)
def test_by_hand(code: str, command: str) -> None:
    """A code has commands of its own to see it by hand, or those of its layer."""
    lines = CliRunner().invoke(explain.command, [code]).stdout.splitlines()
    assert lines[-1] == f"  {command}"


@pytest.mark.parametrize("code", codes.rows(), ids=lambda code: code.name)
def test_every_code(code: codes.Row) -> None:
    """Every code has a page, and no placeholder shows on it."""
    result = CliRunner().invoke(explain.command, [code.name])
    assert result.exit_code == 0
    assert result.stdout.startswith(code.name)
    assert "{" not in result.stdout
    assert "[[" not in result.stdout


def test_commands_by_hand_are_those_of_codes() -> None:
    """Commands of their own have only codes that there are."""
    prefix = "explain.by-hand."
    keys = language().keys()
    own = {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
    assert own <= set(Code)
    assert len(own) == 23


def test_all_by_layer() -> None:
    """Without a code all are listed, each once, under its layer."""
    lines = CliRunner().invoke(explain.command, []).stdout.splitlines()
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert names == [code.name for code in codes.rows()]
    assert [line for line in lines if line and not line.startswith(" ")] == list(
        dict.fromkeys(code.layer for code in codes.rows())
    )


def test_unknown() -> None:
    """An unknown code exits 2 with the nearest names."""
    result = CliRunner().invoke(explain.command, ["proxy-denyed\x1b[31m"])
    assert result.exit_code == 2
    assert "proxy-denied" in result.stderr
    assert "\x1b" not in result.stderr
    assert result.stdout == ""


def test_json() -> None:
    """As JSON, one code is an object and all are a list."""
    one = json.loads(CliRunner().invoke(explain.command, ["tls-reset", "--format", "json"]).stdout)
    assert (one["code"], one["layer"], one["owner"]) == ("tls-reset", "tls", "firewall")
    assert len(json.loads(CliRunner().invoke(explain.command, ["--format", "json"]).stdout)) == len(
        codes.rows()
    )


def test_an_error_of_az() -> None:
    """An error code of az, or a line that has it, is explained by what arcprobe would call it."""
    page = CliRunner().invoke(explain.command, ["ERROR: (azk8s0301) name not found"]).stdout
    assert page.splitlines()[0] == (
        "AZK8S0301, an error of az connectedk8s: a name does not exist in the cluster's DNS"
    )
    assert "  name-unknown " in page
    found = CliRunner().invoke(explain.command, ["AZK8S0408", "--format", "json"]).stdout
    assert json.loads(found)["codes"] == ["provider-unregistered"]
    assert "Not a network fault" in CliRunner().invoke(explain.command, ["AZK8S0001"]).stdout
    assert "does not know" in CliRunner().invoke(explain.command, ["AZK8S9999"]).stdout


def test_no_page_has_a_hole() -> None:
    """Where a report has a value, a page has a word in capitals; no neutral word of a sentence
    stands in a command."""
    pages = {
        row.name: CliRunner().invoke(explain.command, [row.name]).stdout for row in codes.rows()
    }
    assert not [name for name, page in pages.items() if "(not given)" in page or "{" in page]
    assert "let PORT through" in pages[Code.PROXY_PORT_DENIED]
    assert "`dig HOST`" in pages[Code.NAME_UNKNOWN]


@pytest.mark.parametrize(
    ("words", "due"),
    [
        (["407"], ["proxy-auth-required", "proxy-auth-rejected", "proxy-auth-unsupported"]),
        (["x509: certificate signed by unknown authority"], ["tls-intercepted"]),
        (["websocket"], ["websocket-upgraded", "websocket-stripped"]),
        (["connection", "refused"], ["proxy-refused", "target-refused"]),
    ],
)
def test_layers_and_words_find_codes(words: list[str], due: list[str]) -> None:
    """A layer lists its codes; a status, a line of a log, an error of az the codes that make it."""
    result = CliRunner().invoke(explain.command, words)
    assert result.exit_code == 0
    assert all(name in result.stdout for name in due)


def test_the_lines_of_a_product() -> None:
    """With --product its lines stand below, for an example host, with place and command; in JSON
    as data."""
    asked = ["proxy-denied", "--product", "Squid"]
    text = CliRunner().invoke(explain.command, asked).stdout
    assert "squid: squid.conf" in text
    assert " dstdomain -n host.example\n" in text
    assert "Apply: squid -k parse && squid -k reconfigure" in text
    told = json.loads(CliRunner().invoke(explain.command, [*asked, "--format", "json"]).stdout)
    assert told["code"] == "proxy-denied"
    assert [each["product"] for each in told["lines"]] == ["squid"]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            ["proxy-denied", "--product", "bind"],
            "'bind' has no lines for this code. BIND is a DNS server and sees no connections",
        ),
        (["proxy-denied", "--product", "kaspersky"], "'kaspersky' has no lines for this code"),
        (["proxy", "--product", "squid"], "needs one code; 'proxy' is several"),
    ],
)
def test_a_product_without_lines(asked: list[str], problem: str) -> None:
    """One line says that there are none; nothing else is printed."""
    result = CliRunner().invoke(explain.command, asked)
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr
