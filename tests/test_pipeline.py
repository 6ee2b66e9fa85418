"""The stages joined: what is checked before anything is probed, and what a recording says again."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from arcprobe.knowledge.language import language
from arcprobe.model import ClusterSource, Config, Experiment, Report, Verdict
from arcprobe.model.errors import ConfigError
from arcprobe.pipeline import issuers, judge_bypass_list, judged_again, preflight, prepare, spoken
from arcprobe.report import as_json
from arcprobe.settings.load import load
from tests.settings.given import refused
from tests.support import rehearsed
from tests.support.languages import shouting
from tests.support.recordings import FOLDER
from tests.support.services import read_services_file

SERVICES = str(FOLDER / "services" / "kubeadm.json")


def recorded(scenario: str) -> Report:
    """The recording of a demo scenario."""
    return as_json.load((FOLDER / scenario / "recording.json").read_bytes())


def config_of(**flags: str) -> Config:
    """The settings of these flags, in westeurope."""
    named = {name.replace("_", "-"): value for name, value in flags.items()}
    return load({"region": "westeurope", **named}, {})


def test_prepare_reads_the_services() -> None:
    """--services is read before anything is probed, and what the settings add stays beside it."""
    source = prepare(config_of(services=SERVICES, kubeconfig="k")).cluster
    assert source.services is not None
    assert (source.services.service_count, source.kubeconfig) == (3, "k")


def test_prepare_without_files() -> None:
    """Settings that name no file are left as they are: Services that were read already, too."""
    source = ClusterSource(services=read_services_file(SERVICES))
    config = msgspec.structs.replace(config_of(), cluster=source)
    assert prepare(config) == config


def test_prepare_names_the_setting_as_given(tmp_path: Path) -> None:
    """A file that is wrong is refused under the name by which it was given."""
    file = tmp_path / "bundle.pem"
    file.write_text("hello\n", encoding="utf-8")
    environ = {"ARCPROBE_PROXY_CERT": str(file)}
    with pytest.raises(ConfigError, match=r"ARCPROBE_PROXY_CERT: .*PEM"):
        prepare(load({"region": "westeurope"}, environ))


def test_baseline_is_read() -> None:
    """The issuer of each endpoint's certificate is read from an earlier report."""
    file = str(FOLDER / "clean" / "recording.json")
    known = dict(prepare(config_of(baseline=file)).settings.baseline)
    assert known["mcr.microsoft.com"].startswith("CN=")
    assert len(known) > 10


def test_baseline_with_a_byte_order_mark(tmp_path: Path) -> None:
    """A report that PowerShell saved is the same baseline."""
    recording = FOLDER / "clean" / "recording.json"
    file = tmp_path / "clean.json"
    file.write_bytes(b"\xef\xbb\xbf" + recording.read_bytes().replace(b"\n", b"\r\n"))
    due = prepare(config_of(baseline=str(recording))).settings.baseline
    assert prepare(config_of(baseline=str(file))).settings.baseline == due


def test_all_wrong_files_are_named(tmp_path: Path) -> None:
    """Each file that is not what its setting asks for is named."""
    flags = {name: str(tmp_path / name) for name in ("proxy_cert", "baseline", "services")}
    with pytest.raises(ConfigError) as raised:
        prepare(config_of(**flags))
    parts = str(raised.value).split("; also ")
    assert [part.split(":")[0] for part in parts] == ["--proxy-cert", "--baseline", "--services"]


