"""What all formats for people show beside the table: skips in groups, facts of the run, endpoints
of a cause."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import (
    Code,
    Finding,
    Kind,
    Layer,
    Proxy,
    Report,
    Route,
    Settings,
    SkipReason,
    Verdict,
)
from arcprobe.report import RENDERERS, layout, renderer
from arcprobe.report.words import Words

from . import sample

ENGLISH = Words()


def skip(host: str, words: str, reason: SkipReason, route: Route = Route.DIRECT) -> Finding:
    """A skipped finding on one endpoint."""
    asked = sample.check(Kind.HTTPS, f"{host}:443", route)
    return sample.finding(
        asked, Verdict.SKIP, Layer.HTTP, Code.ENDPOINT_ANSWERS, words, skip=reason
    )


def grouped(*findings: Finding) -> list[tuple[str, tuple[str, ...], int]]:
    """Words, endpoints and number of checks of each group."""
    report = msgspec.structs.replace(sample.clean(), findings=findings)
    groups = layout.skipped(report, ENGLISH)
    return [(group.words, group.targets, group.count) for group in groups]


def test_skips_in_the_same_words_are_one_group() -> None:
    """Endpoints that were left out for the same reason stand on one line; another reason is
    another line."""
    found = grouped(
        skip("a.example", "Not tested: skipped (--only or --skip)", SkipReason.FILTERED),
        skip("b.example", "Not tested: skipped (--only or --skip)", SkipReason.FILTERED),
        skip("b.example", "Not tested: was not asked", SkipReason.NOT_ASKED),
    )
    assert found == [
        ("Not tested: skipped (--only or --skip)", ("a.example:443", "b.example:443"), 2),
        ("Not tested: was not asked", ("b.example:443",), 1),
    ]


def test_names_that_do_not_resolve_are_one_group() -> None:
    """Skips that differ only in the endpoint's own name are told once, without it."""
    reason = SkipReason.NAME_BROKEN
    words = "Not tested: the name {} does not resolve to the endpoint"
    hosts = ("a.example", "b.example")
    several = grouped(*(skip(host, words.format(host), reason) for host in hosts))
    assert several == [
        (
            "Not tested: the name … does not resolve to the endpoint",
            ("a.example:443", "b.example:443"),
            2,
        )
    ]
    (alone,) = grouped(skip("a.example", words.format("a.example"), reason))
    assert alone[0] == "Not tested: the name a.example does not resolve to the endpoint"


def test_the_name_of_a_proxy_stays() -> None:
    """By a proxy whose name does not resolve, the name is the proxy's and is told."""
    words = "Not tested: the name {} does not resolve to the proxy"
    found = grouped(
        *(
            skip(host, words.format(proxy), SkipReason.NAME_BROKEN, Route.PROXY)
            for host, proxy in (("a.example", "p1"), ("b.example", "p1"), ("c.example", "p2"))
        )
    )
    assert [group[0] for group in found] == [words.format("p1"), words.format("p2")]


def test_targets_of_a_cause() -> None:
    """The endpoints of a cause are each named once."""
    report = sample.broken()
    assert layout.targets_of(report, report.causes[0]) == ("westeurope.obo.arc.azure.com:8084",)


def test_unexplained() -> None:
    """A finding that needs action and has no cause is left over; a pass or a skip is not."""
    report = msgspec.structs.replace(sample.broken(), causes=())
    codes = [finding.code for finding in layout.unexplained(report)]
    assert codes == [Code.PROXY_PORT_DENIED, Code.SERVICES_UNCOVERED]


def test_legend_names_what_is_shown() -> None:
    """The legend is in the order of the marks and names only verdicts that are shown."""
    assert layout.legend(ENGLISH, {Verdict.SKIP, Verdict.PASS}) == ["✓ proved", "– not asked"]


def facts(report: Report) -> dict[str, str]:
    """The facts of the run."""
    return dict(layout.facts(report, ENGLISH))


def test_facts_of_the_run() -> None:
    """When, where, by which proxy, with which settings; what is not known has no line."""
    assert facts(sample.broken()) == {
        "Run": "2026-11-23T15:00:00Z, 4.2 s, arcprobe 0.1.0",
        "Where it ran": "pod worker-3 (node worker-3, pod arcprobe-x7k2p)",
        "Route": "7 checks through the proxy, 0 direct",
        "Proxy": "HTTPS http://proxy.corp.example:3128 (with credentials, from --proxy-https)",
        "Bypass list": "10.96.0.0/12,.svc (from NO_PROXY)",
        "Cloud": "AzureCloud westeurope",
        "Software": "Python 3.13.1, OpenSSL 3.5.1",
    }


@pytest.mark.parametrize(
    ("run", "name", "value"),
    [
        ({"node": "", "pod": "p"}, "Where it ran", "pod worker-3 (pod p)"),
        ({"node": "", "pod": ""}, "Where it ran", "pod worker-3"),
        ({"interrupted": "deadline"}, "Interrupted", "deadline"),
        ({"python": ""}, "Software", "OpenSSL 3.5.1"),
        ({"settings": Settings()}, "Proxy", "none"),
        (
            {"settings": Settings(proxy_http=Proxy(scheme="http", host="p", port=1))},
            "Proxy",
            "HTTP http://p:1 (without credentials)",
        ),
        (
            {"settings": Settings(proxy_cert="ca.pem", proxy_cert_notes=("1 certificate",))},
            "Proxy CA",
            "ca.pem, 1 certificate",
        ),
        ({"settings": Settings(gateway_url="https://g")}, "Gateway", "https://g"),
    ],
)
def test_facts_with_parts_missing(run: dict[str, object], name: str, value: str) -> None:
    """Each fact is whole without the parts that are not known."""
    report = msgspec.structs.replace(sample.clean(), run=sample.run(**run))
    assert facts(report)[name] == value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", ""),
        ("2026-09-01", "endpoints of 2026-09-01"),
        ("2026-05-27", "endpoints of 2026-05-27"),  # 180 days before
        ("2026-05-26", "endpoints of 2026-05-26: 181 days old; look for a newer arcprobe"),
    ],
)
def test_the_day_of_the_data(data: str, words: str) -> None:
    """Every report names the day of its data, and says so where it is older than 180 days."""
    report = sample.clean()
    run = msgspec.structs.replace(report.run, started="2026-11-23T12:00:00.000Z", data=data)
    told = dict(layout.facts(msgspec.structs.replace(report, run=run), ENGLISH, is_brief=True))
    assert told["Run"].partition("arcprobe ")[2].partition(", ")[2] == words


@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_each_format_has_the_day_of_the_data(form: str) -> None:
    """The day stands in every format, and that it is long ago in those for people."""
    report = sample.clean()
    run = msgspec.structs.replace(report.run, started="2026-11-23T12:00:00.000Z", data="2026-05-26")
    told = renderer(form)(msgspec.structs.replace(report, run=run))
    if form == "prometheus":
        assert "arcprobe_endpoint_data_timestamp_seconds 1779753600\n" in told
        return
    assert "2026-05-26" in told
    assert ("181 days old" in told) is (form != "json")
