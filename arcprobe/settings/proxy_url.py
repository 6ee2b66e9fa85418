"""A proxy's URL as people write it, read strictly: what is ambiguous in it is refused, and no
password is ever quoted. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from arcprobe.model import Proxy, Secret
from arcprobe.model.errors import ConfigError

_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "socks5": 1080,
    "socks5h": 1080,
    "socks4": 1080,
    "socks4a": 1080,
}
_NAMED_SCHEMES = "http, https, socks5, socks5h, socks4"
_HIGHEST_PORT = 65_535

_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]@<>\"'{}|\\^`,;]+)(?::(\d{1,5}))?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_proxy(
    setting: str, text: str, *, scheme_optional: bool = False
) -> tuple[Proxy, tuple[str, Secret] | None]:
    """A proxy URL and the credentials in it. ConfigError, never quoting what may be a password.

    ``scheme_optional``: the conventional variables may leave ``http://`` out, and Go's httpproxy
    and curl then add it.
    """
    scheme, rest = _scheme(setting, text.strip(), scheme_optional)
    authority, _slash, path = rest.partition("/")
    userinfo, at, server = authority.rpartition("@")
    _refuse_ambiguous(setting, rest, path, userinfo)
    if path:
        raise ConfigError(setting, "has a path", f"{scheme}://host:port would be right")
    host, port = _host_and_port(setting, server, scheme)
    if _BAD_ESCAPE.search(userinfo):
        advice = "in a user or password write %25 for %"
        raise ConfigError(setting, "holds a % that begins no escape", advice)
    proxy = Proxy(scheme=scheme, host=host, port=port, setting=setting, has_credentials=bool(at))
    return proxy, _credentials(userinfo) if at else None


def _scheme(setting: str, text: str, is_optional: bool) -> tuple[str, str]:
    scheme, separator, rest = text.partition("://")
    if not separator and is_optional:
        return "http", text
    if not separator:
        advice = "http://host:port would be right (also https, socks5, socks5h, socks4)"
        raise ConfigError(setting, "has no scheme", advice)
    scheme = scheme.lower()
    if scheme in _DEFAULT_PORTS:
        return scheme, rest
    problem = "has no scheme that is known"
    # what stands before :// is only repeated where it cannot be a part of user:password
    if re.fullmatch(r"[a-z][a-z0-9]{1,11}", scheme):
        problem = f"has the scheme {scheme!a}"
    raise ConfigError(setting, problem, f"one of {_NAMED_SCHEMES} would be right")


def _refuse_ambiguous(setting: str, rest: str, path: str, userinfo: str) -> None:
    """Refuses characters of a user or password that programs read in different ways."""
    escape = "in a user or password write"
    if any(char.isspace() or not char.isprintable() for char in rest):
        problem, advice = "a blank or a control character", "percent-encode it: %20 for a blank"
    elif "#" in rest or "?" in rest:
        problem, advice = "an unescaped # or ?", f"{escape} %23 for #, %3F for ?"
    elif "@" in path:
        problem, advice = "an unescaped /", f"{escape} %2F for /"
    elif "@" in userinfo:
        problem, advice = "an unescaped @", f"{escape} %40 for @"
    else:
        return
    raise ConfigError(setting, f"holds {problem}", advice)


def _host_and_port(setting: str, server: str, scheme: str) -> tuple[str, int]:
    match = _HOST_AND_PORT.fullmatch(server)
    port = int(match[2] or _DEFAULT_PORTS[scheme]) if match else 0
    if match is None or not 0 < port <= _HIGHEST_PORT:
        advice = f"{scheme}://host:port would be right, [address] for IPv6"
        raise ConfigError(setting, "names no host and port", advice)
    return match[1].strip("[]").lower().rstrip("."), port


def _credentials(userinfo: str) -> tuple[str, Secret]:
    user, _, password = userinfo.partition(":")
    return _decoded(user), Secret(_decoded(password))


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace")
