"""The whole of a run."""

from __future__ import annotations

from arcprobe.model.asked import Check, Proxy
from arcprobe.model.noun import Noun
from arcprobe.model.observed import Observation
from arcprobe.model.told import Cause, Finding, Verdict

SCHEMA = 1
"""The number of the JSON schema of a report."""


class Settings(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The settings of a run as they stand in the report: everything that a judge may need, nothing
    secret."""

    cloud: str = "AzureCloud"
    region: str = ""
    gateway_url: str = ""
    gateway_host: str = ""
    features: tuple[str, ...] = ()
    key_vaults: tuple[str, ...] = ()
    proxy_https: Proxy | None = None
    proxy_http: Proxy | None = None
    skip_range: str | None = None
    skip_range_setting: str = ""
    proxy_notes: tuple[str, ...] = ()  # where two environment forms disagree: which one won
    proxy_cert: str = ""  # file name
    proxy_cert_notes: tuple[str, ...] = ()  # facts about the certificates in it
    public_roots: str = ""  # "certifi 2026.10.18", "shipped copy", or the file given
    public_roots_given: bool = False
    system_roots: int | None = None  # number of certificates in the system store, None: unknown
    baseline: tuple[tuple[str, str], ...] = ()  # host, issuer
    endpoints: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    resolve: tuple[str, ...] = ()
    direct: bool = False
    strict: bool = False
    timeout: float = 10.0
    deadline: float = 60.0
    websocket_hold: float = 0.0
    sources: tuple[tuple[str, str], ...] = ()  # setting, where its value came from


class Run(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """When, where and with what the run was made."""

    version: str
    started: str
    seconds: float
    vantage: str  # pod | node | laptop
    host: str
    node: str
    pod: str
    settings: Settings
    python: str = ""
    openssl: str = ""
    interrupted: str = ""  # deadline, signal


class Report(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The whole. ``schema`` is 1."""

    schema: int
    verdict: Verdict
    run: Run
    checks: tuple[Check, ...]
    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