def test_no_name_is_looked_up_for_wrong_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that is wrong ends a run before the network hears of it."""
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **_: asked.append(words))
    missing = str(tmp_path / "none.pem")
    config = config_of(proxy_https="http://proxy.example:3128", proxy_cert=missing)
    with pytest.raises(ConfigError, match="--proxy-cert"):
        preflight(config)
    assert asked == []


def test_baseline_is_what_speaks(tmp_path: Path) -> None:
    """Of an endpoint whose agents' handshake a peer did not understand, the issuer is that of the
    smaller hello."""
    report = json.loads((FOLDER / "clean" / "recording.json").read_bytes())
    for observation in report["observations"]:
        for attempt in list(observation["attempts"]):
            handshake = next(
                (step for step in attempt["steps"] if step["step"] == "handshake"), None
            )
            if attempt["label"] == Experiment.AGENTS and handshake is not None:
                small = {**attempt, "label": Experiment.SMALL_HELLO}
                alert = {"kind": "tls-alert", "detail": "handshake failure"}
                attempt["steps"] = [
                    *(step for step in attempt["steps"] if step["step"] in ("dial", "tunnel")),
                    {"step": "handshake", "server_name": "x", "failure": alert},
                ]
                observation["attempts"].append(small)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    before = prepare(config_of(baseline=str(FOLDER / "clean" / "recording.json")))
    after = prepare(config_of(baseline=str(file)))
    assert after.settings.baseline == before.settings.baseline


def test_judged_again() -> None:
    """A recording says the same again; --strict makes its warnings fail."""
    report = recorded("inspected-trusted")
    assert judged_again(report).verdict is Verdict.WARN
    assert judged_again(report, strict=True).verdict is Verdict.FAIL
    assert judged_again(judged_again(report)) == judged_again(report)


def test_issuers_by_endpoint_and_route() -> None:
    """The issuers that two reports are compared by stand under endpoint and route."""
    found = issuers(recorded("clean"))
    assert found["mcr.microsoft.com:443 (proxy)"].startswith("CN=")
    assert not [name for name in found if name.startswith("proxy.")]


@pytest.mark.parametrize(
    ("entries", "verdict"),
    [
        ("10.96.0.0/12,kubernetes.default.svc,.svc.cluster.local,.svc", Verdict.PASS),
        ("10.96.0.0/24,kubernetes.default.svc,.svc.cluster.local,.svc", Verdict.FAIL),
    ],
)
def test_bypass_list_alone(entries: str, verdict: Verdict) -> None:
    """The bypass list is judged without a run, by the judge of the run; without a proxy it is
    skipped unless one is assumed."""
    config = config_of(proxy_skip_range=entries)
    cluster = read_services_file(SERVICES)
    findings = judge_bypass_list(config, cluster, assume_proxy=True)
    assert Verdict.worst(finding.verdict for finding in findings) is verdict
    assert {finding.check for finding in findings} == {"skip-range"}
    (finding,) = judge_bypass_list(config, cluster, assume_proxy=False)
    assert finding.verdict is Verdict.SKIP


BAD_PEMS = {
    "DER": (b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00" + b"\x01" * 200, "DER"),
    "empty": (b"", "empty"),
    "a key": (b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", "key"),
    "a text": (b"hello\n", "PEM"),
    "a broken certificate": (
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "certificate",
    ),
    "a request": (
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "request",
    ),
}


@pytest.mark.parametrize("flag", ["--proxy-cert", "--public-roots"])
@pytest.mark.parametrize("case", BAD_PEMS)
def test_bad_pem(case: str, flag: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is no bundle of certificates is refused, and the line says what it is."""
    data, words = BAD_PEMS[case]
    file = tmp_path / "bundle.pem"
    file.write_bytes(data)
    line = refused(capsys, flag, str(file))
    assert flag in line
    assert words.lower() in line.lower()
    assert line.startswith(
        f"arcprobe: {flag}: {file}: "
    )  # the setting that was given, and no other
    assert line.count("--p") == 1


BAD_SERVICES = {
    "not JSON": ("kind: List\n", "JSON"),
    "a table": (
        "NAMESPACE   NAME   TYPE   CLUSTER-IP\ndefault     kubernetes   ClusterIP   10.96.0.1\n",
        "-o json",
    ),
    "truncated": ('{"kind": "List", "items": [{"metadata": {"name": "a"', "truncated"),
    "empty": ("", "empty"),
    "another list": ('{"kind": "PodList", "items": []}', "svc"),
    "too deep": ("[" * 100_000, "--services"),
}


