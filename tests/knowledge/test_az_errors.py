"""The error codes of az."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.az_errors import az_error, errors, number_in
from arcprobe.knowledge.language import language
from arcprobe.model import Code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("AZK8S0301", Code.NAME_UNKNOWN),
        ("AZK8S0302", Code.RESOLVER_SILENT),
        ("AZK8S0303", Code.RESOLVER_FAILED),
        ("AZK8S0309", Code.TLS_INTERCEPTED),
        ("AZK8S0506", Code.CLUSTER_NOT_CONNECTED),
        ("azk8s0209", Code.API_UNREACHABLE),
    ],
)
def test_the_likeliest_code(name: str, code: Code) -> None:
    """An error of az has our code for it first; the narrow range wins over the wide one."""
    found = az_error(name)
    assert found is not None
    assert found.codes[0] is code


def test_each_meaning_has_its_sentence() -> None:
    """Each range has words, and no sentence is idle."""
    keys = {key for key in language().keys() if key.startswith("az-error.")}  # noqa: SIM118
    assert {f"az-error.{each.meaning}" for each in errors()} == keys


def test_the_number_in_words() -> None:
    """The number is found in a line of az; another number is none."""
    assert number_in("x (AZK8S0301): y") == "AZK8S0301"
    assert number_in("AZK8S03012") == ""
    assert az_error("AZK8S0399") is None
