"""A command that there is not."""

from __future__ import annotations

import pytest

from tests.support.rehearsed import run


@pytest.mark.parametrize(
    ("arguments", "due"),
    [
        (("chek",), "unknown command 'chek'; nearest: check"),
        (("report", "sho"), "unknown command 'sho'; nearest: show"),
        (("skip-range", "sugest"), "unknown command 'sugest'; nearest: suggest"),
        (("qqq",), "unknown command 'qqq'; see `arcprobe --help`"),
    ],
)
def test_nearest_is_named(arguments: tuple[str, ...], due: str) -> None:
    """One line, exit 2, nothing on stdout."""
    ended = run(*arguments)
    assert (ended.code, ended.out, ended.err) == (2, "", f"arcprobe: {due}\n")
