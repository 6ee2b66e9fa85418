"""What Azure Resource Manager answered."""

from __future__ import annotations

import pytest

from arcprobe.model.azure import Answer, resource_id

TYPE = "Microsoft.HybridCompute/gateways"


def test_values_at_a_path() -> None:
    """A value is read by its path; what is not there, or of another type, is nothing."""
    answer = Answer(body={"a": {"b": "x", "when": "2026-11-26T20:00:00Z"}, "value": [{}, 3]})
    assert (answer.text("a", "b"), answer.text("a"), answer.text("b", "c")) == ("x", "", "")
    assert answer.items() == ({},)
    moment = answer.moment("a", "when")
    assert moment is not None
    assert moment.isoformat() == "2026-11-26T20:00:00+00:00"
    assert answer.moment("a", "b") is None


def test_an_id_is_read() -> None:
    """An ID in whatever case of its fixed words; its type in Azure's own spelling."""
    found = resource_id(
        "/SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.hybridcompute/Gateways/n", TYPE
    )
    assert (
        found.path
        == "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/gateways/n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "contoso",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/n",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/gateways/n?x=1",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/gateways",
    ],
)
def test_what_is_no_id(text: str) -> None:
    """Another shape or type, or what would change the request, is refused."""
    with pytest.raises(ValueError, match="is not an ID"):
        resource_id(text, TYPE)
