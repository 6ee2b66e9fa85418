"""``arcprobe report ticket``: the request to one owner, for a mail or a tracker. No network."""

from __future__ import annotations

import click

from arcprobe.commands import speaking, values
from arcprobe.commands.output import format_option
from arcprobe.knowledge.language import Language

EXAMPLES = """\b
Examples:
  arcprobe report ticket report.json --owner proxy
  arcprobe report ticket report.json --owner proxy --product fortigate
  arcprobe report ticket report.json --owner proxy --product squid --client 10.20.4.0/24
  arcprobe report ticket report.json --owner firewall --format markdown > ticket.md
  arcprobe report ticket report.json --owner proxy --lang ja
"""


@click.command("ticket", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", metavar="FILE")
@click.option(
    "--owner",
    type=click.Choice(["proxy", "firewall", "dns", "pki", "cluster", "azure", "you"]),
    required=True,
    help="Who must act.",
)
@click.option(
    "--product",
    default="",
    metavar="NAME",
    shell_complete=values.completing(values.products),
    help="Write the change for this product, such as squid, fortigate, palo_alto.",
)
@click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="ADDRESS",
    help="An address, or IP range, of the cluster as others see it: the change is for these alone; "
    "repeatable.",
)
@format_option("text", "markdown")
@speaking.lang_option
def command(
    file: str, owner: str, product: str, clients: tuple[str, ...], format: str, words: Language
) -> None:
    """Print the request to one owner out of the JSON report FILE (- is stdin): who asks, what is
    blocked and why it is needed, from which address and when, what to change, when it is done."""
    from arcprobe.commands.report import read
    from arcprobe.model import Owner
    from arcprobe.pipeline import judged_again, spoken
    from arcprobe.report import ticket
    from arcprobe.settings import values as given

    product = given.product("--product", product) if product else ""
    judged = judged_again(
        read(file),
        products=(product,) if product else (),
        clients=tuple(given.client("--client", each) for each in clients),
    )
    report = spoken(judged, words)
    there = ticket.owners(report)
    if owner not in there:
        parts = ", ".join(filter(None, there)) or "nobody"
        problem = f"nothing in this report is for {owner}; it has something for {parts}"
        raise click.BadParameter(problem, param_hint="'--owner'")
    text = ticket.render(
        report, Owner(owner), product=product, markdown=format == "markdown", language=words
    )
    click.echo(text.encode(), nl=False)
