"""``--help`` of a command with many settings, in groups."""

from __future__ import annotations

import click

# heading -> settings, by their names; what is in none is output
GROUPS = {
    "Azure": "cloud region gateway-url feature no-feature key-vault endpoint".split(),
    "Proxy": (
        "proxy-https proxy-http proxy-auth-file proxy-skip-range add-proxy-bypass proxy-cert"
    ).split(),
    "Cluster": "services service-cidr pod-cidr api-server kubeconfig context".split(),
    "Selection": "only skip resolve direct baseline public-roots strict".split(),
    "Limits": "timeout deadline websocket-hold".split(),
}
_REST = "Output"


class GroupedCommand(click.Command):
    """A command whose settings stand in ``GROUPS``."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {name: [] for name in (*GROUPS, _REST)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups[group_of(parameter)].append(record)
        for name, records in groups.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


def group_of(parameter: click.Parameter) -> str:
    """The heading of a flag."""
    flags = {flag.lstrip("-") for flag in parameter.opts}
    found = (name for name, settings in GROUPS.items() if not flags.isdisjoint(settings))
    return next(found, _REST)
