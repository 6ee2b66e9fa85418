"""Question: would az, helm and kubectl on this machine get where they must, with the environment as
it is? They are a Python program and two Go programs, and each reads it its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from arcprobe import no_proxy
from arcprobe.findings import chains
from arcprobe.findings.case import Case
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.catalogue import CORE, ONBOARDING
from arcprobe.model import (
    Check,
    Code,
    Duty,
    Handshake,
    Judgement,
    Kind,
    Line,
    Machine,
    SkipReason,
    Store,
    line,
)

_MOST_SHOWN = 6


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A program, and what it reads: of each list of variables the first that is set."""

    name: str
    dialect: str  # of arcprobe.no_proxy
    proxies: tuple[str, ...]
    lists: tuple[str, ...]
    trust: tuple[str, ...]
    usual: Store  # what it trusts where no variable says otherwise


_HELM = Client(
    name="helm",
    dialect="go",
    # golang.org/x/net/http/httpproxy, FromEnvironment
    proxies=("HTTPS_PROXY", "https_proxy"),
    lists=("NO_PROXY", "no_proxy"),
    trust=("SSL_CERT_FILE",),  # crypto/x509, root_unix.go
    usual=Store.SYSTEM,
)
CLIENTS = (
    Client(
        name="az",
        dialect="python-requests",
        # requests 2.32, utils.py: lower case wins; sessions.py: the bundle
        proxies=("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
        lists=("no_proxy", "NO_PROXY"),
        trust=("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        usual=Store.PUBLIC,
    ),
    _HELM,
    msgspec.structs.replace(_HELM, name="kubectl"),
)
_ASKS_AZURE = ("az", "helm")

# Azure CLI extension connectedk8s, HISTORY.rst
_SINCE = {"--gateway-resource-id": (1, 10, 0), "--add-proxy-bypass": (1, 11, 4)}
_EXTENSION = "connectedk8s"


def judge(check: Check, case: Case) -> tuple[Judgement, ...]:
    """What is wrong, each thing once; else what was found."""
    machine = next(filter(None, (made.machine for made in case.reading(check).connections)), None)
    if machine is None or case.scene.vantage == "pod":
        return (skip(check, SkipReason.UNNEEDED, line("machine.pod")),)
    found = (_routes(machine, case), _api(machine), _trust(machine, case), _old(machine, case))
    wrong = tuple(filter(None, found))
    tools = _tools(machine)
    if not wrong:
        ways = tuple(_way(client, machine) for client in CLIENTS)
        return (Judgement(code=Code.ONBOARDING_READY, evidence=(tools, *ways)),)
    return tuple(msgspec.structs.replace(each, evidence=(*each.evidence, tools)) for each in wrong)


def _tools(machine: Machine) -> Line:
    versions = tuple(f"{tool.name} {tool.version or '-'}" for tool in machine.tools)
    return line("machine.tools", names=versions)


def _way(client: Client, machine: Machine) -> Line:
    variable, proxy = machine.value(*client.proxies)
    if not proxy:
        return line("machine.direct", name=client.name)
    return line("machine.by-proxy", name=client.name, proxy=proxy, setting=variable)


# ------------------------------------------------------------------------------------------ routes


def _asked(case: Case) -> Iterator[Check]:
    """The endpoints that the machine itself needs, each once."""
    for check in case.checks.values():
        is_own = check.feature in (CORE, ONBOARDING) and check.kind is Kind.HTTPS
        if is_own and check.duty is Duty.JUDGED:
            yield check


def _routes(machine: Machine, case: Case) -> Judgement | None:
    told: list[Line] = []
    for client in CLIENTS:
        if client.name not in _ASKS_AZURE:
            continue
        differing = [check for check in _asked(case) if _differs(client, machine, check)]
        if differing:
            names = tuple(dict.fromkeys(check.target for check in differing))
            told.append(_differing(client, machine, differing[0], names))
    if not told:
        return None
    return Judgement(
        code=Code.ONBOARDING_ROUTE_DIFFERS, evidence=tuple(told), values=(("proxy", _tested(case)),)
    )


def _differing(client: Client, machine: Machine, check: Check, names: tuple[str, ...]) -> Line:
    own = _proxy_for(client, machine, check.host, check.port)
    tested = check.proxy.url if check.proxy is not None else ""
    way = line("machine.goes-by", proxy=own) if own else line("machine.goes-direct")
    other = line("machine.goes-by", proxy=tested) if tested else line("machine.goes-direct")
    return line(
        "machine.differs", name=client.name, way=way, other=other, hosts=names[:_MOST_SHOWN]
    )


def _differs(client: Client, machine: Machine, check: Check) -> bool:
    tested = check.proxy.url if check.proxy is not None else ""
    return _proxy_for(client, machine, check.host, check.port) != _plain(tested)


def _proxy_for(client: Client, machine: Machine, host: str, port: int) -> str:
    """The proxy by which a program goes to a host; empty: direct."""
    _variable, proxy = machine.value(*client.proxies)
    _variable, entries = machine.value(*client.lists)
    if not proxy or no_proxy.bypass(client.dialect, entries, host, port).bypassed:
        return ""
    return _plain(proxy)


def _plain(url: str) -> str:
    """A proxy's URL, as two spellings of one are compared."""
    if not url:
        return ""
    with_scheme = url if "://" in url else f"http://{url}"
    scheme, _, rest = with_scheme.rstrip("/").partition("://")
    has_port = re.search(r":[0-9]+$", rest) is not None
    usual = "443" if scheme.lower() == "https" else "80"
    return f"{scheme}://{rest}".lower() if has_port else f"{scheme}://{rest}:{usual}".lower()


def _tested(case: Case) -> str:
    proxy = case.scene.settings.proxy_https
    return proxy.url if proxy is not None else ""


# -------------------------------------------------------------------------------------- API server


def _api(machine: Machine) -> Judgement | None:
    if not machine.api_server or machine.has_own_proxy:
        return None
    host, port = no_proxy.split_host_port(machine.api_server)
    through = tuple(
        client.name for client in CLIENTS if _proxy_for(client, machine, host, port or 443)
    )
    if not through:
        return None
    return Judgement(
        code=Code.ONBOARDING_API_PROXIED,
        evidence=(line("machine.api", names=through, server=machine.api_server),),
        values=(("server", machine.api_server), ("host", host)),
    )


# ------------------------------------------------------------------------------------------- trust


def _trust(machine: Machine, case: Case) -> Judgement | None:
    told: list[Line] = []
    for client in CLIENTS:
        if client.name in _ASKS_AZURE:
            told += _untrusted(client, machine, case)
    if not told:
        return None
    variables = tuple(client.trust[0] for client in CLIENTS[:2])
    return Judgement(
        code=Code.ONBOARDING_TRUST_LACKING, evidence=tuple(told), values=(("names", variables),)
    )


def _untrusted(client: Client, machine: Machine, case: Case) -> Iterator[Line]:
    """A line for each authority that a program does not take."""
    lacking: dict[str, list[str]] = {}
    for check in _asked(case):
        handshake = case.reading(check).speaks.handshake
        if handshake is None or not handshake.chain or _differs(client, machine, check):
            continue  # what was seen there is not what this program would see
        if not _takes(client, machine, handshake):
            lacking.setdefault(handshake.chain[-1].issuer, []).append(check.target)
    by = _trust_of(client, machine)
    for issuer, targets in lacking.items():
        hosts = tuple(targets[:_MOST_SHOWN])
        yield line("machine.untrusted", name=client.name, issuer=issuer, hosts=hosts, by=by)


def _trust_of(client: Client, machine: Machine) -> Line:
    for file in machine.trust:
        if file.variable in client.trust:
            return line("machine.trusts-file", setting=file.variable, file=file.path)
    return line("machine.trusts-usual")


def _takes(client: Client, machine: Machine, handshake: Handshake) -> bool:
    files = {file.variable: file for file in machine.trust}
    file = next((files[name] for name in client.trust if name in files), None)
    if file is None:
        stores = (Store.PUBLIC, client.usual)
        return any(chains.reaches(handshake, store) for store in stores)
    names = {said.anchor for said in handshake.trust}
    names |= {each.issuer for each in handshake.chain}
    names |= {each.subject for each in handshake.chain}
    return not names.isdisjoint(file.subjects)


# ---------------------------------------------------------------------------------------- versions


def _old(machine: Machine, case: Case) -> Judgement | None:
    settings = case.scene.settings
    wanted = []
    wanted += ["--gateway-resource-id"] if settings.gateway_host else []
    wanted += ["--add-proxy-bypass"] if settings.proxy_bypass else []
    version = next((tool.version for tool in machine.tools if tool.name == _EXTENSION), "")
    numbers = tuple(map(int, re.findall(r"[0-9]{1,6}", version)[:3]))
    lacking = tuple(flag for flag in wanted if numbers and numbers < _SINCE[flag])
    if not lacking:
        return None
    needed = ".".join(map(str, max(_SINCE[flag] for flag in lacking)))
    values = (("name", f"{_EXTENSION} {version}"), ("missing", lacking), ("expected", needed))
    return Judgement(code=Code.ONBOARDING_TOOL_OLD, values=values)


__all__ = ["CLIENTS", "Client", "judge"]
