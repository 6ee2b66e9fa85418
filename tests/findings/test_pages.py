"""Signs of who wrote an answer that came inside a session."""

from __future__ import annotations

import pytest

from arcprobe.findings.pages import code_of_page, read_answer
from arcprobe.model import Code, Head, line
from tests.findings.seen import PROXY, check, head


@pytest.mark.parametrize(
    ("given", "due"),
    [
        (head(503, X_Squid_Error="ERR_DNS_FAIL 0"), Code.PROXY_CANNOT_RESOLVE),
        (head(503, X_Squid_Error="ERR_CONNECT_FAIL 0"), Code.PROXY_CANNOT_CONNECT),
        (head(503, X_Squid_Error="ERR_SHUTTING_DOWN 0"), Code.PROXY_OVERLOADED),
        (head(302, X_Squid_Error="403 Access Denied"), Code.ANSWER_REDIRECTED),
        (head(403, X_Squid_Error="ERR_ACCESS_DENIED 0"), Code.BLOCK_PAGE),
        (head(405), Code.BLOCK_PAGE),
    ],
)
def test_a_proxys_page(given: Head, due: Code) -> None:
    """Inside a session a denial is a block page; what ails the proxy itself keeps its name."""
    assert code_of_page(given) == due


@pytest.mark.parametrize(
    ("marks", "given", "is_marked"),
    [
        ((("header", "X-Ms-Request-Id", "."),), head(200, X_MS_REQUEST_ID="1"), True),
        ((("header", "X-Ms-Request-Id", "."),), head(200), False),
        ((("header", "Server", "^kestrel$"),), head(200, Server="Kestrel"), True),
        ((("header", "Server", "^kestrel$"),), head(200, Server="nginx"), False),
        ((("body", "", '"name"'),), head(200, "OK", '{"name": 1}'), True),
        ((("reason", "", "missing"),), head(401, "Missing token"), True),
        ((("trailer", "", "."),), head(200, "OK", "x"), False),
        ((("body", "", ""),), head(200), False),
        ((("body", "", "x"), ("reason", "", "OK")), head(200, "OK"), True),
        ((), head(200, "OK"), False),
    ],
)
def test_marks(marks: tuple[tuple[str, str, str], ...], given: Head, is_marked: bool) -> None:
    """Any one of an endpoint's marks is enough; a part of the answer that is not there holds
    none."""
    asked = check(marks=marks)
    assert (read_answer(asked, "/", given, line("answer.unproven")).mark is not None) is is_marked


def test_the_proxy_of_an_answer() -> None:
    """An answer came through the proxy of its check, or through none."""
    first = line("answer.unproven")
    assert read_answer(check(), "/", head(200), first).proxy == ""
    through = read_answer(check(proxy=PROXY), "/", head(200), first)
    assert through.proxy == "http://proxy.example:3128"
