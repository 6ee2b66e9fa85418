"""A proxy's URL, read as the agents read it: net/url and httpproxy of Go 1.27, and what package net
can dial. What is ambiguous in it is refused as well, and no password is ever quoted. Pure.

Go says nothing of a URL that it cannot parse: httpproxy puts ``http://`` before the whole, and the
host is then ``http``; where that fails too, it goes past the proxy
(https://cs.opensource.google/go/x/net/+/master:http/httpproxy/proxy.go, ``parseProxy``).
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import unquote_to_bytes

from arcprobe.model import Proxy, Secret
from arcprobe.model.errors import ConfigError
from arcprobe.no_proxy.addresses import ascii_name

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_SCHEMES = ", ".join(_DEFAULT_PORTS)
_HIGHEST_PORT = 65_535
_LONGEST_NAME = 253  # characters: RFC 1035 section 2.3.4 as Go's isDomainName counts it
_MOST_ESCAPES = 12  # in one line

# net/url, validUserinfo; @ is taken by Go as well, and refused here before
_USERINFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST_AND_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_ESCAPED_IN_HOST = re.compile(r"(?:[^%]|%[89A-Fa-f][0-9A-Fa-f])*")  # net/url: non-ASCII alone
# net/dnsclient.go, isDomainName: no hyphen at an end of a label, and not all of it digits
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


def parse_proxy(
    setting: str, text: str, *, scheme_optional: bool = False
) -> tuple[Proxy, tuple[str, Secret] | None]:
    """A proxy URL and the credentials in it. ConfigError, never quoting what may be a password.

    ``scheme_optional``: the conventional variables may leave ``http://`` out, and Go's httpproxy
    and curl then add it.
    """
    scheme, rest = _scheme(setting, text, scheme_optional)
    authority, _slash, path = rest.partition("/")
    userinfo, at, server = authority.rpartition("@")
    _refuse_ambiguous(setting, rest, path, userinfo)
    if path:
        raise ConfigError(setting, "has a path", f"use {scheme}://host:port")
    host, port = _host_and_port(setting, server, scheme)
    _refuse_unescaped(setting, userinfo)
    proxy = Proxy(scheme=scheme, host=host, port=port, setting=setting, has_credentials=bool(at))
    return proxy, _credentials(userinfo) if at else None


def _scheme(setting: str, text: str, is_optional: bool) -> tuple[str, str]:
    if text != text.strip():
        problem = "begins or ends with a blank or a line break, with which Go reads another host"
        raise ConfigError(setting, problem, "take it out")
    scheme, separator, rest = text.partition("://")
    if not separator and is_optional:
        return "http", text
    if not separator:
        advice = f"use http://host:port (also {_SCHEMES.partition(', ')[2]})"
        raise ConfigError(setting, "has no scheme", advice)
    scheme = scheme.lower()
    if scheme in _DEFAULT_PORTS:
        return scheme, rest
    problem = "has no scheme that is known"
    if scheme in ("socks4", "socks4a"):
        problem = f"has the scheme {scheme}, which Go, the language of the agents, does not speak"
    # what stands before :// is only repeated where it cannot be a part of user:password
    elif re.fullmatch(r"[a-z][a-z0-9]{1,11}", scheme):
        problem = f"has the scheme {scheme!a}"
    raise ConfigError(setting, problem, f"use one of {_SCHEMES}")


def _refuse_ambiguous(setting: str, rest: str, path: str, userinfo: str) -> None:
    """Refuses characters that programs read in different ways."""
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


def _refuse_unescaped(setting: str, userinfo: str) -> None:
    """Refuses what net/url takes in no user or password (``validUserinfo``, ``unescape``)."""
    if "%%" in userinfo:
        problem = "holds %%, as a systemd unit writes a % (systemd.unit(5), SPECIFIERS)"
        raise ConfigError(setting, problem, "outside of a unit write one %")
    if _BAD_ESCAPE.search(userinfo):
        advice = "in a user or password write %25 for %"
        raise ConfigError(setting, "holds a % that begins no escape", advice)
    # sorted: the order in which they stand in a password is nobody's business
    foreign = sorted({char for char in userinfo if not _USERINFO.fullmatch(char)})
    if foreign:
        escapes = ", ".join(f"{_escaped(char)} for {char}" for char in foreign[:_MOST_ESCAPES])
        problem = "has a character in its user or password with which Go does not read it"
        raise ConfigError(setting, problem, f"write {escapes}")


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _host_and_port(setting: str, server: str, scheme: str) -> tuple[str, int]:
    match = _HOST_AND_PORT.fullmatch(server)
    host = _host(match[1]) if match else ""
    port = int(match[2] or _DEFAULT_PORTS[scheme]) if match and len(match[2] or "") < 20 else 0
    if not host or not 0 < port <= _HIGHEST_PORT:
        advice = f"use {scheme}://host:port, [address] for IPv6"
        raise ConfigError(setting, "names no host and port", advice)
    return host, port


def _host(text: str) -> str:
    """A name or an address that Go can dial, without the brackets and the dot at the end; empty
    where it is none."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    if not _ESCAPED_IN_HOST.fullmatch(text):
        return ""
    host = ascii_name(unquote_to_bytes(text).decode("utf-8", "replace")).lower()
    return host.removesuffix(".") if _is_dialled(host) else ""


def _ipv6(text: str) -> str:
    """An IPv6 address as netip.ParseAddr takes it; the % before its zone is escaped (RFC 6874)."""
    address, percent, zone = text.partition("%25")
    if "%" in address or bool(percent) != bool(zone):
        return ""
    try:
        is_ipv6 = isinstance(ip_address(address), IPv6Address)
    except ValueError:
        return ""
    if not is_ipv6:
        return ""
    return f"{address.lower()}%{zone}" if zone else address.lower()


def _is_dialled(host: str) -> bool:
    """Whether package net connects to it, or asks name servers for it."""
    name = host.removesuffix(".")
    if all(label.isdigit() for label in name.split(".")):
        try:
            return bool(ip_address(host))
        except ValueError:
            return False
    labels = name.split(".")
    return len(name) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, labels))


def _credentials(userinfo: str) -> tuple[str, Secret]:
    user, _, password = userinfo.partition(":")
    return _decoded(user), Secret(_decoded(password))


def _decoded(text: str) -> str:
    """Bytes that are no UTF-8 stay what they are on the wire."""
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")
