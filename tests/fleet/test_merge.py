"""Reports of many places become one picture."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from arcprobe.commands import merge as command
from arcprobe.fleet import envelope, merge_text
from arcprobe.fleet.merge import Merged, Merger
from arcprobe.model import Verdict
from tests.support import rehearsed

TARGETS = ("login.test:443", "his.test:443", "mcr.test:443")


def _report(
    node: str,
    vantage: str,
    broken: Mapping[str, tuple[str, ...]] | None = None,
    subject: str = "",
    **run: Any,
) -> str:
    """A report in which each code of ``broken`` explains its targets; the other targets pass."""
    broken = broken or {}
    findings, causes = [], []
    for target in TARGETS:
        code = next((code for code, targets in broken.items() if target in targets), "")
        findings.append(
            {
                "check": f"https {target}",
                "kind": "https",
                "layer": "http",
                "target": target,
                "route": "proxy",
                "verdict": "fail" if code else "pass",
                "code": code or "endpoint-answers",
                "summary": "",
                "subject": subject if code else "",
            }
        )
    for code, targets in broken.items():
        explains = [f"https {target}" for target in targets]
        headline = f"{code} breaks {', '.join(targets)}"
        causes.append(
            {
                "code": code,
                "verdict": "fail",
                "headline": headline,
                "remedy": "Do it.",
                "owner": "proxy",
                "explains": explains,
                "layer": "proxy",
            }
        )
    made = {
        "version": "1",
        "started": "2026-11-23T10:00:00Z",
        "seconds": 1.5,
        "vantage": vantage,
        "host": node,
        "node": node,
        "pod": "",
    }
    content = {
        "schema": 1,
        "verdict": "fail" if broken else "pass",
        "run": {**made, "settings": {}, **run},
    }
    return json.dumps(
        {**content, "checks": [], "observations": [], "findings": findings, "causes": causes}
    )


def _merged(*reports: str) -> Merged:
    merger = Merger()
    for report in reports:
        merger.add(report)
    return merger.result()


def _codes(merged: Merged) -> list[str]:
    return [cause.code for cause in merged.causes]


DENIED = {"proxy-denied": TARGETS}


def test_places_that_agree_give_a_pass() -> None:
    """Nodes and vantages that all pass give a pass without causes."""
    merged = _merged(
        *(_report(f"node-{number}", vantage) for number in range(3) for vantage in ("pod", "node"))
    )
    assert (merged.verdict, merged.causes, len(merged.groups)) == (Verdict.PASS, (), 2)


def test_what_all_nodes_have_keeps_its_own_code() -> None:
    """A fault of every node is one cause, under its own code."""
    merged = _merged(*(_report(f"node-{number}", "pod", DENIED) for number in range(4)))
    assert _codes(merged) == ["proxy-denied"]
    assert merged.causes[0].headline.startswith("4 of 4 nodes fail")
    assert len(merged.causes[0].explains) == 4


def test_minority_is_shown() -> None:
    """A fault of three nodes of forty is one cause that names the three."""
    reports = [
        _report(f"node-{number:02}", "pod", DENIED if number < 3 else None) for number in range(40)
    ]
    merged = _merged(*reports)
    assert _codes(merged) == ["nodes-differ"]
    assert merged.causes[0].headline.startswith("3 of 40 nodes fail")
    assert "nodes: node-00, node-01, node-02" in merged.causes[0].evidence
    assert merged.groups[0].nodes == ("node-00", "node-01", "node-02")


@pytest.mark.parametrize(
    ("vantage", "code"), [("pod", "pod-differs-from-node"), ("node", "node-path-broken")]
)
def test_vantages_of_one_node_are_compared(vantage: str, code: str) -> None:
    """What fails from the pod network and passes from the node network is the cluster's; the other
    way it breaks image pulls."""
    other = "node" if vantage == "pod" else "pod"
    reports = [_report(f"node-{n}", vantage, {"resolver-silent": TARGETS}) for n in range(3)]
    merged = _merged(*reports, *(_report(f"node-{n}", other) for n in range(3)))
    assert _codes(merged) == [code]
    assert "resolver-silent" in " ".join(merged.causes[0].evidence)


def test_laptop_and_cluster_are_compared() -> None:
    """What fails in all of the cluster and passes on the laptop is one cause of its own."""
    reports = [
        _report(f"node-{n}", vantage, DENIED) for n in range(2) for vantage in ("pod", "node")
    ]
    assert _codes(_merged(*reports, _report("laptop", "laptop"))) == ["cluster-differs-from-laptop"]
    assert _codes(_merged(*reports, _report("laptop", "laptop", DENIED))) == ["proxy-denied"]


def test_skipped_checks_prove_nothing() -> None:
    """Where the same checks were skipped, because something else broke first, nothing is called
    different."""
    hidden = json.loads(_report("node-0", "node", {"proxy-silent": TARGETS}))
    for finding in hidden["findings"]:
        finding["verdict"] = "skip"
    merged = _merged(_report("node-0", "pod", DENIED), json.dumps(hidden))
    assert sorted(_codes(merged)) == ["proxy-denied", "proxy-silent"]


def test_other_inspection_on_some_nodes_is_one_cause() -> None:
    """Two issuers on two groups of nodes are one cause: one group sits behind another proxy."""
    one = [
        _report(f"node-a{n}", "pod", {"tls-intercepted": TARGETS}, subject="CN=One")
        for n in range(3)
    ]
    two = [
        _report(f"node-b{n}", "pod", {"tls-intercepted": TARGETS}, subject="CN=Two")
        for n in range(2)
    ]
    assert _codes(_merged(*one, *two)) == ["nodes-use-different-proxies"]
    assert _codes(_merged(*one)) == ["tls-intercepted"]


def test_two_faults_give_two_causes() -> None:
    """A fault of all nodes and one of a single node are two causes, and each failing place is
    explained."""
    both = {"proxy-denied": TARGETS[:1], "target-refused": TARGETS[1:2]}
    merged = _merged(
        *(
            _report(f"node-{n}", "pod", both if n == 0 else {"proxy-denied": TARGETS[:1]})
            for n in range(5)
        )
    )
    assert sorted(_codes(merged)) == ["nodes-differ", "proxy-denied"]


def test_same_fault_with_other_targets_names_both() -> None:
    """One proxy that denies other targets to other nodes is one cause: the headline is the larger
    group's and counts the rest."""
    groups = [({"proxy-denied": TARGETS[:1]}, 3), ({"proxy-denied": TARGETS[1:2]}, 1), (None, 4)]
    names = iter(range(8))
    reports = [
        _report(f"node-{next(names)}", "pod", broken, subject="proxy")
        for broken, count in groups
        for _ in range(count)
    ]
    merged = _merged(*reports)
    assert _codes(merged) == ["nodes-differ"]
    assert merged.causes[0].headline.startswith(
        "4 of 8 nodes fail: proxy-denied breaks login.test:443, elsewhere 1 other target;"
    )
    assert (
        "there, 1 reports: proxy-denied: proxy-denied breaks his.test:443"
        in merged.causes[0].evidence
    )


