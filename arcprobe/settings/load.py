"""Flags, environment, file and the conventional proxy variables in; one ``Config`` out, or a
``ConfigError`` of one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from arcprobe.knowledge import catalogue
from arcprobe.model import Cluster, ClusterSource, Config, Proxy, Secret, Settings
from arcprobe.model.errors import ConfigError as ConfigError
from arcprobe.settings.proxy_url import parse_proxy

PREFIX = "ARCPROBE_"
_FILE_LIMIT = 16 * 1024 * 1024  # bytes of any file that a setting names

# Settings that may be given several times; in the environment they are separated by commas.
LISTS = frozenset(
    "feature no-feature key-vault endpoint only skip resolve service-cidr pod-cidr api-server".split()
)
SWITCHES = frozenset({"direct", "strict"})
NUMBERS = {"timeout": 10.0, "deadline": 60.0, "websocket-hold": 0.0}
NAMES = frozenset(
    """cloud region location gateway-url proxy-https proxy-http proxy-skip-range skip-range proxy-cert proxy-auth-file
    public-roots baseline services kubeconfig context""".split()
)
KNOWN = LISTS | SWITCHES | NUMBERS.keys() | NAMES
_SWITCHED_OFF = frozenset(
    {"proxy-https", "proxy-http", "proxy-skip-range"}
)  # an empty flag: none, whatever the environment says
ALIASES = {"location": "region", "skip-range": "proxy-skip-range"}


def load(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None = None) -> Config:
    """Settings in the contract's order: flags, ``ARCPROBE_*``, the file, the conventional proxy
    variables.

    ``flags``: the names without dashes; None or an empty list stands for "not given". ConfigError
    as the person must read it.
    """
    values, sources = gathered(flags, environ, file)
    try:
        return _checked(values, sources, environ)
    except ConfigError as error:
        raise ConfigError(_where(error.setting, sources), error.problem, error.advice) from None


def _where(setting: str, sources: Mapping[str, str]) -> str:
    """A setting under the name by which it was given: a flag as it is, else the variable, or the
    key and its file."""
    source = sources.get(setting.removeprefix("--"), "flag") if setting.startswith("--") else "flag"
    if source == "flag":
        return setting
    return source if source.startswith(PREFIX) else f"{setting.removeprefix('--')} of {source}"


def _checked(
    values: Mapping[str, Any], sources: Mapping[str, str], environ: Mapping[str, str]
) -> Config:
    cloud = _named("--cloud", catalogue.check_cloud, values.get("cloud") or "AzureCloud")
    if not values.get("region"):
        raise ConfigError(
            "--region",
            "is required: half of the endpoints are regional",
            "for example --region westeurope",
        )
    region = _named(
        "--region", lambda name: catalogue.check_region(cloud, name), str(values["region"])
    )
    features = _features(values)
    vaults = tuple(
        _named("--key-vault", catalogue.check_key_vault, name)
        for name in values.get("key-vault", ())
    )
    gateway_url, gateway_host = _gateway(str(values.get("gateway-url") or "").strip())
    proxies, credentials, notes = _proxies(values, sources, environ)
    skip_range, skip_setting, skip_notes = _skip_range(values, sources, environ)
    numbers = {name: _number(name, values.get(name, default)) for name, default in NUMBERS.items()}
    endpoints = tuple(_endpoint(text) for text in values.get("endpoint", ()))
    cert_name = str(values.get("proxy-cert") or "")
    roots_name = str(values.get("public-roots") or "")
    proxy_cert = _pem("--proxy-cert", cert_name) if cert_name else b""
    roots = _pem("--public-roots", roots_name) if roots_name else b""
    settings = Settings(
        cloud=cloud,
        region=region,
        gateway_url=gateway_url,
        gateway_host=gateway_host,
        features=features,
        key_vaults=vaults,
        proxy_https=proxies.get("https"),
        proxy_http=proxies.get("http"),
        skip_range=skip_range,
        skip_range_setting=skip_setting,
        proxy_notes=notes + skip_notes,
        proxy_cert=cert_name,
        public_roots=roots_name,
        public_roots_given=bool(roots_name),
        baseline=_baseline(str(values["baseline"])) if values.get("baseline") else (),
        endpoints=tuple(
            f"{protocol}://{host}:{port}{path.partition('?')[0]}"
            for protocol, host, port, path in endpoints
        ),
        only=tuple(values.get("only", ())),
        skip=tuple(values.get("skip", ())),
        resolve=tuple(values.get("resolve", ())),
        direct=bool(values.get("direct")),
        strict=bool(values.get("strict")),
        timeout=numbers["timeout"],
        deadline=numbers["deadline"],
        websocket_hold=numbers["websocket-hold"],
        sources=tuple(sorted(sources.items())),
    )
    return Config(
        settings=settings,
        credentials=credentials,
        proxy_cert=proxy_cert,
        public_roots=roots,
        resolve=dict(_resolve(text) for text in settings.resolve),
        endpoints=endpoints,
        cluster=ClusterSource(
            services=_services(str(values["services"])) if values.get("services") else None,
            service_cidrs=tuple(
                _cidr("--service-cidr", text) for text in values.get("service-cidr", ())
            ),
            pod_cidrs=tuple(_cidr("--pod-cidr", text) for text in values.get("pod-cidr", ())),
            api_servers=tuple(_api_server(text) for text in values.get("api-server", ())),
            kubeconfig=str(values.get("kubeconfig") or ""),
            context=str(values.get("context") or ""),
        ),
    )


# --------------------------------------------------------------------------------------------------


def gathered(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """What was given, unchecked, by the setting's name, and where each value came from; ``arcprobe
    job`` hands these on."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}

    def take(name: str, value: Any, source: str) -> None:
        name = ALIASES.get(name, name)
        switched_off = source == "flag" and value == "" and name in _SWITCHED_OFF
        if (switched_off or value not in (None, (), [], "")) and name not in values:
            values[name] = value
            sources[name] = source

    for name, value in flags.items():
        take(name, value, "flag")
    for name in sorted(KNOWN):
        variable = PREFIX + name.upper().replace("-", "_")
        if text := environ.get(variable, ""):
            take(name, _from_text(variable, name, text), variable)
    if file:
        for name, value in _from_file(file).items():
            take(name, value, f"--config {file}")
    return values, sources


