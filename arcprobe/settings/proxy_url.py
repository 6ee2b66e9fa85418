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
_SCHEMES = tuple(_DEFAULT_PORTS)


def parse_proxy(
    setting: str, text: str, *, scheme_optional: bool = False
) -> tuple[Proxy, tuple[str, Secret] | None]:
    """A proxy URL and the credentials in it. ConfigError, never quoting what may be a password.

    ``scheme_optional``: the conventional variables may leave ``http://`` out, and Go's httpproxy
    and curl then add it.
    """
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        if not scheme_optional:
            raise ConfigError(
                setting,
                "has no scheme",
                "http://host:port would be right (also https, socks5, socks5h, socks4)",
            )
        scheme, rest = "http", text
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        # what stands before :// is only repeated where it cannot be a part of user:password
        named = (
            f"the scheme {scheme!a}"
            if re.fullmatch(r"[a-z][a-z0-9]{1,11}", scheme)
            else "no scheme that is known"
        )
        raise ConfigError(
            setting, f"has {named}", f"one of {', '.join(_SCHEMES[:5])} would be right"
        )
    if any(char.isspace() or not char.isprintable() for char in rest):
        raise ConfigError(
            setting, "holds a blank or a control character", "percent-encode it: %20 for a blank"
        )
    authority, _slash, path = rest.partition("/")
    userinfo, at, place = authority.rpartition("@")
    if "#" in rest or "?" in rest:
        raise ConfigError(
            setting, "holds an unescaped # or ?", "in a user or password write %23 for #, %3F for ?"
        )
    if "@" in path:
        raise ConfigError(setting, "holds an unescaped /", "in a user or password write %2F for /")
    if path:
        raise ConfigError(setting, "has a path", f"{scheme}://host:port would be right")
    if "@" in userinfo:
        raise ConfigError(setting, "holds an unescaped @", "in a user or password write %40 for @")
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]@<>\"'{}|\\^`,;]+)(?::(\d{1,5}))?", place)
    if not match or (match[2] and not 0 < int(match[2]) < 65536):
        raise ConfigError(
            setting,
            "names no host and port",
            f"{scheme}://host:port would be right, [address] for IPv6",
        )
    if re.search(r"%(?![0-9A-Fa-f]{2})", userinfo):
        raise ConfigError(
            setting, "holds a % that begins no escape", "in a user or password write %25 for %"
        )
    proxy = Proxy(
        scheme=scheme,
        host=match[1].strip("[]").lower().rstrip("."),
        port=int(match[2] or _DEFAULT_PORTS[scheme]),
        setting=setting,
        has_credentials=bool(at),
    )
    if not at:
        return proxy, None
    user, _, password = userinfo.partition(":")
    return proxy, (
        unquote_to_bytes(user).decode("utf-8", "replace"),
        Secret(unquote_to_bytes(password).decode("utf-8", "replace")),
    )
