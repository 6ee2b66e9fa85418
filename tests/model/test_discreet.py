"""``model/discreet.py``: an error names what is wrong, and no password."""

from __future__ import annotations

import pytest

from arcprobe.model.discreet import discreet, without_quotes


@pytest.mark.parametrize(
    "given",
    [
        "http://me:pw@proxy:3128",
        "me:S3cretPw",
        "S3cretPw",
        "hunter2",
        "pass phrase of four words!",
        "Kanarien+Vogel/9%",
    ],
)
def test_what_may_be_a_password(given: str) -> None:
    """It is not quoted, whatever the sentence round it, also cut to its first characters."""
    for quoted in (given, given[:60]):
        shown = discreet(f"--region: {quoted!a} is unknown", ["--region", given])
        assert shown.startswith("--region: ")
        for part in ("pw", "S3cretPw", "hunter2", "phrase", "Vogel"):
            assert part not in shown


@pytest.mark.parametrize(
    "given",
    [
        "moon",
        "10.96.0.0/33",
        "0.05",
        "/etc/arcprobe/ca.pem",
        "C:\\certs\\ca.pem",
        "proxy.corp.example:3128",
        "https://host.example/path",
        "--proxy-htps",
        "westeurope2",
    ],
)
def test_what_cannot_be_one(given: str) -> None:
    """Words, numbers, ranges, paths, hosts, and slips in a word that the message names are
    quoted: who reads it must find them."""
    message = f"{given} is wrong; did you mean westeurope?"
    assert discreet(message, ["check", given]) == message


def test_abbreviation_of_a_word_that_is_named() -> None:
    """Who shortens a name finds what was wrong; a password that shares some letters stays
    hidden."""
    message = "unknown cloud '{}'; nearest: AzureCloud, AzureUSGovernment"
    for given, shown in (("AzureGov", "AzureGov"), ("AzurePw91x", "***")):
        assert discreet(message.format(given), [given]) == message.format(shown)


def test_entries_and_values_of_flags() -> None:
    """Also an entry of a list, and what stands behind the equals sign."""
    assert discreet("'S3cretPw' is unknown", ["--feature=portal,S3cretPw"]) == "'***' is unknown"


def test_words_of_a_parser() -> None:
    """What a parser quotes is left out."""
    assert without_quotes("found undefined alias 'S3cret'") == "found undefined alias ***"