def _from_text(variable: str, name: str, text: str) -> Any:
    if name == "resolve":
        return _resolve_entries(text)
    if name in LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in SWITCHES:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no", "on", "off"):
            raise ConfigError(variable, f"is {text[:20]!a}", "true or false would be right")
        return text.lower() in ("1", "true", "yes", "on")
    return text


def _from_file(path: str) -> dict[str, Any]:
    import yaml

    text = read_file("--config", path).decode("utf-8", "replace")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f"{path}, line {line + 1}" if line is not None else path
        raise ConfigError(
            "--config", f"{where}: is not YAML", str(getattr(error, "problem", "") or "")
        ) from None
    except RecursionError:
        raise ConfigError("--config", f"{path}: is nested too deep") from None
    except ValueError as error:  # PyYAML's own for a date or a number that does not exist
        raise ConfigError(
            "--config", f"{path}: is not YAML: {str(error)[:80]!a}", "quote the value"
        ) from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        raise ConfigError(
            "--config",
            f"{path}: is not a mapping",
            "lines like 'region: westeurope' would be right",
        )
    lines = {
        key.value: key.start_mark.line + 1
        for key, _value in node.value
        if isinstance(key, yaml.ScalarNode)
    }
    return {
        name: _file_value(path, lines.get(str(name), 0), name, value)
        for name, value in content.items()
    }


def _file_value(path: str, line: int, name: object, value: Any) -> Any:
    where = f"{path}, line {line}"
    if not isinstance(name, str) or name not in KNOWN:
        from difflib import get_close_matches

        near = get_close_matches(str(name), sorted(KNOWN), 1)
        advice = (
            f"did you mean {near[0]!r}?"
            if near
            else "the keys are the flags' names without the leading dashes"
        )
        raise ConfigError("--config", f"{where}: unknown key {str(name)[:60]!a}", advice)
    if name in LISTS:
        given = value if isinstance(value, list) else [value]
        if not all(
            isinstance(part, str | int | float) and not isinstance(part, bool) for part in given
        ):
            raise ConfigError(
                "--config",
                f"{where}: {name} is not a list of texts",
                f"'{name}: [a, b]' would be right",
            )
        return tuple(str(part) for part in given)
    if name in SWITCHES:
        if not isinstance(value, bool):
            raise ConfigError("--config", f"{where}: {name} is not true or false")
        return value
    if isinstance(value, dict | list | bool):
        raise ConfigError("--config", f"{where}: {name} is not one text or number")
    return None if value is None else str(value)


