"""Azure/AzureLocal-Supportability: a bypass list as Windows has it. `;` separates, `*` stands in
names and addresses, `<local>` for names without a dot."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.skip_range import command
from tests.cases import FOLDER

CASE = FOLDER / "wininet-list"
SERVICES = ("--services", str(CASE / "services.json"))
GIVEN = (CASE / "list.txt").read_text(encoding="utf-8").strip()
KEPT = "localhost,127.0.0.1,.contoso.example,192.168.1.0/24,10.96.0.0/12"


def run(*arguments: str) -> Result:
    """A command about the bypass list."""
    return CliRunner().invoke(command, [*arguments, *SERVICES])


def test_it_is_translated() -> None:
    """What was meant is kept, what lacks is added."""
    found = run("suggest", "--skip-range", GIVEN)
    assert found.stdout.strip() == f"{KEPT},kubernetes.default.svc,.svc.cluster.local,.svc"
    assert "`;` separates entries only on Windows" in found.stderr
    assert "`<local>` is a Windows keyword" in found.stderr


def test_it_is_told_why() -> None:
    """Malformed, with both reasons, and nothing of a placeholder; the corrected list passes."""
    found = run("check", "--skip-range", GIVEN)
    assert found.exit_code == 1
    assert "entry-malformed" in found.output
    assert "`;` separates entries only on Windows; use `,`" in found.output
    assert "`<local>` is a Windows keyword" in found.output
    assert "placeholder" not in found.output
    corrected = found.output.rstrip().rpartition("\n")[2]
    assert run("check", "--skip-range", corrected).output.startswith("PASS")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<local>;10.96.0.0/12;.svc;.cluster.local", "10.96.0.0/12,.svc,.cluster.local"),
        ("10.96.0.0/12,.svc,.cluster.local,<local>", "10.96.0.0/12,.svc,.cluster.local"),
        ("10.*;*.svc;*.cluster.local;<-loopback>", "10.0.0.0/8,.svc,.cluster.local"),
        ("10.*;*.svc;*.cluster.local;", "10.0.0.0/8,.svc,.cluster.local"),
        (
            "172.16.*.*;10.*;*svc;*cluster.local;http://intra.example",
            "172.16.0.0/16,10.0.0.0/8,svc,cluster.local,intra.example",
        ),
        ("10.*; *.svc; *.cluster.local; <LOCAL>", "10.0.0.0/8,.svc,.cluster.local"),
        ("<local> 10.96.0.0/12 .svc .cluster.local", "10.96.0.0/12,.svc,.cluster.local"),
        ("[::1];*.svc;*.cluster.local;10.*", "::1,.svc,.cluster.local,10.0.0.0/8"),
        ("http://*.svc;*.cluster.local;10.*", ".svc,.cluster.local,10.0.0.0/8"),
        ("10.*;*.svc;*.cluster.local;server*;<local>", "10.0.0.0/8,.svc,.cluster.local"),
        ('"10.*;*.svc;*.cluster.local"', "10.0.0.0/8,.svc,.cluster.local"),
    ],
)
def test_other_lists_of_windows(given: str, kept: str) -> None:
    """Whatever way the list was written in."""
    found = run("suggest", "--skip-range", given)
    assert found.stdout.strip() == kept
    assert "is removed" in found.stderr


def test_a_word_of_windows_hides_no_gap() -> None:
    """`<local>` may not have meant the range of Services, as a placeholder may."""
    found = run("check", "--skip-range", "<local>,.svc,.cluster.local")
    assert "services-uncovered" in found.output
    assert "entry-malformed" in found.output
