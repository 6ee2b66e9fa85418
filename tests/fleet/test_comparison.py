"""What only some places have, or only from one vantage, is told as such."""

from __future__ import annotations

import json

import pytest

from tests.fleet.sample import DENIED, TARGETS, codes, merged, report


def test_what_all_nodes_have_keeps_its_own_code() -> None:
    """A fault of every node is one cause, under its own code."""
    picture = merged(*(report(f"node-{number}", "pod", DENIED) for number in range(4)))
    assert codes(picture) == ["proxy-denied"]
    assert picture.causes[0].headline.startswith("4 of 4 nodes fail")
    assert len(picture.causes[0].explains) == 4


@pytest.mark.parametrize(
    ("nodes", "vantages", "verdict", "told"),
    [
        (1, ("pod",), "fail", "1 of 1 node fails: "),
        (1, ("node", "pod"), "warn", "1 of 1 node warns: "),
        (3, ("node", "pod"), "fail", "3 of 3 nodes fail: "),
        (3, ("node", "pod"), "warn", "3 of 3 nodes warn: "),
    ],
)
def test_count_says_how_bad_it_is(
    nodes: int, vantages: tuple[str, ...], verdict: str, told: str
) -> None:
    """A node fails or warns; one of them is one node, however many reports it has given."""
    places = [(f"node-{number}", vantage) for number in range(nodes) for vantage in vantages]
    picture = merged(*(report(*place, DENIED, verdict=verdict) for place in places))
    assert (picture.verdict, len(picture.places)) == (verdict, len(places))
    assert [cause.headline.startswith(told) for cause in picture.causes] == [True]


def test_minority_is_shown() -> None:
    """A fault of three nodes of forty is one cause that names the three."""
    reports = [
        report(f"node-{number:02}", "pod", DENIED if number < 3 else None) for number in range(40)
    ]
    picture = merged(*reports)
    assert codes(picture) == ["nodes-differ"]
    assert picture.causes[0].headline.startswith("3 of 40 nodes fail")
    assert "nodes: node-00, node-01, node-02" in picture.causes[0].evidence
    assert picture.groups[0].nodes == ("node-00", "node-01", "node-02")


@pytest.mark.parametrize(
    ("vantage", "code"), [("pod", "pod-differs-from-node"), ("node", "node-path-broken")]
)
def test_vantages_of_one_node_are_compared(vantage: str, code: str) -> None:
    """What fails from the pod network and passes from the node network is the cluster's; the other
    way it breaks image pulls."""
    other = "node" if vantage == "pod" else "pod"
    reports = [report(f"node-{n}", vantage, {"resolver-silent": TARGETS}) for n in range(3)]
    picture = merged(*reports, *(report(f"node-{n}", other) for n in range(3)))
    assert codes(picture) == [code]
    assert "resolver-silent" in " ".join(picture.causes[0].evidence)


def test_laptop_and_cluster_are_compared() -> None:
    """What fails in all of the cluster and passes on the laptop is one cause of its own."""
    reports = [
        report(f"node-{n}", vantage, DENIED) for n in range(2) for vantage in ("pod", "node")
    ]
    assert codes(merged(*reports, report("laptop", "laptop"))) == ["cluster-differs-from-laptop"]
    assert codes(merged(*reports, report("laptop", "laptop", DENIED))) == ["proxy-denied"]


def test_skipped_checks_prove_nothing() -> None:
    """Where the same checks were skipped, because something else broke first, nothing is called
    different."""
    hidden = json.loads(report("node-0", "node", {"proxy-silent": TARGETS}))
    for finding in hidden["findings"]:
        finding["verdict"] = "skip"
    picture = merged(report("node-0", "pod", DENIED), json.dumps(hidden))
    assert sorted(codes(picture)) == ["proxy-denied", "proxy-silent"]


def test_other_inspection_on_some_nodes_is_one_cause() -> None:
    """Two issuers on two groups of nodes are one cause: one group sits behind another proxy."""
    one = [
        report(f"node-a{n}", "pod", {"tls-intercepted": TARGETS}, subject="CN=One")
        for n in range(3)
    ]
    two = [
        report(f"node-b{n}", "pod", {"tls-intercepted": TARGETS}, subject="CN=Two")
        for n in range(2)
    ]
    assert codes(merged(*one, *two)) == ["nodes-use-different-proxies"]
    assert codes(merged(*one)) == ["tls-intercepted"]


def test_two_faults_give_two_causes() -> None:
    """A fault of all nodes and one of a single node are two causes, and each failing place is
    explained."""
    both = {"proxy-denied": TARGETS[:1], "target-refused": TARGETS[1:2]}
    picture = merged(
        *(
            report(f"node-{n}", "pod", both if n == 0 else {"proxy-denied": TARGETS[:1]})
            for n in range(5)
        )
    )
    assert sorted(codes(picture)) == ["nodes-differ", "proxy-denied"]


def test_same_fault_with_other_targets_names_both() -> None:
    """One proxy that denies other targets to other nodes is one cause: the headline is the larger
    group's and counts the rest."""
    groups = [({"proxy-denied": TARGETS[:1]}, 3), ({"proxy-denied": TARGETS[1:2]}, 1), (None, 4)]
    names = iter(range(8))
    reports = [
        report(f"node-{next(names)}", "pod", broken, subject="proxy")
        for broken, count in groups
        for _ in range(count)
    ]
    picture = merged(*reports)
    assert codes(picture) == ["nodes-differ"]
    assert picture.causes[0].headline.startswith(
        "4 of 8 nodes fail: proxy-denied breaks login.test:443, elsewhere 1 other target;"
    )
    assert (
        "there, 1 reports: proxy-denied: proxy-denied breaks his.test:443"
        in picture.causes[0].evidence
    )


@pytest.mark.parametrize(("count", "named"), [(8, "n-7"), (9, "n-7 and 1 more")])
def test_eight_nodes_are_named_in_the_evidence(count: int, named: str) -> None:
    """The evidence names eight nodes; of more it counts the rest."""
    picture = merged(*(report(f"n-{number}", "pod", DENIED) for number in range(count)))
    assert picture.causes[0].evidence[0].endswith(named)


def test_one_of_several_vantages_is_named() -> None:
    """Where only one of two networks has the fault, and no node was seen from the other, the
    headline says from which."""
    picture = merged(report("node-a", "pod", DENIED), report("node-b", "node"))
    assert picture.causes[0].headline.startswith("1 of 1 node fails from the pod network: ")