def read_file(setting: str, path: str) -> bytes:
    """The bytes of a file that a setting names, at most 16 MiB. ConfigError where it cannot be
    read."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            setting, f"{path}: {reason or 'cannot be read'}", "name a file that can be read"
        ) from None
    if len(data) > _FILE_LIMIT:
        raise ConfigError(setting, f"{path}: is larger than {_FILE_LIMIT // 1024 // 1024} MiB")
    return data


# --------------------------------------------------------------------------------------------------


def _named(setting: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise ConfigError(setting, str(error)) from None


def _features(values: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = dict.fromkeys(catalogue.DEFAULT_FEATURES)
    chosen.update(
        dict.fromkeys(
            _named("--feature", catalogue.check_feature, name) for name in values.get("feature", ())
        )
    )
    for name in values.get("no-feature", ()):
        chosen.pop(_named("--no-feature", catalogue.check_feature, name), None)
    return tuple(chosen)


def _number(name: str, value: Any) -> float:
    least = 0.0 if name == "websocket-hold" else 0.1
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not least <= number <= 86400:
        raise ConfigError(
            f"--{name}",
            f"is {str(value)[:20]!a}",
            f"a number of seconds from {least:g} to 86400 would be right",
        )
    return number


def _cidr(setting: str, text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ConfigError(
            setting, f"{text[:60]!a} is not an address range", "like 10.96.0.0/12 would be right"
        ) from None


def _endpoint(text: str) -> tuple[str, str, int, str]:
    match = re.fullmatch(
        r"(https|wss)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(/[!-~]*)?", text.strip()
    )
    if not match or not 0 < int(match[3] or 443) < 65536:
        raise ConfigError(
            "--endpoint",
            f"{_without_secrets(text)[:80]!a} is no endpoint",
            "https://host[:port][/path] or wss://… would be right",
        )
    return match[1], match[2].strip("[]").lower(), int(match[3] or 443), match[4] or "/"


def _without_secrets(url: str) -> str:
    """A URL that may be none, for words: stars for what stands before an @, which may be a
    password, and for its query."""
    _, at, rest = url.rpartition("@")
    rest, query, _ = rest.partition("?")
    return ("***@" if at else "") + rest + ("?***" if query else "")


def _gateway(url: str) -> tuple[str, str]:
    """The gateway's URL as given, secrets apart, and its host, also where the URL is malformed:
    that is for the judge to say."""
    if not url:
        return "", ""
    try:
        return url, catalogue.gateway_host(url)
    except ValueError as error:
        match = re.fullmatch(
            r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#\s]*@)?([a-z0-9.-]+?)\.?(?:[:/?#][!-~]*)?",
            url.lower(),
        )
        try:
            return _without_secrets(url), catalogue.gateway_host(match[1] if match else "")
        except ValueError:
            raise ConfigError("--gateway-url", str(error)) from None


def _api_server(text: str) -> str:
    """``host``, ``host:port`` or ``[v6]:port``; a bare IPv6 address is a host too, and a
    kubeconfig's URL is taken as it is."""
    import ipaddress

    bare = re.sub(r"\Ahttps?://([^/]*)/?\Z", r"\1", text.strip())
    match = re.fullmatch(r"(\[[^\[\]]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", bare)
    try:
        if match is None:
            return str(ipaddress.IPv6Address(text.strip()))
        if match[1].startswith("["):
            ipaddress.IPv6Address(match[1][1:-1])
        if not 0 < int(match[2] or 443) < 65536:
            raise ValueError
    except ValueError:
        words = f"{_without_secrets(text)[:80]!a} is no server"
        raise ConfigError(
            "--api-server", words, "host, host:port or [v6]:port would be right"
        ) from None
    return text.strip()


def _resolve_entries(text: str) -> tuple[str, ...]:
    """HOST:PORT:ADDRESS[,ADDRESS…] entries with commas between: what is an address belongs to the
    entry before it."""
    import ipaddress

    entries: list[str] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        begins = re.match(r"[^:\s]+:\d{1,5}:", part) is not None
        try:
            ipaddress.ip_address(part)  # fd00:443::1 looks like the begin of an entry
            begins = False
        except ValueError:
            pass
        if begins or not entries:
            entries.append(part)
        else:
            entries[-1] += f",{part}"
    return tuple(entries)


def _resolve(text: str) -> tuple[tuple[str, int], tuple[str, ...]]:
    import ipaddress

    match = re.fullmatch(r"([^:\s]+):(\d{1,5}):(\S+)", text.strip())
    try:
        if match is None or not 0 < int(match[2]) < 65536:
            raise ValueError
        addresses = tuple(
            str(ipaddress.ip_address(part.strip("[]"))) for part in match[3].split(",")
        )
    except ValueError:
        raise ConfigError(
            "--resolve", f"{text[:80]!a}", "HOST:PORT:ADDRESS would be right, as with curl"
        ) from None
    return (match[1].lower(), int(match[2])), addresses


def _pem(setting: str, path: str) -> bytes:
    """The bytes of a PEM bundle; what it is instead is named by the reader of certificates."""
    from arcprobe.probes.trust.bundle import read_proxy_cert

    data = read_file(setting, path)
    try:
        read_proxy_cert(data, path)
    except ValueError as error:
        raise ConfigError(setting, str(error)) from None
    return data


def _services(path: str) -> Cluster:
    from arcprobe.probes.cluster.observe import read_services_file

    try:
        return read_services_file(path)
    except ValueError as error:
        setting, _, problem = str(error).partition(" ")
        raise ConfigError(setting, problem) from None


