"""``--namespace`` of the commands that read what is in one."""

from __future__ import annotations

import pytest

from arcprobe.cli import run


@pytest.mark.parametrize("words", [["verify"], ["traffic"], ["status"]])
@pytest.mark.parametrize("given", ["", "../x", "a/b?c", "Team", "-a", "a\n", "a" * 64])
def test_what_names_no_namespace(
    words: list[str], given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, one line, and nothing is asked: it would be a part of the API's path."""
    assert run([*words, f"--namespace={given}"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("arcprobe: --namespace: is ")
    assert said.endswith("use lower-case letters, digits and -")
