"""Points: one verdict each."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.language import language
from arcprobe.lifecycle.points import as_data, as_text, once, troubled, unknown, well, wrong
from arcprobe.model import Code, line
from arcprobe.model.azure import Answer, Trouble


def test_points_as_text_and_data() -> None:
    """A line a point, who must act and what to change under what is wrong, the verdict last."""
    found = (
        well(line("points.provider", name="A")),
        unknown(line("points.provider", name="B")),
        wrong(Code.PROVIDER_UNREGISTERED, name="C", detail="NotRegistered"),
    )
    page = as_text(found).splitlines()
    assert page[0] == "ok    A is registered"
    assert page[1] == "-     B is registered"
    assert page[2].startswith("FAIL  provider-unregistered: The resource provider C is not")
    assert "az provider register --namespace C" in page[3]
    assert page[-1] == "fail: 1 to act on"
    data = as_data(found)
    assert data["verdict"] == "fail"
    assert [row["code"] for row in data["points"]] == [None, None, "provider-unregistered"]


@pytest.mark.parametrize("trouble", list(Trouble))
def test_each_trouble_is_a_code(trouble: Trouble) -> None:
    """Whatever keeps Azure from answering has a code, an owner and a remedy; the same once."""
    point = troubled(Answer(trouble=trouble, words="HTTP 1"), "x")
    assert point.code is not None
    assert point.remedy
    assert once((point, point)) == (point,)


def test_points_in_japanese() -> None:
    """Every point in the language that is asked for; as data they are English."""
    found = (well(line("points.provider", name="A")), wrong(Code.PROVIDER_UNREGISTERED, name="C"))
    page = as_text(found, language("ja"))
    assert not set(page.splitlines()) & set(as_text(found).splitlines())
    assert "az provider register --namespace C" in page
    assert "is registered" in as_data(found)["points"][0]["summary"]
