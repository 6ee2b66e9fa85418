"""Does the endpoint answer? What hides the answer, and who tells how the connection ended."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings.ladder import Climb
from arcprobe.findings.questions.endpoint import judge
from arcprobe.findings.reading import Rung
from arcprobe.knowledge.language import language
from arcprobe.model import (
    AnyStep,
    Check,
    Code,
    Dial,
    Exchange,
    Experiment,
    FailureKind,
    Judgement,
    Kind,
    Lookup,
    Observation,
    Settings,
    SkipReason,
    Verdict,
)
from tests.findings.questions.test_session import BUSY, inspected
from tests.findings.seen import (
    DIRECT,
    HOST,
    PROXY,
    THROUGH,
    answer,
    attempt,
    check,
    failed,
    head,
    observed,
    shaken,
    to_proxy,
    to_target,
    unshaken,
)
from tests.findings.test_telling import case_of

OK = Exchange(method="GET", path="/", head=head(200, "OK"))
SESSION = msgspec.structs.replace(DIRECT, id="tls", kind=Kind.TLS, observed_with=DIRECT.id)
REFUSED = answer(head(407, "x", Proxy_Authenticate="Basic realm=x"))


def outcome(word: Judgement) -> tuple[Code, SkipReason | None]:
    """Code and reason."""
    return word.code, word.skip


def test_a_broken_proxy_hides_all() -> None:
    """Where the proxy refuses everybody alike, the endpoints are skipped because of it."""
    seen = observed(THROUGH, *to_proxy(), REFUSED)
    assert outcome(judge(THROUGH, case_of((THROUGH, seen)))) == (
        Code.ENDPOINT_ANSWERS,
        SkipReason.PROXY_BROKEN,
    )


def named(
    asked: Check, host: str, *, failure: FailureKind | None, addresses: tuple[str, ...] = ()
) -> tuple[Check, Observation]:
    """The check of a name, and what the system's resolver said of it."""
    name = msgspec.structs.replace(asked, id=f"dns {host}", kind=Kind.DNS, host=host)
    lookup = Lookup(name=host, addresses=addresses, failure=failed(failure) if failure else None)
    return name, Observation(check=name.id, attempts=(attempt(lookup, label=Experiment.SYSTEM),))


def test_an_unknown_name_hides_the_endpoint() -> None:
    """An endpoint whose name does not resolve is skipped: the name's own check says it."""
    seen = observed(DIRECT, Lookup(name=HOST, failure=failed(FailureKind.NAME_UNKNOWN)))
    name = named(DIRECT, HOST, failure=FailureKind.NAME_UNKNOWN)
    assert outcome(judge(DIRECT, case_of((DIRECT, seen), name))) == (
        Code.ENDPOINT_ANSWERS,
        SkipReason.NAME_BROKEN,
    )


def test_a_name_that_resolved_for_the_connection_hides_nothing() -> None:
    """A connection that went further than the name is judged by what it met."""
    seen = observed(DIRECT, *to_target(failure=failed(FailureKind.REFUSED)))
    name = named(DIRECT, HOST, failure=FailureKind.RESOLVER_FAILED)
    assert outcome(judge(DIRECT, case_of((DIRECT, seen), name))) == (Code.TARGET_REFUSED, None)


def test_a_sinkholed_name_hides_what_is_behind_it() -> None:
    """What answers at a sinkhole is not the endpoint's."""
    steps = (
        Lookup(name=HOST, addresses=("0.0.0.0",)),
        *to_target(failure=failed(FailureKind.REFUSED))[1:],
    )
    name = named(DIRECT, HOST, failure=None, addresses=("0.0.0.0",))
    assert outcome(judge(DIRECT, case_of((DIRECT, observed(DIRECT, *steps)), name))) == (
        Code.ENDPOINT_ANSWERS,
        SkipReason.NAME_BROKEN,
    )


def test_a_proxy_without_a_name_hides_what_it_did_not_open() -> None:
    """Where one tunnel was opened all the same, what was not tested names the proxy's name as the
    reason."""
    unknown = FailureKind.NAME_UNKNOWN
    other = check(host="management.azure.com", proxy=PROXY)
    opened = observed(other, *to_proxy(), answer(head(200)), shaken(), OK)
    seen = observed(THROUGH, Lookup(name=PROXY.host, failure=failed(unknown)))
    name = named(THROUGH, PROXY.host, failure=unknown)
    word = judge(THROUGH, case_of((THROUGH, seen), (other, opened), name))
    assert outcome(word) == (Code.ENDPOINT_ANSWERS, SkipReason.NAME_BROKEN)
    assert language().say(word.evidence[0]) == (
        "the name proxy.example does not resolve to the proxy"
    )


def test_inside_a_session_that_agents_refuse() -> None:
    """An answer that is lost there is told with the interception."""
    carrier, seen = inspected(accepted=False, last=BUSY)
    word = judge(carrier, case_of((carrier, seen)))
    assert outcome(word) == (Code.ENDPOINT_ANSWERS, SkipReason.TOLD_BY_OTHERS)


