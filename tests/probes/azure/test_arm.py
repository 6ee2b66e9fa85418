"""Azure Resource Manager, read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from arcprobe.model import Secret
from arcprobe.model.azure import Answer, Trouble
from arcprobe.probes.azure.arm import Arm, token_of
from arcprobe.probes.http_client import Way
from tests.support.arm import CLUSTER, GATEWAY, GATEWAYS, SETTINGS, TOKEN, FakeArm
from tests.support.login import FakeLogin
from tests.support.tools import library

VERSION = "2026-07-15"


@pytest.fixture(name="azure")
def fake(tmp_path: Path) -> Iterator[FakeArm]:
    with FakeArm(tmp_path / "arm") as azure:
        yield azure


def ask(azure: FakeArm, path: str, token: str = TOKEN, timeout: float = 5.0) -> Answer:
    way = Way(endpoint=azure.url, roots=azure.roots.read_bytes(), timeout=timeout)
    with Arm(way, Secret(token) if token else None) as arm:
        return arm.get(path, VERSION)


def test_a_resource_and_a_list(azure: FakeArm) -> None:
    """A resource is read as it is; the pages of a list are joined."""
    assert ask(azure, GATEWAY).text("properties", "gatewayEndpoint") == "contoso.gw.arc.azure.com"
    assert [each["name"] for each in ask(azure, GATEWAYS).items()] == ["contoso", "other"]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (401, Trouble.TOKEN_REJECTED),
        (403, Trouble.FORBIDDEN),
        (404, Trouble.UNKNOWN),
        (429, Trouble.THROTTLED),
        (500, Trouble.BROKEN),
        (503, Trouble.BROKEN),
        (302, Trouble.BROKEN),
    ],
)
def test_each_status_is_a_trouble(azure: FakeArm, status: int, trouble: Trouble) -> None:
    """What Azure refuses is told apart, in its own words without the token."""
    azure.trouble(GATEWAY, status, Location="https://127.0.0.1/other")
    answer = ask(azure, GATEWAY)
    assert answer.trouble is trouble
    assert answer.words.startswith(f"HTTP {status}")


def test_retry_after_is_obeyed(azure: FakeArm) -> None:
    """A 429 with Retry-After is asked again after it; one that asks for longer than the run has is
    told."""
    azure.trouble(GATEWAY, 429, times=1, Retry_After="1")
    assert ask(azure, GATEWAY).trouble is None
    azure.trouble(GATEWAY, 429, Retry_After="9999")
    assert ask(azure, GATEWAY).trouble is Trouble.THROTTLED


def test_the_token_goes_to_azure_alone(azure: FakeArm) -> None:
    """A next page on another host is not asked."""
    azure.bodies[GATEWAYS] = {"value": [], "nextLink": "https://127.0.0.1:1/x"}
    del azure.pages[GATEWAYS]
    assert ask(azure, GATEWAYS).trouble is Trouble.BROKEN


def test_without_token_or_server(azure: FakeArm) -> None:
    """No token: nothing is asked. An authority that is not trusted, or nobody: unreachable."""
    assert ask(azure, GATEWAY, token="").trouble is Trouble.NOT_SIGNED_IN
    assert azure.seen == []
    assert ask(azure, GATEWAY, token="other").trouble is Trouble.TOKEN_REJECTED
    for way in (Way(endpoint=azure.url), Way(endpoint="https://127.0.0.1:1")):
        with Arm(way, Secret(TOKEN)) as arm:
            assert arm.get(GATEWAY, VERSION).trouble is Trouble.UNREACHABLE


def test_a_token_of_the_environment() -> None:
    """The variable gives the token; one that no header takes is none."""
    way = Way(endpoint="https://127.0.0.1:1", timeout=1.0)
    given = token_of({"ARCPROBE_AZURE_TOKEN": " abc "}, way)
    assert given is not None
    assert given.reveal() == "abc"
    assert token_of({"ARCPROBE_AZURE_TOKEN": "a\x01b"}, way) is None


MORE_SECRETS = "client-secret-CANARY"


def program(folder: Path, name: str, text: str) -> None:
    """A program that prints, in a shell's words."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.fixture(name="signed_in")
def stub_of_az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An az whose user is signed in, and nothing else that could give a token."""
    answer = {
        "accessToken": TOKEN,
        "expiresOn": "2099-01-01 00:00:00.000000",
        "expires_on": 4_070_908_800,
        "subscription": "s",
        "tenant": "t",
        "tokenType": "Bearer",
    }
    program(
        tmp_path, "az", f"[ \"$1 $2\" = 'account get-access-token' ] && echo '{json.dumps(answer)}'"
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")


def read_by_microsofts_clients(azure: FakeArm, credential: object) -> None:
    """What the clients of the gateway and of the connected cluster make of the answers."""
    compute = library("azure.mgmt.hybridcompute")
    kubernetes = library("azure.mgmt.hybridkubernetes")
    subscription = GATEWAY.split("/")[2]
    # unverified: from Python 3.13 on they refuse a CA without key identifiers
    more = {"base_url": azure.url, "connection_verify": False}
    with compute.HybridComputeManagementClient(credential, subscription, **more) as client:
        found = client.gateways.get("arc", "contoso")
        assert found.gateway_endpoint == "contoso.gw.arc.azure.com"
        names = [each.name for each in client.gateways.list_by_subscription()]
        assert names == ["contoso", "other"]
    name = "ConnectedKubernetesClient"
    client_type = getattr(kubernetes, name, None) or kubernetes.KubernetesClient
    with client_type(credential, subscription, **more) as client:
        cluster = client.connected_cluster.get("arc", "edge")
        assert cluster.agent_version == "1.36.1"
        assert cluster.gateway.enabled is True
    assert any(path.startswith(CLUSTER) for path in azure.seen)
    assert SETTINGS.startswith(CLUSTER)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.usefixtures("signed_in")
def test_microsofts_own_clients_accept_it(azure: FakeArm) -> None:
    """azure-mgmt-hybridcompute and azure-mgmt-hybridkubernetes, with the credential of az, read the
    same answers: the shapes of the tests are theirs."""
    read_by_microsofts_clients(azure, library("azure.identity").AzureCliCredential())


@pytest.mark.usefixtures("signed_in")
def test_the_token_of_who_is_signed_in(azure: FakeArm) -> None:
    """Without a token in the environment azure-identity is asked: az's is found, and serves."""
    library("azure.identity")
    token = token_of({}, Way(endpoint=azure.url, timeout=20.0))
    assert token is not None
    assert ask(azure, GATEWAY, token.reveal()).trouble is None


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_secret_of_an_application(azure: FakeArm, tmp_path: Path) -> None:
    """ClientSecretCredential signs in at an authority of the tests, and its token serves."""
    identity = library("azure.identity")
    with FakeLogin(tmp_path / "login", MORE_SECRETS, TOKEN) as login:
        credential = identity.ClientSecretCredential(
            "11111111-2222-3333-4444-555555555555",
            "66666666-2222-3333-4444-555555555555",
            MORE_SECRETS,
            authority=login.url,
            disable_instance_discovery=True,
            connection_verify=False,
        )
        read_by_microsofts_clients(azure, credential)
