"""The Arc gateway: its cloud, its name, and what the checks of its host found. From values
alone."""

from __future__ import annotations

import pytest

from arcprobe.findings.questions import gateway
from arcprobe.model import Check, Code, Judgement, Kind, Settings, Verdict
from tests.findings.seen import check

HOST = "contoso.gw.arc.azure.com"
WELL = (Judgement(code=Code.ENDPOINT_ANSWERS),)
ILL = (Judgement(code=Code.TLS_RESET),)
SKIPPED = (Judgement(code=Code.ENDPOINT_ANSWERS, verdict=Verdict.SKIP),)
HTTPS, SESSION = check(Kind.HTTPS, host=HOST), check(Kind.TLS, host=HOST)


@pytest.mark.parametrize(
    ("host", "due"),
    [
        (HOST, True),
        ("a.gw.arc.azure.com", True),
        ("gw.arc.azure.com", False),
        (".gw.arc.azure.com", False),
        ("a.b.gw.arc.azure.com", False),
        ("contoso.gw.arc.azure.com.evil.example", False),
        ("contoso.arc.azure.com", False),
        ("", False),
    ],
)
def test_names(host: str, due: bool) -> None:
    """A gateway's host is one label before the suffix, and nothing else."""
    assert gateway.is_gateway(host) is due


@pytest.mark.parametrize(
    ("cloud", "host", "found", "due"),
    [
        ("AzureCloud", HOST, {HTTPS: WELL, SESSION: WELL}, ("gateway-usable", None)),
        ("AzureCloud", HOST, {HTTPS: WELL}, ("gateway-usable", Verdict.SKIP)),
        ("AzureCloud", HOST, {SESSION: ()}, ("gateway-usable", Verdict.SKIP)),
        ("AzureCloud", HOST, {}, ("gateway-usable", Verdict.SKIP)),
        ("AzureCloud", HOST, {HTTPS: WELL, SESSION: ILL}, ("gateway-usable", Verdict.SKIP)),
        ("AzureCloud", HOST, {HTTPS: SKIPPED}, ("gateway-usable", Verdict.SKIP)),
        ("AzureUSGovernment", HOST, {HTTPS: WELL}, ("gateway-cloud-unsupported", None)),
        ("AzureChinaCloud", HOST, {}, ("gateway-cloud-unsupported", None)),
        ("AzureCloud", "gateway.corp.example", {HTTPS: WELL}, ("gateway-url-malformed", None)),
    ],
)
def test_gateway(
    cloud: str,
    host: str,
    found: dict[Check, tuple[Judgement, ...]],
    due: tuple[str, Verdict | None],
) -> None:
    """What is wrong with the setting is said first; what is wrong with the host, its own checks
    say."""
    settings = Settings(cloud=cloud, gateway_url=f"https://{host}", gateway_host=host)
    judged = gateway.judge(check(Kind.GATEWAY, host=host), settings, found)
    assert (judged.code, judged.verdict) == due
    assert judged.evidence


@pytest.mark.parametrize(
    ("url", "due"),
    [
        (HOST, True),
        (f"https://{HOST}/", True),
        (f"https://{HOST}:443", True),
        (f"http://{HOST}", False),
        (f"https://{HOST}:8443", False),
        (f"https://{HOST}/path", False),
        ("https://gateway.corp.example", False),
    ],
)
def test_urls(url: str, due: bool) -> None:
    """A gateway's URL is https, without another port and without a path; another one is malformed,
    whatever its host answers."""
    settings = Settings(gateway_url=url, gateway_host=HOST)
    assert gateway.is_usable_url(settings) is due
    judged = gateway.judge(check(Kind.GATEWAY, host=HOST), settings, {SESSION: WELL})
    assert judged.code == (Code.GATEWAY_USABLE if due else Code.GATEWAY_URL_MALFORMED)
