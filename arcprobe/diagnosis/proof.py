"""What an owner runs after the change, without arcprobe, and what it prints then: a command that
every administrator has, for each endpoint that the cause hits."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from arcprobe.knowledge import codes
from arcprobe.knowledge.codes import Proof
from arcprobe.model import Check, Code, Finding, Kind, Line, line
from arcprobe.model.text import attribute

# in the loop, where there are several endpoints: the one that is asked, and its name without port
_EACH = "$each"
_HOST_OF_EACH = "${each%:*}"


def proof_of(finding: Finding, hit: Sequence[Check]) -> Line:
    """A command, and what it prints once the cause is gone; where no such command is known,
    arcprobe's own. ``hit``: the checks that the cause hits, one at least; those that go the way of
    the first are asked, as one command has one proxy."""
    kind = codes.row(finding.code).proof
    same_way = [check for check in hit if check.proxy == hit[0].proxy]
    told = _PROOFS[kind](finding, same_way) if kind else None
    return told or line("change.done", code=finding.code)


def _tunnel(finding: Finding, hit: Sequence[Check]) -> Line | None:
    """The proxy's answer to CONNECT, and the endpoint's: a proxy that looks into TLS says 200
    before it has reached anybody. Through SOCKS, which has no status, the endpoint's alone."""
    first = hit[0]
    if first.proxy is None or first.proxy.is_socks:
        return _connection(finding, hit)
    return _told(Proof.TUNNEL, [_url(check, "/") for check in hit], through=_through(first))


def _connection(finding: Finding, hit: Sequence[Check]) -> Line | None:
    """Any answer of the endpoint; Azure Relay's own where it alone is asked, which no page of a
    device looks like. The certificate does not matter here: nothing is sent."""
    if all(map(_is_relay, hit)):
        return _upgrade(finding, hit)
    return _told(Proof.CONNECTION, [_url(check, "/") for check in hit], through=_through(hit[0]))


def _issuer(finding: Finding, hit: Sequence[Check]) -> Line | None:
    """Who signed the certificate. OpenSSL goes through a proxy that speaks plain HTTP alone."""
    issuer, proxy = dict(finding.fields).get("issuer", ""), hit[0].proxy
    if not issuer or (proxy and proxy.scheme != "http"):
        return None
    targets = [check.target for check in hit if check.target]
    called = attribute(issuer, "CN") or issuer
    return _told(Proof.ISSUER, targets, through=_openssl_through(hit[0]), issuer=called)


def _upgrade(_finding: Finding, hit: Sequence[Check]) -> Line | None:
    """What Azure Relay answers to an upgrade without a token, where it saw one."""
    urls = [_url(check, check.path) for check in filter(_is_relay, hit)]
    return _told(Proof.UPGRADE, urls, through=_through(hit[0]))


def _is_relay(check: Check) -> bool:
    return check.kind is Kind.WEBSOCKET and not check.custom


def _lookup(finding: Finding, hit: Sequence[Check]) -> Line | None:
    """The answer for the names, of the name server that failed; where that is the host's own, or
    unknown, of the one that the host uses."""
    proxy = hit[0].proxy
    is_of_the_proxy = finding.code is Code.PROXY_NAME_UNKNOWN
    names = [proxy.host] if proxy and is_of_the_proxy else [check.host for check in hit]
    server = dict(finding.fields).get("server", "")
    return _told(Proof.LOOKUP, list(filter(None, names)), through=_at(server))


_PROOFS: dict[Proof, Callable[[Finding, Sequence[Check]], Line | None]] = {
    Proof.TUNNEL: _tunnel,
    Proof.CONNECTION: _connection,
    Proof.ISSUER: _issuer,
    Proof.UPGRADE: _upgrade,
    Proof.LOOKUP: _lookup,
}


def _told(kind: Proof, asked: Sequence[str], through: str, issuer: str = "") -> Line | None:
    """The command for all that is asked, each once, and what it prints."""
    words = tuple(dict.fromkeys(map(shlex.quote, asked)))
    if not words:
        return None
    if len(words) > 1:
        command = codes.proof(kind, through=through, asked=f'"{_EACH}"', host=f'"{_HOST_OF_EACH}"')
        loop = codes.each(words, command)
        return line("change.done-each", done=_prints(kind, loop, issuer))
    (one,) = words
    command = codes.proof(kind, through=through, asked=one, host=one.rpartition(":")[0])
    return _prints(kind, command, issuer)


def _prints(kind: Proof, command: str, issuer: str) -> Line:
    return line(f"change.done-{kind}", command=command, issuer=issuer)


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
    return f"{scheme}://{check.target}{path}"


def _at(server: str) -> str:
    try:
        return "" if ip_address(server).is_loopback else f"@{server}"
    except ValueError:
        return ""
