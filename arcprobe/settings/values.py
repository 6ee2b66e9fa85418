"""What the value of a setting means: one parser for each kind. ConfigError for what is none,
without what may be secret in it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from arcprobe.knowledge import bypass_keywords, catalogue
from arcprobe.knowledge.host_patterns import check_pattern
from arcprobe.knowledge.language import LANGUAGES
from arcprobe.knowledge.product_names import PRODUCTS
from arcprobe.model import CustomEndpoint
from arcprobe.model.errors import ConfigError
from arcprobe.model.text import is_address, parse_address

LONGEST_WAIT = 86_400  # seconds: a day
SHORTEST_WAIT = 0.1  # seconds: below that nothing is answered anywhere

_HIGHEST_PORT = 65_535


def text(setting: str, given: str) -> str:
    """Any text."""
    return given


def cloud(setting: str, given: str) -> str:
    """A cloud of the catalogue."""
    return _named(setting, catalogue.check_cloud, given)


def region(setting: str, given: str, of_cloud: str) -> str:
    """A region of that cloud; there is no default."""
    if not given:
        problem = "is required: half of the endpoints are regional"
        raise ConfigError(setting, problem, "for example --region westeurope")
    return _named(setting, lambda name: catalogue.check_region(of_cloud, name), given)


def feature(setting: str, given: str) -> str:
    """A feature of Azure Arc."""
    return _named(setting, catalogue.check_feature, given)


def key_vault(setting: str, given: str) -> str:
    """The name of a key vault."""
    return _named(setting, catalogue.check_key_vault, given)


def bypass_keyword(setting: str, given: str) -> str:
    """A keyword of ``az connectedk8s --add-proxy-bypass``, in its own spelling."""
    known = bypass_keywords.keyword(given)
    if known is None:
        advice = f"use {' or '.join(bypass_keywords.names())}"
        raise ConfigError(setting, f"{given[:60]!a} is unknown", advice)
    return known.name


def host_pattern(setting: str, given: str) -> str:
    """A name, or ``*.`` and a domain, in lower case."""
    try:
        return check_pattern(given)
    except ValueError as error:
        raise ConfigError(setting, str(error), "name.example.com or *.example.com") from None


def _named(setting: str, check: Callable[[str], str], given: str) -> str:
    try:
        return check(given)
    except ValueError as error:
        raise ConfigError(setting, str(error)) from None


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)


def seconds(setting: str, given: str) -> float:
    """A time for which one waits."""
    return _seconds(setting, given, SHORTEST_WAIT)


def seconds_or_off(setting: str, given: str) -> float:
    """A time, or 0 for none."""
    return _seconds(setting, given, 0.0)


def _seconds(setting: str, given: str, least: float) -> float:
    number = float("nan")
    if _NUMBER.fullmatch(given.strip()):
        number = float(given)
    if not least <= number <= LONGEST_WAIT:
        advice = f"use a number of seconds from {least:g} to {LONGEST_WAIT}"
        raise ConfigError(setting, f"is {given[:20]!a}", advice)
    return number


def address_range(setting: str, given: str) -> str:
    """An IP range; the bits of an address behind its length are cut off."""
    try:
        return str(ipaddress.ip_network(given.strip(), strict=False))
    except ValueError:
        problem = f"{given[:60]!a} is not an address range"
        raise ConfigError(setting, problem, "use one like 10.96.0.0/12") from None


def client(setting: str, given: str) -> str:
    """An address, or an IP range, of clients."""
    address = parse_address(given.strip())
    return str(address) if address is not None else address_range(setting, given)


def product(setting: str, given: str) -> str:
    """The name of a product's file, however it is spelled: "Palo Alto", palo-alto, paloalto."""
    names = {name.replace("_", ""): name for name in PRODUCTS}
    letters = re.sub(r"[^a-z0-9]+", "", given.lower())
    if letters not in names:
        from difflib import get_close_matches  # 1 ms, for those who mistype alone

        near = [names[close] for close in get_close_matches(letters, names, 3)] or PRODUCTS
        raise ConfigError(setting, f"{given[:60]!a} is unknown", f"use one of {', '.join(near)}")
    return names[letters]


def lang(setting: str, given: str) -> str:
    """A language of ``knowledge/texts``, by its two letters."""
    name = given.strip().lower()
    if name not in LANGUAGES:
        raise ConfigError(
            setting, f"{given[:60]!a} is unknown", f"use one of {', '.join(LANGUAGES)}"
        )
    return name


# a name: letters, also of other alphabets, digits, dots, hyphens, underscores
_URL = re.compile(
    r"(https|wss)://(\[[^\[\]]+\]|[^\x00-,/:-@\[-\^`{-\x7f]+)(?::([0-9]{1,5}))?(/[!-~]*)?"
)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")  # RFC 1035 section 2.3.4
_LONGEST_NAME = 253  # characters: the same, as text without its final dot


