"""``arcprobe version``: as ``--version``, and as JSON."""

from __future__ import annotations

import platform

import click

from arcprobe import __version__
from arcprobe.commands.output import format_option

EXAMPLES = """\b
Examples:
  arcprobe version
  arcprobe version -o json
"""


@click.command("version", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@format_option("text", "json")
def command(format: str) -> None:
    """Print the version of arcprobe; as JSON also that of the report's schema, of Python and of
    OpenSSL."""
    if format == "text":
        click.echo(f"arcprobe {__version__}")
        return
    import json

    from arcprobe.model import SCHEMA
    from arcprobe.probes.runner import openssl_version

    told = {
        "version": __version__,
        "schema": SCHEMA,
        "python": platform.python_version(),
        "openssl": openssl_version(),
    }
    click.echo(json.dumps(told, indent=2))
