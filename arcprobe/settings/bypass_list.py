"""The bypass list of the settings, or of NO_PROXY."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

import msgspec

from arcprobe.model.errors import ConfigError
from arcprobe.settings.conventional import conventional
from arcprobe.settings.gather import Given, given_name

# What means to be an address, right or wrong: digits and dots, or hexadecimal digits and colons.
_LIKE_AN_ADDRESS = re.compile(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


class BypassList(msgspec.Struct, frozen=True):
    """``entries``: as given, None where there is none. ``setting``: where it comes from."""

    entries: str | None = None
    setting: str = ""
    notes: tuple[str, ...] = ()


def bypass_list(given: Given, environ: Mapping[str, str]) -> BypassList:
    """The list. One that a setting names is refused where no client reads it as it was meant; what
    is found in NO_PROXY is not refused but judged."""
    if "proxy-skip-range" not in given.values:
        found = conventional(environ, "NO_PROXY")
        return BypassList(found.text or None, found.variable, found.notes)
    setting = given_name("--proxy-skip-range", given.sources)
    text = given.text("proxy-skip-range").strip()
    if ";" in text:
        advice = "commas would be right: " + text.replace(";", ",")[:200]
        raise ConfigError(setting, "separates entries by ;", advice)
    for number, entry in enumerate(text.split(","), 1):
        _refuse_misread(setting, f"entry {number}, {entry.strip()[:60]!a},", entry)
    return BypassList(text or None, setting)


def _refuse_misread(setting: str, where: str, entry: str) -> None:
    if any(char.isspace() for char in entry):
        raise ConfigError(setting, f"{where} holds a blank", "commas without blanks would be right")
    address, slash, _length = entry.partition("/")
    if not slash or not _LIKE_AN_ADDRESS.fullmatch(address):
        return
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        problem = f"{where} is no address range"
        raise ConfigError(setting, problem, "like 10.96.0.0/12 would be right") from None
