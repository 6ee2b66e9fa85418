"""What PowerShell and cmd make of a line: their documented rules, written down again from the
documents, not from the code that is tested."""

from __future__ import annotations

from collections.abc import Mapping

SINGLE = "'‘’‚‛"
DOUBLE = '"“”„'


def read_powershell(line: str, environment: Mapping[str, str]) -> list[str]:
    """The arguments of a command line of PowerShell (about_Quoting_Rules, about_Parsing): bare
    words, single-quoted strings, double-quoted strings with ${env:NAME} and backticks. Anything
    else that PowerShell would read as an operator is refused."""
    arguments: list[str] = []
    at = 0
    while at < len(line):
        if line[at] == " ":
            at += 1
        elif line[at] in SINGLE:
            text, at = _single(line, at + 1)
            arguments.append(text)
        elif line[at] in DOUBLE:
            text, at = _double(line, at + 1, environment)
            arguments.append(text)
        else:
            end = at
            while end < len(line) and line[end] != " ":
                assert line[end] not in "'\"`$,;|&<>(){}@#" + SINGLE + DOUBLE, line[end:]
                end += 1
            arguments.append(line[at:end])
            at = end
    return arguments


def _single(line: str, at: int) -> tuple[str, int]:
    text = ""
    while True:
        if line[at] in SINGLE:
            if at + 1 < len(line) and line[at + 1] in SINGLE:
                text += line[at]
                at += 2
                continue
            return text, at + 1
        text += line[at]
        at += 1


def _double(line: str, at: int, environment: Mapping[str, str]) -> tuple[str, int]:
    text = ""
    while line[at] not in DOUBLE:
        if line[at] == "`":
            text += line[at + 1]
            at += 2
        elif line.startswith("${env:", at):
            end = line.index("}", at)
            text += environment[line[at + 6 : end]]
            at = end + 1
        else:
            assert line[at] != "$", "a variable that nobody meant"
            text += line[at]
            at += 1
    return text, at + 1


def read_cmd(line: str, environment: Mapping[str, str]) -> list[str]:
    """The arguments that a program gets from a line at cmd's prompt: variables between percent
    signs first (an unknown one stays as it is), then carets and quotes, then the C runtime."""
    expanded = _expanded(line, {name.lower(): value for name, value in environment.items()})
    return _c_runtime(_after_carets(expanded))


def _expanded(line: str, environment: Mapping[str, str]) -> str:
    text, at = "", 0
    while at < len(line):
        end = line.find("%", at + 1) if line[at] == "%" else -1
        name = line[at + 1 : end].lower() if end > 0 else ""
        if end > 0 and name in environment:
            text += environment[name]
            at = end + 1
        else:
            text += line[at]
            at += 1
    return text


def _after_carets(line: str) -> str:
    text, is_quoted, at = "", False, 0
    while at < len(line):
        if line[at] == "^" and not is_quoted:
            text += line[at + 1]
            at += 2
            continue
        if line[at] == '"':
            is_quoted = not is_quoted
        assert is_quoted or line[at] not in "&|<>()", f"cmd would read {line[at:]!r}"
        text += line[at]
        at += 1
    return text


def _c_runtime(line: str) -> list[str]:
    arguments: list[str] = []
    current: str | None = None
    is_quoted, at = False, 0
    while at < len(line):
        char = line[at]
        if char == "\\":
            end = at
            while end < len(line) and line[end] == "\\":
                end += 1
            count = end - at
            if end < len(line) and line[end] == '"':
                current = (current or "") + "\\" * (count // 2)
                at = end
                if count % 2:
                    current += '"'
                    at += 1
                continue
            current = (current or "") + "\\" * count
            at = end
        elif char == '"':
            if is_quoted and line[at + 1 : at + 2] == '"':
                current = (current or "") + '"'
                at += 2
                continue
            is_quoted = not is_quoted
            current = current or ""
            at += 1
        elif char in " \t" and not is_quoted:
            if current is not None:
                arguments.append(current)
            current = None
            at += 1
        else:
            current = (current or "") + char
            at += 1
    return arguments if current is None else [*arguments, current]
