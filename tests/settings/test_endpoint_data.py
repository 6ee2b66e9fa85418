"""Whose endpoints a run is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arcprobe.knowledge import catalogue
from arcprobe.model.errors import ConfigError
from tests.settings.given import loaded, problem

TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture(autouse=True)
def shipped_again() -> Iterator[None]:
    yield
    catalogue.use(None)


@pytest.fixture(name="newer")
def newer_file(tmp_path: Path) -> str:
    """The shipped data with another host, and of a later day."""
    text = Path(catalogue.__file__).with_name("endpoints-AzureCloud.toml").read_text("utf-8")
    text = text.replace('host = "login.microsoftonline.com"', 'host = "login.example.com"')
    text = text.replace('as_of = "2026-08-21"', f'as_of = "{TODAY}"')
    file = tmp_path / "newer.toml"
    file.write_text(text.replace('eastus = "East US"', 'moonbase1 = "Moon Base 1"'), "utf-8")
    return str(file)


def hosts() -> set[str]:
    return {each.host for each in catalogue.endpoints("AzureCloud", "westeurope")}


def test_a_file_stands_in_the_place_of_the_shipped(newer: str) -> None:
    """--data: its endpoints, its regions, its day; without it the shipped ones are used again."""
    settings = loaded({"data": newer, "region": "moonbase1"}).settings
    assert (settings.data_file, settings.notes) == (newer, ())
    assert "login.example.com" in hosts()
    assert "login.microsoftonline.com" not in hosts()
    assert catalogue.data_of("AzureCloud").isoformat() == TODAY
    assert catalogue.data_of("AzureChinaCloud") == catalogue.day_of(
        catalogue.shipped("AzureChinaCloud")
    )
    assert loaded().settings.data_file == ""
    assert "login.microsoftonline.com" in hosts()


def test_older_than_the_shipped(newer: str) -> None:
    """A file that a newer arcprobe overtook is used, and a note says so."""
    text = Path(newer).read_text("utf-8").replace(TODAY, "2026-06-30")
    Path(newer).write_text(text, "utf-8")
    day = catalogue.day_of(catalogue.shipped("AzureCloud")).isoformat()
    assert loaded({"data": newer}).settings.notes == (
        f"the endpoints of --data are of 2026-06-30, and arcprobe ships those of {day}",
    )


def test_what_is_wrong_with_it(newer: str, tmp_path: Path) -> None:
    """A file that is not there, is no data, is too large, or is of another cloud."""
    other = {"data": newer, "cloud": "AzureChinaCloud", "region": "chinaeast2"}
    assert "is of AzureCloud; --cloud names another one" in problem(lambda: loaded(other))
    large, page = tmp_path / "large", tmp_path / "page"
    large.write_bytes(b"#" * (512 * 1024 + 1))
    page.write_text("<html>")
    for file, words in (
        (large, "is larger than"),
        (page, "is no endpoint data"),
        (tmp_path, "Is a directory"),
        (tmp_path / "none", "No such file"),
    ):
        with pytest.raises(ConfigError, match=words):
            loaded({"data": str(file)})
