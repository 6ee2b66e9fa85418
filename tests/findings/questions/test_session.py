"""With whom is the TLS session? Where the connection did not come so far, and forged pages."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings.questions import endpoint
from arcprobe.findings.questions.session import judge
from arcprobe.knowledge.language import language
from arcprobe.model import (
    AnyStep,
    Check,
    Code,
    Exchange,
    FailureKind,
    Kind,
    Observation,
    Proxy,
    SkipReason,
    Store,
    Trust,
)
from tests.findings.seen import (
    DIRECT,
    LEAF,
    PROXY,
    THROUGH,
    answer,
    check,
    failed,
    head,
    observed,
    shaken,
    to_proxy,
    to_target,
)
from tests.findings.test_telling import case_of

OK = Exchange(method="GET", path="/", head=head(200, "OK"))
FORGED = msgspec.structs.replace(LEAF, issuer="CN=Corp CA", aia=(), scts=0, policies=(), aki="")
REFUSED = Trust(store=Store.PUBLIC, accepted=False, code=20, words="no issuer")
PAGE = Exchange(
    method="GET",
    path="/",
    head=head(403, "Forbidden", X_Squid_Error="ERR_ACCESS_DENIED 0", Server="squid/5.7"),
)


def session_of(carrier: Check) -> Check:
    """The check of the certificate on that connection."""
    return msgspec.structs.replace(
        carrier, id=f"tls {carrier.host}", kind=Kind.TLS, observed_with=carrier.id
    )


def outcome(
    carrier: Check, *others: tuple[Check, Observation | None]
) -> list[tuple[Code, SkipReason | None]]:
    """What is said of the session on a connection, which is the first of these."""
    session = session_of(carrier)
    words = judge(session, case_of(*others, (session, None)))
    return [(word.code, word.skip) for word in words]


def test_genuine() -> None:
    """A chain that ends in a public root is the endpoint's own."""
    seen = observed(DIRECT, *to_target(), shaken(), OK)
    assert outcome(DIRECT, (DIRECT, seen)) == [(Code.CERTIFICATE_GENUINE, None)]


def test_below_tls() -> None:
    """A connection that ended before TLS says nothing of a certificate."""
    seen = observed(DIRECT, *to_target(failure=failed(FailureKind.REFUSED)))
    assert outcome(DIRECT, (DIRECT, seen)) == [(Code.CERTIFICATE_GENUINE, SkipReason.NO_TLS)]


def test_below_tls_of_a_filtered_connection() -> None:
    """Where the endpoint's check was left out, the certificate's check tells how the connection
    ended."""
    carrier = msgspec.structs.replace(DIRECT, supporting=True)
    seen = observed(carrier, *to_target(failure=failed(FailureKind.REFUSED)))
    assert outcome(carrier, (carrier, seen)) == [(Code.TARGET_REFUSED, None)]


def test_a_broken_proxy_hides_it() -> None:
    """Behind a proxy that lets nothing through no certificate is asked for."""
    refused = answer(head(407, "x", Proxy_Authenticate="Basic realm=x"))
    seen = observed(THROUGH, *to_proxy(), refused)
    assert outcome(THROUGH, (THROUGH, seen)) == [
        (Code.CERTIFICATE_GENUINE, SkipReason.PROXY_BROKEN)
    ]


def through(proxy: Proxy, host: str, *, page: bool) -> tuple[Check, Observation]:
    """A connection through a proxy: a forged session with an error page, or a genuine one."""
    asked = check(host=host, proxy=proxy)
    leaf = msgspec.structs.replace(FORGED if page else LEAF, names=(host,), sha256=host)
    trust = REFUSED if page else Trust(store=Store.PUBLIC, accepted=True, anchor="CN=root")
    session = shaken(chain=(leaf,), trust=(trust,), server_name=host)
    last = PAGE if page else OK
    return asked, observed(asked, *to_proxy(), answer(head(200)), session, last)


