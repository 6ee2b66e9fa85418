"""What an owner runs after the change, without arcprobe, and what it prints then: a command that
every administrator has, for the first endpoint that the cause hits."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from ipaddress import ip_address

from arcprobe.knowledge import codes
from arcprobe.knowledge.codes import Proof
from arcprobe.model import Check, Finding, Kind, Line, Proxy, line
from arcprobe.model.text import attribute

_STATUS = ("curl", "-sSk", "-o", "/dev/null", "-w")
_UPGRADE = (
    "--http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' "
    "-H 'Sec-WebSocket-Key: YXJjcHJvYmUtaXMtaGVyZQ=='"
)


def proof_of(finding: Finding, check: Check) -> Line:
    """A command, and what it prints once the cause is gone; where no such command is known,
    arcprobe's own. ``check``: one that the cause hits."""
    proof = codes.row(finding.code).proof
    told = _PROOFS[proof](finding, check) if proof else None
    return told or line("change.done", code=finding.code)


def _tunnel(finding: Finding, check: Check) -> Line | None:
    """The proxy's answer to CONNECT; through SOCKS, which has no status, the endpoint's."""
    if check.proxy is None or check.proxy.is_socks:
        return _connection(finding, check)
    asks = r"curl -sS -o /dev/null -w '%{http_connect}\n'"
    return line("change.done-tunnel", command=f"{asks} -x {check.proxy.url} {_url(check, '/')}")


def _connection(_finding: Finding, check: Check) -> Line | None:
    """Any answer of the endpoint. The certificate does not matter here (-k): nothing is sent."""
    return line("change.done-connection", command=_status(check, "/"))


def _issuer(finding: Finding, check: Check) -> Line | None:
    """Who signed the certificate. OpenSSL goes through a proxy that speaks plain HTTP alone."""
    issuer = dict(finding.fields).get("issuer", "")
    if not issuer or (check.proxy and check.proxy.scheme != "http"):
        return None
    through = f"-proxy {_authority(check.proxy)} " if check.proxy else ""
    asks = f"openssl s_client {through}-connect {check.target} -servername {check.host}"
    command = f"{asks} </dev/null 2>/dev/null | openssl x509 -noout -issuer"
    return line("change.done-issuer", command=command, issuer=attribute(issuer, "CN") or issuer)


def _upgrade(_finding: Finding, check: Check) -> Line | None:
    """What Azure Relay answers to an upgrade without a token, where it saw one."""
    if check.kind is not Kind.WEBSOCKET or check.custom:
        return None
    return line("change.done-upgrade", command=_status(check, check.path, _UPGRADE))


def _lookup(finding: Finding, check: Check) -> Line | None:
    """The answer for the name, of the name server that failed; where that is the host's own, or
    unknown, of the one that the host uses."""
    fields = dict(finding.fields)
    name = fields.get("name") or check.host
    command = " ".join(filter(None, ("dig", "+short", _at(fields.get("server", "")), name)))
    return line("change.done-lookup", command=command) if name else None


_PROOFS: dict[Proof, Callable[[Finding, Check], Line | None]] = {
    Proof.TUNNEL: _tunnel,
    Proof.CONNECTION: _connection,
    Proof.ISSUER: _issuer,
    Proof.UPGRADE: _upgrade,
    Proof.LOOKUP: _lookup,
}


def _status(check: Check, path: str, more: str = "") -> str:
    """curl, that prints the endpoint's status."""
    through = f"-x {check.proxy.url}" if check.proxy else ""
    words = (*_STATUS, r"'%{http_code}\n'", more, through, _url(check, path))
    return " ".join(filter(None, words))


def _url(check: Check, path: str) -> str:
    scheme = "http" if check.protocol == "http" and check.port != 443 else "https"
    return shlex.quote(f"{scheme}://{check.target}{path}")


def _authority(proxy: Proxy) -> str:
    return proxy.url.partition("://")[2]


def _at(server: str) -> str:
    try:
        return "" if ip_address(server).is_loopback else f"@{server}"
    except ValueError:
        return ""
