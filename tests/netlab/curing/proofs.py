"""What the report says that an owner sees when it is done, seen: the command of ``done_when`` is
run at the node, before the paste and after it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from urllib.parse import unquote

from ..made import Built

_SAID = re.compile(r"`(?P<command>[^`]*)` prints (?P<wanted>.*?)(?:;.*)?", re.S)
_CREDENTIALS = re.compile(r"://([^:@/]+):([^@/]*)@")
_EACH = ", for each"
_ISSUER = "an issuer other than "
_LIMIT = 40  # seconds: what is silent until then is not healed


def is_shown(made: Built, done_when: str, settings: Iterable[str]) -> bool | None:
    """Whether the command prints what is promised; None where it is arcprobe's own. ``settings``:
    the words of the run, with the credentials for which the report has a place alone."""
    said = _SAID.fullmatch(done_when)
    if said is None or said["command"].startswith("arcprobe "):
        return None
    command, wanted = _signed_in(said["command"], settings), said["wanted"]
    printed = _printed(made, command)
    if not wanted.endswith(_EACH):
        return _is_wanted(printed, wanted)
    asked = command.removeprefix("for each in ").partition("; do ")[0]
    lines = printed.splitlines()
    one = wanted.removesuffix(_EACH)
    return len(lines) == len(asked.split()) and all(_is_wanted(each, one) for each in lines)


def _printed(made: Built, command: str) -> str:
    words = ["ip", "netns", "exec", made.topology.name("node"), "bash", "-c", command]
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            check=False,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip()


def _is_wanted(printed: str, wanted: str) -> bool:
    if wanted.startswith(_ISSUER):
        return bool(printed) and _bare(wanted.removeprefix(_ISSUER)) not in _bare(printed)
    if wanted == "an address":
        return bool(re.search(r"^[0-9a-f.:]+$", printed, re.M))
    if wanted == "200 and a number other than 000":
        return bool(re.fullmatch(r"200 [1-9]\d\d", printed))
    if wanted == "a number other than 000":
        return bool(re.fullmatch(r"[1-9]\d\d", printed))
    return printed == wanted


def _bare(name: str) -> str:
    """A name without the marks that each program writes around it."""
    return re.sub(r"[\\\"' ]", "", name)


def _signed_in(command: str, settings: Iterable[str]) -> str:
    for word in settings:
        found = _CREDENTIALS.search(word)
        if found is not None:
            user, password = map(unquote, found.groups())
            command = command.replace("USER", user).replace("PASSWORD", password)
    return command
