"""Services from a file, as ``--services`` reads them."""

from __future__ import annotations

from pathlib import Path

from arcprobe.model import Cluster
from arcprobe.probes.cluster.observe import services_of


def read_services_file(path: str) -> Cluster:
    """What the file holds. ``ValueError`` where it is none."""
    return services_of(Path(path).read_bytes(), path)
