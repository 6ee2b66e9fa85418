"""Findings to causes: one broken thing gives one, two give two, and each finding that is no pass is
explained exactly once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from arcprobe import diagnosis
from arcprobe.diagnosis import diagnose, unproven, verdict_of
from arcprobe.knowledge import codes
from arcprobe.model import (
    Cause,
    Check,
    Code,
    Finding,
    Kind,
    Layer,
    Owner,
    Proxy,
    Route,
    Run,
    Settings,
    Skip,
    SkipReason,
    Unproven,
    Verdict,
)

RUN = Run(
    version="0",
    started="2026-11-23T12:00:00Z",
    seconds=1.0,
    vantage="pod",
    host="h",
    node="",
    pod="",
    settings=Settings(),
)
BAD = (Verdict.WARN, Verdict.FAIL, Verdict.ERROR)


def finding(code: Code, number: int = 1, **more: Any) -> Finding:
    """A finding of that code, as the table has it, on one of several hosts."""
    known = codes.row(code)
    verdict = more.pop("verdict", known.verdict)
    given = {
        "check": f"https host{number}.azure.com:443 proxy",
        "kind": Kind.HTTPS,
        "layer": known.layer,
        "target": f"host{number}.azure.com:443",
        "route": Route.PROXY,
        "summary": "x",
        "evidence": (f"line of host{number}",),
        "owner": known.owner,
        "remedy": "x",
        **more,
    }
    return Finding(code=code, verdict=verdict, **given)


def check(number: int = 1, **more: Any) -> Check:
    """The question that a finding answers."""
    given = {
        "id": f"https host{number}.azure.com:443 proxy",
        "kind": Kind.HTTPS,
        "target": f"host{number}.azure.com:443",
        "required": True,
        "feature": "core",
        "route": Route.PROXY,
        "host": f"host{number}.azure.com",
        **more,
    }
    return Check(**given)


def causes(*findings: Finding, checks: Iterable[Check] = ()) -> tuple[Cause, ...]:
    """The causes; and that each finding that is no pass is explained, each cause complete, and the
    order no matter."""
    asked = {finding.check: check(target=finding.target, id=finding.check) for finding in findings}
    asked |= {known.id: known for known in checks}
    found = diagnose(findings, tuple(asked.values()), RUN)
    explained = Counter(each for cause in found for each in cause.explains)
    assert set(explained) == {each.check for each in findings if each.verdict in BAD}
    for cause in found:
        assert cause.headline
        assert cause.owner
        assert "{" not in cause.headline
    layers = [tuple(Layer).index(cause.layer) for cause in found]
    assert layers == sorted(layers)
    backwards = diagnose(findings[::-1], tuple(asked.values()), RUN)
    assert {(each.code, frozenset(each.explains)) for each in backwards} == {
        (each.code, frozenset(each.explains)) for each in found
    }
    return found


def named(found: Iterable[Cause]) -> list[Code]:
    """The codes of causes."""
    return [cause.code for cause in found]


FAULTS = [
    code.name for code in codes.rows() if code.verdict in BAD and code.layer is not Layer.CLUSTER
]


@pytest.mark.parametrize("code", FAULTS)
def test_one_root_one_cause(code: Code) -> None:
    """Whatever breaks, on however many hosts: one cause, with the code of the finding, that
    explains them all."""
    found = causes(*(finding(code, number) for number in range(5)))
    assert named(found) == [code]
    assert len(found[0].explains) == 5
    assert found[0].layer == codes.row(code).layer


@pytest.mark.parametrize("code", FAULTS)
def test_what_passes_or_was_skipped_has_no_cause(code: Code) -> None:
    """Nothing is accused for a question that was not asked, or was answered well."""
    skipped = (finding(code, verdict=Verdict.SKIP), finding(code, 2, verdict=Verdict.PASS))
    assert causes(*skipped) == ()


def test_nothing_gives_nothing() -> None:
    """No finding, no cause."""
    assert causes() == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Code.PROXY_DENIED, Code.WEBSOCKET_STRIPPED),
        (Code.NAME_UNKNOWN, Code.TLS_RESET),
        (Code.TLS_INTERCEPTED, Code.SERVICES_UNCOVERED),
        (Code.CERTIFICATE_EXPIRED, Code.TLS_INTERCEPTED),
        (Code.GATEWAY_INSPECTED, Code.CERTIFICATE_EXPIRED),
        (Code.RESOLVER_SILENT, Code.PROXY_REFUSED),
        (Code.PROXY_DENIED, Code.PROXY_PORT_DENIED),
    ],
)
def test_two_independent_faults_give_two_causes(one: Code, other: Code) -> None:
    """Faults that have nothing to do with each other stay apart, each with its own checks."""
    found = causes(finding(one, 1), finding(other, 2), finding(one, 3))
    assert sorted(named(found)) == sorted([one, other])
    by_code = {cause.code: len(cause.explains) for cause in found}
    assert by_code == {one: 2, other: 1}


def test_two_faults_of_one_check_are_both_explained() -> None:
    """A host that has two faults stands under both causes."""
    found = causes(finding(Code.TLS_INTERCEPTED), finding(Code.WEBSOCKET_STRIPPED))
    assert named(found) == [Code.TLS_INTERCEPTED, Code.WEBSOCKET_STRIPPED]


def test_subjects_keep_roots_apart() -> None:
    """Two inspecting authorities, or two proxies, are two things to mend, though they have one
    code."""
    found = causes(
        finding(Code.TLS_INTERCEPTED, 1, subject="CN=Zscaler"),
        finding(Code.TLS_INTERCEPTED, 2, subject="CN=Zscaler"),
        finding(Code.TLS_INTERCEPTED, 3, subject="CN=Forti"),
    )
    assert named(found) == [Code.TLS_INTERCEPTED, Code.TLS_INTERCEPTED]
    assert [len(cause.explains) for cause in found] == [2, 1]


# what makes what, written out: a row of the table that changes must fail here
EXPLAINED = [
    (Code.GATEWAY_INSPECTED, Code.TLS_INTERCEPTED),
    (Code.CLOCK_SKEWED, Code.CERTIFICATE_EXPIRED),
    (Code.CLOCK_SKEWED, Code.CERTIFICATE_NOT_YET_VALID),
    (Code.RESOLVER_SILENT, Code.LOOKUP_SLOW),
    (Code.RESOLVER_SILENT, Code.IPV6_LOOKUP_DROPPED),
    (Code.IPV6_LOOKUP_DROPPED, Code.LOOKUP_SLOW),
    (Code.NAME_SINKHOLED, Code.UNKNOWN_NAMES_REWRITTEN),
    (Code.PRIVATE_LINK_UNRESOLVED, Code.NAME_UNKNOWN),
]


def test_nothing_else_explains() -> None:
    """The faults that make others are those of the list above, and no more."""
    rows = {(code, other) for code, others in diagnosis.EXPLAINS for other in others}
    assert rows == set(EXPLAINED)


@pytest.mark.parametrize(("stronger", "weaker"), EXPLAINED)
@pytest.mark.parametrize(
    ("one", "other", "together"),
    [("", "", True), ("s", "s", True), ("s", "", True), ("", "s", True), ("s", "t", False)],
)
def test_explaining(stronger: Code, weaker: Code, one: str, other: str, together: bool) -> None:
    """A fault that makes another explains it, where they concern the same thing or nobody knows
    better; else they are two."""
    bad = Verdict.WARN
    found = causes(
        finding(stronger, 1, subject=one), finding(weaker, 2, subject=other, verdict=bad)
    )
    assert set(named(found)) == ({stronger} if together else {stronger, weaker})
    assert named(causes(finding(weaker, verdict=bad))) == [weaker]


def test_a_chain_of_explaining_has_one_end() -> None:
    """A silent resolver explains the dropped AAAA questions, and with them the slow lookups."""
    found = causes(
        finding(Code.LOOKUP_SLOW, 1),
        finding(Code.IPV6_LOOKUP_DROPPED, 2),
        finding(Code.RESOLVER_SILENT, 3),
    )
    assert named(found) == [Code.RESOLVER_SILENT]
    assert len(found[0].explains) == 3


def test_the_same_subject_comes_first() -> None:
    """Of two faults that could explain a third, the one of the same thing does."""
    found = causes(
        finding(Code.GATEWAY_INSPECTED, 1, subject="CN=A"),
        finding(Code.GATEWAY_INSPECTED, 2, subject="CN=B"),
        finding(Code.TLS_INTERCEPTED, 3, subject="CN=B"),
    )
    assert [cause.explains for cause in found if len(cause.explains) == 2] == [
        (check(2).id, check(3).id)
    ]
    assert sorted(len(cause.explains) for cause in found) == [1, 2]


def test_too_broad_a_list_explains_the_direct_ways_it_makes() -> None:
    """What goes direct only because the bypass list is too broad, and fails there, follows from the
    list; the rest does not."""
    checks = (check(1, via_bypass=".azure.com"), check(2, via_bypass=".azure.com"), check(3))
    broad = finding(
        Code.SKIP_RANGE_TOO_BROAD,
        9,
        check="skip-range",
        target="skip-range",
        subject=".com, .azure.com",
        entries=(".com", ".azure.com"),
    )
    found = causes(
        broad,
        finding(Code.TARGET_SILENT, 1),
        finding(Code.TLS_RESET, 2),
        finding(Code.TARGET_SILENT, 3),
        checks=checks,
    )
    assert {cause.code: set(cause.explains) for cause in found} == {
        Code.SKIP_RANGE_TOO_BROAD: {"skip-range", checks[0].id, checks[1].id},
        Code.TARGET_SILENT: {checks[2].id},
    }


def test_bypassed_hosts_without_a_broad_list_speak_for_themselves() -> None:
    """A bypass that is meant explains nothing."""
    found = causes(finding(Code.TARGET_SILENT, 1), checks=(check(1, via_bypass=".azure.com"),))
    assert named(found) == [Code.TARGET_SILENT]


def test_lowest_layer_first_then_the_widest() -> None:
    """Causes come in the order in which one mends them: from the bottom, and what breaks most
    first."""
    found = causes(
        finding(Code.WEBSOCKET_STRIPPED, 1),
        finding(Code.NAME_UNKNOWN, 2),
        finding(Code.PROXY_PORT_DENIED, 3),
        finding(Code.PROXY_DENIED, 4),
        finding(Code.PROXY_DENIED, 5),
        finding(Code.SERVICES_UNCOVERED, 6),
    )
    assert named(found) == [
        Code.NAME_UNKNOWN,
        Code.PROXY_DENIED,
        Code.PROXY_PORT_DENIED,
        Code.WEBSOCKET_STRIPPED,
        Code.SERVICES_UNCOVERED,
    ]


def test_the_remedy_names_all_hosts_in_the_products_words() -> None:
    """A known product's line has every host of the cause, and patterns where patterns stand behind
    the hosts."""
    checks = (check(1), check(2, pattern="*.his.arc.azure.com"))
    denied = [finding(Code.PROXY_DENIED, number, product="Squid") for number in (1, 2)]
    (cause,) = causes(*denied, checks=checks)
    label, *lines = cause.remedy.splitlines()
    assert (
        label
        == "Squid (squid.conf, or the file that it includes, above the first http_access deny):"
    )
    assert [line.rpartition("dstdomain -n ")[2] for line in lines[1:3]] == [
        "host1.azure.com",
        ".his.arc.azure.com",
    ]
    assert "host2" not in cause.remedy


PROXY = Proxy(scheme="http", host="proxy.corp", port=3128)


def test_a_change_is_data_and_the_advice_stays_beside_it() -> None:
    """The product's lines come first, with place, command and proof; what needs no product follows,
    and the remedy is the first of them as text."""
    checks = (check(1, proxy=PROXY), check(2, proxy=PROXY))
    own = {"product": "Squid", "remedy": "lines", "advice": "Allow it."}
    (cause,) = causes(finding(Code.PROXY_DENIED, 1, **own), checks=checks)
    pasted, general = cause.change
    assert (pasted.product, pasted.owner) == ("squid", Owner.PROXY)
    assert pasted.title == "Squid: allow the hosts"
    assert (
        pasted.where == "squid.conf, or the file that it includes, above the first http_access deny"
    )
    assert pasted.apply == "squid -k parse && squid -k reconfigure"
    assert pasted.hosts == ("host1.azure.com",)
    assert pasted.done_when == (
        "`curl -sSk -o /dev/null -w '%{http_connect} %{http_code}\\n' -x http://proxy.corp:3128 "
        "https://host1.azure.com:443/` prints 200 and a number other than 000"
    )
    assert (general.product, general.where, general.apply) == (None, "", None)
    assert general.lines == ("Allow it.",)
    assert cause.remedy.splitlines()[1:] == list(pasted.lines)
    assert cause.affects == ("host1.azure.com:443",)


@pytest.mark.parametrize("name", ["tinyproxy", "HAProxy", "Apache", "3proxy", "FortiGate"])
def test_five_hosts_are_all_in_the_lines(name: str) -> None:
    """Also of a product that takes one host a line."""
    denied = [finding(Code.PROXY_DENIED, number, product=name) for number in range(5)]
    checks = [check(number) for number in range(5)]
    (cause,) = causes(*denied, checks=checks)
    text = "\n".join(cause.change[0].lines).replace("\\", "")
    assert all(f"host{number}.azure.com" in text for number in range(5))
    assert len(cause.change[0].hosts) == 5


def behind(**more: Any) -> tuple[Check, Finding]:
    """A required wildcard whose hosts were not named because its source, host1, was denied."""
    reason = more.pop("reason", SkipReason.NO_ANSWER)
    given = {"id": "discovery *.x", "host": "*.x", "pattern": "*.x", "proxy": PROXY} | more
    asked = check(1, **({"observed_with": check(1).id} | given))
    told = finding(
        Code.HOSTS_DISCOVERED, check=asked.id, verdict=Verdict.SKIP, skip=Skip(reason=reason)
    )
    return asked, told


@pytest.mark.parametrize(
    ("more", "pending"),
    [
        ({}, ("*.x",)),
        ({"observed_with": "", "reason": SkipReason.NO_PUBLIC_SOURCE}, ("*.x",)),
        ({"observed_with": "another"}, ()),
        ({"required": False}, ()),
        ({"proxy": None}, ()),
    ],
)
def test_what_hangs_behind_is_in_the_lines(more: dict[str, Any], pending: tuple[str, ...]) -> None:
    """Required wildcards that were not reached because of the cause, or that nothing can ask, are
    named at once: no second round."""
    asked, skipped = behind(**more)
    denied = finding(Code.PROXY_DENIED, 1, product="Squid", advice="Allow it.")
    found = diagnose((denied, skipped), (check(1, proxy=PROXY), asked), RUN)
    for change in found[0].change:
        assert change.pending == pending
        text = "\n".join(change.lines)
        assert (".x" in text.split() or "*.x" in text.split()) == bool(pending)


def test_what_hangs_behind_another_fault_of_the_same_endpoint_is_in_the_lines_too() -> None:
    """A page hides the host that names others, and TLS to it is inspected: whoever exempts it has
    to exempt those behind it, or the next round finds them."""
    asked = check(1, proxy=PROXY)
    seen = check(1, proxy=PROXY, id="tls host1.azure.com:443 proxy", kind=Kind.TLS)
    pattern, skipped = behind()
    page = finding(Code.BLOCK_PAGE, 1, product="Squid")
    forged = finding(Code.TLS_INTERCEPTED, 1, product="Squid", check=seen.id, kind=Kind.TLS)
    found = diagnose((page, forged, skipped), (asked, seen, pattern), RUN)
    assert {cause.code for cause in found} == {Code.BLOCK_PAGE, Code.TLS_INTERCEPTED}
    assert [cause.change[0].pending for cause in found] == [("*.x",), ("*.x",)]


@pytest.mark.parametrize("code", [Code.PROXY_HUNG, Code.PROXY_RESET, Code.PROXY_CLOSED])
def test_the_proxy_is_not_told_to_allow_itself(code: Code) -> None:
    """Where all tunnels fail alike, the cause affects the endpoints, and the advice names them."""
    asked = check(id="proxy", kind=Kind.PROXY, target="proxy.corp:3128", host="proxy.corp")
    asked = msgspec.structs.replace(asked, proxy=PROXY)
    checks = (asked, check(1, proxy=PROXY), check(2, proxy=PROXY))
    fields = (("target", "proxy.corp:3128"), ("targets", "proxy.corp:3128"))
    found = finding(code, check="proxy", target="proxy.corp:3128", fields=fields)
    (cause,) = diagnose((found,), checks, RUN)
    assert cause.affects == ("host1.azure.com:443", "host2.azure.com:443")
    assert "proxy.corp:3128" not in cause.remedy
    assert "host1.azure.com" in cause.remedy


def test_a_judges_own_remedy_stands() -> None:
    """Where the judge wrote a remedy that knows more than the table's, the cause keeps it."""
    own = [
        finding(Code.PROXY_NOT_HTTP, number, remedy="Use the SOCKS port.", has_own_remedy=True)
        for number in (1, 2)
    ]
    assert causes(*own)[0].remedy == "Use the SOCKS port."


