"""Where a run is made, and by which names."""

from __future__ import annotations

import pytest

from arcprobe.probes import vantage


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"ARCPROBE_VANTAGE": "node", "KUBERNETES_SERVICE_HOST": "10.96.0.1"}, "node"),
        ({"ARCPROBE_VANTAGE": "moon", "KUBERNETES_SERVICE_HOST": "10.96.0.1"}, "pod"),
        ({"KUBERNETES_SERVICE_HOST": "10.96.0.1"}, "pod"),
        ({}, "laptop"),
    ],
)
def test_the_manifest_decides_then_the_surroundings(
    environ: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the manifest set counts where it is a vantage; else a pod shows by its environment."""
    monkeypatch.setattr(vantage, "_NODE_FOLDERS", ())
    assert vantage.vantage(environ) == place


def test_a_kubelet_makes_a_node(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A machine that runs kubelet is a node, named as the host."""
    monkeypatch.setattr(vantage, "_NODE_FOLDERS", (str(tmp_path),))
    assert vantage.vantage({}) == "node"
    host, node, pod = vantage.names({})
    assert (node, pod) == (host, "")


def test_names_of_the_manifest_are_taken() -> None:
    """Node and pod are named as the manifest names them."""
    environ = {
        "ARCPROBE_VANTAGE": "pod",
        "ARCPROBE_NODE_NAME": "node-1",
        "ARCPROBE_POD_NAME": "arcprobe-x",
    }
    assert vantage.names(environ)[1:] == ("node-1", "arcprobe-x")
