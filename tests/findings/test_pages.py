"""Signs of who wrote an answer that came inside a session."""

from __future__ import annotations

import pytest

from arcprobe.findings.pages import ORIGIN_ERRORS, code_of_page, read_answer, unanswered
from arcprobe.findings.reading import Reading, read
from arcprobe.model import (
    Attempt,
    Code,
    Exchange,
    Experiment,
    FailureKind,
    Head,
    Upgrade,
    Verdict,
    line,
)
from tests.findings.seen import PROXY, attempt, check, failed, head, observed, said, value_of


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
        (
            (("header", "Server", "^Microsoft-HTTPAPI/2\\.0"),),
            head(200, Server="microsoft-httpapi/2.0"),
            True,
        ),
        ((("header", "Server", "^Microsoft-HTTPAPI/2\\.0"),), head(200, Server="nginx"), False),
        ((("body", "", r"^registry/2\.0"),), head(200, "OK", "registry/2.0"), True),
        (
            (("reason", "", "Publicly Listed Services"),),
            head(401, "publicly listed services"),
            True,
        ),
        ((("trailer", "", "."),), head(200, "OK", "x"), False),
        ((("body", "", ""),), head(200), False),
        ((("body", "", "."), ("reason", "", ".")), head(200, "OK"), True),
        ((("reason", "", "(a+)+$"),), head(200, "a" * 4_000 + "!"), False),
        ((("reason", "", "("),), head(200, "OK"), False),
        ((), head(200, "OK"), False),
    ],
)
def test_marks(marks: tuple[tuple[str, str, str], ...], given: Head, is_marked: bool) -> None:
    """Any one of an endpoint's marks is enough; a part of the answer that is not there holds
    none, and an expression of a recording that is not the catalogue's own is not run."""
    asked = check(marks=marks)
    assert (read_answer(asked, "/", given, line("answer.unproven")).mark is not None) is is_marked


def test_the_proxy_of_an_answer() -> None:
    """An answer came through the proxy of its check, or through none."""
    first = line("answer.unproven")
    assert read_answer(check(), "/", head(200), first).proxy == ""
    through = read_answer(check(proxy=PROXY), "/", head(200), first)
    assert through.proxy == "http://proxy.example:3128"


def test_a_judgement_of_an_answer() -> None:
    """What is said of an answer has its status and its aim; who is to act only where that is
    said."""
    first = line("answer.unproven")
    given = head(302, "Found", Location="https://a/", Server="Zscaler/6.2")
    answer = read_answer(check(), "/x", given, first)
    assert (answer.path, answer.header("location")) == ("/x", "https://a/")
    assert answer.author is not None
    found = answer.says(Code.BLOCK_PAGE, first, product=answer.author, subject="s")
    assert (found.product, found.subject, found.verdict) == ("Zscaler", "s", None)
    assert dict(found.values) == {
        "status": "302 Found",
        "location": "https://a/",
        "product": "Zscaler",
    }
    plain = answer.says(Code.ORIGIN_ERROR, verdict=Verdict.WARN)
    assert (plain.product, plain.subject, plain.verdict) == ("", "", Verdict.WARN)
    assert dict(plain.values)["product"] == ""


def test_errors_of_a_gateway() -> None:
    """502, 503 and 504 can be of a service's own gateway, or of a proxy; no other status can."""
    assert sorted(ORIGIN_ERRORS) == [502, 503, 504]


CODES = {
    FailureKind.TIMED_OUT: Code.ANSWER_SILENT,
    FailureKind.HTTP_MALFORMED: Code.ANSWER_FROM_MIDDLEBOX,
    FailureKind.TOO_LARGE: Code.ANSWER_FROM_MIDDLEBOX,
    FailureKind.OTHER: Code.ANSWER_CLOSED,
}
ASKED = line("answer.asked", method="GET", path="/")


def small(step: Exchange | Upgrade) -> Attempt:
    """The same asked in small segments."""
    return attempt(step, label=Experiment.SMALL_SEGMENTS)


def without_answer(kind: FailureKind, *more: Attempt) -> tuple[Reading, Exchange]:
    """A request that ended so."""
    step = Exchange(method="GET", path="/", failure=failed(kind, "said so"), took=1.26, bytes_in=3)
    return read(check(), observed(check(), step, more=more)), step


@pytest.mark.parametrize(
    ("kind", "is_genuine", "due"),
    [
        (FailureKind.TIMED_OUT, True, Code.ANSWER_SILENT),
        (FailureKind.TIMED_OUT, False, Code.ANSWER_SILENT),
        (FailureKind.RESET, True, Code.ANSWER_CLOSED),
        (FailureKind.HTTP_MALFORMED, True, Code.ORIGIN_ERROR),
        (FailureKind.HTTP_MALFORMED, False, Code.ANSWER_FROM_MIDDLEBOX),
        (FailureKind.TOO_LARGE, True, Code.ORIGIN_ERROR),
        (FailureKind.TOO_LARGE, False, Code.ANSWER_FROM_MIDDLEBOX),
    ],
)
def test_no_answer(kind: FailureKind, is_genuine: bool, due: Code) -> None:
    """By how it ended; what is no HTTP is the endpoint's own where nobody else can have written
    it."""
    reading, step = without_answer(kind)
    found = unanswered(reading, step, ASKED, CODES, is_genuine=is_genuine)
    assert found.code == due
    assert said(found) == ("GET /: said so after 1.26 s, 3 bytes of answer",)
    assert (value_of(found, "seconds"), value_of(found, "alert")) == ("1.3", "said so")


@pytest.mark.parametrize(
    ("kind", "again", "is_cured"),
    [
        (FailureKind.TIMED_OUT, Exchange(method="GET", path="/", head=head(200)), True),
        (FailureKind.TIMED_OUT, Upgrade(path="/", head=head(401)), True),
        (FailureKind.TIMED_OUT, Exchange(method="GET", path="/"), False),
        (FailureKind.TIMED_OUT, Upgrade(path="/"), False),
        (FailureKind.RESET, Exchange(method="GET", path="/", head=head(200)), False),
    ],
)
def test_small_segments(kind: FailureKind, again: Exchange | Upgrade, is_cured: bool) -> None:
    """Only silence that small segments cure is a packet size."""
    reading, step = without_answer(kind, small(again))
    found = unanswered(reading, step, ASKED, CODES, is_genuine=True)
    assert (found.code is Code.PATH_MTU) is is_cured


def test_what_came_instead() -> None:
    """The first 120 characters of what is no answer."""
    step = Exchange(
        method="GET", path="/", failure=failed(FailureKind.HTTP_MALFORMED), first_bytes="x" * 121
    )
    reading = read(check(), observed(check(), step))
    found = unanswered(reading, step, ASKED, CODES, is_genuine=False)
    assert said(found)[1] == "received: '" + "x" * 120 + "'"