def test_the_remedy_of_one_endpoint_is_that_of_its_finding() -> None:
    """Where one endpoint is broken, its finding's remedy names it; where several are, the table's
    words name them all."""
    one = finding(Code.PROXY_PORT_DENIED, 1, remedy="Allow host1.azure.com:443.")
    other = finding(Code.PROXY_PORT_DENIED, 2, remedy="Allow host2.azure.com:443.")
    assert causes(one)[0].remedy == "Allow host1.azure.com:443."
    both = "egress addresses to host1.azure.com:443, host2.azure.com:443."
    assert both in causes(one, other)[0].remedy


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (2, "to host1.azure.com:443, host2.azure.com:443."),
        (3, "to host1.azure.com:443, host2.azure.com:443 and 1 more."),
    ],
)
def test_two_endpoints_are_named(count: int, named: str) -> None:
    """Words of a cause name two endpoints; of more they count the rest."""
    several = [finding(Code.PROXY_PORT_DENIED, number) for number in range(1, count + 1)]
    assert named in causes(*several)[0].remedy


def test_a_products_line_is_not_for_the_users_own_settings() -> None:
    """Where the user must act, a product's line changes nothing."""
    (cause,) = causes(finding(Code.PROXY_DENIED, product="Squid", owner=Owner.YOU))
    assert cause.remedy == "x"


