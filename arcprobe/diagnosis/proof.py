"""What an owner runs after the change, without arcprobe, and what it prints then: a command that
every administrator has, for the first endpoint that the cause hits."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from ipaddress import ip_address

from arcprobe.knowledge import codes
from arcprobe.knowledge.codes import Proof
from arcprobe.model import Check, Code, Finding, Kind, Line, line
from arcprobe.model.text import attribute


def proof_of(finding: Finding, check: Check) -> Line:
    """A command, and what it prints once the cause is gone; where no such command is known,
    arcprobe's own. ``check``: one that the cause hits."""
    kind = codes.row(finding.code).proof
    told = _PROOFS[kind](finding, check) if kind else None
    return told or line("change.done", code=finding.code)


def _tunnel(finding: Finding, check: Check) -> Line | None:
    """The proxy's answer to CONNECT, and the endpoint's: a proxy that looks into TLS says 200
    before it has reached anybody. Through SOCKS, which has no status, the endpoint's alone."""
    if check.proxy is None or check.proxy.is_socks:
        return _connection(finding, check)
    command = codes.proof(Proof.TUNNEL, through=_through(check), url=_url(check, "/"))
    return line("change.done-tunnel", command=command)


def _connection(_finding: Finding, check: Check) -> Line | None:
    """Any answer of the endpoint. The certificate does not matter here: nothing is sent."""
    command = codes.proof(Proof.CONNECTION, through=_through(check), url=_url(check, "/"))
    return line("change.done-connection", command=command)


def _issuer(finding: Finding, check: Check) -> Line | None:
    """Who signed the certificate. OpenSSL goes through a proxy that speaks plain HTTP alone."""
    issuer = dict(finding.fields).get("issuer", "")
    if not issuer or (check.proxy and check.proxy.scheme != "http"):
        return None
    command = codes.proof(
        Proof.ISSUER, through=_openssl_through(check), target=check.target, host=check.host
    )
    return line("change.done-issuer", command=command, issuer=attribute(issuer, "CN") or issuer)


def _upgrade(_finding: Finding, check: Check) -> Line | None:
    """What Azure Relay answers to an upgrade without a token, where it saw one."""
    if check.kind is not Kind.WEBSOCKET or check.custom:
        return None
    command = codes.proof(Proof.UPGRADE, through=_through(check), url=_url(check, check.path))
    return line("change.done-upgrade", command=command)


def _lookup(finding: Finding, check: Check) -> Line | None:
    """The answer for the name, of the name server that failed; where that is the host's own, or
    unknown, of the one that the host uses."""
    is_of_the_proxy = finding.code is Code.PROXY_NAME_UNKNOWN
    name = check.proxy.host if check.proxy and is_of_the_proxy else check.host
    at = _at(dict(finding.fields).get("server", ""))
    command = codes.proof(Proof.LOOKUP, at=at, name=name)
    return line("change.done-lookup", command=command) if name else None


_PROOFS: dict[Proof, Callable[[Finding, Check], Line | None]] = {
    Proof.TUNNEL: _tunnel,
    Proof.CONNECTION: _connection,
    Proof.ISSUER: _issuer,
    Proof.UPGRADE: _upgrade,
    Proof.LOOKUP: _lookup,
}


def _through(check: Check) -> str:
    """The options of curl. The certificate of a proxy that speaks TLS is another question."""
    if check.proxy is None:
        return ""
    insecure = " --proxy-insecure" if check.proxy.scheme == "https" else ""
    user = " -U USER:PASSWORD" if check.proxy.has_credentials else ""
    # the proxy looks names up, as for the agents (Go's net/http); curl has a word of its own for it
    url = re.sub("^socks5:", "socks5h:", check.proxy.url)
    return f"-x {url}{insecure}{user}"


def _openssl_through(check: Check) -> str:
    if check.proxy is None:
        return ""
    user = " -proxy_user USER -proxy_pass pass:PASSWORD" if check.proxy.has_credentials else ""
    return f"-proxy {check.proxy.url.partition('://')[2]}{user}"


def _url(check: Check, path: str) -> str:
    scheme = "http" if check.protocol == "http" else "https"
    return shlex.quote(f"{scheme}://{check.target}{path}")


def _at(server: str) -> str:
    try:
        return "" if ip_address(server).is_loopback else f"@{server}"
    except ValueError:
        return ""
