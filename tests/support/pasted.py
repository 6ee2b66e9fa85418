"""What a person copies from a report."""

from __future__ import annotations

import re
from collections.abc import Iterator


def blocks(text: str) -> Iterator[list[str]]:
    """The blocks of a text report as a person copies them: what stands between the empty lines
    below a label and its end, without the indent."""
    for found in re.finditer(r"^   +Change: .*(?:\n {14}.*)*:\n\n((?:    .*\n)+)\n", text, re.M):
        yield [line.removeprefix("    ") for line in found[1].splitlines()]
