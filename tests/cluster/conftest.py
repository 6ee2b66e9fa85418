"""One cluster of two nodes for all tests of this folder; the one of ``python -m tests.cluster up``
where that runs. Needs root on Linux and the programs of ``requirements``; ``.ci/run`` installs
them, and there nothing is skipped. ``python -m tests.cluster test`` runs ``test_long.py``,
whose tests wait for minutes, and ``test_lifecycle.py`` too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import archives, binaries, requirements
from tests.cluster.cluster import Cluster, at_hand
from tests.cluster.using import staying
from tests.support.tools import may_skip

_MISSING = requirements.missing_with_internet() or requirements.forbidden()
_FOLDER = Path(__file__).parent


_NOT_IN_CI = ["test_long.py", "test_lifecycle.py"]
collect_ignore = [] if os.environ.get("ARCPROBE_TEST_CLUSTER") == "all" else _NOT_IN_CI
_SECONDS = 900  # of one test on a machine that is busy with others; alone the longest takes 100


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of this folder come last: until then another process may build what they need. The
    first one waits for that. Every one is skipped where no cluster can be."""
    own = [item for item in items if _FOLDER in item.path.parents]
    items[:] = [item for item in items if _FOLDER not in item.path.parents] + own
    for number, item in enumerate(own):
        item.add_marker(pytest.mark.timeout(_SECONDS if number else _SECONDS + binaries.SECONDS))
        if may_skip(lacks=_MISSING):
            item.add_marker(pytest.mark.skip(reason=f"a cluster needs {_MISSING}"))


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Two nodes, with the image of the sources as they are."""
    assert not _MISSING, f"a cluster needs {_MISSING}"
    with at_hand(binaries.folder(), archives.make(), 2) as made:
        yield made
        assert staying(made) == []
