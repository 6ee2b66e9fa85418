"""Every demo scenario: its verdict, exactly its causes, a report as the contract promises it, and
no secret anywhere."""

from __future__ import annotations

import base64
import json
import socket
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

import arcprobe
from arcprobe.commands import demo
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.scenarios import SCENARIOS, DemoScenario
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from arcprobe.model import Verdict
from arcprobe.report import RENDERERS
from arcprobe.settings.load import load
from tests.support.rehearsed import recording, run, run_in

EXIT_CODES = {Verdict.PASS: 0, Verdict.WARN: 0, Verdict.FAIL: 1}
BAD = {"warn", "fail", "error"}
SENTINEL = "Tr0ub4dor:&3/@#"

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@cache
def validator() -> Any:
    """The shipped schema, as a validator."""
    path = Path(arcprobe.__file__).parent / "report" / "report.schema.json"
    return jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


@each_scenario
def test_story(scenario: DemoScenario) -> None:
    """The scenario ends as its story says: exit code, verdict and exactly the causes, in the order
    of the layers."""
    ended = recording(scenario.name)
    assert ended.err == ""
    told = ended.report
    assert (ended.code, told["verdict"]) == (EXIT_CODES[scenario.verdict], scenario.verdict)
    assert tuple(cause["code"] for cause in told["causes"]) == scenario.causes
    assert told["observations"]


@each_scenario
def test_schema(scenario: DemoScenario) -> None:
    """The report is what report.schema.json says."""
    errors = [
        f"{error.json_path}: {error.message}"
        for error in validator().iter_errors(recording(scenario.name).report)
    ]
    assert errors == []


@each_scenario
def test_explained_once(scenario: DemoScenario) -> None:
    """What is warn, fail or error is explained by exactly one cause; a cause explains nothing else;
    all is answered."""
    told = recording(scenario.name).report
    explained = Counter(check for cause in told["causes"] for check in cause["explains"])
    bad = {finding["check"] for finding in told["findings"] if finding["verdict"] in BAD}
    assert set(explained) == bad
    assert set(explained.values()) <= {1}
    assert {check["id"] for check in told["checks"]} == {
        finding["check"] for finding in told["findings"]
    }
    for finding in told["findings"]:
        assert finding["summary"]
        assert bool(finding["remedy"] and finding["owner"]) == (finding["verdict"] in BAD), finding[
            "check"
        ]
    for cause in told["causes"]:
        assert cause["headline"]
        assert cause["remedy"]
        assert cause["evidence"]