def test_not_asked() -> None:
    """Without an observation there is no answer."""
    assert outcome(judge(DIRECT, case_of((DIRECT, None)))) == (
        Code.ENDPOINT_ANSWERS,
        SkipReason.NOT_ASKED,
    )


@pytest.mark.parametrize(
    ("steps", "with_session", "due"),
    [
        ((shaken(name_matches=False), OK), True, (Code.ENDPOINT_ANSWERS, SkipReason.OTHER_SERVER)),
        ((unshaken(FailureKind.RESET),), True, (Code.ENDPOINT_ANSWERS, SkipReason.NO_TLS)),
        ((unshaken(FailureKind.RESET),), False, (Code.TLS_RESET, None)),
        ((shaken(),), False, (Code.ENDPOINT_ANSWERS, SkipReason.NO_TLS)),
        ((shaken(), OK), True, (Code.ENDPOINT_ANSWERS, None)),
    ],
)
def test_who_tells_how_tls_ended(
    steps: tuple[AnyStep, ...], with_session: bool, due: tuple[Code, SkipReason | None]
) -> None:
    """The certificate's own check tells how TLS ended; where there is none, the endpoint does."""
    seen = observed(DIRECT, *to_target(), *steps)
    others = ((SESSION, None),) if with_session else ()
    assert outcome(judge(DIRECT, case_of((DIRECT, seen), *others))) == due


def test_a_filtered_session_is_told_by_the_endpoint() -> None:
    """Where the certificate's check was left out, the endpoint says what it would have said."""
    session = msgspec.structs.replace(SESSION, supporting=True)
    seen = observed(DIRECT, *to_target(), unshaken(FailureKind.RESET))
    assert outcome(judge(DIRECT, case_of((DIRECT, seen), (session, None)))) == (
        Code.TLS_RESET,
        None,
    )


def test_the_worst_of_a_filtered_session_is_told() -> None:
    """Of several faults in one session the endpoint tells the one that stops the agents, wherever
    it stands."""
    session = msgspec.structs.replace(SESSION, supporting=True)
    case = case_of((DIRECT, observed(DIRECT, *to_target(), shaken())), (session, None))
    faults = [Judgement(code=code) for code in (Code.ISSUER_UNEXPECTED, Code.CERTIFICATE_EXPIRED)]
    for words in (faults, faults[::-1]):
        said = tuple((Rung.CERTIFICATE, word) for word in words)
        climbs = {DIRECT.id: Climb(check=DIRECT.id, said=said)}
        assert judge(DIRECT, msgspec.structs.replace(case, climbs=climbs)) is faults[1]


def test_a_limit_of_connections() -> None:
    """A tunnel that was cut among many and opened alone is a limit of the proxy."""
    other = check(host="management.azure.com", proxy=PROXY)
    alone = attempt(*to_proxy(), answer(head(200)), label=Experiment.ALONE)
    cut = observed(
        THROUGH, *to_proxy(), answer(None, failure=failed(FailureKind.CLOSED)), more=(alone,)
    )
    good = observed(other, *to_proxy(), answer(head(200)), shaken(), OK)
    assert outcome(judge(THROUGH, case_of((THROUGH, cut), (other, good)))) == (
        Code.PROXY_OVERLOADED,
        None,
    )


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (
            (Dial(address="10.1.2.3", port=443, failure=failed(FailureKind.TIMED_OUT)),),
            SkipReason.NAME_BROKEN,
        ),
        ((Dial(address="10.1.2.3", port=443), shaken(name_matches=False)), SkipReason.NAME_BROKEN),
        ((Dial(address="10.1.2.3", port=443), shaken(), OK), None),
    ],
)
def test_a_private_answer_is_one_fault(last: tuple[AnyStep, ...], due: SkipReason | None) -> None:
    """Silence behind a private address, or a portal's certificate, is the answer's fault; a private
    endpoint that works is none."""
    lookup = Lookup(name=HOST, addresses=("10.1.2.3",))
    name = named(DIRECT, HOST, failure=None, addresses=("10.1.2.3",))
    case = case_of((DIRECT, observed(DIRECT, lookup, *last)), name)
    word = case.names[HOST]
    assert word.code is Code.NAME_PRIVATE
    assert (word.verdict is Verdict.FAIL) is (due is not None)
    assert judge(DIRECT, case).skip is due


@pytest.mark.parametrize(
    ("gateway", "due"),
    [(HOST, Code.GATEWAY_PRIVATE_LINK), ("x.gw.arc.azure.com", Code.NAME_PRIVATE)],
)
def test_only_the_gateways_own_host_may_not_be_private(gateway: str, due: Code) -> None:
    """Private endpoints and a gateway go together; the gateway itself is not behind one."""
    name = named(DIRECT, HOST, failure=None, addresses=("10.1.2.3",))
    case = case_of(name, chosen=Settings(gateway_host=gateway))
    assert case.names[HOST].code is due
