"""The picture of many places in words."""

from __future__ import annotations

import json

import msgspec

from arcprobe.fleet import merge_text
from arcprobe.fleet.merge import Merger
from arcprobe.model import Cause, Code, Layer, Owner, Verdict
from arcprobe.report import as_json
from tests.fleet.sample import DENIED, TARGETS, merged, report


def test_text_fits_on_one_screen_whatever_is_broken() -> None:
    """With dozens of causes and hundreds of groups the first 24 lines of 80 columns hold the
    verdict, causes and groups, and count what is left out; below stand all of them, and the verdict
    again."""
    reports = [
        report(f"node-{n:04}", "pod", {f"code-{n % 60}": TARGETS[: 1 + n % 3]}) for n in range(300)
    ]
    text = merge_text.render_text(merged(*reports))
    screen, rest = text.splitlines()[:24], text.splitlines()[24:]
    assert max(map(len, screen)) <= 80
    assert "more causes" in "\n".join(screen)
    assert "more groups" in "\n".join(screen)
    assert "more causes" not in "\n".join(rest)
    assert all(f"node-{number:04}" in "\n".join(rest) for number in range(300))
    assert rest[-1] == screen[0]


def test_json_is_a_report_of_the_contract() -> None:
    """The JSON has a report's keys and the groups, and reads as a report."""
    picture = merged(report("node-0", "pod", DENIED), report("node-1", "pod"))
    content = json.loads(merge_text.render_json(picture))
    assert content["groups"][0]["nodes"] == ["node-0"]
    assert content["causes"][0]["explains"] == [content["findings"][0]["check"]]
    assert as_json.load(json.dumps(content).encode()).verdict is Verdict.FAIL


def test_the_screen() -> None:
    """Verdict and counts first, then the causes with who must act, then groups of places."""
    merger = Merger()
    merger.add(report("node-1", "pod", DENIED))
    merger.add(report("node-2", "pod"))
    merger.lose("node-3", "pod", "no pod")
    lines = merge_text.render_text(merger.result()).splitlines()
    assert lines[:2] == ["FAIL  2 nodes, 2 reports (pod): 1 pass, 1 fail, 1 lost", ""]
    assert lines[2].startswith("1. 1 lost: ")
    assert "   proxy: " not in lines[2]
    assert lines[-2:] == ["    1 pod    fail   proxy-denied  node-1", "    1 pod    pass   node-2"]


def test_one_node_with_two_reports() -> None:
    """Both networks of one node are one node."""
    text = merge_text.render_text(merged(report("node-1", "pod"), report("node-1", "node")))
    assert text.splitlines()[0] == "PASS  1 node, 2 reports (node, pod): 2 pass"


def test_no_report_at_all() -> None:
    """Without any report the picture is an error that says so."""
    picture = Merger().result()
    assert merge_text.render_text(picture) == "ERROR  no report: nothing\n\n"


def test_agreement_is_a_finding_that_passes() -> None:
    """Where all places see the same, the report has one check, and it passes."""
    told = merge_text.as_report(merged(report("node-1", "pod"), report("node-2", "pod")))
    (finding,) = told.findings
    assert (told.verdict, told.causes) == (Verdict.PASS, ())
    assert (finding.code, finding.summary) == (Code.NODES_AGREE, "All 2 places see the same")


def test_five_groups_of_four_nodes_are_named() -> None:
    """Of a group four nodes are named, and of the groups five."""
    codes = ("a", "b", "c", "d", "e", "f")
    texts = [
        report(f"{code}-{number}", "pod", {f"code-{code}": TARGETS[:1]})
        for code in codes
        for number in range(5)
    ]
    text = merge_text.render_text(merged(*texts), width=200, height=100)
    assert "code-d  d-0, d-1, d-2, d-3 +1\n… and 2 more groups: below\n" in text
    text = merge_text.render_text(merged(*texts[:25]), width=200, height=100)
    assert "code-e  e-0, e-1, e-2, e-3 +1\n" in text


def test_remedy_that_fits_is_whole() -> None:
    """Where the screen has room no word of a remedy is left out, lines stay lines, and what
    somebody copies is not broken."""
    entries = ",".join(f"10.{number}.0.0/16" for number in range(12))
    lines = f"Put this in:\nacl arc dstdomain a.example\n{entries}"
    cause = Cause(
        code=Code.PROXY_DENIED,
        verdict=Verdict.WARN,
        headline="word " * 60,
        remedy=lines,
        owner=Owner.PROXY,
        explains=(),
        layer=Layer.PROXY,
    )
    picture = msgspec.structs.replace(merged(report("node-1", "pod")), causes=(cause,))
    text = merge_text.render_text(picture)
    assert text.startswith("PASS  1 node, 1 report (pod): 1 pass\n")
    assert "…" not in text
    assert "\n   acl arc dstdomain a.example\n" in text
    assert entries in text


def test_the_settings_are_those_of_the_places() -> None:
    """The picture's own settings are what most places of the cluster ran with."""
    own = json.loads(report("node-1", "pod"))
    own["run"]["settings"]["region"] = "northeurope"
    picture = merged(json.dumps(own), json.dumps(own).replace("node-1", "node-2"))
    assert merge_text.as_report(picture).run.settings.region == "northeurope"


CHANGE = {
    "owner": "proxy",
    "product": "squid",
    "title": "Squid: allow the hosts",
    "where": "squid.conf",
    "lines": ["acl a dstdomain login.test", "http_access allow a"],
    "apply": "squid -k parse",
    "hosts": ["login.test"],
    "pending": [],
    "done_when": "curl prints 200",
}


def with_change(node: str, vantage: str) -> str:
    """A report whose cause has lines to be pasted."""
    content = json.loads(report(node, vantage, DENIED))
    content["causes"][0]["change"] = [CHANGE]
    return json.dumps(content)


def test_lines_to_be_pasted_are_whole() -> None:
    """The merged report shows what the places' reports have to paste, line by line; also where the
    cause is that a pod differs from its node."""
    same = merge_text.render_text(merged(with_change("node-1", "pod")))
    differs = merge_text.render_text(merged(with_change("node-1", "pod"), report("node-1", "node")))
    for text in (same, differs):
        assert "\n    acl a dstdomain login.test\n    http_access allow a\n" in text
    assert "pod-differs-from-node" in differs
    assert "proxy-denied" in differs


def test_reports_of_one_laptop_stay_as_many() -> None:
    """Three reports of one laptop are three places, as they may be of three networks."""
    merger = Merger()
    for name in ("a", "b", "c"):
        merger.add(report("mine", "laptop"), name)
    assert [place.node for place in merger.result().places] == ["mine", "mine (b)", "mine (c)"]