def test_evidence_of_further_endpoints_names_them() -> None:
    """The first endpoint's evidence stands as it is; of the others one line that is not alike."""
    (cause,) = causes(
        finding(Code.PROXY_DENIED, 1, evidence=("HTTP/1.1 403", "Server: squid")),
        finding(Code.PROXY_DENIED, 2, evidence=("HTTP/1.1 403",)),
        finding(Code.PROXY_DENIED, 3, evidence=("HTTP/1.1 407", "Server: other")),
    )
    assert cause.evidence == ("HTTP/1.1 403", "Server: squid", "host3.azure.com:443: HTTP/1.1 407")


@pytest.mark.parametrize(
    ("count", "last"),
    [(12, "host12.azure.com:443: line of host12"), (13, "… and 2 more lines in the findings")],
)
def test_evidence_has_twelve_lines(count: int, last: str) -> None:
    """Twelve lines stand; what is beyond is counted in the twelfth."""
    (cause,) = causes(*(finding(Code.PROXY_DENIED, number) for number in range(1, count + 1)))
    assert len(cause.evidence) == 12
    assert cause.evidence[-1] == last


def test_evidence_is_bounded() -> None:
    """Hundreds of hosts do not give hundreds of lines."""
    (cause,) = causes(*(finding(Code.PROXY_DENIED, number) for number in range(300)))
    assert len(cause.evidence) == 12
    assert "more lines" in cause.evidence[-1]
    assert len(cause.headline) < 400


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("CN=Contoso Root\\, CA,OU=Security,O=Contoso,C=US", "Contoso Root, CA"),
        ("OU=Security,O=Contoso", "OU=Security,O=Contoso"),
    ],
)
def test_a_headline_has_the_common_name(name: str, called: str) -> None:
    """A CA is called in a headline by its common name, where it has one; the evidence keeps the
    whole name."""
    intercepted = finding(
        Code.TLS_INTERCEPTED, fields=(("ca", name), ("issuer", name)), evidence=(f"issuer: {name}",)
    )
    (cause,) = causes(intercepted)
    assert cause.headline.endswith(f"host1.azure.com:443 (issuer {called})")
    assert cause.evidence == (f"issuer: {name}",)


