"""Settings from every source, read and joined to one ``Config``. Files that they name are read by
``pipeline.prepare``, but for the one with the proxy's password."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.bypass_keywords import keywords_in
from arcprobe.model import ClusterSource, Config, CustomEndpoint, Settings
from arcprobe.model.text import host_port
from arcprobe.settings import values
from arcprobe.settings.bypass_list import bypass_list
from arcprobe.settings.gather import Given, gather, named_as_given
from arcprobe.settings.proxies import proxies_of
from arcprobe.settings.table import SETTINGS, Setting, Shape


def load(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None = None) -> Config:
    """Settings in this order: flags, ``ARCPROBE_*``, the file, the conventional proxy variables.

    ``flags``: by names without dashes; None or an empty list stands for "not given". ConfigError as
    the user must read it.
    """
    given = gather(flags, environ, file)
    with named_as_given(given.sources):
        return _config(given, environ)


def _config(given: Given, environ: Mapping[str, str]) -> Config:
    read = {row.name: _read(row, given) for row in SETTINGS}
    region = values.region("--region", read["region"], read["cloud"])
    gateway_url, gateway_host = read["gateway-url"]
    proxies = proxies_of(given, environ)
    bypass = bypass_list(given, environ)
    settings = Settings(
        cloud=read["cloud"],
        region=region,
        gateway_url=gateway_url,
        gateway_host=gateway_host,
        features=_features(read["feature"], read["no-feature"]),
        key_vaults=read["key-vault"],
        proxy_https=proxies.https,
        proxy_http=proxies.http,
        skip_range=bypass.entries,
        skip_range_setting=bypass.setting,
        proxy_bypass=_keywords(read["add-proxy-bypass"], bypass.entries or ""),
        proxy_notes=proxies.notes + bypass.notes,
        proxy_cert=read["proxy-cert"],
        public_roots=read["public-roots"],
        public_roots_given=bool(read["public-roots"]),
        endpoints=tuple(_shown(endpoint) for endpoint in read["endpoint"]),
        only=read["only"],
        skip=read["skip"],
        resolve=tuple(given.values.get("resolve", ())),
        direct=read["direct"],
        strict=read["strict"],
        timeout=read["timeout"],
        deadline=read["deadline"],
        websocket_hold=read["websocket-hold"],
        sources=tuple(sorted(given.sources.items())),
    )
    return Config(
        settings=settings,
        credentials=proxies.credentials,
        baseline_file=read["baseline"],
        services_file=read["services"],
        resolve=dict(read["resolve"]),
        endpoints=read["endpoint"],
        cluster=ClusterSource(
            service_cidrs=read["service-cidr"],
            pod_cidrs=read["pod-cidr"],
            api_servers=read["api-server"],
            kubeconfig=read["kubeconfig"],
            context=read["context"],
        ),
    )


def _read(row: Setting, given: Given) -> Any:
    """What a setting means: its default where it was not given."""
    if row.shape is Shape.LIST:
        given_parts = given.values.get(row.name, ())
        parts = chain.from_iterable(row.split(str(part)) or (str(part),) for part in given_parts)
        return tuple(row.read(row.flag, part) for part in parts)
    if row.name not in given.values:
        return row.default
    value = given.values[row.name]
    return bool(value) if row.shape is Shape.SWITCH else row.read(row.flag, str(value))


def _keywords(given: tuple[str, ...], entries: str) -> tuple[str, ...]:
    """The keywords of az, also those that stand in the bypass list."""
    return tuple(dict.fromkeys((*given, *keywords_in(entries))))


def _features(added: tuple[str, ...], without: tuple[str, ...]) -> tuple[str, ...]:
    chosen = dict.fromkeys((*catalogue.DEFAULT_FEATURES, *added))
    return tuple(name for name in chosen if name not in without)


def _shown(endpoint: CustomEndpoint) -> str:
    """An endpoint as reports show it: its query may be secret."""
    path = endpoint.path.partition("?")[0]
    return f"{endpoint.protocol}://{host_port(endpoint.host, endpoint.port)}{path}"
