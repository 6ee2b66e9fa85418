"""Metrics, as Prometheus' own parser reads them."""

from __future__ import annotations

import pytest

from arcprobe.report import as_prometheus
from tests.support.golden import SCENARIOS, played
from tests.support.tools import library

from . import sample

parser = library("prometheus_client.parser")


def metrics(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Name -> labels and value, by the client library of Prometheus."""
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in parser.text_string_to_metric_families(text)
    }


def test_what_there_is() -> None:
    """Version, verdict, time, checks and causes."""
    found = metrics(as_prometheus.render(played("everything")))
    assert found["arcprobe_info"] == [
        ({"version": "0.1.0", "vantage": "laptop", "region": "eastus"}, 1)
    ]
    assert found["arcprobe_verdict"] == [({}, 2)]
    ((_, began),) = found["arcprobe_run_timestamp_seconds"]
    assert began == pytest.approx(1795452797.556)
    denied = {
        "check": "https eastus.dp.kubernetesconfiguration.azure.com:443 proxy",
        "kind": "https",
        "target": "eastus.dp.kubernetesconfiguration.azure.com:443",
        "route": "proxy",
        "feature": "core",
    }
    assert (denied, 2) in found["arcprobe_check_verdict"]
    causes = {labels["code"]: labels for labels, _ in found["arcprobe_causes"]}
    assert causes["tls-intercepted"] == {
        "code": "tls-intercepted",
        "owner": "proxy",
        "verdict": "warn",
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_series_twice(scenario: str) -> None:
    """Each series has one value, or node exporter refuses the file."""
    for name, samples in metrics(as_prometheus.render(played(scenario))).items():
        labels = [tuple(sorted(labels.items())) for labels, _ in samples]
        assert len(labels) == len(set(labels)), name


def test_hostile_text_stays_in_its_label() -> None:
    """Quotes, backslashes and line feeds of strangers end no label."""
    found = metrics(as_prometheus.render(sample.hostile()))
    assert found["arcprobe_verdict"]
    checks = [labels["check"] for labels, _ in found["arcprobe_check_verdict"]]
    assert any("</script>" in check for check in checks)
