"""Would az, helm and kubectl on this machine get where they must?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from arcprobe.findings.questions.onboarding import CLIENTS, judge
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Check,
    Code,
    Judgement,
    Machine,
    Observation,
    Proxy,
    Settings,
    SkipReason,
    Tool,
    TrustFile,
)
from arcprobe.plan.questions import onboarding_check
from tests.findings.seen import (
    LEAF,
    PROXY,
    answer,
    check,
    head,
    observed,
    shaken,
    to_proxy,
    to_target,
)
from tests.findings.test_telling import case_of

ASKED = onboarding_check()
ARM = "management.azure.com"
BY_PROXY = (("HTTPS_PROXY", "http://proxy.example:3128"),)
PRIVATE = shaken(trusted=False, chain=(msgspec.structs.replace(LEAF, issuer="CN=Corp CA"),))


def through(proxy: Proxy | None, shown: Any = None) -> tuple[Check, Observation]:
    """A connection to Azure Resource Manager by this way, with what was shown."""
    asked = check(host=ARM, proxy=proxy)
    way = (*to_proxy(), answer(head(200))) if proxy else to_target()
    return asked, observed(asked, *way, shown or shaken())


def words(
    environment: tuple[tuple[str, str], ...] = (),
    *,
    proxy: Proxy | None = None,
    shown: Any = None,
    chosen: Settings | None = None,
    **more: Any,
) -> tuple[Judgement, ...]:
    """What is said of a machine."""
    machine = Machine(environment=environment, **more)
    settings = chosen or Settings(proxy_https=proxy)
    case = case_of(through(proxy, shown), (ASKED, observed(ASKED, machine)), chosen=settings)
    laptop = msgspec.structs.replace(case.scene, vantage="laptop")
    return judge(ASKED, msgspec.structs.replace(case, scene=laptop))


def codes(*arguments: Any, **more: Any) -> list[Code]:
    """The codes of it."""
    return [word.code for word in words(*arguments, **more)]


def at(scheme: str, port: int) -> Proxy:
    """A proxy of this scheme at this port."""
    return msgspec.structs.replace(PROXY, scheme=scheme, port=port)


def said(word: Judgement) -> str:
    """The evidence, in words."""
    return "\n".join(map(language().say, word.evidence))


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ((), None),
        (BY_PROXY, PROXY),
        ((("https_proxy", "proxy.example:3128"),), PROXY),
        ((("HTTPS_PROXY", "HTTP://Proxy.example:3128/"),), PROXY),
        ((("HTTPS_PROXY", "https://proxy.example"),), at("https", 443)),
        ((("HTTPS_PROXY", "http://proxy.example/"),), at("http", 80)),
        ((*BY_PROXY, ("NO_PROXY", "management.azure.com")), None),
        ((*BY_PROXY, ("no_proxy", ".azure.com")), None),
    ],
)
def test_the_way_that_was_tested(environment: tuple[tuple[str, str], ...], proxy: Any) -> None:
    """The environment leads az and helm the way that was tested: nothing is wrong, and the
    evidence names what is installed and how each program goes."""
    (word,) = words(environment, proxy=proxy, tools=(Tool(name="az", version="2.86.0"),))
    assert word.code is Code.ONBOARDING_READY
    assert "az 2.86.0" in said(word)
    assert "kubectl goes" in said(word)


@pytest.mark.parametrize(
    ("environment", "proxy", "who"),
    [
        ((), PROXY, ["az would go direct", "helm would go direct"]),
        (
            BY_PROXY,
            None,
            ["az would go through http://proxy.example:3128", "helm would go through"],
        ),
        ((("HTTPS_PROXY", "http://other:3128"),), PROXY, ["az would go through http://other:3128"]),
        ((("ALL_PROXY", "http://proxy.example:3128"),), PROXY, ["helm would go direct"]),
        ((*BY_PROXY, ("https_proxy", "http://old:1")), PROXY, ["az would go through http://old:1"]),
        ((*BY_PROXY, ("NO_PROXY", "*.azure.com")), PROXY, ["helm would go direct"]),
        (BY_PROXY, PROXY, []),
        ((*BY_PROXY, ("NO_PROXY", ".azure.com")), PROXY, ["az would go direct"]),
    ],
)
def test_another_way(environment: tuple[tuple[str, str], ...], proxy: Any, who: list[str]) -> None:
    """Another way is told for each program that goes it: az takes lower case first and ALL_PROXY
    too, Go capitals."""
    found = words(environment, proxy=proxy)
    text = "\n".join(map(said, found))
    assert [name for name in who if name not in text] == []
    assert (found[0].code is Code.ONBOARDING_ROUTE_DIFFERS) == bool(who)
    if environment == (("ALL_PROXY", "http://proxy.example:3128"),):
        assert "az would" not in text


@pytest.mark.parametrize(
    ("server", "more", "through_proxy"),
    [
        ("api.corp:6443", (), "az, helm, kubectl"),
        ("api.corp:6443", (("NO_PROXY", "api.corp"),), ""),
        ("api.corp:6443", (("NO_PROXY", "api.corp:6443"),), ""),
        ("10.0.0.5:6443", (("NO_PROXY", "10.0.0.0/8"),), ""),
        ("127.0.0.1:6443", (), "az"),  # Go never sends loopback to a proxy
        ("", (), ""),
    ],
)
def test_the_api_server(server: str, more: tuple[tuple[str, str], ...], through_proxy: str) -> None:
    """The API server through the proxy is told, with who would ask so."""
    found = words((*BY_PROXY, *more), proxy=PROXY, api_server=server)
    told = [word for word in found if word.code is Code.ONBOARDING_API_PROXIED]
    assert bool(told) == bool(through_proxy)
    if told:
        assert f"{through_proxy} would reach {server}" in said(told[0])
    own = words(BY_PROXY, proxy=PROXY, api_server=server, has_own_proxy=True)
    assert [word.code for word in own] == [Code.ONBOARDING_READY]


def bundle(variable: str, *subjects: str) -> TrustFile:
    """A file that a variable names."""
    return TrustFile(variable=variable, path="/ca.pem", subjects=subjects)


@pytest.mark.parametrize(
    ("shown", "trust", "who"),
    [
        (None, (), []),
        (PRIVATE, (), ["az", "helm"]),
        (PRIVATE, (bundle("REQUESTS_CA_BUNDLE", "CN=Corp CA"),), ["helm"]),
        (PRIVATE, (bundle("CURL_CA_BUNDLE", "CN=Corp CA"),), ["helm"]),
        (PRIVATE, (bundle("SSL_CERT_FILE", "CN=Corp CA"),), ["az"]),
        (None, (bundle("REQUESTS_CA_BUNDLE", "CN=Corp CA"),), ["az"]),
        (None, (bundle("REQUESTS_CA_BUNDLE", "CN=Corp CA", "CN=root"),), []),
        (None, (bundle("SSL_CERT_FILE"),), ["helm"]),
    ],
)
def test_trust(shown: Any, trust: tuple[TrustFile, ...], who: list[str]) -> None:
    """A file stands in the place of the usual trust: it needs the CA that inspects, and the public
    roots where nobody does."""
    found = words(shown=shown, trust=trust)
    told = [word for word in found if word.code is Code.ONBOARDING_TRUST_LACKING]
    text = "\n".join(map(said, told))
    assert [name for name in ("az", "helm") if f"{name} does not trust" in text] == who


def test_what_another_way_would_show_is_not_judged() -> None:
    """Where a program goes another way than the one tested, what it would be shown is not
    known."""
    assert codes((), proxy=PROXY, shown=PRIVATE) == [Code.ONBOARDING_ROUTE_DIFFERS]


@pytest.mark.parametrize(
    ("version", "settings", "lacking"),
    [
        ("1.9.3", Settings(gateway_host="x.gw.arc.azure.com"), "--gateway-resource-id"),
        ("1.10.0", Settings(gateway_host="x.gw.arc.azure.com"), ""),
        ("1.10.7", Settings(proxy_bypass=("Arc",)), "--add-proxy-bypass"),
        ("1.11.4", Settings(proxy_bypass=("Arc",)), ""),
        ("1.11", Settings(proxy_bypass=("Arc",)), "--add-proxy-bypass"),
        ("1.9.3", Settings(), ""),
        ("", Settings(gateway_host="x.gw.arc.azure.com"), ""),
    ],
)
def test_an_extension_that_is_too_old(version: str, settings: Settings, lacking: str) -> None:
    """An extension without a flag that the settings need; one that is not there is none."""
    found = words(chosen=settings, tools=(Tool(name="connectedk8s", version=version),))
    told = [word for word in found if word.code is Code.ONBOARDING_TOOL_OLD]
    assert [dict(word.values)["missing"] for word in told] == ([(lacking,)] if lacking else [])


def test_in_a_pod_nothing_is_said() -> None:
    """Nobody runs az in a pod; nor is anything said where nothing was seen."""
    case = case_of(through(None), (ASKED, observed(ASKED, Machine())))
    pod = msgspec.structs.replace(case.scene, vantage="pod")
    (word,) = judge(ASKED, msgspec.structs.replace(case, scene=pod))
    assert word.skip is SkipReason.UNNEEDED
    (other,) = judge(ASKED, case_of(through(None), (ASKED, Observation(check=ASKED.id))))
    assert other.skip is SkipReason.UNNEEDED


def test_each_program_reads_its_own_variables() -> None:
    """az is Python, helm and kubectl are Go."""
    assert [(client.name, client.dialect) for client in CLIENTS] == [
        ("az", "python-requests"),
        ("helm", "go"),
        ("kubectl", "go"),
    ]
