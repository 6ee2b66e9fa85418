"""What the image says of itself: its labels, its bill of materials, what it was made from.

Needs what `test_image.py` needs, and takes the image that was built there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import arcprobe
from tests.support import images
from tests.support.tools import may_skip

_MISSING = images.missing()

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(may_skip(lacks=_MISSING), reason=f"building the image needs {_MISSING}"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image store, with the image built in it from the sources as they are."""
    assert not _MISSING, f"the image needs {_MISSING}"
    path = str(images.folder() / "store")
    with images.locked():
        images.build(path, images.snapshot(tmp_path_factory.mktemp("sources")))
    return path


def _labels(store: str) -> dict[str, str]:
    template = "{{json .Labels}}"
    printed = images.shell(
        "podman", "--root", store, "image", "inspect", "-f", template, images.IMAGE
    )
    labels: dict[str, str] = json.loads(printed)
    return labels


@pytest.fixture(scope="module")
def materials(store: str) -> dict[str, Any]:
    """The bill of materials, at the place that the label names."""
    place = _labels(store)["org.cyclonedx.sbom"]
    content: dict[str, Any] = json.loads(images.content(store, images.IMAGE, place))
    return content


def test_labels_tell_what_the_image_is(store: str) -> None:
    """Title, version, licence, revision and base stand where the OCI image specification has them
    (annotations.md)."""
    labels, prefix = _labels(store), "org.opencontainers.image."
    told = {name: labels[prefix + name] for name in ("title", "version", "licenses", "base.name")}
    assert told == {
        "title": "arcprobe",
        "version": arcprobe.__version__,
        "licenses": "MIT",
        "base.name": images.base(store),
    }
    assert labels[prefix + "revision"]
    assert labels[prefix + "description"].startswith("Tells, before a Kubernetes cluster")


def _wanted() -> dict[str, str]:
    """Name and version of each library of constraints.txt that a Linux of today needs."""
    text = Path(images.ROOT / ".ci/constraints.txt").read_text()
    found = re.findall(r"^([a-z0-9.-]+)==(\S+)(.*)$", text, re.MULTILINE)
    return {name: version for name, version, rest in found if "win32" not in rest}


def test_every_library_is_the_one_that_was_chosen(materials: dict[str, Any]) -> None:
    """The image has the libraries of constraints.txt in their versions, and no others."""
    known = [each for each in materials["components"] if each["purl"].startswith("pkg:pypi/")]
    assert {each["name"]: each["version"] for each in known} == {
        name: version for name, version in _wanted().items() if name != "setuptools"
    }


def test_materials_are_those_of_the_whole_image(materials: dict[str, Any]) -> None:
    """The bill is CycloneDX, of arcprobe, and has the packages of the base as well."""
    assert (materials["bomFormat"], materials["specVersion"]) == ("CycloneDX", "1.6")
    own = materials["metadata"]["component"]
    assert (own["purl"], own["type"]) == (
        f"pkg:pypi/arcprobe@{arcprobe.__version__}",
        "application",
    )
    references = [each["bom-ref"] for each in materials["components"]]
    assert len(set(references)) == len(references)
    assert any(each.startswith("pkg:deb/debian/libssl3@") for each in references)


def test_every_library_has_hashes() -> None:
    """Each library of constraints.txt has the SHA-256 of its files: pip takes no other."""
    text = Path(images.ROOT / ".ci/constraints.txt").read_text()
    entries = re.split(r"\n(?=[a-z])", text.partition("\nanyio")[2])
    assert len(entries) == len(_wanted()) + 1  # and the one for other systems
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
