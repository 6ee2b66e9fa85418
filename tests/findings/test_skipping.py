"""A check without a verdict of its own: the code that it is listed under, and why."""

from __future__ import annotations

import pytest

from arcprobe.findings.skipping import skip
from arcprobe.knowledge.language import language
from arcprobe.model import Code, Kind, SkipReason, Verdict, line
from tests.findings.seen import check


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.DNS, Code.NAME_RESOLVES),
        (Kind.PROXY, Code.PROXY_OPENS_TUNNEL),
        (Kind.HTTPS, Code.ENDPOINT_ANSWERS),
        (Kind.TLS, Code.CERTIFICATE_GENUINE),
        (Kind.WEBSOCKET, Code.WEBSOCKET_UPGRADED),
        (Kind.SKIP_RANGE, Code.CLUSTER_TRAFFIC_BYPASSES),
        (Kind.GATEWAY, Code.GATEWAY_USABLE),
        (Kind.DISCOVERY, Code.HOSTS_DISCOVERED),
    ],
)
def test_skip(kind: Kind, code: Code) -> None:
    """A skipped check is listed under the passing code of its kind, with the reason as word and
    sentence."""
    word = skip(check(kind), SkipReason.NOT_ASKED, line("skip.not-asked"))
    assert (word.code, word.verdict, word.skip) == (code, Verdict.SKIP, SkipReason.NOT_ASKED)
    assert word.summary is not None
    assert language().say(word.summary) == "Not tested: was not asked"
    assert [language().say(each) for each in word.evidence] == ["was not asked"]
