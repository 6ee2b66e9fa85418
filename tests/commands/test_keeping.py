"""The whole reports of a run, kept beside the picture of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arcprobe.commands.keeping import Keeper
from arcprobe.model.errors import ConfigError
from tests.commands.kubelets import Kubelets, needs_kubectl, run_in
from tests.support.apiserver import ApiServer


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A folder that cannot be made is a wrong setting, before anything is done."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--keep-reports"):
        Keeper(str(tmp_path / "file" / "below"))


@needs_kubectl
def test_whole_reports_are_kept(api: ApiServer, tmp_path: Path) -> None:
    """--keep-reports has every node's whole report as a file, and the JSON has them too."""
    Kubelets(api, ("node-a", "node-b"))
    folder = tmp_path / "kept" / "here"
    result = run_in(api, "--nodes", "all", "--keep-reports", str(folder), "--format", "json")
    reports = json.loads(result.stdout)["reports"]
    names = [f"node-{name}-{vantage}.json" for name in "ab" for vantage in ("node", "pod")]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert [(report["run"]["vantage"], report["run"]["node"]) for report in reports] == [
        ("node", "node-a"),
        ("node", "node-b"),
        ("pod", "node-a"),
        ("pod", "node-b"),
    ]
    assert json.loads((folder / "node-a-pod.json").read_text()) == reports[2]
