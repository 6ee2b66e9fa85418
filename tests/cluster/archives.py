"""The images of a cluster as archives that containerd imports: the pause image, and arcprobe's;
kept for the sources that they were made from."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.support import images

PAUSE = "localhost/pause:1"
_SOURCE = Path(__file__).with_name("pause.c")
_KEPT = 2  # sets of archives: another run of the tests may still be reading the one before


def make() -> tuple[Path, ...]:
    """The archives of both images, built from the sources as they are where they are not kept."""
    store = str(images.folder() / "store")
    with images.locked(), tempfile.TemporaryDirectory(dir=images.folder()) as scratch:
        sources = Path(scratch) / "sources"
        sources.mkdir()
        images.build(store, images.snapshot(sources))
        found = images.folder() / "archives" / images.built_from(store, images.IMAGE)
        if not found.is_dir():
            making = Path(scratch) / "archives"
            making.mkdir()
            _pause(store, making)
            _save(store, images.IMAGE, making / "arcprobe.tar")
            _forget(found.parent)
            making.rename(found)
    return tuple(sorted(found.glob("*.tar")))


def _forget(kept: Path) -> None:
    kept.mkdir(exist_ok=True)
    oldest_last = sorted(kept.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in oldest_last[_KEPT - 1 :]:
        shutil.rmtree(old)


def _pause(store: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        program, archive = Path(scratch) / "pause", Path(scratch) / "root.tar"
        images.shell("gcc", "-Os", "-static", "-o", str(program), str(_SOURCE))
        images.shell("tar", "-C", scratch, "-cf", str(archive), "pause")
        entry = 'ENTRYPOINT ["/pause"]'
        images.shell("podman", "--root", store, "import", "-c", entry, str(archive), PAUSE)
    _save(store, PAUSE, folder / "pause.tar")


def _save(store: str, name: str, path: Path) -> None:
    save = ("podman", "--root", store, "save", "--format", "oci-archive", "-o", str(path), name)
    images.shell(*save)
