"""One cluster of two nodes for all tests of this folder; the one of ``python -m tests.cluster up``
where that runs. Needs root on Linux and the programs of ``requirements``; ``.ci/run`` installs
them, and there nothing is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import archives, binaries, requirements
from tests.cluster.cluster import Cluster, at_hand
from tests.cluster.using import staying
from tests.support.tools import may_skip

_MISSING = requirements.missing_with_internet() or requirements.forbidden()
_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here is skipped where no cluster can be; the first one waits for the build."""
    for item in items:
        if _FOLDER not in item.path.parents:
            continue
        item.add_marker(pytest.mark.timeout(binaries.SECONDS + 600))
        if may_skip(lacks=_MISSING):
            item.add_marker(pytest.mark.skip(reason=f"a cluster needs {_MISSING}"))


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Two nodes, with the image of the sources as they are."""
    assert not _MISSING, f"a cluster needs {_MISSING}"
    with at_hand(binaries.folder(), archives.make(), 2) as made:
        yield made
        assert staying(made) == []
