"""A proxy is set, and https does not use it: which failures are the settings'."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from arcprobe.findings.case import Case, open_case
from arcprobe.findings.telling import tell
from arcprobe.knowledge.language import language
from arcprobe.model import Check, FailureKind, Kind, Lookup, Settings, Verdict
from tests.findings.seen import PROXY, RUN, check, failed, observed, shaken, to_target, unshaken

HTTP_ONLY = Settings(proxy_http=PROXY, other_proxy="HTTP_PROXY")
UNKNOWN = (Lookup(name="x", failure=failed(FailureKind.NAME_UNKNOWN)),)
SILENT = to_target(failure=failed(FailureKind.TIMED_OUT))
RESET = (*to_target(), unshaken(FailureKind.RESET))


def case_of(*seen: tuple[Check, tuple[object, ...]], settings: Settings = HTTP_ONLY) -> Case:
    """A run in which these checks saw these steps."""
    observations = [observed(asked, *steps) for asked, steps in seen]  # type: ignore[arg-type]
    return open_case(
        tuple(asked for asked, _ in seen), observations, replace(RUN, settings=settings)
    )


@pytest.mark.parametrize(
    ("asked", "steps", "settings", "due"),
    [
        (check(), SILENT, HTTP_ONLY, "proxy-variables-disagree"),
        (check(Kind.WEBSOCKET), SILENT, HTTP_ONLY, "proxy-variables-disagree"),
        (check(), UNKNOWN, HTTP_ONLY, "proxy-variables-disagree"),
        (check(), SILENT, Settings(), "target-silent"),
        # past the proxy by the list, not for want of one
        (check(via_bypass=".his.arc.azure.com"), SILENT, HTTP_ONLY, "target-silent"),
        # only information
        (check(required=False), SILENT, HTTP_ONLY, "proxy-variables-disagree"),
    ],
)
def test_lost_for_want_of_a_proxy(
    asked: Check, steps: tuple[object, ...], settings: Settings, due: str
) -> None:
    """Whatever ended the direct way."""
    (word, *_more) = tell(asked, case_of((asked, steps), settings=settings))
    assert word.code == due


def test_an_open_direct_way() -> None:
    """Where one endpoint is reached directly, what fails elsewhere is a gap of its own."""
    from arcprobe.model import Exchange, Head

    good, lost = check(host="a.example"), check(host="b.example")
    answered = (*to_target(), shaken(), Exchange(method="GET", path="/", head=Head(status=200)))
    words = tell(lost, case_of((good, answered), (lost, SILENT)))
    assert [word.code for word in words] == ["target-silent"]


def test_a_cut_handshake() -> None:
    """A filter that resets handshakes closes the direct way too; a forged certificate does not."""
    asked = check()
    session = check(Kind.TLS, observed_with=asked.id)
    case = case_of((asked, RESET), (session, ()))
    words = [word for each in (asked, session) for word in tell(each, case)]
    codes = {word.code for word in words if word.verdict is not Verdict.SKIP}
    assert codes == {"proxy-variables-disagree"}


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        (HTTP_ONLY, "a proxy is set for http only (HTTP_PROXY)"),
        (replace(HTTP_ONLY, proxy_http=None, other_proxy="ALL_PROXY"), "ALL_PROXY"),
    ],
)
def test_which_setting_is_not_read(settings: Settings, due: str) -> None:
    """The variable is named, and the proxy that http alone has."""
    asked = check()
    (word,) = tell(asked, case_of((asked, SILENT), settings=settings))
    assert word.subject == settings.other_proxy
    assert due in language().say(word.evidence[0])
