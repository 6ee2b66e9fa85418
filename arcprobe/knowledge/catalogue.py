"""What Azure Arc-enabled Kubernetes must reach: the rows of ``endpoints-<cloud>.toml``, filled in
for one cluster.

Pure apart from reading package data; one file is parsed for one cloud, once in a process.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from itertools import chain
from typing import Any, Literal, NamedTuple

import msgspec

from arcprobe.knowledge import regions, tables
from arcprobe.knowledge.bypass_keywords import keyword_for
from arcprobe.knowledge.host_patterns import HOST, LONGEST_NAME, overlap
from arcprobe.knowledge.language import language
from arcprobe.model import PUBLIC_CLOUD

CLOUDS = (PUBLIC_CLOUD, "AzureUSGovernment", "AzureChinaCloud")

# The names of `--feature`. `core` is always on and is not among them.
FEATURES = tuple(
    """
    cluster-connect custom-locations azure-rbac extensions gitops portal container-insights
    key-vault policy defender data-services onboarding
    """.split()
)
DEFAULT_FEATURES = ("cluster-connect",)
CORE = "core"
ONBOARDING = "onboarding"

# 3 to 24 letters, digits and hyphens: learn.microsoft.com/azure/azure-resource-manager/management/
# resource-name-rules (Microsoft.KeyVault)
_VAULT = re.compile(r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]")


class UnknownName(ValueError):
    """A cloud, region, feature or key vault that does not exist. ``nearest`` are names that do, the
    most similar first."""

    def __init__(self, what: str, given: str, nearest: tuple[str, ...], hint: str = "") -> None:
        self.what = what
        self.given = given[:LONGEST_NAME]
        self.nearest = nearest
        self.hint = hint
        shown = ascii(self.given[:60])
        why = f" ({hint})" if hint else ""
        near = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"unknown {what} {shown}{why}{near}")


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rows of the data share: immutable, keyword only, no field that is not known."""


class Mark(_Row, frozen=True, kw_only=True):
    """Proves that the service itself answered: ``pattern``, case ignored, is found in header
    ``name``, body or reason."""

    where: Literal["header", "body", "reason"]
    pattern: str
    name: str = ""
    confidence: Literal["seen", "unproven"] = "unproven"


class _Host(_Row, frozen=True, kw_only=True):
    """What a row and an endpoint share. ``purpose_key``: of [purpose] in ``texts``."""

    host: str
    port: int = 443
    protocol: Literal["https", "wss", "http"] = "https"
    purpose_key: str = msgspec.field(name="purpose")
    initiator: Literal["agents", "node", "onboarding", "extension", "browser"]
    via_gateway: bool = False
    source: str
    as_of: date
    required: bool = True
    path: str = "/"
    issuers: tuple[Literal["microsoft", "digicert", "other"], ...] = ()
    discover: Literal["", "his", "gns", "mcr"] = ""


class Endpoint(_Host, frozen=True, kw_only=True):
    """One host that must be reachable, filled in for one cluster. ``host`` may begin with
    ``*.``."""

    feature: str
    marks: tuple[Mark, ...] = ()

    @property
    def purpose(self) -> str:
        """What it is for, in a sentence."""
        return language().template(f"purpose.{self.purpose_key}")


class EndpointRow(_Host, frozen=True, kw_only=True):
    """A row as the data file has it; ``{region}``, ``{vault}`` and ``{gateway}`` are not filled in
    yet. ``marks``: keys of the file's [marks]."""

    features: tuple[str, ...]
    onboarding_too: bool = False
    marks: tuple[str, ...] = ()


class Image(_Row, frozen=True, kw_only=True):
    """A small public image, for finding the registry's data host."""

    repository: str
    reference: str


class Discovery(_Row, frozen=True, kw_only=True):
    """How concrete hosts behind ``pattern`` are found: ``url`` is asked, or the manifests of
    ``images``."""

    pattern: str
    url: str
    source: str
    as_of: date
    accept: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()


class Catalogue(_Row, frozen=True, kw_only=True):
    """One cloud's data file. ``regions``: name to display name."""

    cloud: str
    regions: dict[str, str]
    discovery: dict[str, Discovery]
    marks: dict[str, tuple[Mark, ...]]
    endpoint: tuple[EndpointRow, ...]


@cache
def shipped(cloud: str) -> Catalogue:
    """The package's own data of ``cloud``, one of ``CLOUDS``. Raises ``UnknownName``."""
    if cloud not in CLOUDS:
        raise UnknownName("cloud", cloud, _nearest(cloud, CLOUDS))
    return msgspec.convert(tables.read(f"endpoints-{cloud}"), Catalogue)


_given: dict[str, Catalogue] = {}


def use(given: Catalogue | None) -> None:
    """From now on ``given`` stands in the place of what is shipped for its cloud; None: nothing
    does. A process has one run."""
    _given.clear()
    if given is not None:
        _given[given.cloud] = given


