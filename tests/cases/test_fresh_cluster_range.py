"""fluxcd/flux2 #5897, cert-manager/cert-manager #1371, kubernetes-client/javascript #233: people
list the addresses that they see today. And a file of Services of one namespace."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands.skip_range import command
from tests.cases import FOLDER

FRESH = ("--services", str(FOLDER / "fresh-cluster-range" / "services.json"))
HALF = ("--services", str(FOLDER / "default-namespace-only" / "services.json"))
NAMES = ".svc,.svc.cluster.local"


def run(*arguments: str) -> Result:
    """A command about the bypass list."""
    return CliRunner().invoke(command, list(arguments))


@pytest.mark.parametrize(
    "skip_range", ["10.96.0.1,10.96.0.10", "10.96.0.0/24", "10.96.0.0/28", "10.96.0.1,10.96.0.8/29"]
)
def test_the_addresses_of_today_are_no_range(skip_range: str) -> None:
    """A warning, with the way to learn the range, the guess named as one, and the list that covers
    it; nothing fails."""
    found = run("check", *FRESH, "--skip-range", f"{skip_range},{NAMES}")
    assert found.exit_code == 0
    assert found.output.startswith("WARN")
    assert "warn  service-range-unknown" in found.output
    assert "10.96.0.0/12, the default of kubeadm (from the addresses" in found.output
    assert found.output.rstrip().endswith(f"{skip_range},{NAMES},10.96.0.0/12")


@pytest.mark.parametrize("skip_range", ["10.96.0.0/12", "10.96.0.0/16", "10.0.0.0/8"])
def test_a_usual_range_passes(skip_range: str) -> None:
    """Covered by a range as wide as Service ranges are: a pass, and the evidence says that the
    range is not known."""
    found = run("check", *FRESH, "--skip-range", f"{skip_range},{NAMES}")
    assert found.output.startswith("PASS")
    assert "The Service range is not known" in found.output


def test_a_known_range_is_no_guess() -> None:
    """--service-cidr: narrower is uncovered then, and covered is a pass without a word of
    guessing."""
    known = (*FRESH, "--service-cidr", "10.96.0.0/24")
    found = run("check", *known, "--skip-range", f"10.96.0.0/24,{NAMES}")
    assert found.output.startswith("PASS")
    assert "not known" not in found.output
    assert run("check", *known, "--skip-range", f"10.96.0.1,{NAMES}").exit_code == 1


def test_what_is_suggested_is_called_a_guess() -> None:
    """The default that fits, and on stderr that it is one; of a known range no such word."""
    found = run("suggest", *FRESH)
    assert found.exit_code == 0
    assert found.stdout == "10.96.0.0/12,kubernetes.default.svc,.svc.cluster.local,.svc\n"
    assert "10.96.0.0/12 is a guess from the current Services" in found.stderr
    known = run("suggest", *FRESH, "--service-cidr", "10.96.0.0/16")
    assert known.stdout.startswith("10.96.0.0/16,")
    assert "guess" not in known.stderr


def test_half_a_file() -> None:
    """Services of `default` alone: not all were read, with the command that has -A."""
    found = run("check", *HALF, "--skip-range", f"10.96.0.0/14,{NAMES}")
    assert found.exit_code == 0
    assert found.output.startswith("WARN")
    assert "services-unreadable" in found.output
    assert "kubectl get svc -A -o json" in found.output
    assert "service-range-unknown" not in found.output


def test_half_a_file_and_a_gap() -> None:
    """A list that lacks one of the two still fails."""
    found = run("check", *HALF, "--skip-range", f"10.96.0.1,{NAMES}")
    assert found.exit_code == 1
    assert "services-uncovered" in found.output