def endpoint(setting: str, given: str) -> CustomEndpoint:
    """``https://host[:port][/path]``, or the same with ``wss``; an international name is asked for
    as Go's net/http does, with its labels as ``xn--``."""
    from arcprobe.no_proxy.addresses import ascii_name

    match = _URL.fullmatch(given.strip())
    host = ascii_name(match[2]) if match else ""
    if not match or not _is_host(host) or not _is_port(match[3] or "443"):
        problem = f"{without_secrets(given)[:80]!a} is no endpoint"
        raise ConfigError(setting, problem, "use https://host[:port][/path] or wss://…")
    return CustomEndpoint(
        protocol=match[1],
        host=host.strip("[]").lower(),
        port=int(match[3] or 443),
        path=match[4] or "/",
    )


def _is_host(host: str) -> bool:
    """Whether it is an address, in brackets where it is IPv6, or a name that can exist."""
    if host.startswith("["):
        return is_address(host[1:-1])
    name = host.removesuffix(".")
    return len(name) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, name.split(".")))


def _is_port(digits: str) -> bool:
    return 0 < int(digits) <= _HIGHEST_PORT


def without_secrets(url: str) -> str:
    """A URL that may be none, for words: stars for what stands before an @, which may be a
    password, and for its query and fragment."""
    _, at, rest = url.rpartition("@")
    shown, mark, _ = rest.partition("#")
    shown, query, _ = shown.partition("?")
    hidden = ("?***" if query else "") + ("#***" if mark else "")
    return ("***@" if at else "") + shown + hidden


_ANY_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#\s]*@)?([a-z0-9.-]+?)\.?(?:[:/?#][!-~]*)?")


def gateway(setting: str, given: str) -> tuple[str, str]:
    """The gateway's URL as given, secrets apart, and its host, also where the URL is malformed:
    that is for the judge to say."""
    url = given.strip()
    if not url:
        return "", ""
    try:
        return without_secrets(url), catalogue.gateway_host(url)
    except ValueError as error:
        match = _ANY_URL.fullmatch(url.lower())
        problem = str(error)
    try:
        return without_secrets(url), catalogue.gateway_host(match[1] if match else "")
    except ValueError:
        raise ConfigError(setting, problem) from None


_SERVER = re.compile(r"(\[[^\[\]]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


def api_server(setting: str, given: str) -> str:
    """``host``, ``host:port`` or ``[v6]:port``; a bare IPv6 address is a host too, and a
    kubeconfig's URL is taken as it is."""
    address = parse_address(given.strip())
    if address is not None:
        return str(address)
    server = re.sub(r"\Ahttps?://([^/]*)/?\Z", r"\1", given.strip())
    if not _is_server(server):
        problem = f"{without_secrets(given)[:80]!a} is no server"
        raise ConfigError(setting, problem, "use host, host:port or [v6]:port")
    return given.strip()


def _is_server(server: str) -> bool:
    match = _SERVER.fullmatch(server)
    return match is not None and _is_host(match[1]) and _is_port(match[2] or "443")


_RESOLVE = re.compile(r"([^:\s]+):([0-9]{1,5}):(\S+)")


def resolve(setting: str, given: str) -> tuple[tuple[str, int], tuple[str, ...]]:
    """``HOST:PORT:ADDRESS[,ADDRESS…]``, as curl's option of that name: host and port, addresses."""
    match = _RESOLVE.fullmatch(given.strip())
    addresses = [parse_address(part.strip("[]")) for part in match[3].split(",")] if match else []
    if match is None or None in addresses or not _is_port(match[2]):
        advice = "use HOST:PORT:ADDRESS, as with curl"
        raise ConfigError(setting, f"{given[:80]!a}", advice)
    return (match[1].lower(), int(match[2])), tuple(str(address) for address in addresses)


# ------------------------------------------------------------------- several values in one variable


def by_commas(given: str) -> tuple[str, ...]:
    """Values with commas, blanks or line breaks between: no name, range or URL holds one."""
    return tuple(filter(None, re.split(r"[,\s]+", given)))


def urls(given: str) -> tuple[str, ...]:
    """URLs in the same way; a comma in a path begins none."""
    return tuple(filter(None, re.split(r"[,\s]+(?=[a-z]+://|\Z)", given.strip())))


def resolve_entries(given: str) -> tuple[str, ...]:
    """Entries for ``resolve`` with commas between: what is an address belongs to the entry before
    it."""
    entries: list[str] = []
    for part in by_commas(given):
        # fd00:443::1 looks like the begin of an entry
        begins = re.match(r"[^:\s]+:[0-9]{1,5}:", part) is not None and not is_address(part)
        if begins or not entries:
            entries.append(part)
        else:
            entries[-1] += f",{part}"
    return tuple(entries)
