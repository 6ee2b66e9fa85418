"""What the observations of a whole run tell beside their verdicts."""

from __future__ import annotations

import json

import pytest

from arcprobe.findings import seen
from arcprobe.model import Report
from arcprobe.report import as_json
from tests.support.recordings import FOLDER

_NAME = '"subject": "CN=Contoso Corporate Root CA'


def recorded(scenario: str) -> Report:
    """The recording of a demo scenario."""
    return as_json.load((FOLDER / scenario / "recording.json").read_bytes())


@pytest.mark.parametrize(
    ("vantage", "source", "clients"),
    [
        ("laptop", "10.20.0.5", ("10.20.0.5",)),
        ("node", "10.20.0.5", ()),  # the others were left out
        ("pod", "10.244.1.7", ()),  # no address that leaves the cluster
        ("laptop", "127.0.0.1", ()),
        ("laptop", "fe80::1", ()),
    ],
)
def test_who_asked_is_a_client(vantage: str, source: str, clients: tuple[str, ...]) -> None:
    """By the address from which the recording's connections went out, where it is one that a proxy
    sees."""
    told = json.loads(as_json.render(recorded("denied")))
    told["run"]["vantage"] = vantage
    for observation in told["observations"]:
        for attempt in observation["attempts"]:
            for step in attempt["steps"]:
                step.update({"source": source} if step.get("source") else {})
    report = as_json.load(json.dumps(told).encode())
    assert seen.clients(report.run, report.checks, report.observations) == clients


def test_the_nodes_are_clients() -> None:
    """A pod is told of the nodes by its cluster: from their addresses the agents will ask, or from
    the ranges of pods, so that a pod's own does not count."""
    report = recorded("in-pod")
    (cluster,) = seen.clusters(report.observations)
    found = seen.clients(report.run, report.checks, report.observations)
    assert cluster.nodes == ("10.20.0.11", "10.20.0.12")
    assert found == (*cluster.nodes, "10.244.0.0/23")


def test_a_private_root_is_the_one_that_was_shown() -> None:
    """Of whoever inspects TLS, where it was kept; where nobody does there is none."""
    clean = recorded("clean")
    told = (FOLDER / "inspected" / "recording.json").read_text()
    told = told.replace(_NAME, f'"pem": "PEM", {_NAME}')
    kept = as_json.load(told.encode())
    found = seen.roots(kept.checks, kept.observations)
    assert {root.common_name for _check, root in found} == {"Contoso Corporate Root CA"}
    assert seen.roots(clean.checks, clean.observations) == ()


def test_addresses_are_those_past_any_proxy() -> None:
    """A rule that knows no names is for what this host itself connects to."""
    direct, clean = recorded("direct"), recorded("clean")
    found = dict(seen.addresses(direct.checks, direct.observations))
    assert found["management.azure.com"]
    assert "management.azure.com" not in dict(seen.addresses(clean.checks, clean.observations))


def test_issuers_are_of_what_speaks() -> None:
    """Each endpoint with the issuer of the certificate that it showed."""
    report = recorded("clean")
    shown = {
        check.host: issuer for check, issuer in seen.issuers(report.checks, report.observations)
    }
    assert shown["mcr.microsoft.com"].startswith("CN=")
