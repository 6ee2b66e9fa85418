"""The plugin's manifest for krew: the template as krew-release-bot fills it, by krew's own rules
(internal/index/validation/validate.go of kubernetes-sigs/krew)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

_TEMPLATE = Path(__file__).parents[1] / ".github" / ".krew.yaml"
_DIGEST = "0123456789abcdef" * 4


def _filled(tag: str) -> Any:
    """The manifest of one release. The bot puts the digest of what it has fetched under the URI, as
    deep as a platform's keys stand."""
    archive = re.compile(r'\{\{addURIAndSha "(.*)" \.TagName \}\}')
    text = archive.sub(rf"uri: \1\n    sha256: {_DIGEST}", _TEMPLATE.read_text())
    return yaml.safe_load(text.replace("{{ .TagName }}", tag))


def test_manifest_of_a_release() -> None:
    """Each platform has an archive of its own, from which the plugin that kubectl looks for is
    taken and started; no other place is left to be filled in."""
    made = _filled("v1.2.3")
    kind = (made["apiVersion"], made["kind"], made["metadata"]["name"])
    assert kind == ("krew.googlecontainertools.github.com/v1alpha2", "Plugin", "arcprobe")
    assert (made["spec"]["version"], "\n" in made["spec"]["shortDescription"]) == ("v1.2.3", False)
    archives = {}
    for platform in made["spec"]["platforms"]:
        assert platform.keys() == {"selector", "uri", "sha256", "files", "bin"}
        assert platform["sha256"] == _DIGEST
        copied = {(file["from"], file["to"]) for file in platform["files"]}
        assert {(platform["bin"], "."), ("LICENSE", ".")} == copied
        assert platform["bin"] == "kubectl-arcprobe"
        where = platform["selector"]["matchLabels"]
        archives[where["os"], where["arch"]] = platform["uri"].rpartition("/")[2]
    assert archives == {
        ("linux", "amd64"): "arcprobe-linux-x86_64.tar.gz",
        ("linux", "arm64"): "arcprobe-linux-aarch64.tar.gz",
    }
    assert "{{" not in str(made)
