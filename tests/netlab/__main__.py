"""`python -m tests.netlab list|run NAME|shell NAME|witness ROW…|matrix [ROW…]|generate|cure`."""

from __future__ import annotations

import argparse
import sys

from . import commands


def main() -> int:
    """Argv in, exit code out."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.netlab", description="The lab of real servers."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="a line a scenario: name, verdict, causes, story")
    for name, story in (
        ("run", "the report of arcprobe in this network, and the comparison"),
        ("shell", "a prompt at the node, with the network up"),
    ):
        actions.add_parser(name, help=story).add_argument("name")
    witness = actions.add_parser(
        "witness", help="what a Go client and plain DNS questions see in these networks"
    )
    witness.add_argument("rows", nargs="+", metavar="ROW", help="names of rows, or globs")
    matrix = actions.add_parser("matrix", help="all scenarios, expected against got")
    matrix.add_argument("rows", nargs="*", metavar="ROW", help="names of rows, or globs")
    matrix.add_argument(
        "--jobs", type=int, default=6, help="how many labs side by side (default 6)"
    )
    matrix.add_argument(
        "--write",
        action="store_true",
        help="writes these rows of MATRIX.md; of all, the lines by layer in README.md too",
    )
    matrix.add_argument(
        "--reports", metavar="FOLDER", help="keeps each scenario's JSON report there"
    )
    generate = actions.add_parser("generate", help="networks by chance, with up to three faults")
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--count", type=int, default=30)
    generate.add_argument("--jobs", type=int, default=6, help="how many side by side (default 6)")
    cure = actions.add_parser("cure", help="pastes what the reports give, and asks again")
    cure.add_argument("only", nargs="*", default=["*"], metavar="GLOB")
    cure.add_argument("--jobs", type=int, default=6, help="how many labs side by side (default 6)")
    cure.add_argument(
        "--write", action="store_true", help="writes the column of MATRIX.md and README's figure"
    )
    arguments = parser.parse_args()
    return commands.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
