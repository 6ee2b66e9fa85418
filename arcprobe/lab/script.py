"""What the peers of the rehearsed network do, as data. Light to import: ``demo --list`` reads
nothing else.

Patterns are shell globs over lower-case host names (``*.his.arc.azure.com``); the first rule that
matches decides.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all scripts share: immutable, keyword only."""


class DnsRule(Script, frozen=True, kw_only=True):
    """How the resolver answers for the names that match, and for one record type or all.

    ``answer``: ``address`` (those of ``addresses``, else the name's own), ``nxdomain``, ``empty``
    (no error, no address), ``servfail``, ``refused``, ``silent``, ``truncated`` (empty with TC over
    UDP, whole over TCP).
    """

    pattern: str
    answer: str
    record: str = ""  # A, AAAA; empty: all
    addresses: tuple[str, ...] = ()


class DnsScript(Script, frozen=True, kw_only=True):
    """The resolver. Names of the rehearsed internet and of the enterprise have addresses, all
    others do not exist."""

    rules: tuple[DnsRule, ...] = ()
    listens_on_tcp: bool = True


class ProxyPolicy(Script, frozen=True, kw_only=True):
    """The forward proxy, in the manner of Squid."""

    listens: bool = True  # False: its port is taken, and refuses
    over_tls: bool = False  # TLS to the proxy itself, by the enterprise's own CA
    user: str = ""  # Basic credentials that it asks for; empty: it asks for none
    password: str = ""
    offers: tuple[str, ...] = ("Basic",)  # schemes in Proxy-Authenticate; only Basic can succeed
    allowed_ports: tuple[int, ...] = (443, 8084)  # for CONNECT
    denied: tuple[str, ...] = ()  # hosts: 403, or after interception a block page
    unresolved: tuple[str, ...] = ()  # hosts that the proxy cannot resolve
    unreachable: tuple[str, ...] = ()  # hosts that refuse the proxy's connection
    resets: tuple[str, ...] = ()  # hosts whose name in a ClientHello is answered with RST
    largest_hello: int = 0  # bytes of a ClientHello; a larger one gets an alert; 0: none does
    inspected: tuple[str, ...] = ()  # hosts whose TLS is terminated and signed again
    exempt: tuple[str, ...] = ()  # … except these
    page: str = "squid"  # who denies inside an inspected session: squid, or a filter behind it
    shape: str = "squid"  # of forged certificates: squid or mitmproxy
    strips_upgrade: bool = False  # Upgrade is removed inside inspected connections, Squid's default


class OriginScript(Script, frozen=True, kw_only=True):
    """The rehearsed internet. ``relay``: how upgrades are answered, ``token``, ``open`` or
    ``mixed`` (``relay.answer``)."""

    relay: str = "mixed"
    # host pattern; expired, not-yet-valid, wrong-name, incomplete
    certificates: tuple[tuple[str, str], ...] = ()


class ClusterScript(Script, frozen=True, kw_only=True):
    """The rehearsed cluster. ``source``: ``file`` gives ``--services``, ``api`` an API server as a
    pod sees it."""

    source: str = "file"
    forbidden: tuple[str, ...] = ()  # resources that the service account may not list
    page: int = 5  # most objects of one answer, whatever the client asks for


class NetworkScript(Script, frozen=True, kw_only=True):
    """A whole network, and what the person who runs the preflight knows of it."""

    dns: DnsScript = DnsScript()
    proxy: ProxyPolicy | None = ProxyPolicy()  # None: there is no proxy, all goes straight out
    origins: OriginScript = OriginScript()
    cluster: ClusterScript = ClusterScript()
    region: str = "eastus"
    credentials: str = ""  # user:password handed to the preflight, in a file
    proxy_scheme: str = ""  # as the person wrote it; empty: the right one
    gives_proxy_cert: bool = False  # the enterprise's CA is handed over with --proxy-cert
    skip_range: str = (
        "localhost,127.0.0.1,10.96.0.0/12,10.244.0.0/16,10.20.0.0/24,"
        "kubernetes.default.svc,.svc.cluster.local,.svc"
    )
    flags: tuple[str, ...] = ()  # further settings of check


def matches(host: str, patterns: tuple[str, ...]) -> bool:
    """Whether a lower-case host name matches one of the globs."""
    return any(fnmatchcase(host, pattern) for pattern in patterns)
