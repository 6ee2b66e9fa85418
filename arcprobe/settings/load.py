"""Settings from every source, read and joined to one ``Config``. Files that they name are read by
``pipeline.prepare``, but for the one with the proxy's password."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.bypass_keywords import keywords_in
from arcprobe.knowledge.selection import notes
from arcprobe.model import ClusterSource, Config, CustomEndpoint, Settings
from arcprobe.model.discreet import discreet
from arcprobe.model.errors import ConfigError
from arcprobe.model.redaction import STARS, know
from arcprobe.model.text import host_port
from arcprobe.settings import values
from arcprobe.settings.bypass_list import BypassList, bypass_list
from arcprobe.settings.endpoint_data import use_data
from arcprobe.settings.gather import Given, gather, named_as_given
from arcprobe.settings.problems import Problems
from arcprobe.settings.proxies import Proxies, proxies_of
from arcprobe.settings.table import SETTINGS, Setting, Shape

_LEAST_TOKEN = 12  # characters: shorter values of a query are numbers, versions and words


def load(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None = None) -> Config:
    """Settings in this order: flags, ``ARCPROBE_*``, the file, the conventional proxy variables.

    ``flags``: by names without dashes; None or an empty list stands for "not given". ConfigError as
    the user must read it.
    """
    problems = Problems()
    given = gather(flags, environ, file, problems)
    try:
        with named_as_given(given.sources):
            return _config(given, environ, problems)
    except ConfigError as error:
        raise error.told_as(discreet(str(error), _texts(given.values))) from None


def _texts(values: Mapping[str, Any]) -> Iterator[str]:
    for value in values.values():
        yield from map(str, value if isinstance(value, tuple) else (value,))


def _config(given: Given, environ: Mapping[str, str], problems: Problems) -> Config:
    read = {row.name: _read(row, given, problems) for row in SETTINGS}
    region, proxies, bypass = "", Proxies(), BypassList()
    with problems:
        use_data(read["data"], read["cloud"])
    with problems:
        region = values.region("--region", read["region"], read["cloud"])
    with problems:
        proxies = proxies_of(given, environ)
    with problems:
        bypass = bypass_list(given, environ)
    problems.tell()
    gateway_url, gateway_host = read["gateway-url"]
    features = _features(read["feature"], read["no-feature"])
    settings = Settings(
        cloud=read["cloud"],
        region=region,
        notes=notes(read["cloud"], region, features),
        gateway_url=gateway_url,
        gateway_host=gateway_host,
        features=features,
        key_vaults=read["key-vault"],
        proxy_https=proxies.https,
        proxy_http=proxies.http,
        other_proxy=proxies.other,
        skip_range=bypass.entries,
        skip_range_setting=bypass.setting,
        proxy_bypass=_keywords(read["add-proxy-bypass"], bypass.entries or ""),
        gateway_bypass=read["gateway-bypass"],
        proxy_notes=proxies.notes + bypass.notes,
        proxy_cert=read["proxy-cert"],
        public_roots=read["public-roots"],
        public_roots_given=bool(read["public-roots"]),
        data_file=read["data"],
        endpoints=tuple(_shown(endpoint) for endpoint in read["endpoint"]),
        only=read["only"],
        skip=read["skip"],
        resolve=tuple(given.values.get("resolve", ())),
        direct=read["direct"],
        strict=read["strict"],
        timeout=read["timeout"],
        deadline=read["deadline"],
        websocket_hold=read["websocket-hold"],
        clients=read["client"],
        products=read["product"],
        cluster=tuple(_cluster(given)),
        sources=tuple(sorted(given.sources.items())),
    )
    return Config(
        settings=settings,
        credentials=proxies.credentials,
        baseline_file=read["baseline"],
        services_file=read["services"],
        gateway_id=read["gateway-resource-id"],
        lang=read["lang"],
        resolve=dict(read["resolve"]),
        endpoints=tuple(_with_shown(read["endpoint"])),
        cluster=ClusterSource(
            service_cidrs=read["service-cidr"],
            pod_cidrs=read["pod-cidr"],
            api_servers=read["api-server"],
            kubeconfig=read["kubeconfig"],
            context=read["context"],
        ),
    )


_OF_CLUSTER = ("services", "service-cidr", "pod-cidr", "api-server", "kubeconfig", "context")


def _cluster(given: Given) -> Iterator[tuple[str, str]]:
    """The settings of the cluster as they were given, a value each."""
    for name in _OF_CLUSTER:
        value = given.values.get(name, ())
        for each in (value,) if isinstance(value, str) else value:
            yield name, str(each)


def _read(row: Setting, given: Given, problems: Problems) -> Any:
    """What a setting means: its default where it was not given, or is wrong."""
    if row.shape is Shape.LIST:
        return _read_list(row, given.values.get(row.name, ()), problems)
    if row.name not in given.values:
        return row.default
    value = given.values[row.name]
    if row.shape is Shape.SWITCH:
        return bool(value)
    with problems:
        return row.read(row.flag, str(value))
    return row.default


def _read_list(row: Setting, parts: Iterable[Any], problems: Problems) -> tuple[Any, ...]:
    found = []
    for part in parts:
        with problems:
            found.append(row.read(row.flag, str(part)))
    return tuple(found)


def _keywords(given: tuple[str, ...], entries: str) -> tuple[str, ...]:
    """The keywords of az, also those that stand in the bypass list."""
    return tuple(dict.fromkeys((*given, *keywords_in(entries))))


def _features(added: tuple[str, ...], without: tuple[str, ...]) -> tuple[str, ...]:
    chosen = dict.fromkeys((*catalogue.DEFAULT_FEATURES, *added))
    return tuple(name for name in chosen if name not in without)


def _with_shown(endpoints: Iterable[CustomEndpoint]) -> Iterator[CustomEndpoint]:
    """Stars for each query, with a number where two endpoints differ in it alone; who echoes one
    gets it into no report."""
    for number, endpoint in enumerate(endpoints, 1):
        path, mark, query = endpoint.path.partition("?")
        if mark:
            values = [part.partition("=")[2] for part in query.split("&")]
            know(value for value in (query, *values) if len(value) >= _LEAST_TOKEN)
            shown = f"{path}?{STARS}{number}"
            endpoint = msgspec.structs.replace(endpoint, shown=shown)
        yield endpoint


def _shown(endpoint: CustomEndpoint) -> str:
    """An endpoint as reports show it: its query may be secret."""
    path = endpoint.path.partition("?")[0]
    return f"{endpoint.protocol}://{host_port(endpoint.host, endpoint.port)}{path}"
