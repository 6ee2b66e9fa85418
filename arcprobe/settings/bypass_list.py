"""The bypass list of the settings, or of NO_PROXY. Never refused here, however wrong: it is judged
beside everything else."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from arcprobe.model.text import without_userinfo
from arcprobe.no_proxy.addresses import SPACE
from arcprobe.settings.conventional import conventional
from arcprobe.settings.gather import Given, given_name


class BypassList(msgspec.Struct, frozen=True):
    """``entries``: as given, but for blanks round its commas; None where there is none.
    ``setting``: where it comes from."""

    entries: str | None = None
    setting: str = ""
    notes: tuple[str, ...] = ()


def bypass_list(given: Given, environ: Mapping[str, str]) -> BypassList:
    """The list of a flag, a variable or a file, else the one of NO_PROXY."""
    if "proxy-skip-range" in given.values:
        setting = given_name("--proxy-skip-range", given.sources)
        return BypassList(trimmed(given.text("proxy-skip-range")) or None, setting)
    found = conventional(environ, "NO_PROXY")
    return BypassList(trimmed(found.text) or None, found.variable, found.notes)


def trimmed(text: str) -> str:
    """The list without blanks and line breaks round its entries, which Go does not see either
    (strings.TrimSpace in golang.org/x/net/http/httpproxy). User and password of a URL that is no
    entry, such as the proxy's own, are stars: the list stands in reports."""
    shown = without_userinfo(text)
    return ",".join(entry.strip(SPACE) for entry in shown.split(","))
