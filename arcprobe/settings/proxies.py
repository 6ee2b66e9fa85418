"""The proxies of the settings, or of the conventional variables, and their credentials."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from arcprobe.knowledge.public_words import is_public_word
from arcprobe.model import Proxy, Secret
from arcprobe.model.errors import ConfigError
from arcprobe.model.redaction import know
from arcprobe.settings.conventional import conventional
from arcprobe.settings.files import read_file, text_of
from arcprobe.settings.gather import Given, given_name
from arcprobe.settings.proxy_url import parse_proxy


class Proxies(msgspec.Struct):
    """One for https, one for http; two at one address may have two passwords. ``other``: the
    setting of a proxy that https does not use, where it has none."""

    https: Proxy | None = None
    http: Proxy | None = None
    credentials: dict[Proxy, tuple[str, Secret]] = {}
    notes: tuple[str, ...] = ()
    other: str = ""


def proxies_of(given: Given, environ: Mapping[str, str]) -> Proxies:
    """The proxies that the agents are given. ConfigError for a URL that is wrong or ambiguous."""
    found = Proxies()
    found.https = _proxy("https", given, environ, found)
    found.http = _proxy("http", given, environ, found)
    if found.https is None and "proxy-https" not in given.values:
        found.other = _other(found.http, environ)
    if path := given.text("proxy-auth-file"):
        _add_credentials(found, path)
    return found


def _other(http: Proxy | None, environ: Mapping[str, str]) -> str:
    """The setting of a proxy that https does not use: Go takes HTTP_PROXY for http alone, and does
    not read ALL_PROXY (golang.org/x/net/http/httpproxy, FromEnvironment)."""
    return http.setting if http is not None else conventional(environ, "ALL_PROXY").variable


def _proxy(kind: str, given: Given, environ: Mapping[str, str], found: Proxies) -> Proxy | None:
    name = f"proxy-{kind}"
    if name in given.values:
        setting, text = given_name(f"--{name}", given.sources), given.text(name)
    else:
        variable = conventional(environ, f"{kind}_proxy".upper())
        setting, text = variable.variable, variable.text
        found.notes += variable.notes
    if not text:
        return None
    proxy, pair = parse_proxy(setting, text, scheme_optional=name not in given.values)
    if pair is not None:
        _keep_secret(*pair)
        found.credentials[proxy] = pair
    return proxy


def _keep_secret(user: str, password: Secret) -> None:
    """A proxy that echoes them gets them into no report. A user called squid is a word that a
    report needs; a password never is."""
    text = password.reveal()
    know((user, text, f"{user}:{text}"), public=filter(is_public_word, [user]))


def _add_credentials(found: Proxies, path: str) -> None:
    if found.https is None and found.http is None:
        problem = "is given, but no proxy"
        raise ConfigError("--proxy-auth-file", problem, "name one with --proxy-https")
    pair = _read_credentials(path)
    found.https = _with_credentials(found, found.https, pair)
    found.http = _with_credentials(found, found.http, pair)


def _with_credentials(
    found: Proxies, proxy: Proxy | None, pair: tuple[str, Secret]
) -> Proxy | None:
    if proxy is None:
        return None
    asking = msgspec.structs.replace(proxy, has_credentials=True)
    found.credentials[asking] = pair
    return asking


def _read_credentials(path: str) -> tuple[str, Secret]:
    setting = "--proxy-auth-file"
    text = text_of(setting, path, read_file(setting, path)).strip("\r\n")
    user, colon, password = text.partition(":")
    if not colon or "\n" in text:
        raise ConfigError(setting, f"{path}: is not one line user:password")
    if not text.isprintable():
        problem = f"{path}: holds a control character or another that cannot be seen"
        raise ConfigError(setting, problem, "use one line user:password")
    pair = user, Secret(password)
    _keep_secret(*pair)
    return pair
