"""Does the proxy open tunnels? Judged from all connections through it."""

from __future__ import annotations

import msgspec

from arcprobe.findings.questions.proxy import judge
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Check,
    Code,
    Experiment,
    FailureKind,
    Kind,
    Lookup,
    Observation,
    Settings,
    SkipReason,
)
from tests.findings.seen import (
    PROXY,
    THROUGH,
    answer,
    attempt,
    check,
    failed,
    head,
    observed,
    to_proxy,
)
from tests.findings.test_telling import case_of

ASKED = check(Kind.PROXY, host=PROXY.host, port=PROXY.port, proxy=PROXY)
OTHER = check(host="management.azure.com", proxy=PROXY)
OPEN, DENIED = answer(head(200)), answer(head(403, "Forbidden"))
LOCKED = answer(head(407, "x", Proxy_Authenticate="Basic realm=x"))


def outcome(
    *others: tuple[Check, Observation | None], asked: Check = ASKED, chosen: Settings | None = None
) -> list[tuple[Code, SkipReason | None]]:
    """What is said of the proxy."""
    words = judge(asked, case_of(*others, (asked, None), chosen=chosen))
    return [(word.code, word.skip) for word in words]


def seen(asked: Check, tunnel=OPEN) -> tuple[Check, Observation]:  # type: ignore[no-untyped-def]
    """A connection through the proxy that ended with this answer."""
    return asked, observed(asked, *to_proxy(), tunnel)


def test_some_tunnels_were_opened() -> None:
    """A proxy that opened any tunnel opens tunnels, and says how many."""
    case = case_of(seen(THROUGH), seen(OTHER, DENIED), (ASKED, None))
    (word,) = judge(ASKED, case)
    assert word.code is Code.PROXY_OPENS_TUNNEL
    assert [language().say(line) for line in word.evidence] == [
        "1 of 2 tunnels were opened",
        "named by --proxy-https",
    ]


def test_refused_alike() -> None:
    """A proxy that refuses everybody for one reason says that reason."""
    assert outcome(seen(THROUGH, LOCKED), seen(OTHER, LOCKED)) == [(Code.PROXY_AUTH_REQUIRED, None)]


def test_denied_each() -> None:
    """What a policy denies is the endpoints' matter."""
    assert outcome(seen(THROUGH, DENIED), seen(OTHER, DENIED)) == [
        (Code.PROXY_OPENS_TUNNEL, SkipReason.TOLD_BY_OTHERS)
    ]


def test_nothing_was_asked() -> None:
    """A proxy that nothing goes through is not judged."""
    assert outcome() == [(Code.PROXY_OPENS_TUNNEL, SkipReason.NOT_ASKED)]


def test_its_name_is_unknown() -> None:
    """Where the proxy's name does not resolve, the name's own check says it."""
    lookup = Lookup(name=PROXY.host, failure=failed(FailureKind.NAME_UNKNOWN))
    name = check(Kind.DNS, host=PROXY.host, proxy=PROXY)
    asked_name = Observation(check=name.id, attempts=(attempt(lookup, label=Experiment.SYSTEM),))
    carrier = (THROUGH, observed(THROUGH, lookup))
    assert outcome(carrier, (name, asked_name)) == [
        (Code.PROXY_OPENS_TUNNEL, SkipReason.NAME_BROKEN)
    ]


def test_what_was_left_out_is_told_by_the_proxy() -> None:
    """Where --only left the endpoints out, the proxy tells how their tunnels ended, and names
    them."""
    supporting = msgspec.structs.replace(THROUGH, supporting=True)
    name = msgspec.structs.replace(ASKED, id=f"dns {PROXY.host}", kind=Kind.DNS)
    case = case_of(seen(supporting, DENIED), (ASKED, None), (name, None))
    (word,) = judge(ASKED, case)
    assert word.code is Code.PROXY_DENIED
    assert dict(word.values)["target"] == THROUGH.target


def test_variables_disagree() -> None:
    """Two forms of the variable with two values are told beside the proxy's own word."""
    chosen = Settings(proxy_notes=("HTTPS_PROXY and https_proxy differ",))
    assert outcome(seen(THROUGH), chosen=chosen) == [
        (Code.PROXY_VARIABLES_DISAGREE, None),
        (Code.PROXY_OPENS_TUNNEL, None),
    ]


def test_a_proxy_that_nothing_uses() -> None:
    """It was dialled for its own sake: it takes connections, or says how it does not."""
    unused = msgspec.structs.replace(ASKED, unused=True)
    takes = (unused, observed(unused, *to_proxy()))
    refuses = (unused, observed(unused, *to_proxy(failure=failed(FailureKind.REFUSED))))
    for given, due in ((takes, Code.PROXY_OPENS_TUNNEL), (refuses, Code.PROXY_REFUSED)):
        assert [word.code for word in judge(unused, case_of(given))] == [due]


def test_a_question_about_no_proxy() -> None:
    """Nothing is said of a proxy that is not there."""
    nothing = msgspec.structs.replace(ASKED, proxy=None)
    assert judge(nothing, case_of((nothing, None))) == ()
