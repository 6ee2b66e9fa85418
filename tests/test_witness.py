"""The witness of the lab: what counts as an endpoint that works, and what as a contradiction."""

from __future__ import annotations

import pytest

from tests.netlab.agreement import EXCEPTIONS, differences, unheard
from tests.netlab.generate import generate
from tests.netlab.origins import SIGNATURE
from tests.netlab.report import Cause, Check, Finding, Report
from tests.netlab.scenarios import SCENARIOS
from tests.netlab.witness import Heard

ARM = "management.azure.com:443"
URL = "https://management.azure.com/"
RELAY = "wss://azgnrelay-westeurope-l1.servicebus.windows.net/"
PUBLIC, COMPANY = "CN=Microsoft TLS RSA Root G2,O=Microsoft", "CN=Inspection CA,O=Contoso"
REACHED = Heard(url=URL, status=400, root=PUBLIC)
FAILED = Heard(url=URL, error="EOF")


def report(verdict: str, *causes: Cause) -> Report:
    """A report of one needed endpoint, and one that is asked to compare only."""
    asked = Check(
        id="https arm", kind="https", target=ARM, required=True, protocol="https", path="/"
    )
    compared = Check(
        id="https arm direct",
        kind="https",
        target=ARM,
        required=True,
        protocol="https",
        path="/",
        compare=True,
    )
    finding = Finding(check=asked.id, verdict=verdict)
    return Report(verdict=verdict, checks=(asked, compared), causes=causes, findings=(finding,))


@pytest.mark.parametrize(
    ("heard", "trouble"),
    [
        (REACHED, ""),
        (FAILED, "EOF"),
        (Heard(url=URL, status=403, root=COMPANY), "403 that is not the endpoint's"),
        (Heard(url=URL, status=400, root=COMPANY, header={SIGNATURE: ["plain"]}), ""),
        (Heard(url="https://registry.corp.lab/", status=403, root=COMPANY), ""),
        (Heard(url=RELAY, status=401, root=PUBLIC, header={SIGNATURE: ["upgrade"]}), ""),
        (
            Heard(url=RELAY, status=400, root=COMPANY, header={SIGNATURE: ["plain"]}),
            "400: the upgrade did not arrive",
        ),
    ],
)
def test_only_an_answer_of_the_endpoint_itself_is_success(heard: Heard, trouble: str) -> None:
    """Any status will do, where the endpoint has given it: not a page that a box puts in its
    place, and not what remains of a stripped upgrade."""
    assert heard.trouble == trouble


@pytest.mark.parametrize(
    ("said", "heard", "words"),
    [
        (report("pass"), REACHED, []),
        (report("pass"), FAILED, ["pass"]),
        (report("warn", Cause("lookup-slow", "warn", affects=(ARM,))), FAILED, ["lookup-slow"]),
        (report("warn", Cause("lookup-slow", "warn", affects=(ARM,))), REACHED, []),
        (report("fail", Cause("proxy-denied", "fail", affects=(ARM,))), FAILED, []),
        (report("fail", Cause("proxy-denied", "fail", affects=(ARM,))), REACHED, ["proxy-denied"]),
        (report("fail", Cause("services-uncovered", "fail")), REACHED, []),
    ],
)
def test_a_pass_that_fails_and_a_failure_that_works_differ(
    said: Report, heard: Heard, words: list[str]
) -> None:
    """A pass or a warning of an endpoint where the witness fails, and a failure where it succeeds,
    are contradictions; a failure of something else is none."""
    assert [one.said for one in differences(said, [heard], "some-row")] == words


def test_an_exception_holds_in_its_rows_only() -> None:
    """What a named rule allows in one row is a defect in another."""
    said = report("fail", Cause("gateway-inspected", "fail", affects=(ARM,)))
    assert [one.rule for one in differences(said, [REACHED], "gateway-x")] == ["gateway-inspected"]
    assert [one.rule for one in differences(said, [REACHED], "proxy-x")] == [""]


def test_what_was_not_asked_is_asked_later() -> None:
    """An endpoint that the row's settings add is asked too, one that is only compared is not."""
    assert unheard(report("pass"), [Heard(url=RELAY)]) == [URL]
    assert unheard(report("pass"), [REACHED]) == []


def test_generated_networks_are_those_of_their_seed() -> None:
    """A seed gives the same networks again, from sound ones to three faults, no two of which are at
    one endpoint or of one code."""
    made = generate(7, 60)
    assert made == generate(7, 60)
    assert {len(one.due) for one in made} == {0, 1, 2, 3}
    for one in made:
        hosts = [host for _, _, hit in one.due for host in hit]
        assert len(hosts) == len(set(hosts))
        assert one.scenario.causes == {code for code, _, _ in one.due}


def test_each_exception_has_a_row() -> None:
    """An exception that no row needs is gone."""
    from fnmatch import fnmatch

    names = [scenario.name for scenario in SCENARIOS]
    assert all(any(fnmatch(name, rule.rows) for name in names) for rule in EXCEPTIONS)