def test_the_worst_verdict_counts() -> None:
    """One required host among optional ones makes the cause fail."""
    (cause,) = causes(
        finding(Code.PROXY_DENIED, 1, verdict=Verdict.WARN), finding(Code.PROXY_DENIED, 2)
    )
    assert cause.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("verdicts", "strict", "interrupted", "due"),
    [
        ((), False, "", Verdict.ERROR),
        ((Verdict.SKIP,), False, "", Verdict.ERROR),
        ((Verdict.PASS, Verdict.SKIP), False, "", Verdict.PASS),
        ((Verdict.PASS, Verdict.WARN), False, "", Verdict.WARN),
        ((Verdict.PASS, Verdict.WARN), True, "", Verdict.FAIL),
        ((Verdict.PASS, Verdict.SKIP), True, "", Verdict.PASS),
        ((Verdict.WARN, Verdict.FAIL), False, "", Verdict.FAIL),
        ((Verdict.FAIL, Verdict.ERROR), False, "", Verdict.ERROR),
        ((Verdict.PASS,), False, "deadline", Verdict.ERROR),
    ],
)
def test_verdict_of_a_run(
    verdicts: tuple[Verdict, ...], strict: bool, interrupted: str, due: Verdict
) -> None:
    """The worst finding is the run's verdict; a run that did not finish is an error, whatever it
    saw."""
    run = Run(
        version="0",
        started="2026-11-23T12:00:00Z",
        seconds=1.0,
        vantage="pod",
        host="h",
        node="",
        pod="",
        settings=Settings(strict=strict),
        interrupted=interrupted,
    )
    assert (
        verdict_of([finding(Code.PROXY_DENIED, verdict=verdict) for verdict in verdicts], run)
        is due
    )