def test_a_certificate_forged_only_for_a_page_is_no_inspection() -> None:
    """A proxy that forges a session to show its refusal, and inspects nothing else, is not called
    an inspector."""
    denied = through(PROXY, "management.azure.com", page=True)
    genuine = through(PROXY, "login.microsoftonline.com", page=False)
    assert outcome(denied[0], denied, genuine) == [
        (Code.CERTIFICATE_GENUINE, SkipReason.PAGE_CERTIFICATE)
    ]


def test_inspection_of_all_is_inspection() -> None:
    """Where every session is forged, a page in one of them changes nothing."""
    one = through(PROXY, "management.azure.com", page=True)
    other = through(PROXY, "login.microsoftonline.com", page=True)
    assert outcome(one[0], one, other) == [(Code.TLS_INTERCEPTED, None)]


def test_nothing_can_be_said() -> None:
    """A handshake without a chain and without a failure says nothing."""
    seen = observed(DIRECT, *to_target(), shaken(chain=(), trust=()))
    assert outcome(DIRECT, (DIRECT, seen)) == [(Code.CERTIFICATE_GENUINE, SkipReason.NO_TLS)]


BUSY = Exchange(method="GET", path="/", head=head(502, "Bad Gateway"))


def inspected(*, accepted: bool, last: AnyStep) -> tuple[Check, Observation]:
    """A forged session with the endpoint, that the agents take or not, and what came inside."""
    trust = (
        REFUSED,
        Trust(store=Store.BUNDLE, accepted=accepted, anchor="CN=Corp CA" if accepted else ""),
    )
    asked = check(host="management.azure.com", proxy=PROXY)
    leaf = msgspec.structs.replace(FORGED, names=(asked.host,))
    session = shaken(chain=(leaf,), trust=trust, server_name=asked.host)
    return asked, observed(asked, *to_proxy(), answer(head(200)), session, last)


@pytest.mark.parametrize(
    ("accepted", "answers", "evidence"),
    [
        (False, (Code.ENDPOINT_ANSWERS, SkipReason.TOLD_BY_OTHERS), True),
        (True, (Code.ANSWER_FROM_MIDDLEBOX, None), False),
    ],
)
def test_what_a_refused_inspector_does_inside_is_the_same_fault(
    accepted: bool, answers: tuple[Code, SkipReason | None], evidence: bool
) -> None:
    """Where the agents refuse the inspector's certificates, a lost answer is told with the
    interception."""
    carrier, seen = inspected(accepted=accepted, last=BUSY)
    session = session_of(carrier)
    case = case_of((carrier, seen), (session, None))
    (word,) = judge(session, case)
    lines = [language().say(each) for each in word.evidence]
    assert word.code is Code.TLS_INTERCEPTED
    assert any("would not be enough" in text for text in lines) is evidence
    told = endpoint.judge(carrier, case)
    assert (told.code, told.skip) == answers


def test_a_policy_page_inside_a_refused_session_is_a_fault_of_its_own() -> None:
    """A page that denies the host is told beside the interception."""
    carrier, seen = inspected(accepted=False, last=PAGE)
    assert endpoint.judge(carrier, case_of((carrier, seen))).code is Code.BLOCK_PAGE


def test_a_session_of_another_route_spares_nobody() -> None:
    """That the direct way is well says nothing of an inspector at the proxy."""
    denied = through(PROXY, "management.azure.com", page=True)
    other = check(host="login.microsoftonline.com")
    leaf = msgspec.structs.replace(LEAF, names=(other.host,), sha256="d")
    trust = Trust(store=Store.PUBLIC, accepted=True, anchor="CN=root")
    session = shaken(chain=(leaf,), trust=(trust,), server_name=other.host)
    direct = other, observed(other, *to_target(host=other.host), session, OK)
    assert outcome(denied[0], denied, direct) == [(Code.TLS_INTERCEPTED, None)]
