"""A plan as lines for bash, PowerShell and cmd: what the shell makes of a line is what was meant.

bash: POSIX.1-2024, Shell Command Language, 2.2. PowerShell: about_Quoting_Rules, about_Parsing; its
curly quotation marks quote like the straight ones. cmd: what is pasted at the prompt (in a batch
file ``%`` would have to be doubled), then the rules of the C runtime that programs read their
command line by (learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from arcprobe.knowledge.language import Language, language
from arcprobe.lifecycle.steps import Capture, Command, Export, Item, Needs, Step, Variable, Word

_PLAIN = re.compile(r"[A-Za-z0-9_./:=+-]+")
"""What no shell reads as anything but itself, within an argument."""

_PS_SINGLE = re.compile("['‘’‚‛]")
_PS_DOUBLE = re.compile('[`$"“”„]')
# a quote ends before the percent sign, so backslashes before it are doubled as well
_CMD_PERCENT = re.compile(r'(\\*)%([^%\\"\s&|<>^()])')
_BACKSLASHES_BEFORE_QUOTE = re.compile(r'(\\+)("|$)')


class Unquotable(ValueError):
    """A shell has no way to be given this text."""


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """How one shell is written."""

    comment: str
    word: Callable[[Word], str]
    export: Callable[[str, Word], str]
    capture: Callable[[str, str], str]
    needs: Callable[[str, str], str]


# --------------------------------------------------------------------------------------------- bash


def bash_word(word: Word) -> str:
    """One argument for bash and every other POSIX shell."""
    return "".join(map(_bash_part, word)) or "''"


def _bash_part(part: str | Variable) -> str:
    if isinstance(part, Variable):
        return f'"${{{part.name}}}"'
    if _PLAIN.fullmatch(part):
        return part
    return "'" + part.replace("'", "'\\''") + "'"


def _bash_needs(name: str, why: str) -> str:
    return f': "${{{name}:?{why}}}"'


# --------------------------------------------------------------------------------------- PowerShell


def powershell_word(word: Word) -> str:
    """One argument for PowerShell."""
    text = "".join(part for part in word if isinstance(part, str))
    if len(word) == 1 and _PLAIN.fullmatch(text):
        return text
    return powershell_text(word)


def powershell_text(word: Word) -> str:
    """A quoted string of PowerShell."""
    if not any(isinstance(part, Variable) for part in word):
        text = "".join(part for part in word if isinstance(part, str))
        return "'" + _PS_SINGLE.sub(lambda found: found[0] * 2, text) + "'"
    return '"' + "".join(map(_powershell_part, word)) + '"'


def _powershell_part(part: str | Variable) -> str:
    if isinstance(part, Variable):
        return f"${{env:{part.name}}}"
    return _PS_DOUBLE.sub(lambda found: "`" + found[0], part)


def _powershell_needs(name: str, why: str) -> str:
    return f"if (-not $env:{name}) {{ throw {powershell_text((f'{name}: {why}',))} }}"


# ---------------------------------------------------------------------------------------------- cmd


def cmd_word(word: Word) -> str:
    """One argument for cmd's prompt. Raises ``Unquotable``.

    A percent sign stands outside the quotes, a caret behind it: no variable is called so.
    """
    text = "".join(map(_cmd_part, word))
    if len(word) == 1 and isinstance(word[0], str) and _PLAIN.fullmatch(text):
        return text
    return f'"{text}"'


def _cmd_part(part: str | Variable) -> str:
    if isinstance(part, Variable):
        return f"%{part.name}%"
    if re.search(r"[\r\n\0]", part):
        raise Unquotable("cmd cannot be given a line break")
    text = _BACKSLASHES_BEFORE_QUOTE.sub(r"\1\1\2", part).replace('"', '""')
    return _CMD_PERCENT.sub(r'\1\1"%^\2"', text)


def _cmd_export(name: str, value: Word) -> str:
    parts = (f"%{part.name}%" if isinstance(part, Variable) else part for part in value)
    return f'set "{name}={"".join(parts)}"'


# ------------------------------------------------------------------------------------------ a plan

SHELLS = {
    "bash": Shell(
        comment="#",
        word=bash_word,
        export=lambda name, value: f"export {name}={bash_word(value)}",
        capture=lambda name, line: f'{name}="$({line})"',
        needs=_bash_needs,
    ),
    "powershell": Shell(
        comment="#",
        word=powershell_word,
        export=lambda name, value: f"$env:{name} = {powershell_text(value)}",
        capture=lambda name, line: f"$env:{name} = {line}",
        needs=_powershell_needs,
    ),
    "cmd": Shell(
        comment="rem",
        word=cmd_word,
        export=_cmd_export,
        capture=lambda name, line: f'for /f "delims=" %i in (\'{line}\') do set "{name}=%i"',
        needs=lambda name, why: f"if not defined {name} echo {name}: {why}",
    ),
}
"""The shells by the names of ``--shell``."""


def lines_of(steps: tuple[Step, ...], shell: Shell, words: Language | None = None) -> list[str]:
    """The steps as lines: a comment that says what for, what to paste, what to look at then."""
    words = words or language()
    lines: list[str] = []
    for step in steps:
        lines += ["", _comment(shell, words.say(step.title))]
        lines += [line_of(item, shell, words) for item in step.items]
        lines += [_comment(shell, f"  {words.say(each)}") for each in step.after]
    return lines[1:]


def line_of(item: Item, shell: Shell, words: Language | None = None) -> str:
    """One line."""
    if isinstance(item, Needs):
        return shell.needs(item.name, (words or language()).say(item.why))
    if isinstance(item, Export):
        return shell.export(item.name, item.value)
    line = " ".join(shell.word(word) for word in item.argv)
    return shell.capture(item.name, line) if isinstance(item, Capture) else line


def as_data(steps: tuple[Step, ...]) -> list[dict[str, object]]:
    """The steps as plain values; a variable is written ``${NAME}``."""
    return [
        {
            "title": language().say(step.title),
            "do": [_data(item) for item in step.items],
            "after": [language().say(each) for each in step.after],
        }
        for step in steps
    ]


def _data(item: Item) -> dict[str, object]:
    if isinstance(item, Needs):
        return {"needs": item.name, "why": language().say(item.why)}
    if isinstance(item, Export):
        return {"export": item.name, "value": _text(item.value)}
    data: dict[str, object] = {"argv": [_text(word) for word in item.argv]}
    return {"into": item.name, **data} if isinstance(item, Capture) else data


def _text(word: Word) -> str:
    return "".join(f"${{{part.name}}}" if isinstance(part, Variable) else part for part in word)


def _comment(shell: Shell, text: str) -> str:
    return f"{shell.comment} {text}"


__all__ = ["SHELLS", "Command", "Shell", "Unquotable", "as_data", "line_of", "lines_of"]