def test_lost_nodes_are_reported_and_lose_nothing() -> None:
    """A lost node is a cause with its reason; the run is unfinished, the others stand; a node that
    reported is not lost."""
    merger = Merger()
    for number in range(3):
        merger.add(_report(f"node-{number}", "pod"))
    merger.lose("node-9", "pod", "its image cannot be pulled")
    merger.lose("node-1", "pod", "came late")
    merged = merger.result()
    assert (merged.verdict, _codes(merged), len(merged.places)) == (Verdict.ERROR, ["node-lost"], 3)
    assert "image cannot be pulled" in merged.causes[0].headline
    assert "node-9" in merged.causes[0].evidence[0]


def test_later_run_of_a_node_counts() -> None:
    """The same node twice counts once, by its later run."""
    early = _report("node-1", "pod", DENIED, started="2026-11-23T09:00:00Z")
    late = _report("node-1", "pod", started="2026-11-23T11:00:00Z")
    assert _merged(late, early).verdict is Verdict.PASS
    assert len(_merged(early, late).places) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"schema":1}',
        b"[" * 100_000,
        _report("a", "pod").replace('"schema": 1', '"schema": 9'),
    ],
)
def test_what_is_no_report_is_refused(data: bytes | str) -> None:
    """What is no report is a ValueError of one line, and the merger goes on."""
    merger = Merger()
    with pytest.raises(ValueError, match="report"):
        merger.add(data)
    merger.add(_report("node-1", "pod"))
    assert merger.result().verdict is Verdict.PASS


def test_text_fits_on_one_screen_whatever_is_broken() -> None:
    """With dozens of causes and hundreds of groups the text has at most 24 lines of 80 columns, and
    counts what it leaves out."""
    reports = [
        _report(f"node-{n:04}", "pod", {f"code-{n % 60}": TARGETS[: 1 + n % 3]}) for n in range(300)
    ]
    text = merge_text.render_text(_merged(*reports))
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
    assert "more causes" in text
    assert "more groups" in text


def test_json_is_a_report_of_the_contract(tmp_path: Path) -> None:
    """The JSON has the contract's keys and the groups, and reads as a report."""
    merged = _merged(_report("node-0", "pod", DENIED), _report("node-1", "pod"))
    content = json.loads(merge_text.render_json(merged))
    assert content["groups"][0]["nodes"] == ["node-0"]
    assert content["causes"][0]["explains"] == [content["findings"][0]["check"]]
    from arcprobe.report import as_json

    assert as_json.load(json.dumps(content).encode()).verdict is Verdict.FAIL


def test_command_reads_reports_and_pod_logs(tmp_path: Path) -> None:
    """The command takes JSON files and saved logs; a broken file is a lost node; the exit code is
    the verdict's."""
    (tmp_path / "a.json").write_text(_report("node-a", "pod"))
    (tmp_path / "b.log").write_text("words\n" + envelope.wrap(_report("node-b", "pod")))
    (tmp_path / "c.json").write_text("{")
    good = CliRunner().invoke(command.command, [str(tmp_path / "a.json"), str(tmp_path / "b.log")])
    lost = CliRunner().invoke(
        command.command, [str(tmp_path / name) for name in ("a.json", "b.log", "c.json")]
    )
    none = CliRunner().invoke(command.command, [str(tmp_path / "c.json")])
    assert (good.exit_code, lost.exit_code, none.exit_code) == (0, 3, 2)
    assert good.stdout.startswith("PASS  2 nodes")
    assert "node-lost" in lost.stdout


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
print(len(merged.places), len(shown), max(map(len, shown)), peak)
"""


@linux_only
def test_five_thousand_real_reports_need_little_memory(tmp_path: Path) -> None:
    """Five thousand reports as real runs write them merge in 400 MiB, and the text of it is at most
    one screen."""
    names = []
    for scenario in ("clean", "denied", "everything"):
        text = rehearsed.recording(scenario).out
        assert '"node": ""' in text
        assert len(text) > 100_000
        names.append(tmp_path / f"{scenario}.json")
        names[-1].write_text(text.replace('"node": ""', '"node": "NODE"', 1))
    command = [sys.executable, "-c", _FIVE_THOUSAND, *map(str, names)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=55)
    places, lines, width, peak = map(int, result.stdout.split())
    assert places == 5000
    assert lines <= 24
    assert width <= 80
    assert peak * 1024 < 400 * 1024 * 1024