ANY = st.builds(
    finding,
    st.sampled_from([code.name for code in codes.rows()]),
    st.integers(1, 5),
    subject=st.sampled_from(["", "", "s", "t"]),
    verdict=st.sampled_from(Verdict),
    product=st.sampled_from(["", "Squid", "nobody's"]),
)


@settings(
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(ANY, max_size=12), st.sets(st.integers(1, 5)), st.randoms(use_true_random=False))
def test_every_bad_finding_is_explained_exactly_once(
    found: list[Finding], bypassed: set[int], chance: random.Random
) -> None:
    """Of any findings in any order: each that is no pass belongs to exactly one cause, and nothing
    else does."""
    checks = tuple(
        check(number, via_bypass="*" if number in bypassed else "") for number in range(1, 6)
    )
    chance.shuffle(found)
    told = diagnose(found, checks, RUN)
    bad = [each for each in found if each.verdict in BAD]
    assert {each for cause in told for each in cause.explains} == {each.check for each in bad}
    # a cause has at least one finding of its own, and no more causes name a check than it has
    # faults
    named_by = Counter(each for cause in told for each in cause.explains)
    faults = Counter(
        each.check
        for each in {(each.check, each.code, each.subject): each for each in bad}.values()
    )
    assert all(named_by[each] <= faults[each] for each in named_by)
    assert len(told) <= len({(each.code, each.subject) for each in bad})
    assert {cause.code for cause in told} <= {each.code for each in bad}


