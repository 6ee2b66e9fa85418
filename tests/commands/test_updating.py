"""`arcprobe endpoints --update-from`."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arcprobe import cli
from arcprobe.knowledge import catalogue
from tests.probes.test_download import running

SECRET = "Gr33n-Teapot"
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture(autouse=True)
def shipped_again() -> Iterator[None]:
    yield
    catalogue.use(None)


def newer() -> str:
    """The shipped data with another host, and of a later day."""
    text = Path(catalogue.__file__).with_name("endpoints-AzureCloud.toml").read_text("utf-8")
    text = text.replace('host = "login.microsoftonline.com"', 'host = "login.example.com"')
    return text.replace('as_of = "2026-08-21"', f'as_of = "{TODAY}"')


@pytest.fixture(name="offer")
def offered(tmp_path: Path) -> str:
    file = tmp_path / "offer.toml"
    file.write_text(newer(), "utf-8")
    return str(file)


def run(
    capsys: pytest.CaptureFixture[str], *arguments: str, code: int, command: str = "endpoints"
) -> tuple[str, str]:
    """What it prints on stdout and stderr; one line where the settings are wrong."""
    got = cli.run([command, *arguments])
    out, err = capsys.readouterr()
    assert got == code, err
    assert "Traceback" not in err
    assert SECRET not in out + err
    if code == 2:
        assert (out, err.count("\n")) == ("", 1)
    return out, err


def test_shown_kept_and_used(
    capsys: pytest.CaptureFixture[str], offer: str, tmp_path: Path
) -> None:
    """What differs is shown and nothing is changed (exit 1); --yes keeps it in the file of --data
    (exit 0), which then is what there is (exit 0), is listed, and is what a check asks about."""
    kept = tmp_path / "data.toml"
    out, _ = run(capsys, "--update-from", offer, "--data", str(kept), code=1)
    lines = out.splitlines()
    assert lines[0] == f"AzureCloud: endpoints of 2026-08-21 are in use, these are of {TODAY}"
    assert "- login.microsoftonline.com:443" in lines
    assert "+ login.example.com:443" in lines
    assert f"    as_of: 2026-08-21 -> {TODAY}" in lines
    assert lines[-1].startswith("Nothing was changed")
    assert not kept.exists()
    out, _ = run(capsys, "--update-from", offer, "--data", str(kept), "--yes", code=0)
    assert out.splitlines()[-1].startswith(f"Kept in {kept}")
    assert kept.read_text("utf-8") == newer()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o644
    out, _ = run(capsys, "--update-from", offer, "--data", str(kept), code=0)
    assert out.splitlines()[-1] == "Nothing differs."
    out, _ = run(capsys, "--region", "eastus", "--data", str(kept), code=0)
    assert "login.example.com" in out
    assert f"is dated {TODAY}" in out
    only = ("--only", "skip-range", "--proxy-https", "", "--format", "json")
    out, _ = run(capsys, "--region", "eastus", "--data", str(kept), *only, command="check", code=0)
    report = json.loads(out)["run"]
    assert (report["data"], report["settings"]["data_file"]) == (TODAY, str(kept))


def test_as_json(capsys: pytest.CaptureFixture[str], offer: str, tmp_path: Path) -> None:
    """The same for programs."""
    kept = str(tmp_path / "data.toml")
    out, _ = run(capsys, "--update-from", offer, "--data", kept, "--yes", "-o", "json", code=0)
    found = json.loads(out)
    assert {name: found[name] for name in found if name not in ("added", "changed")} == {
        "cloud": "AzureCloud",
        "in_use": "2026-08-21",
        "offered": TODAY,
        "removed": ["login.microsoftonline.com:443"],
        "kept": kept,
    }
    assert [entry["name"] for entry in found["added"]] == ["login.example.com:443"]
    assert {"name": "as_of", "old": "2026-08-21", "new": TODAY} in [
        field for entry in found["changed"] for field in entry["fields"]
    ]


def test_from_an_url(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An https URL is asked by the trust of the settings; what is secret in it is not shown."""
    with running(tmp_path / "server") as server:
        roots = tmp_path / "server" / "ca.pem"
        monkeypatch.setenv("ARCPROBE_PUBLIC_ROOTS", str(roots))
        monkeypatch.setenv("ARCPROBE_TIMEOUT", "5")
        server.answers["/data.toml"] = (200, {}, newer().encode())
        out, _ = run(capsys, "--update-from", f"{server.url}/data.toml?sig={SECRET}", code=1)
        assert "+ login.example.com:443" in out
        for url, words in {
            f"{server.url}/none?sig={SECRET}": "HTTP 404",
            f"{server.url}/file?sig={SECRET}": "is no endpoint data",
            f"https://arc:{SECRET}@127.0.0.1/": "no https URL without user and password",
            f"http://127.0.0.1:9/?sig={SECRET}": "no https URL",
        }.items():
            _, err = run(capsys, "--update-from", url, code=2)
            assert words in err


def test_what_cannot_be(capsys: pytest.CaptureFixture[str], offer: str, tmp_path: Path) -> None:
    """Nowhere to keep it, older data, another cloud, a format of rules, a file that cannot be
    written: one line each, and nothing is kept."""
    older = tmp_path / "older.toml"
    older.write_text(newer().replace(TODAY, "2026-06-30"), "utf-8")
    unwritable = str(tmp_path / "none" / "data.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("<html>")
    for arguments, words in (
        (("--update-from", offer, "--yes"), "--yes: there is no file to keep it in"),
        (("--yes", "--region", "eastus"), "--yes: is given without --update-from"),
        (("--update-from", str(older)), "is of 2026-06-30, and what is here of 2026-08-21"),
        (("--update-from", offer, "--cloud", "AzureChinaCloud"), "is of AzureCloud"),
        (("--update-from", offer, "--format", "squid"), "squid is nothing for --update-from"),
        (("--update-from", offer, "--yes", "--data", unwritable), "--data"),
        (("--update-from", offer, "--data", str(broken)), "--data"),
        (("--update-from", str(broken)), "is no endpoint data"),
        (("--update-from", str(tmp_path / "missing")), "No such file"),
        (("--update-from", ""), "--region"),
    ):
        _, err = run(capsys, *arguments, code=2)
        assert words in err, arguments
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "broken.toml",
        "offer.toml",
        "older.toml",
    ]


def test_old_data_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, offer: str) -> None:
    """Endpoints of more than 180 days ago, counted from the data that is used: stderr says so."""
    old = tmp_path / "old.toml"
    old.write_text(re.sub(r'as_of = "[0-9-]+"', 'as_of = "2025-01-01"', newer()), "utf-8")
    _, err = run(capsys, "--region", "eastus", "--data", str(old), code=0)
    assert "days old" in err
    _, err = run(capsys, "--region", "eastus", "--data", offer, code=0)
    assert "days old" not in err
