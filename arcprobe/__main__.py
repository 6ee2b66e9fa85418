"""``python -m arcprobe``, and the entry point of the ``arcprobe`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line of this process."""
    from arcprobe.cli import run, settled

    sys.exit(settled(run(sys.argv[1:])))


if __name__ == "__main__":
    main()
