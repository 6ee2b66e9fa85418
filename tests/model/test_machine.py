"""The machine that connects the cluster."""

from __future__ import annotations

from arcprobe.model import Machine


def test_the_first_variable_that_is_set() -> None:
    """Of several variables the first that has a value counts, by its name."""
    machine = Machine(environment=(("https_proxy", "http://b:1"), ("HTTPS_PROXY", "http://a:1")))
    assert machine.value("HTTPS_PROXY", "https_proxy") == ("HTTPS_PROXY", "http://a:1")
    assert machine.value("https_proxy", "HTTPS_PROXY") == ("https_proxy", "http://b:1")
    assert machine.value("NO_PROXY") == ("", "")