def _skipped(reason: SkipReason) -> Finding:
    found = finding(Code.WILDCARD_UNPROVEN, verdict=Verdict.SKIP)
    return msgspec.structs.replace(found, skip=Skip(reason=reason), summary="No source names it")


@pytest.mark.parametrize(
    ("reason", "due"),
    [
        (SkipReason.UNNEEDED, Verdict.PASS),
        (SkipReason.NO_PUBLIC_SOURCE, Verdict.PASS),
        (SkipReason.COMPARISON, Verdict.PASS),
        (SkipReason.FILTERED, Verdict.PASS),
        (SkipReason.NOT_ASKED, Verdict.ERROR),
        (SkipReason.NO_TLS, Verdict.ERROR),
        (SkipReason.MERGED, Verdict.ERROR),
    ],
)
def test_nothing_but_skips(reason: SkipReason, due: Verdict) -> None:
    """Where there was nothing to ask that is a pass; where something was, and no answer is there,
    it is none."""
    assert verdict_of([_skipped(reason)], RUN) is due
    assert verdict_of(
        [_skipped(reason), finding(Code.PROXY_DENIED, verdict=Verdict.PASS)], RUN
    ) is (Verdict.PASS)


@pytest.mark.parametrize("is_required", [True, False])
def test_unproven(is_required: bool) -> None:
    """A required wildcard whose hosts no public source names is named with the reason, once."""
    skipped = _skipped(SkipReason.NO_PUBLIC_SOURCE)
    asked = check(required=is_required)
    due = (Unproven(target=skipped.target, why="No source names it"),) if is_required else ()
    assert unproven([skipped, skipped, _skipped(SkipReason.NOT_ASKED)], [asked]) == due