def load(cloud: str) -> Catalogue:
    """The data of ``cloud`` that is in use. Raises ``UnknownName``."""
    return _given.get(cloud) or shipped(cloud)


def data_of(cloud: str) -> date:
    """The day of the newest document that the endpoints of a cloud are from."""
    return day_of(load(cloud))


def day_of(data: Catalogue) -> date:
    """The day of the newest document that this data is from."""
    return max(row.as_of for row in data.endpoint)


@cache
def patterns() -> frozenset[str]:
    """Every pattern of a mark that is known: one of a recording, or of data from elsewhere, that is
    none of these is nobody's to be run, for it may never end."""
    tables_of_marks = (shipped(cloud).marks.values() for cloud in CLOUDS)
    marks = chain.from_iterable(chain.from_iterable(tables_of_marks))
    return frozenset(mark.pattern for mark in marks)


def check_cloud(cloud: str) -> str:
    """The name of a cloud in its own spelling, whatever the case that it was given in. Raises
    ``UnknownName``."""
    for known in CLOUDS:
        if known.lower() == cloud.strip().lower():
            return known
    raise UnknownName("cloud", cloud, _nearest(cloud, CLOUDS))


def check_feature(feature: str) -> str:
    """The name of a feature, checked. Raises ``UnknownName``."""
    name = feature.strip().lower()
    if name not in FEATURES:
        raise UnknownName("feature", feature, _nearest(name, FEATURES))
    return name


def check_region(cloud: str, region: str) -> str:
    """``region`` as Azure's host names spell it: "West Europe" becomes westeurope. Raises
    ``UnknownName`` with nearest names for one that is misspelt, or of another cloud; one that the
    data does not know yet is taken."""
    name = re.sub(r"[\s_()-]+", "", region[:LONGEST_NAME]).lower()
    known = load(cloud).regions
    if name in known:
        return name
    for other in CLOUDS:
        if other != cloud and (name in load(other).regions or regions.belongs_to(name, other)):
            raise UnknownName("region", region, (), f"it is a region of {other}, not of {cloud}")
    near = _nearest(name, known)
    if regions.misspelt(name, known) or not regions.is_plausible(name, cloud):
        raise UnknownName("region", region, near)
    return name


def is_known_region(cloud: str, region: str) -> bool:
    """Whether the data has a region. Others are taken as well: Microsoft adds regions, and their
    hosts follow the same patterns."""
    return region in load(cloud).regions


def check_key_vault(name: str) -> str:
    """The name of a key vault; its full host name is taken too. Raises ``UnknownName``."""
    first = name.strip().lower().removeprefix("https://").split("/", 1)[0].split(".", 1)[0]
    if not _VAULT.fullmatch(first):
        raise UnknownName(
            "key vault", name, (), "3 to 24 letters, digits and hyphens, beginning with a letter"
        )
    return first


def gateway_host(url: str) -> str:
    """The host in a gateway's URL or bare host name, lower case. Raises ``ValueError`` where it
    holds none."""
    host = (
        url.strip()
        .lower()
        .removeprefix("https://")
        .removesuffix("/")
        .removesuffix(":443")
        .removesuffix(".")
    )
    if len(host) > LONGEST_NAME or not HOST.fullmatch(host):
        shown = url.rpartition("@")[2][:60]  # a password that was pasted along is not repeated
        raise ValueError(
            f"{shown!a} is not the host or URL of a gateway, such as <prefix>.gw.arc.azure.com"
        )
    return host


class _Asked(NamedTuple):
    """What a selection is made for."""

    region: str
    wanted: frozenset[str]  # features
    vaults: tuple[str, ...]
    gateway: str
    cloud: str
    keywords: tuple[str, ...]  # of az, that send hosts past proxy and gateway
    bypass: tuple[str, ...]  # names or patterns that the gateway does not carry


def endpoints(
    cloud: str,
    region: str,
    features: Iterable[str] = DEFAULT_FEATURES,
    gateway: str | None = None,
    key_vaults: Iterable[str] = (),
    keywords: tuple[str, ...] = (),
    bypass: tuple[str, ...] = (),
) -> tuple[Endpoint, ...]:
    """What must be reachable, in the order of the data file, each host and port once.

    ``region`` as ``check_region`` returns it, ``gateway`` a bare host or None; ``core`` is always
    on, and a named key vault switches the feature ``key-vault`` on. With a gateway, what it carries
    is left out, except what the onboarding machine needs while ``onboarding`` is on: that machine
    is not behind the Arc proxy pod (inferred from Microsoft's description of the path), and what
    ``keywords`` of --add-proxy-bypass or ``bypass`` of the gateway itself send past it. Clouds
    without a gateway ignore it. Raises ``UnknownName``.
    """
    region = check_region(cloud, region)
    asked = _asked(cloud, region, features, gateway or "", key_vaults, (keywords, bypass))
    catalogue = load(cloud)
    chosen: dict[tuple[str, int], Endpoint] = {}
    for row in catalogue.endpoint:
        if feature := _feature(row, asked):
            marks = tuple(chain.from_iterable(catalogue.marks[key] for key in row.marks))
            for vault in _vaults(row, asked):
                endpoint = _endpoint(row, feature, marks, asked, vault)
                chosen.setdefault((endpoint.host, endpoint.port), endpoint)
    return tuple(chosen.values())


