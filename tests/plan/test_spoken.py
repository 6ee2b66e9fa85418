"""The questions of a recording in another language."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from arcprobe.knowledge.language import language
from arcprobe.model import Check
from arcprobe.plan.spoken import spoken
from tests.plan.asked import GATEWAY, PROXY, config_of, plan_of
from tests.support.languages import shouting

FLAGS = {**PROXY, **GATEWAY, "endpoint": ["https://a.corp"]}


def told(flags: Mapping[str, object], *tables: str) -> dict[str, Check]:
    """The plan of these flags in a language that shouts what is in the tables."""
    checks = spoken(plan_of(flags), config_of(flags).settings, shouting(*tables))
    return {check.id: check for check in checks}


def test_every_purpose_is_translated() -> None:
    """What an endpoint is for, a proxy's setting, a gateway: each is said in the language."""
    purposes = {check.purpose for check in told(FLAGS, "purpose", "plan").values()}
    assert "THE PROXY OF --proxy-https" in purposes
    assert "GIVEN WITH --ENDPOINT" in purposes
    said = {purpose.replace("--proxy-https", "") for purpose in purposes}
    assert [purpose for purpose in said if purpose != purpose.upper()] == []


def test_why_nothing_is_asked_is_translated() -> None:
    """The reason that the bypass list or a wildcard is not asked about is said in the language."""
    without_proxy = told({}, "plan")
    assert without_proxy["skip-range"].note == "NO PROXY IS SET: THERE IS NOTHING TO BYPASS"
    notes = {check.note for check in without_proxy.values() if check.kind == "discovery"}
    assert [note for note in notes if note and not note.startswith("NO PUBLISHED LIST")] == []


def test_english_changes_nothing() -> None:
    """In English the checks of a plan are those of the plan, with a proxy and without."""
    for flags in ({}, FLAGS):
        checks = plan_of(flags)
        assert spoken(checks, config_of(flags).settings, language()) == checks


def test_what_is_not_known_stays() -> None:
    """A recording of a cloud that this version does not know keeps its sentences."""
    settings = msgspec.structs.replace(config_of().settings, cloud="AzureMoon")
    check = Check(
        id="https x:443",
        kind=plan_of()[0].kind,
        target="x:443",
        route=plan_of()[0].route,
        required=True,
        feature="core",
        host="x",
        purpose="a sentence of old",
    )
    assert spoken([check], settings, shouting("purpose"))[0].purpose == "a sentence of old"