def _baseline(path: str) -> tuple[tuple[str, str], ...]:
    """Host and issuer of each endpoint's certificate in an earlier report."""
    data = read_file("--baseline", path)
    try:
        report = msgspec.json.decode(data)
        targets = {check["id"]: check["target"].rsplit(":", 1)[0] for check in report["checks"]}
        issuers: dict[str, str] = {}
        for observation in report["observations"]:
            for attempt in observation.get("attempts", ()):
                for step in attempt["steps"]:
                    if (
                        step.get("step") == "handshake"
                        and step.get("peer", "target") == "target"
                        and step.get("chain")
                    ):
                        issuers.setdefault(
                            targets[observation["check"]], str(step["chain"][0]["issuer"])
                        )
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
    ):
        raise ConfigError(
            "--baseline", f"{path}: is not a JSON report of arcprobe", "made with --format json"
        ) from None
    return tuple(sorted(issuers.items()))


# --------------------------------------------------------------------------------------------------


def _proxies(
    values: Mapping[str, Any], sources: Mapping[str, str], environ: Mapping[str, str]
) -> tuple[dict[str, Proxy], dict[str, tuple[str, Secret]], tuple[str, ...]]:
    found: dict[str, Proxy] = {}
    credentials: dict[str, tuple[str, Secret]] = {}
    notes: list[str] = []
    for kind in ("https", "http"):
        name = f"proxy-{kind}"
        if name in values:
            if not values[name]:
                continue
            proxy, pair = parse_proxy(_where(f"--{name}", sources), str(values[name]))
        elif chosen := _variable(environ, f"{kind}_proxy".upper(), notes):
            setting, text = chosen
            proxy, pair = parse_proxy(setting, text, scheme_optional=True)
        else:
            continue
        found[kind] = proxy
        if pair:
            credentials[proxy.url] = pair
    if path := values.get("proxy-auth-file"):
        if not found:
            raise ConfigError(
                "--proxy-auth-file", "is given, but no proxy", "name one with --proxy-https"
            )
        pair = _auth_file(str(path))
        for kind, proxy in found.items():
            credentials[proxy.url] = pair
            found[kind] = msgspec.structs.replace(proxy, has_credentials=True)
    return found, credentials, tuple(notes)


def _variable(environ: Mapping[str, str], name: str, notes: list[str]) -> tuple[str, str] | None:
    """The upper-case form wins, as in Go's golang.org/x/net/http/httpproxy; a differing lower-case
    form is noted."""
    upper, lower = environ.get(name, ""), environ.get(name.lower(), "")
    if upper and lower and upper != lower:
        notes.append(
            f"{name} and {name.lower()} differ: the agents (Go) use {name}, curl and Python prefer {name.lower()}"
        )
    if upper:
        return name, upper
    return (name.lower(), lower) if lower else None


def _auth_file(path: str) -> tuple[str, Secret]:
    text = read_file("--proxy-auth-file", path).decode("utf-8", "replace").strip("\r\n")
    user, colon, password = text.partition(":")
    if not colon or "\n" in text:
        raise ConfigError("--proxy-auth-file", f"{path}: is not one line user:password")
    return user, Secret(password)


def _skip_range(
    values: Mapping[str, Any], sources: Mapping[str, str], environ: Mapping[str, str]
) -> tuple[str | None, str, tuple[str, ...]]:
    if "proxy-skip-range" in values:
        setting = _where("--proxy-skip-range", sources)
        text = str(values["proxy-skip-range"]).strip()
        if not text:
            return None, setting, ()
        _check_skip_range(setting, text)
        return text, setting, ()
    notes: list[str] = []
    chosen = _variable(environ, "NO_PROXY", notes)
    return (chosen[1], chosen[0], tuple(notes)) if chosen else (None, "", ())


def _check_skip_range(setting: str, text: str) -> None:
    """Refuses what no client reads as its writer meant it. A list found in NO_PROXY is not refused
    but judged."""
    import ipaddress

    if ";" in text:
        raise ConfigError(
            setting,
            "separates entries by ;",
            "commas would be right: " + text.replace(";", ",")[:200],
        )
    for number, entry in enumerate(text.split(","), 1):
        where = f"entry {number}, {entry.strip()[:60]!a},"
        if any(char.isspace() for char in entry):
            raise ConfigError(
                setting, f"{where} holds a blank", "commas without blanks would be right"
            )
        address, slash, _length = entry.partition("/")
        if slash and re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", address):
            try:
                ipaddress.ip_network(entry, strict=False)
            except ValueError:
                raise ConfigError(
                    setting, f"{where} is no address range", "like 10.96.0.0/12 would be right"
                ) from None
