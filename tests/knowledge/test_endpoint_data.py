"""Endpoints from outside the package."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import CLOUDS
from arcprobe.knowledge.endpoint_data import Entry, Field, difference, read_data

TODAY = date(2026, 11, 27)


def text_of(cloud: str = "AzureCloud") -> str:
    return Path(catalogue.__file__).with_name(f"endpoints-{cloud}.toml").read_text("utf-8")


def told(text: str) -> str:
    """What is said of data that is refused."""
    words = ""
    try:
        read_data(text.encode(), TODAY)
    except ValueError as error:
        words = str(error)
    assert "\n" not in words
    assert len(words) <= 300
    return words


@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_is_shipped_is_taken(cloud: str) -> None:
    """The shipped files have the form that is asked for, and differ in nothing."""
    found = read_data(text_of(cloud).encode(), TODAY)
    assert found == catalogue.shipped(cloud)
    assert not difference(catalogue.shipped(cloud), found)


ROW = """
[[endpoint]]
host = "HOST"
features = ["core"]
purpose = "entra"
initiator = "agents"
source = "s"
as_of = "2026-11-01"
"""


ARM = 'issuers = ["other"]\nmarks = ["arm"]'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('cloud = "AzureCloud"', 'cloud = "AzureMoon"', "cloud 'AzureMoon'"),
        ('eastus = "East US"', 'EastUS = "East US"', "region 'EastUS'"),
        ('eastus = "East US"', 'eastus = "East\\u001b[2J"', "region 'eastus'"),
        ("port = 8084", "port = 0", "port 0"),
        ("port = 8084", 'port = "8084"', "Expected `int`"),
        ('initiator = "agents"', 'initiator = "nobody"', "Invalid enum value 'nobody'"),
        ('purpose = "entra"', 'purpose = "pastime"', "purpose 'pastime' is unknown"),
        ('purpose = "entra"', 'purpose = "entra"\ncommand = "id"', "unknown field `command`"),
        ('host = "login.microsoftonline.com"', 'host = "a b"', "is no host name"),
        ('host = "login.microsoftonline.com"', 'host = "*"', "is no host name"),
        ('host = "login.microsoftonline.com"', 'host = "{region}{x}.com"', "is no host name"),
        ('features = ["core"]', 'features = ["kernel"]', "features 'kernel'"),
        ('marks = ["arm"]', 'marks = ["leg"]', "marks 'leg'"),
        ("'TrackingId:[0-9a-fA-F-]{36}'", "'(a+)+$'", "no expression but its own"),
        ('as_of = "2026-08-21"', 'as_of = "2027-08-21"', "is in the future"),
        ('path = "/common', 'path = "x/common', "its path is none"),
        ('path = "/common', 'path = "/\\r\\nX: y', "its path is none"),
        ('discover = "his"', 'discover = "mcr"', "[discovery] has none of that pattern"),
        ("https://gbl.his.arc.azure.com", "http://gbl.his.arc.azure.com", "is not https"),
        ("https://gbl.his.arc.azure.com", "https://evil.example", "of no endpoint"),
        ("https://gbl.his.arc.azure.com", "https://u@gbl.his.arc.azure.com", "is not https"),
        ("https://gbl.his.arc.azure.com", "https://[", "is not https"),
        ('"application/vnd.oci.image.index.v1+json"', '"x\\r\\nY: z"', "accept is not one line"),
        ('repository = "oss', 'repository = "../oss', "no repository and reference"),
        (
            "\n[marks]\n",
            "\n[discovery.hers]\npattern = '*.a.com'\nurl = 'https://gbl.his.arc.azure.com'\n"
            "source = 's'\nas_of = '2026-01-01'\n[marks]\n",
            "discovery 'hers'",
        ),
        ('host = "{gateway}"', 'host = "a.gw.arc.azure.com"', "{gateway} is missing"),
        ("cloud =", "cloud", "is no endpoint data"),
    ],
)
def test_what_is_refused(old: str, new: str, words: str) -> None:
    """Anything that is not data of the known form is refused in one line that says what."""
    text = text_of()
    assert old in text
    assert words in told(text.replace(old, new))


def test_parts_are_refused() -> None:
    """A file without what every cluster needs, or with a host twice, is no list to go by."""
    head, _, rows = text_of().partition("\n[[endpoint]]")
    rows = f"\n[[endpoint]]{rows}".replace('"core"', '"portal"')
    assert "required by all clusters" in told(head + rows)
    assert "stands in it twice" in told(text_of() + ROW.replace("HOST", "management.azure.com"))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"\0",
        b"a = " + b"[" * 100_000,
        b"x = 1\n" * 3,
        b'cloud = "AzureCloud"\nregions = 3\n',
        b"<html>Please sign in</html>",
    ],
)
def test_what_is_no_data(text: bytes) -> None:
    """A page, nothing, or what is nested without end is refused, whatever it is."""
    with pytest.raises(ValueError, match=r"no endpoint data|nested too deeply"):
        read_data(text, TODAY)


@given(at=st.integers(0, 26_000), byte=st.binary(min_size=1, max_size=4))
def test_damage(at: int, byte: bytes) -> None:
    """A file that was damaged anywhere is read or refused, never more."""
    text = text_of().encode()
    with suppress(ValueError):
        read_data(text[:at] + byte + text[at + len(byte) :], TODAY)


def test_difference() -> None:
    """What is new, gone and changed is named, with both values."""
    newer = (
        text_of()
        .replace('host = "dl.k8s.io"', 'host = "new.k8s.io"')
        .replace('issuers = ["microsoft", "digicert"]\nmarks = ["arm"]', ARM, 1)
        .replace('eastus = "East US"', 'eastus = "East"\nmoon1 = "Moon"')
    )
    found = difference(catalogue.shipped("AzureCloud"), read_data(newer.encode(), TODAY))
    assert [entry.name for entry in found.added] == ["new.k8s.io:443", "region moon1"]
    assert Field("features", "", '["onboarding"]') in found.added[0].fields
    assert found.removed == ("dl.k8s.io:443",)
    issuers = Field("issuers", '["microsoft","digicert"]', '["other"]')
    assert found.changed == (
        Entry("management.azure.com:443", (issuers,)),
        Entry("region eastus", (Field("name", "East US", "East"),)),
    )
