"""``arcprobe completion``: the script that makes a shell complete commands, flags and values."""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
)

from arcprobe.model.errors import ConfigError

_PROGRAM = "arcprobe"
_VARIABLE = "_ARCPROBE_COMPLETE"

EXAMPLES = """\b
Examples:
  source <(arcprobe completion bash)                                  # in ~/.bashrc
  arcprobe completion zsh > "${fpath[1]}/_arcprobe"
  arcprobe completion fish > ~/.config/fish/completions/arcprobe.fish
  arcprobe completion powershell | Out-String | Invoke-Expression     # in $PROFILE
"""


class PowerShellComplete(ShellComplete):
    """PowerShell 5.1 and 7, whose ``Register-ArgumentCompleter -Native`` gives the words as
    text."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $cursor)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = $line.ToString()
    $env:COMP_WORD = $word
    %(prog_name)s | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_WORD
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        words = os.environ.get("COMP_WORDS", "").split()[1:]
        word = os.environ.get("COMP_WORD", "")
        return (words[:-1] if word and words else words), word

    def format_completion(self, item: CompletionItem) -> str:
        return str(item.value)


add_completion_class(PowerShellComplete)

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command(
    "completion", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that completes arcprobe's commands, flags and values in SHELL."""
    found = get_completion_class(shell)
    if found is None:
        raise ConfigError("SHELL", f"{shell} is not known to this click", "8.1 or newer")
    script = found(click.Command(_PROGRAM), {}, _PROGRAM, _VARIABLE)
    click.echo(script.source_template % script.source_vars(), nl=False)
