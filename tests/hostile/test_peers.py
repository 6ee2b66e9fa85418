"""No peer brings arcprobe to its knees: each of more than 120 that misbehave ends in a verdict of
its own, in time, in little memory, without a character that a terminal obeys."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hostile.peers import ROWS, hostile_proxy
from tests.support.processes import COMMAND, IS_LINUX, cost

MEMORY = 150  # MiB at the peak
DEADLINE = 25  # seconds


def test_every_hostile_peer_has_its_verdict(tmp_path: Path) -> None:
    """All of them in one run: none passes, none is a fault of arcprobe's own, and the run is over
    before its deadline."""
    assert len(ROWS) >= 120
    rows = {f"p{number}.peer.example": act for number, act in enumerate(ROWS.values())}
    names = dict(zip(rows, ROWS, strict=True))
    file = tmp_path / "report"
    with hostile_proxy(rows) as port:
        endpoints = [part for host in rows for part in ("--endpoint", f"https://{host}/")]
        seen = cost(
            COMMAND,
            *("check", "--region", "westeurope", "--only", "*.peer.example", "--skip", "dns"),
            *("--proxy-https", f"http://127.0.0.1:{port}", "--proxy-skip-range", "localhost"),
            *("--timeout", "2", "--deadline", str(DEADLINE), "--report", f"json={file}"),
            *endpoints,
        )
    report = json.loads(file.read_text())
    assert (seen.code, report["run"].get("interrupted", "")) == (1, "")
    verdicts: dict[str, set[str]] = {}
    for found in report["findings"]:
        name = names.get(found["target"].partition(":")[0])
        if name is not None and found["kind"] == "https":
            verdicts.setdefault(name, set()).add(found["verdict"])
            assert found["code"] != "arcprobe-fault", (name, found["summary"])
    assert set(verdicts) == set(ROWS)
    assert {name for name, told in verdicts.items() if told & {"pass", "warn", "error"}} == set()
    assert [cause["code"] for cause in report["causes"] if not cause["headline"]] == []
    assert all(char.isprintable() or char == "\n" for char in seen.out + file.read_text())
    assert report["run"]["seconds"] < DEADLINE
    assert not IS_LINUX or seen.memory < MEMORY, seen.memory