@each_scenario
def test_judged_again(
    scenario: DemoScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``report show`` on the recording gives the same report and the same exit code, with every
    socket forbidden."""
    first = recording(scenario.name)
    file = tmp_path / "report.json"
    file.write_text(first.out, encoding="utf-8")

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a recording needs no network")

    for name in ("socket", "getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, forbidden)
    again = run("report", "show", str(file), "--format", "json")
    assert (again.code, again.err) == (first.code, "")
    assert again.report == first.report


@each_scenario
def test_every_format_renders(scenario: DemoScenario, tmp_path: Path) -> None:
    """Each format names every cause of the scenario."""
    file = tmp_path / "report.json"
    file.write_text(recording(scenario.name).out, encoding="utf-8")
    for form in RENDERERS:
        shown = run("report", "show", str(file), "--format", form)
        assert (shown.code, shown.err) == (EXIT_CODES[scenario.verdict], "")
        assert [code for code in scenario.causes if code not in shown.out] == [], form


def spellings(secret: str) -> tuple[str, ...]:
    """The ways in which a secret, or the credentials that hold it, could be written."""
    pair = base64.b64encode(f"arc:{secret}".encode()).decode()
    return (
        secret,
        quote(secret),
        quote(secret, safe=""),
        pair,
        pair[4:-4],
        base64.b64encode(secret.encode()).decode()[:-4],
    )


@pytest.mark.parametrize("given", ["file", "url", "variable"])
@pytest.mark.parametrize("accepted", [True, False])
def test_no_secret(
    given: str, accepted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy password, accepted or rejected, from file, URL or variable, is in no format, no file
    and not on stderr."""
    policy = ProxyPolicy(user="arc", password=SENTINEL if accepted else "another")
    with Rehearsal(
        NetworkScript(proxy=policy, credentials=f"arc:{SENTINEL}" if given == "file" else "")
    ) as network:
        place = next(
            value
            for name, value in zip(network.flags, network.flags[1:], strict=False)
            if name == "--proxy-https"
        )
        url = place.replace("://", f"://arc:{quote(SENTINEL, safe='')}@")
        more: list[str] = ["--proxy-https", url] if given == "url" else []
        if given == "variable":
            network.environment = {"ARCPROBE_PROXY_HTTPS": url}
            index = network.flags.index("--proxy-https")
            network.flags = (*network.flags[:index], *network.flags[index + 2 :])
        files = [tmp_path / form for form in RENDERERS]
        reports = [part for file in files for part in ("--report", f"{file.name}={file}")]
        ended = run_in(network, *more, *reports, "--format", "json", "--wide")
        told = ended.report
        assert [cause["code"] for cause in told["causes"]] == (
            [] if accepted else ["proxy-auth-rejected"]
        )
        written = {file.name: file.read_text(encoding="utf-8") for file in files}
        written |= {"stdout": ended.out, "stderr": ended.err}
        leaks = [
            (name, word)
            for name, text in written.items()
            for word in spellings(SENTINEL)
            if word in text
        ]
        assert leaks == []


def test_no_secret_in_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a probe fails by a fault of arcprobe's own, the report tells it without a traceback and
    without the password."""
    from arcprobe.model import Kind
    from arcprobe.probes import runner as _runner

    async def broken(check: object, place: Any) -> Any:
        raise RuntimeError(f"cannot work with {place.credentials!r} and {place!r}")

    monkeypatch.setitem(_runner.PROBES, Kind.HTTPS, broken)
    script = NetworkScript(
        proxy=ProxyPolicy(user="arc", password=SENTINEL), credentials=f"arc:{SENTINEL}"
    )
    with Rehearsal(script) as network:
        ended = run_in(network, "--format", "json")
    assert (ended.code, ended.report["verdict"]) == (3, "error")
    assert not [word for word in spellings(SENTINEL) if word in ended.out + ended.err]
    assert "Traceback" not in ended.out + ended.err


def test_the_report_is_read_back() -> None:
    """What is printed as JSON is the model, to the last field."""
    from arcprobe.report import as_json

    text = recording("everything").out
    assert msgspec.json.decode(as_json.render(as_json.load(text.encode()))) == json.loads(text)


def test_the_written_report_is_the_printed_one(tmp_path: Path) -> None:
    """``demo --report json=FILE`` writes the report that it prints, and ``report show`` judges the
    file to the same."""
    file = tmp_path / "report.json"
    ran = run("demo", "everything", "--format", "json", "--report", f"json={file}")
    assert ran.report == json.loads(file.read_text(encoding="utf-8"))
    shown = run("report", "show", str(file), "--format", "json")
    assert (ran.code, shown.code, shown.report) == (1, 1, ran.report)


def test_led_into_a_rehearsal() -> None:
    """Inside a rehearsed network its name servers, its addresses and its cluster are asked, and
    nothing else of the settings changes."""
    config = load({"region": "eastus"}, {})
    with Rehearsal(NetworkScript(proxy=None)) as network:
        led = demo.rehearsed(config, network)
        assert (led.name_servers, led.dial_map) == (network.name_servers, network.dial_map)
        assert led.cluster.environ == network.environment
    back = msgspec.structs.replace(
        led, name_servers=config.name_servers, dial_map=config.dial_map, cluster=config.cluster
    )
    assert back == config
