"""The commands of kubectl that the texts print."""

from __future__ import annotations

import re

from arcprobe.knowledge.language import language
from tests.cluster.printed import ELSEWHERE, LOOKS


def test_every_printed_command_is_run_on_a_cluster() -> None:
    """A command of kubectl in the texts, between backquotes or in a line by itself, is run on the
    cluster of the tests, or is named with the reason why it is not: a new one is added to
    ``tests/cluster/printed.py``."""
    said = language()
    keys = said.keys()
    texts = [said.template(key) for key in keys if not key.startswith("cluster.")]
    found = {one for text in texts for one in re.findall(r"`(kubectl [^`]*)`", text)}
    by_hand = [said.template(key) for key in keys if re.match(r"verify|explain", key)]
    found |= {one for text in by_hand for one in re.findall(r"^(kubectl .*)$", text, re.MULTILINE)}
    assert found == set(LOOKS) | set(ELSEWHERE)
