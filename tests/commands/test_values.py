"""The values that are completed."""

from __future__ import annotations

import click

from arcprobe.commands import values


def test_lists_are_those_of_the_tables() -> None:
    """Each list has what its table has."""
    assert "proxy-denied" in set(values.codes())
    assert "everything" in set(values.scenarios())
    assert "squid" in set(values.products())
    assert {"westeurope", "chinaeast2"} <= set(values.SETTINGS["region"]())


def test_only_what_begins_alike() -> None:
    """Values that begin otherwise are no completion."""
    complete = values.completing(lambda: ("abc", "abd", "xyz"))
    context = click.Context(click.Command("x"))
    assert complete(context, click.Option(["--x"]), "ab") == ["abc", "abd"]