def _asked(
    cloud: str,
    region: str,
    features: Iterable[str],
    gateway: str,
    key_vaults: Iterable[str],
    sent_past: tuple[tuple[str, ...], tuple[str, ...]],
) -> _Asked:
    vaults = tuple(dict.fromkeys(check_key_vault(vault) for vault in key_vaults))
    wanted = {CORE, *(check_feature(feature) for feature in features)}
    if vaults:
        wanted.add("key-vault")
    return _Asked(region, frozenset(wanted), vaults, gateway, cloud, *sent_past)


def _feature(row: EndpointRow, asked: _Asked) -> str:
    """The feature that a row is needed for; empty where nothing that was asked for needs it."""
    feature = next((name for name in row.features if name in asked.wanted), "")
    if not asked.gateway:
        return "" if "{gateway}" in row.host else feature
    if not (feature and row.via_gateway):
        return feature
    if _is_sent_past(row.host.replace("{region}", asked.region), asked):
        return feature
    is_needed = row.onboarding_too and ONBOARDING in asked.wanted
    return ONBOARDING if is_needed else ""


def _is_sent_past(host: str, asked: _Asked) -> bool:
    if keyword_for(host, asked.keywords, asked.cloud):
        return True
    return any(overlap(host, name) for name in asked.bypass)


def _vaults(row: EndpointRow, asked: _Asked) -> tuple[str, ...]:
    """The key vaults that a row is to be filled in for: one empty name where it names none."""
    if "{vault}" not in row.host:
        return ("",)
    return asked.vaults or ("*",)


def _endpoint(
    row: EndpointRow, feature: str, marks: tuple[Mark, ...], asked: _Asked, vault: str
) -> Endpoint:
    def filled(text: str) -> str:
        text = text.replace("{region}", asked.region).replace("{vault}", vault)
        return text.replace("{gateway}", asked.gateway)

    shared: dict[str, Any] = {name: getattr(row, name) for name in _Host.__struct_fields__}
    shared["host"] = filled(row.host)
    shared["path"] = filled(row.path)
    if feature == ONBOARDING:
        shared["initiator"] = ONBOARDING
    return Endpoint(feature=feature, marks=marks, **shared)


def removable(
    cloud: str,
    region: str,
    features: Iterable[str] = DEFAULT_FEATURES,
    key_vaults: Iterable[str] = (),
    keywords: tuple[str, ...] = (),
    bypass: tuple[str, ...] = (),
) -> tuple[Endpoint, ...]:
    """What may be closed once the gateway carries it: needed without the gateway, not needed with
    it, and not sent past it by ``keywords`` of --add-proxy-bypass or ``bypass`` of the gateway.

    Left out is what the nodes' container runtime fetches: it does not go through the Arc proxy pod
    (inferred), so that closing it could stop image pulls although Microsoft lists the host as
    carried.
    """
    features, key_vaults = tuple(features), tuple(key_vaults)
    kept = endpoints(cloud, region, features, "gateway.invalid", key_vaults, keywords, bypass)
    open_still = {(endpoint.host, endpoint.port) for endpoint in kept}
    return tuple(
        endpoint
        for endpoint in endpoints(cloud, region, features, None, key_vaults)
        if (endpoint.host, endpoint.port) not in open_still and endpoint.initiator != "node"
    )


def discovery(cloud: str, region: str) -> dict[str, Discovery]:
    """The discoveries of ``cloud`` by key (``his``, ``gns``, ``mcr``; a cloud may lack some),
    ``{region}`` filled in."""
    name = check_region(cloud, region)
    return {
        key: msgspec.structs.replace(found, url=found.url.replace("{region}", name))
        for key, found in load(cloud).discovery.items()
    }


def unlisted(cloud: str, features: Collection[str]) -> tuple[str, ...]:
    """The features among ``features`` for which no document lists a host of its own in
    ``cloud``."""
    listed = set(chain.from_iterable(row.features for row in load(cloud).endpoint))
    return tuple(feature for feature in FEATURES if feature in features and feature not in listed)


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The three names most like ``name``."""
    from difflib import SequenceMatcher  # only needed for an error message

    asked = name[:LONGEST_NAME].lower()
    alike = {name: SequenceMatcher(None, asked, name.lower()).ratio() for name in known}
    return tuple(sorted(alike, key=alike.__getitem__, reverse=True)[:3])
