"""The images of a cluster as archives that containerd imports: the pause image, and arcprobe's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support import images

PAUSE = "localhost/pause:1"
_SOURCE = Path(__file__).with_name("pause.c")


def make(folder: Path) -> tuple[Path, ...]:
    """Builds both images and writes their archives into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    store = str(images.folder() / "store")
    with images.locked(), tempfile.TemporaryDirectory(dir=folder) as scratch:
        images.build(store, images.snapshot(Path(scratch)))
        _pause(store, folder)
        return tuple(_archive(store, name, folder) for name in (PAUSE, images.IMAGE))


def _pause(store: str, folder: Path) -> None:
    program, archive = folder / "pause", folder / "pause-root.tar"
    images.shell("gcc", "-Os", "-static", "-o", str(program), str(_SOURCE))
    images.shell("tar", "-C", str(folder), "-cf", str(archive), "pause")
    podman = ("podman", "--root", store)
    images.shell(*podman, "import", "-c", 'ENTRYPOINT ["/pause"]', str(archive), PAUSE)


def _archive(store: str, name: str, folder: Path) -> Path:
    path = folder / f"{name.partition('/')[2].partition(':')[0]}.tar"
    path.unlink(missing_ok=True)
    podman = ("podman", "--root", store)
    images.shell(*podman, "save", "--format", "oci-archive", "-o", str(path), name)
    return path