@pytest.mark.parametrize("case", BAD_SERVICES)
def test_bad_services(case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A Services file that is not what kubectl -o json prints is refused, and the line says so."""
    text, words = BAD_SERVICES[case]
    file = tmp_path / "services.json"
    file.write_text(text, encoding="utf-8")
    line = refused(capsys, "--services", str(file))
    assert "--services" in line
    assert words.lower() in line.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"checks": 1}',
        '{"checks": [{}], "observations": []}',
        "[" * 100_000,
        "\ud800",
    ],
)
def test_bad_baseline(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A baseline that is no report is refused."""
    file = tmp_path / "baseline.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert "--baseline" in refused(capsys, "--baseline", str(file))


def _without_observations(report: dict[str, Any]) -> None:
    report["observations"] = []


def _without_attempts(report: dict[str, Any]) -> None:
    for observation in report["observations"]:
        observation["attempts"] = []


def _without_steps(report: dict[str, Any]) -> None:
    for attempt in _attempts(report):
        attempt["steps"] = []


def _up_to_the_dial(report: dict[str, Any]) -> None:
    _cut(report, "dial")


def _up_to_the_handshake(report: dict[str, Any]) -> None:
    _cut(report, "handshake")


def _without_checks(report: dict[str, Any]) -> None:
    report["checks"] = []


def _without_one(report: dict[str, Any]) -> None:
    kept = (seen for seen in report["observations"] if "management.azure" not in seen["check"])
    report["observations"] = list(kept)


def _labels_of_a_later_version(report: dict[str, Any]) -> None:
    for attempt in _attempts(report):
        attempt["label"] = "of tomorrow"


def _attempts(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for observation in report["observations"]:
        yield from observation["attempts"]


def _cut(report: dict[str, Any], kind: str) -> None:
    for attempt in _attempts(report):
        kinds = [step["step"] for step in attempt["steps"]]
        if kind in kinds:
            attempt["steps"] = attempt["steps"][: kinds.index(kind) + 1]


MUTATIONS = (
    _without_observations,
    _without_attempts,
    _without_steps,
    _up_to_the_dial,
    _up_to_the_handshake,
    _without_checks,
    _without_one,
    _labels_of_a_later_version,
)


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_a_recording_in_which_nothing_was_seen_is_no_pass(
    mutate: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    """Where the answer to a required question is not in the recording, and no failure either, the
    verdict is an error: exit 3."""
    report = json.loads((FOLDER / "clean" / "recording.json").read_bytes())
    mutate(report)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    ended = rehearsed.run("report", "show", str(file), "--format", "json")
    assert (ended.code, ended.report["verdict"]) == (3, "error")
    assert {cause["code"] for cause in ended.report["causes"]} <= {
        "not-finished",
        "services-unreadable",
    }


def test_what_no_run_can_prove_is_named() -> None:
    """A pass names the wildcard whose hosts no public source names, and nothing else."""
    (unproven,) = judged_again(recorded("clean")).unproven
    assert unproven.target == "*.guestnotificationservice.azure.com:443"
    assert unproven.why == (
        "No public source names the hosts behind *.guestnotificationservice.azure.com"
    )


def test_a_report_in_another_language() -> None:
    """Causes, findings, purposes and notes are said in that language; codes, hosts and what was
    seen stay; English is the report itself."""
    report = judged_again(recorded("denied"))
    loud = spoken(report, shouting("code", "purpose"))
    assert [cause.code for cause in loud.causes] == [cause.code for cause in report.causes]
    assert loud.observations == report.observations
    assert loud.causes[0].headline.endswith(" DENIES gbl.his.arc.azure.com:443")
    assert all(check.purpose.isupper() for check in loud.checks if check.kind == "https")
    assert spoken(report, language()) is report
