"""resolv.conf(5) as glibc reads it."""

from __future__ import annotations

from arcprobe.model import Surroundings
from arcprobe.model.text import is_address
from arcprobe.probes.wire.local_file import read_local

RESOLV_CONF = "/etc/resolv.conf"

_SIZE_LIMIT = 64 * 1024  # characters; glibc's own files have some hundred
_SERVERS_LIMIT = 3  # MAXNS, resolv.conf(5)
_NO_SERVER = ("127.0.0.1",)  # where the file names none, resolv.conf(5)
_SEARCH_LIMIT = 32  # suffixes; glibc takes any number since 2.26

# option: the value without it, the largest (RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY of
# glibc's resolv.h)
_OPTIONS = {"ndots": (1, 15), "timeout": (5, 30), "attempts": (2, 5)}


def surroundings(path: str = RESOLV_CONF) -> Surroundings:
    """What the file says of this place; empty where there is none (Windows, macOS keep it
    elsewhere)."""
    try:
        text = read_local(path, _SIZE_LIMIT).decode("utf-8", "replace")
    except OSError:
        return Surroundings(source="")
    if len(text) >= _SIZE_LIMIT:
        text = text.rpartition("\n")[0]  # half a line would be another address
    servers: list[str] = []
    search: list[str] = []
    options: list[str] = []
    for line in text.splitlines():
        key, *values = line.split("#")[0].split(";")[0].split() or [""]
        if key == "nameserver":
            servers += filter(is_address, values[:1])
        elif key in ("search", "domain"):  # the last such line counts
            search = [value.rstrip(".") for value in values[:_SEARCH_LIMIT]]
        elif key == "options":
            options += values
    numbers = _numbers(options)
    return Surroundings(
        name_servers=tuple(servers[:_SERVERS_LIMIT]) or _NO_SERVER,
        search=tuple(filter(None, search)),
        source=path,
        ndots=numbers["ndots"],
        timeout=numbers["timeout"],
        attempts=numbers["attempts"],
    )


def _numbers(options: list[str]) -> dict[str, int]:
    found = {name: usual for name, (usual, _most) in _OPTIONS.items()}
    for option in options:
        name, _, number = option.partition(":")
        if name in _OPTIONS and number.isascii() and number.isdecimal():
            _usual, most = _OPTIONS[name]
            found[name] = min(int(number), most) if len(number) <= len("15") else most
    return found
