"""What a format and a language add to a run: ``python -m tests.bench.rendering``, in ms of CPU with
its imports (at most 150)."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

import click

from arcprobe.knowledge.language import LANGUAGES
from arcprobe.report import RENDERERS

RUNS = 5

_RENDERING = """
import sys, time
from arcprobe.knowledge.language import language
from arcprobe.pipeline import spoken
from tests.support.golden import played
report = played("everything")
begun = time.process_time()
words = language(sys.argv[2])
from arcprobe.report import renderer
renderer(sys.argv[1])(spoken(report, words), language=words)
print(1000 * (time.process_time() - begun))
"""


def rendering(form: str, lang: str) -> float:
    """Milliseconds of CPU that a format adds to a process that has judged: the median of ``RUNS``
    fresh ones."""
    command = [sys.executable, "-c", _RENDERING, form, lang]
    told = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(RUNS))
    return median(map(float, told))


def main() -> None:
    """A line a language."""
    for lang in LANGUAGES:
        costs = (f"{form} {rendering(form, lang):.0f}" for form in RENDERERS)
        click.echo(f"rendering `demo everything`, {lang}, ms of CPU: {', '.join(costs)}")


if __name__ == "__main__":
    main()
