"""`python -m tests.netlab list|run NAME|shell NAME|witness GLOB|matrix|cure [GLOB…]`."""

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
        "witness", help="what curl and plain DNS questions see in these networks"
    )
    witness.add_argument("only")
    matrix = actions.add_parser("matrix", help="all scenarios, expected against got")
    matrix.add_argument("--only", default="*", help="glob over names")
    matrix.add_argument(
        "--jobs", type=int, default=6, help="how many labs side by side (default 6)"
    )
    matrix.add_argument(
        "--write",
        action="store_true",
        help="of all scenarios: writes MATRIX.md, and the lines by layer into README.md",
    )
    matrix.add_argument(
        "--reports", metavar="FOLDER", help="keeps each scenario's JSON report there"
    )
    cure = actions.add_parser("cure", help="pastes what the reports give, and asks again")
    cure.add_argument("only", nargs="*", default=["*"], metavar="GLOB")
    cure.add_argument("--jobs", type=int, default=6, help="how many labs side by side (default 6)")
    cure.add_argument(
        "--write", action="store_true", help="writes the column of MATRIX.md and README's figure"
    )
    arguments = parser.parse_args()
    if arguments.action == "matrix" and arguments.write and arguments.only != "*":
        parser.error("--write is of the whole matrix, without --only")
    return commands.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
