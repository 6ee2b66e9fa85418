"""Limits of this host never look like faults of the network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.scenarios import find_scenario
from arcprobe.probes.wire.descriptors import Lease, Pool, held, take, take_lookup
from tests.support.rehearsed import config_in

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows counts no descriptors")


def test_who_asks_first_is_served_first() -> None:
    """One that waits for many is not overtaken by one that needs a few."""
    served: list[str] = []

    async def use(pool: Pool, name: str, count: int) -> None:
        lease = await pool.take(count)
        served.append(name)
        await asyncio.sleep(0)
        lease.give_back()

    async def all_of_them() -> None:
        pool = Pool(3)
        wanted = (("a", 2), ("many", 3), ("few", 1))
        async with asyncio.timeout(5):
            await asyncio.gather(*(use(pool, name, count) for name, count in wanted))

    asyncio.run(all_of_them())
    assert served == ["a", "many", "few"]


def test_more_than_there_are() -> None:
    """Who needs more than there ever are gets all; a lease is given back once."""

    async def twice() -> None:
        pool = Pool(2)
        lease = await pool.take(8)
        lease.give_back()
        lease.give_back()
        async with asyncio.timeout(5):
            await pool.take(2)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await pool.take(1)

    asyncio.run(twice())


def test_without_a_run_nothing_is_counted() -> None:
    """A probe by itself waits for nobody."""

    async def alone() -> None:
        async with held(1000):
            for lease in (Lease(), await take(1000), await take_lookup()):
                lease.give_back()

    asyncio.run(alone())


_BEGIN = """
import resource, sys
from arcprobe.probes.wire import descriptors
soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
total = descriptors.begin(is_rehearsed=False)
print(*resource.getrlimit(resource.RLIMIT_NOFILE), total)
"""


def _begun(soft: int, hard: int) -> list[int]:
    call = (sys.executable, "-c", _BEGIN, str(soft), str(hard))
    ended = subprocess.run(call, capture_output=True, text=True, check=True, timeout=60)
    return [int(word) for word in ended.stdout.split()]


@posix_only
@pytest.mark.parametrize(
    ("soft", "hard", "due"), [(64, 256, 256), (64, 8192, 4096), (32, 32, 32), (5000, 8192, 5000)]
)
def test_the_soft_limit_is_raised(soft: int, hard: int, due: int) -> None:
    """The soft limit is raised to the hard one, up to what a run can use; never lowered, and the
    hard one is left alone."""
    raised = _begun(soft, hard)
    assert raised[:2] == [due, hard]
    # what is left of 4096, or of fewer, once ten or so are open and six kept free; without a third
    # for look-ups, or 800
    most = min(due, 4096)
    sockets = most - min(most // 3, 800)
    assert sockets - 24 <= raised[2] < sockets


_EXHAUSTED = """
import os, resource
from arcprobe.probes.wire.descriptors import refuse_exhausted
from arcprobe.probes.wire.failure import classify
refuse_exhausted()
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try:
    refuse_exhausted()
except OSError as error:
    print(classify(error).kind)
"""


@posix_only
def test_exhausted() -> None:
    """Where no socket can be opened, what getaddrinfo(3) says is not believed."""
    call = (sys.executable, "-c", _EXHAUSTED)
    ended = subprocess.run(call, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "local-limit\n"


_LIMITED = """
import pickle, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
from arcprobe.commands.output import exit_code
from arcprobe.pipeline import preflight
from arcprobe.report import as_json
with open(sys.argv[2], "rb") as file:
    config = pickle.load(file)
report = preflight(config)
print(as_json.render(report))
sys.exit(exit_code(report))
"""


def _limited(config: Path, limit: int) -> tuple[int, list[tuple[str, int]], str]:
    """Exit code, causes and all the words of a run with so many open files."""
    call = (sys.executable, "-c", _LIMITED, str(limit), str(config))
    ended = subprocess.run(call, capture_output=True, text=True, check=False, timeout=120)
    report = json.loads(ended.stdout)
    causes = [(cause["code"], len(cause["explains"])) for cause in report["causes"]]
    return ended.returncode, causes, ended.stdout


@posix_only
@pytest.mark.parametrize(
    ("scenario", "code", "causes"),
    [
        ("clean", 0, []),
        (
            "everything",
            1,
            [
                ("proxy-denied", 1),
                ("proxy-port-denied", 1),
                ("tls-intercepted", 2),
                ("websocket-stripped", 2),
                ("services-uncovered", 1),
            ],
        ),
    ],
)
def test_the_same_causes_with_few_open_files(
    scenario: str, code: int, causes: list[tuple[str, int]], tmp_path: Path
) -> None:
    """A healthy network and a broken one are told alike at ``ulimit -n 32`` and at 4096; with less
    than a run needs arcprobe could not finish, and no team is accused."""
    import pickle

    found = find_scenario(scenario)
    assert found is not None
    file = tmp_path / "config"
    with Rehearsal(found.network) as network:
        config = msgspec.structs.replace(config_in(network), credentials={})
        file.write_bytes(pickle.dumps(config))
        many = _limited(file, 4096)
        few = _limited(file, 32)
        starved = _limited(file, 6)
    assert many[:2] == few[:2] == (code, causes)
    assert starved[0] == 3
    # what needs no socket, the bypass list against a file of Services, is judged all the same
    network_free = {"not-finished", "services-uncovered"}
    assert "not-finished" in (told := {cause for cause, _ in starved[1]})
    assert told <= network_free
    assert "Too many open files" in starved[2]
    assert "ulimit -n" in starved[2]


def test_what_is_free_is_had_at_once() -> None:
    """Where nobody has to wait, nobody does; where somebody waits, nobody overtakes."""

    async def taken() -> None:
        pool = Pool(3)
        assert pool.take_now(2) is not None
        assert pool.take_now(2) is None
        waiting = asyncio.create_task(pool.take(2))
        await asyncio.sleep(0)
        assert pool.take_now(1) is None
        waiting.cancel()

    asyncio.run(taken())
