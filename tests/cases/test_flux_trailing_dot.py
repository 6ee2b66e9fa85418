"""fluxcd/website #2555, fluxcd/kustomize-controller #569: Flux asks for its own Services with a dot
at the end, which Go compares literally."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from arcprobe import cli
from arcprobe.commands.skip_range import command
from tests.cases import FOLDER

SERVICES = ("--services", str(FOLDER / "flux-trailing-dot" / "services.json"))
PLAIN = ".cluster.local,.svc,10.96.0.0/12"
DOTTED = f".cluster.local.,{PLAIN}"


@pytest.mark.parametrize(
    ("skip_range", "feature", "is_asked"),
    [
        (PLAIN, "gitops", True),
        (PLAIN, "", False),
        (DOTTED, "gitops", False),
        (DOTTED, "", False),
        (f"*,{PLAIN}", "gitops", False),
    ],
)
def test_the_dotted_suffix_is_asked_for_with_gitops(
    skip_range: str, feature: str, is_asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warning, with the entry that heals it; without gitops nothing is asked, and the entry is no
    fault anywhere."""
    asked = ["check", "--region", "westeurope", "--only", "skip-range", *SERVICES]
    asked += ["--proxy-https", "http://127.0.0.1:1", "--proxy-skip-range", skip_range]
    assert cli.run([*asked, *(("--feature", feature) if feature else ())]) == 0
    told = capsys.readouterr().out
    assert ("cluster-suffix-missing" in told) is is_asked
    assert ("source-controller.flux-system.svc.cluster.local." in told) is is_asked
    assert (f"{PLAIN},.cluster.local." in told) is is_asked
    assert "entry-ineffective" not in told


@pytest.mark.parametrize("skip_range", [DOTTED, f"{PLAIN},.svc.cluster.local."])
def test_it_is_never_taken_out(skip_range: str) -> None:
    """The corrected list keeps it."""
    arguments = ["suggest", *SERVICES, "--skip-range", skip_range]
    assert CliRunner().invoke(command, arguments).stdout.strip() == skip_range


def test_another_domain_beside_itself() -> None:
    """Of a cluster with a domain of its own the pair shows that the dot is meant; alone, and of a
    host, it is what Go never matches."""
    for skip_range, kept in (
        (f"{PLAIN},.corp.example,.corp.example.", f"{PLAIN},.corp.example,.corp.example."),
        (f"{PLAIN},host.corp.example.", f"{PLAIN},host.corp.example"),
    ):
        arguments = ["suggest", *SERVICES, "--skip-range", skip_range]
        assert CliRunner().invoke(command, arguments).stdout.strip() == kept
