"""smallstep/cli #1042: files as PowerShell's ``Out-File -Encoding utf8`` writes them: EF BB BF
first, CRLF at the ends of lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from tests.cases import FOLDER
from tests.support.rehearsed import run, run_in

CASE = FOLDER / "bom-auth-file-and-baseline"
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    "content",
    [(CASE / "proxy.auth").read_bytes(), b"svc:pw\r\n", "svc:pw\r\n".encode("utf-16")],
    ids=["utf-8-mark", "crlf", "utf-16"],
)
def test_the_mark_is_no_part_of_the_user(tmp_path: Path, content: bytes) -> None:
    """The credentials are taken; or the file is refused with its encoding named, and never is the
    password accused."""
    file = tmp_path / "proxy.auth"
    file.write_bytes(content)
    with Rehearsal(NetworkScript(proxy=ProxyPolicy(user="svc", password="pw"))) as network:
        ended = run_in(network, "--proxy-auth-file", str(file), "--format", "json")
    assert (ended.code, ended.report["causes"]) == (0, [])


def test_a_baseline_with_a_mark_is_read(tmp_path: Path) -> None:
    """The same file that ``report show`` reads."""
    baseline = CASE / "clean.json"
    assert baseline.read_bytes().startswith(MARK)
    assert run("report", "show", str(baseline)).code == 0
    asked = ("--only", "skip-range", "--region", "westeurope", "--baseline", str(baseline))
    assert run("check", *asked).code == 0
    broken = tmp_path / "broken.json"
    broken.write_bytes(MARK + b"{}")
    refused = run("check", *asked[:-1], str(broken))
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--baseline" in refused.err
