"""What Azure says of an Arc gateway."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.lifecycle.gateway import PROVIDERS, Told, endpoint_of, is_allowed, judge
from arcprobe.model import Code
from arcprobe.model.azure import Answer, Trouble
from tests.support.arm import gateway

REGISTERED = Answer(body={"registrationState": "Registered"})
ALL = Answer(body={"value": [{"actions": ["*"], "notActions": []}]})


def told(**changed: Any) -> Told:
    """A gateway with which nothing is wrong, but for what is changed."""
    given: dict[str, Any] = {
        "cloud": "AzureCloud",
        "name": "contoso",
        "gateway": Answer(body=gateway()),
        "others": Answer(body={"value": [gateway()]}),
        "permissions": ALL,
        "providers": dict.fromkeys(PROVIDERS, REGISTERED),
    }
    return Told(**{**given, **changed})


def codes(found: Told) -> list[str]:
    return [point.code.value for point in judge(found) if point.code]


def test_nothing_is_wrong() -> None:
    """A gateway that is ready, with all rights and providers: no code, and the facts."""
    assert codes(told(gateway_host="contoso.gw.arc.azure.com")) == []
    said = [point.summary for point in judge(told())]
    assert "The gateway contoso is ready: contoso.gw.arc.azure.com, eastus, Public" in said
    assert "1 of at most 5 gateways in the subscription" in said


FORBIDDEN = Answer(trouble=Trouble.FORBIDDEN, words="HTTP 403")
UNKNOWN = Answer(trouble=Trouble.UNKNOWN, words="HTTP 404")
FIVE = Answer(body={"value": [gateway(str(number)) for number in range(5)]})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"gateway": UNKNOWN}, ["resource-unknown"]),
        ({"gateway": UNKNOWN, "others": FIVE}, ["resource-unknown", "gateway-quota"]),
        ({"others": FIVE}, []),
        ({"gateway": FORBIDDEN, "others": FORBIDDEN}, ["azure-forbidden"] * 2),
        ({"gateway_host": "x.gw.arc.azure.com"}, ["gateway-url-differs"]),
        ({"cloud": "AzureChinaCloud"}, ["gateway-cloud-unsupported"]),
        ({"permissions": Answer(body={"value": []})}, ["permission-missing"]),
        (
            {"providers": {"A": Answer(body={"registrationState": "NotRegistered"})}},
            ["provider-unregistered"],
        ),
        (
            {"gateway": Answer(body=gateway(provisioningState="Creating", gatewayEndpoint=None))},
            ["gateway-not-enabled"],
        ),
    ],
)
def test_each_fault(changed: dict[str, Any], expected: list[str]) -> None:
    """Each fault is its own code, and no other is said."""
    assert codes(told(**changed)) == expected


def test_one_trouble_with_the_token_is_one_point() -> None:
    """A token that is rejected is one fault, whatever was asked."""
    answer = Answer(trouble=Trouble.TOKEN_REJECTED, words="HTTP 401")
    found = told(
        gateway=answer, others=answer, permissions=answer, providers={"A": answer, "B": answer}
    )
    assert codes(found) == [Code.AZURE_TOKEN_REJECTED]


ACTION = "Microsoft.HybridCompute/gateways/write"


@pytest.mark.parametrize(
    ("entries", "is_held"),
    [
        ([("*", "")], True),
        ([("microsoft.hybridcompute/*/WRITE", "")], True),
        ([("Microsoft.HybridCompute/gateways/read", "")], False),
        ([("*", "Microsoft.HybridCompute/gateways/*")], False),
        # what one role takes away, another gives
        ([("*", "*/write"), ("*/write", "")], True),
        ([("MicrosoftXHybridCompute/gateways/write", "")], False),
        ([], False),
    ],
)
def test_rights_with_wildcards(entries: list[tuple[str, str]], is_held: bool) -> None:
    """An action is held by an entry that names it and does not take it away again."""
    shown = [{"actions": [yes], "notActions": [no] if no else []} for yes, no in entries]
    assert is_allowed(ACTION, shown) is is_held


def test_what_is_restricted_is_told() -> None:
    """Allowed features and hosts past the gateway are told."""
    body = gateway(allowedFeatures=["servers"], gatewayBypass=["a.example.com"])
    said = [point.summary for point in judge(told(gateway=Answer(body=body)))]
    assert "The gateway serves only: servers" in said
    assert "Not through the gateway, so must stay open: a.example.com" in said


def test_the_endpoint_of_a_gateway() -> None:
    """The endpoint of a gateway that is ready; of any other, and of nonsense, nothing."""
    assert endpoint_of(Answer(body=gateway())) == "contoso.gw.arc.azure.com"
    assert endpoint_of(Answer(body=gateway(provisioningState="Deleting"))) == ""
    assert endpoint_of(Answer(body=gateway(gatewayEndpoint="no host"))) == ""
