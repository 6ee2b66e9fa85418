"""Reports of many places become one picture."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from arcprobe.fleet.merge import Merger, gravity
from arcprobe.model import Verdict
from tests.fleet.sample import DENIED, codes, merged, report
from tests.support import rehearsed
from tests.support.languages import shouting


def test_a_seen_fault_outweighs_a_lost_node() -> None:
    """Among places what failed is graver than what was lost; otherwise the order is that of
    verdicts."""
    order = [Verdict.SKIP, Verdict.PASS, Verdict.WARN, Verdict.ERROR, Verdict.FAIL]
    assert sorted(Verdict, key=gravity) == order
    merger = Merger()
    merger.add(report("node-1", "pod", DENIED))
    merger.lose("node-2", "pod", "no pod")
    assert merger.result().verdict is Verdict.FAIL


def test_places_that_agree_give_a_pass() -> None:
    """Nodes and vantages that all pass give a pass without causes."""
    picture = merged(
        *(report(f"node-{number}", vantage) for number in range(3) for vantage in ("pod", "node"))
    )
    assert (picture.verdict, picture.causes, len(picture.groups)) == (Verdict.PASS, (), 2)


def test_lost_nodes_are_reported_and_lose_nothing() -> None:
    """A lost node is a cause with its reason; the run is unfinished, the others stand; a node that
    reported is not lost."""
    merger = Merger()
    for number in range(3):
        merger.add(report(f"node-{number}", "pod"))
    merger.lose("node-9", "pod", "its image cannot be pulled")
    merger.lose("node-1", "pod", "came late")
    picture = merger.result()
    assert (picture.verdict, codes(picture), len(picture.places)) == (
        Verdict.ERROR,
        ["node-lost"],
        3,
    )
    assert "image cannot be pulled" in picture.causes[0].headline
    assert "node-9" in picture.causes[0].evidence[0]


def test_later_run_of_a_node_counts() -> None:
    """The same node twice counts once, by its later run."""
    early = report("node-1", "pod", DENIED, started="2026-11-23T09:00:00Z")
    late = report("node-1", "pod", started="2026-11-23T11:00:00Z")
    assert merged(late, early).verdict is Verdict.PASS
    assert len(merged(early, late).places) == 1


def test_the_picture_in_another_language() -> None:
    """A merger in another language has the same places and lost nodes; its causes are told by the
    reports in those words, asked once for all that say the same."""
    merger = Merger()
    for number in range(3):
        merger.add(report(f"node-{number}", "pod", DENIED))
    merger.lose("node-9", "pod", "no pod")
    asked: list[bytes] = []

    def loud(data: bytes) -> bytes:
        asked.append(data)
        told = json.loads(data)
        told["causes"][0]["headline"] = "VERBOTEN"
        return json.dumps(told).encode()

    before, after = merger.result(), merger.in_words(shouting("fleet"), loud).result()
    assert len(asked) == 1
    assert (after.places, after.lost, codes(after)) == (before.places, before.lost, codes(before))
    assert after.causes[-1].headline == "3 OF 3 NODES FAIL: VERBOTEN"


# getrusage's peak is no use here: on Linux a process begins with that of the one that started it.
linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="peak memory is read from Linux' /proc/self/status"
)

_FIVE_THOUSAND = """
import sys
from arcprobe.fleet.merge import Merger
from arcprobe.fleet import merge_text
merger = Merger()
texts = [open(name, "rb").read() for name in sys.argv[1:]]
for number in range(5000):
    text = texts[0] if number % 10 else texts[1 + number // 10 % 2]
    merger.add(text.replace(b'"NODE"', b'"node-%04d"' % number))
merged = merger.result()
shown = merge_text.render_text(merged).splitlines()
merge_text.render_json(merged)
peak = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
print(len(merged.places), len(shown), max(map(len, shown[:24])), peak)
"""


@linux_only
def test_five_thousand_real_reports_need_little_memory(tmp_path: Path) -> None:
    """Five thousand reports as real runs write them merge in 400 MiB, and the text of it names
    each cause once."""
    names = []
    for scenario in ("clean", "denied", "everything"):
        text = rehearsed.recording(scenario).out
        assert len(text) > 100_000
        names.append(tmp_path / f"{scenario}.json")
        named, count = re.subn(r'"node": "[^"]*"', '"node": "NODE"', text, count=1)
        assert count == 1
        names[-1].write_text(named)
    command = [sys.executable, "-c", _FIVE_THOUSAND, *map(str, names)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=55)
    places, lines, width, peak = map(int, result.stdout.split())
    assert places == 5000
    assert lines < 1500
    assert width <= 80
    assert peak * 1024 < 400 * 1024 * 1024
