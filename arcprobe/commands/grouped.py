"""``--help`` of a command with many settings, under the headings of their rows."""

from __future__ import annotations

import click

from arcprobe.settings.table import SETTINGS, Group

# by flag without dashes; what is no setting is output
_GROUPS: dict[str, Group] = {}
for _setting in SETTINGS:
    _GROUPS |= dict.fromkeys(_setting.names, _setting.group)


class GroupedCommand(click.Command):
    """A command whose help has a section for each ``Group``."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[Group, list[tuple[str, str]]] = {group: [] for group in Group}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups[group_of(parameter)].append(record)
        for group, records in groups.items():
            if records:
                with formatter.section(group.value):
                    formatter.write_dl(records)


def group_of(parameter: click.Parameter) -> Group:
    """Where a flag is listed."""
    flags = (flag.lstrip("-") for flag in parameter.opts)
    return next((_GROUPS[flag] for flag in flags if flag in _GROUPS), Group.OUTPUT)
