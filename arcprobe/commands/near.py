"""Groups of commands that name the nearest where there is none of that name."""

from __future__ import annotations

import click

_MOST = 3  # names that are offered
_ALIKE = 0.5  # of 1: `chek` for check, not `foo` for run


class NearGroup(click.Group):
    """A group that says which command somebody may have meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from difflib import get_close_matches  # 1 ms, for those who mistype alone

            near = get_close_matches(name, self.list_commands(ctx), _MOST, _ALIKE)
            hint = f"nearest: {', '.join(near)}" if near else f"see `{ctx.command_path} --help`"
            raise click.UsageError(f"unknown command {name!a:.62}; {hint}")
        return super().resolve_command(ctx, args)
