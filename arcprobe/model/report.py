"""The whole of a run."""

from __future__ import annotations

from arcprobe.model.asked import Check, Proxy
from arcprobe.model.noun import Noun
from arcprobe.model.observed import Observation
from arcprobe.model.told import Cause, Finding, Verdict

SCHEMA = 1
"""The number of the JSON schema of a report."""

PUBLIC_CLOUD = "AzureCloud"
"""The cloud of every setting that names none, and the only one that offers the Arc gateway."""


class Settings(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The settings of a run as they stand in the report: everything that a judge may need, nothing
    secret."""

    cloud: str = PUBLIC_CLOUD  #: AzureCloud, AzureUSGovernment or AzureChinaCloud
    region: str = ""  #: Azure region
    gateway_url: str = ""  #: URL of the Arc gateway
    gateway_host: str = ""  #: host of that URL
    features: tuple[str, ...] = ()  #: features that are asked for
    notes: tuple[str, ...] = ()  #: what the shipped data does not know of cloud, region, features
    key_vaults: tuple[str, ...] = ()  #: hosts of key vaults
    proxy_https: Proxy | None = None  #: proxy for https and wss
    proxy_http: Proxy | None = None  #: proxy for http
    other_proxy: str = ""  #: setting of a proxy that https, and so every endpoint, does not use
    skip_range: str | None = None  #: the bypass list; null: none given
    skip_range_setting: str = ""  #: the setting that gave it
    proxy_bypass: tuple[str, ...] = ()  #: keywords of az that send hosts past the proxy
    gateway_bypass: tuple[str, ...] = ()  #: names that the gateway does not carry: gatewayBypass
    proxy_notes: tuple[str, ...] = ()  #: where two environment forms disagree: which one won
    proxy_cert: str = ""  #: file name of the proxy's CA certificates
    proxy_cert_subjects: tuple[str, ...] = ()  #: names of the certificates in it, RFC 4514
    proxy_cert_notes: tuple[str, ...] = ()  #: facts about the certificates in it
    public_roots: str = ""  #: "certifi 2026.10.18", "shipped copy", or the file given
    public_roots_given: bool = False  #: whether --public-roots gave it
    system_roots: int | None = None  #: certificates in the system's store; null: unknown
    baseline: tuple[tuple[str, str], ...] = ()  #: issuers of an earlier report: host, issuer
    data_file: str = ""  #: file of --data, whose endpoints stand in the place of the shipped ones
    endpoints: tuple[str, ...] = ()  #: endpoints of --endpoint
    only: tuple[str, ...] = ()  #: what --only names
    skip: tuple[str, ...] = ()  #: what --skip names
    resolve: tuple[str, ...] = ()  #: what --resolve gives, as HOST:PORT:ADDRESS
    direct: bool = False  #: whether --direct compares routes
    strict: bool = False  #: whether warnings fail
    timeout: float = 10.0  #: limit of one step, seconds
    deadline: float = 60.0  #: limit of the run, seconds
    websocket_hold: float = 0.0  #: how long a WebSocket is held open, seconds
    #: addresses or networks that the cluster's traffic comes from, as proxies see them
    clients: tuple[str, ...] = ()
    products: tuple[str, ...] = ()  #: products that stand in the way, as the user knows
    cluster: tuple[tuple[str, str], ...] = ()  #: settings of the cluster: name, value
    sources: tuple[tuple[str, str], ...] = ()  #: where a value came from: setting, source


class Run(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """When, where and with what the run was made."""

    version: str  #: version of arcprobe
    started: str  #: begin of the run, RFC 3339
    seconds: float  #: length of the run, seconds
    vantage: str  #: pod, node or laptop
    host: str  #: host name of the machine
    node: str  #: name of the Kubernetes node
    pod: str  #: name of the pod
    settings: Settings  #: the settings
    python: str = ""  #: version of Python
    openssl: str = ""  #: version of OpenSSL
    interrupted: str = ""  #: what cut the run short: deadline or signal; empty: nothing
    data: str = ""  #: day of the newest document that the endpoints are from, YYYY-MM-DD
    demo: str = ""  #: scenario of `arcprobe demo` that was played; empty: a real network


class Unproven(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """A requirement that no run can prove from here."""

    target: str  #: host:port, such as that of a wildcard
    why: str  #: why it cannot be proved


class Report(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The whole. ``schema`` is 1."""

    schema: int  #: number of this schema: 1
    verdict: Verdict  #: whether it will work
    run: Run  #: when, where and with what
    checks: tuple[Check, ...]  #: the questions
    observations: tuple[Observation, ...]  #: what happened on the wire
    findings: tuple[Finding, ...]  #: the verdicts on the checks
    causes: tuple[Cause, ...]  #: what is broken, once, lowest layer first
    unproven: tuple[Unproven, ...] = ()  #: requirements that no run can prove from here
