"""The normal form of an observation: which connection speaks, how far it came, which hosts it
names."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from arcprobe.findings.reading import (
    Rung,
    discovered_hosts,
    failure_kind,
    failure_words,
    has_ended,
    head_lines,
    read,
    read_all,
    status,
    status_line,
)
from arcprobe.knowledge.language import language
from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Cluster,
    Exchange,
    Experiment,
    Failure,
    FailureKind,
    Head,
    Kind,
    Observation,
    Role,
    Surroundings,
    Tunnel,
    Upgrade,
)
from tests.findings.seen import (
    DIRECT,
    PROXY,
    THROUGH,
    answer,
    attempt,
    check,
    failed,
    head,
    observed,
    reading,
    shaken,
    to_proxy,
    to_target,
    unshaken,
)

SMALL = attempt(*to_target(), shaken(client_hello=300), label=Experiment.SMALL_HELLO)
REFUSED_SMALL = attempt(
    *to_target(), unshaken(FailureKind.RESET, client_hello=300), label=Experiment.SMALL_HELLO
)


def test_rungs_are_in_the_order_of_the_way() -> None:
    """The name comes first, the upgrade last."""
    assert [rung.name for rung in sorted(Rung)] == [
        "NAME",
        "DIAL",
        "PROXY_TLS",
        "TUNNEL",
        "HANDSHAKE",
        "VERSION",
        "CERTIFICATE",
        "DATES",
        "ANSWER",
        "UPGRADE",
    ]


@pytest.mark.parametrize(
    ("kind", "speaks"),
    [
        (FailureKind.TLS_ALERT, Experiment.SMALL_HELLO),
        (FailureKind.TLS_OTHER, Experiment.SMALL_HELLO),
        (FailureKind.RESET, Experiment.AGENTS),
        (FailureKind.CLOSED, Experiment.AGENTS),
        (FailureKind.TIMED_OUT, Experiment.AGENTS),
        (FailureKind.TLS_PLAINTEXT, Experiment.AGENTS),
        (FailureKind.TLS_VERSION, Experiment.AGENTS),
    ],
)
def test_a_smaller_hello_speaks_where_the_padded_one_was_not_understood(
    kind: FailureKind, speaks: Experiment
) -> None:
    """After an alert the connection with the small hello speaks; after a loss the agents' own."""
    seen = reading(DIRECT, *to_target(), unshaken(kind), more=(SMALL,))
    assert seen.speaks.experiment is speaks
    assert (seen.rejected_hello is not None) is (speaks is Experiment.SMALL_HELLO)


def test_the_rejected_hello_keeps_its_size() -> None:
    """What was rejected is at hand, for the words about it."""
    seen = reading(DIRECT, *to_target(), unshaken(FailureKind.TLS_ALERT), more=(SMALL,))
    assert seen.rejected_hello is not None
    assert seen.rejected_hello.client_hello == 1700


def test_a_smaller_hello_that_fails_too_does_not_speak() -> None:
    """Where no hello is understood, the agents' own connection speaks."""
    seen = reading(DIRECT, *to_target(), unshaken(FailureKind.TLS_ALERT), more=(REFUSED_SMALL,))
    assert seen.speaks.experiment is Experiment.AGENTS
    assert seen.rejected_hello is None


def test_handshakes_begin_with_the_one_that_speaks() -> None:
    """All handshakes with the target, the one that speaks before the others; none with the
    proxy."""
    seen = reading(
        THROUGH,
        *to_proxy(),
        shaken(Role.PROXY),
        answer(head(200)),
        unshaken(FailureKind.TLS_ALERT),
        more=(SMALL,),
    )
    assert [each.client_hello for each in seen.handshakes()] == [300, 1700]


def test_nothing_was_asked() -> None:
    """A check without an observation is not usable, and none of its parts raises."""
    seen = read(DIRECT, None)
    assert (seen.is_asked, seen.is_usable) == (False, False)
    assert seen.speaks.last is None
    assert seen.speaks.broken is None
    assert seen.speaks.exchange is None
    assert seen.experiment(Experiment.CONTROL) is None


@pytest.mark.parametrize(
    ("crash", "unfinished", "usable"),
    [("", False, True), ("ValueError: x", False, False), ("", True, False)],
)
def test_usable(crash: str, unfinished: bool, usable: bool) -> None:
    """Only what neither crashed nor was cut short can be judged."""
    seen = read(DIRECT, Observation(check=DIRECT.id, crash=crash, unfinished=unfinished))
    assert seen.is_usable is usable


@pytest.mark.parametrize(
    ("tunnel", "stands"),
    [
        (answer(head(200)), True),
        (answer(head(199)), False),
        (answer(head(201)), False),
        (answer(head(204)), False),
        (answer(head(299)), False),
        (answer(msgspec.structs.replace(head(200), informational=(100,))), False),
        (answer(head(300)), False),
        (answer(head(403)), False),
        (answer(None), True),
        (answer(None, failure=failed(FailureKind.CLOSED)), False),
    ],
)
def test_an_open_tunnel(tunnel: Tunnel, stands: bool) -> None:
    """A tunnel is open to the agents (Go) after 200 alone as the first head, or after a SOCKS reply
    without failure."""
    assert reading(THROUGH, *to_proxy(), tunnel).speaks.is_tunnel_open is stands


def test_no_tunnel_is_not_open() -> None:
    """Without a tunnel there is none that is open."""
    assert reading(DIRECT, *to_target()).speaks.is_tunnel_open is False


def test_steps_by_what_they_are() -> None:
    """Every part of a connection is found by its kind."""
    exchange, upgrade = Exchange(method="GET", path="/"), Upgrade(path="/")
    seen = reading(
        THROUGH, *to_proxy(), shaken(Role.PROXY), answer(head(200)), shaken(), exchange, upgrade
    ).speaks
    assert [each.name for each in seen.lookups] == [PROXY.host]
    assert [each.port for each in seen.dials] == [PROXY.port]
    assert seen.tunnel is not None
    assert seen.proxy_handshake is not None
    assert seen.proxy_handshake.peer is Role.PROXY
    assert seen.handshake is not None
    assert seen.handshake.peer is Role.TARGET
    assert (seen.exchange, seen.upgrade, seen.last) == (exchange, upgrade, upgrade)
    assert seen.has_shaken_hands


def test_surroundings_and_cluster() -> None:
    """What a vantage and its cluster told are found too."""
    asked = check(Kind.SKIP_RANGE)
    seen = reading(asked, Surroundings(ndots=5), Cluster(source="file")).speaks
    assert seen.surroundings == Surroundings(ndots=5)
    assert seen.cluster == Cluster(source="file")


@pytest.mark.parametrize(
    ("kind", "last", "due"),
    [
        (Kind.HTTPS, shaken(), False),
        (Kind.HTTPS, Exchange(method="GET", path="/"), True),
        (Kind.DISCOVERY, shaken(), False),
        (Kind.DISCOVERY, Exchange(method="GET", path="/"), True),
        (Kind.WEBSOCKET, Exchange(method="GET", path="/"), False),
        (Kind.WEBSOCKET, Upgrade(path="/"), True),
        (Kind.TLS, shaken(), True),
        (Kind.TLS, unshaken(FailureKind.RESET), True),
        (Kind.HTTPS, unshaken(FailureKind.RESET), True),
        (Kind.PROXY, shaken(), True),
    ],
)
def test_a_connection_ends_with_what_its_check_asks(kind: Kind, last: AnyStep, due: bool) -> None:
    """With the answer, the upgrade or the handshake that the check is about, or with a failure; a
    check that is of no connection has nothing to wait for."""
    asked = msgspec.structs.replace(DIRECT, kind=kind, observed_with="other")
    assert has_ended(read(asked, observed(asked, *to_target(), last))) is due


def test_the_last_answer_counts() -> None:
    """Of several requests on one connection the last that was answered speaks; where none was, the
    last."""
    first = Exchange(method="GET", path="/1", head=head(200))
    second = Exchange(method="GET", path="/2", failure=failed(FailureKind.CLOSED))
    assert reading(DIRECT, *to_target(), first, second).speaks.exchange == first
    assert reading(DIRECT, *to_target(), second).speaks.exchange == second


def test_failed_handshake_has_not_shaken_hands() -> None:
    """A handshake that ended early is none."""
    assert not reading(DIRECT, *to_target(), unshaken(FailureKind.RESET)).speaks.has_shaken_hands


def test_experiments_by_name() -> None:
    """A connection is found by its experiment; name servers share one."""
    servers = tuple(
        Attempt(label=Experiment.NAME_SERVER.of(address), steps=())
        for address in ("10.0.0.1", "10.0.0.2")
    )
    seen = reading(DIRECT, *to_target(), more=(SMALL, *servers))
    assert seen.succeeded(Experiment.SMALL_HELLO) is not None
    assert seen.succeeded(Experiment.OLD_TLS) is None
    assert [each.peer for each in seen.all_of(Experiment.NAME_SERVER)] == ["10.0.0.1", "10.0.0.2"]


def test_a_check_is_read_from_the_one_it_is_judged_from() -> None:
    """What makes no connection of its own shares the observation of another."""
    session = msgspec.structs.replace(DIRECT, id="tls x", kind=Kind.TLS, observed_with=DIRECT.id)
    readings = read_all((DIRECT, session), {DIRECT.id: observed(DIRECT, *to_target(), shaken())})
    assert readings["tls x"].check is session
    assert readings["tls x"].speaks.handshake == readings[DIRECT.id].speaks.handshake


# ------------------------------------------------------------------------------------------ hosts


def discovery(key: str, pattern: str = "*.servicebus.windows.net") -> Check:
    """A discovery that reads its hosts by ``key``."""
    return check(Kind.DISCOVERY, discovery=key, pattern=pattern)


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ('["a.servicebus.windows.net", "b.servicebus.windows.net"]', ["a", "b"]),
        ('["A.ServiceBus.windows.net.", "a.servicebus.windows.net"]', ["a"]),
        ('["https://a.servicebus.windows.net:443/x"]', ["a"]),
        ('["a.servicebus.windows.net:443/x", "b.servicebus.windows.net/x:1"]', ["a", "b"]),
        ('"a.servicebus.windows.net"', ["a"]),
        ("a.servicebus.windows.net\n", ["a"]),
        ('["other.example", "", 5, "evil servicebus.windows.net"]', []),
        ('["https://[/"]', []),
        ("[[[[", []),
        ("", []),
    ],
)
def test_hosts_of_a_list(body: str, due: list[str]) -> None:
    """Names that fit the pattern, each once, without a final dot; nothing else, whatever the answer
    is."""
    seen = reading(
        DIRECT, *to_target(), shaken(), Exchange(method="GET", path="/", head=head(200, body=body))
    )
    hosts = discovered_hosts(discovery("gns"), seen)
    assert list(hosts) == [f"{name}.servicebus.windows.net" for name in due]


def test_hosts_only_of_200() -> None:
    """An error page names no host."""
    page = head(403, body='["a.servicebus.windows.net"]')
    seen = reading(DIRECT, *to_target(), shaken(), Exchange(method="GET", path="/", head=page))
    assert discovered_hosts(discovery("gns"), seen) == ()


def test_hosts_are_bounded() -> None:
    """Of a list without an end the first 32 count."""
    body = str([f"h{number}.servicebus.windows.net" for number in range(50)]).replace("'", '"')
    seen = reading(
        DIRECT, *to_target(), shaken(), Exchange(method="GET", path="/", head=head(200, body=body))
    )
    assert len(discovered_hosts(discovery("gns"), seen)) == 32


def test_hosts_of_a_registry_on_further_connections() -> None:
    """A registry's redirect names its data host, also on a connection that continued."""
    moved = head(307, Location="https://eastus.data.mcr.microsoft.com/x?sig=1")
    continued = attempt(
        *to_target(),
        shaken(),
        Exchange(method="GET", path="/v2/x", head=moved),
        label=Experiment.REGISTRY_CONTINUED,
    )
    seen = reading(DIRECT, *to_target(), shaken(), more=(continued,))
    asked = discovery("mcr", "*.data.mcr.microsoft.com")
    assert discovered_hosts(asked, seen) == ("eastus.data.mcr.microsoft.com",)


def test_hosts_come_from_the_small_hello_where_it_speaks() -> None:
    """The answer on the connection that speaks names the hosts, whichever that is."""
    body = '["a.servicebus.windows.net"]'
    small = attempt(
        *to_target(),
        shaken(),
        Exchange(method="GET", path="/", head=head(200, body=body)),
        label=Experiment.SMALL_HELLO,
    )
    seen = reading(DIRECT, *to_target(), unshaken(FailureKind.TLS_ALERT), more=(small,))
    assert discovered_hosts(discovery("gns"), seen) == ("a.servicebus.windows.net",)


# ------------------------------------------------------------------------------------------ words


def test_header_joins_what_came_several_times() -> None:
    """A header that came twice is one value (RFC 9110 section 5.3), whatever the case of its
    name."""
    given = msgspec.structs.replace(head(200), headers=(("Via", "a"), ("via", "b"), ("Age", "1")))
    assert given.header("via") == "a, b"
    assert given.header("server") == ""


def test_status_words() -> None:
    """The status line and the status, also without a reason phrase."""
    assert status_line(head(403, "Forbidden")) == "HTTP/1.1 403 Forbidden"
    assert status_line(head(403, version="1.0")) == "HTTP/1.0 403"
    assert status(head(470)) == "470"


@pytest.mark.parametrize(
    ("body", "last"),
    [
        ("<html><title> Access\n denied </title>", "title of the page: Access denied"),
        ("plain  words\n of it", "body: plain words of it"),
        ("x" * 200, "body: " + "x" * 160),
    ],
)
def test_head_lines(body: str, last: str) -> None:
    """An answer tells its status, its telling headers, and its title or its first 160
    characters."""
    given = head(403, "Forbidden", body, Server="gate", X_Other="no")
    lines = [language().say(each) for each in head_lines(given, "http://p:1")]
    assert lines == ["http://p:1 answered HTTP/1.1 403 Forbidden", "Server: gate", last]


def test_head_lines_are_bounded() -> None:
    """Of many telling headers eight are shown."""
    given = msgspec.structs.replace(head(403), headers=(("Via", "x"),) * 20)
    assert len(head_lines(given, "p")) == 9


def test_failure_words() -> None:
    """The library's own words; the closed word where it has none."""
    assert failure_words(Failure(kind=FailureKind.RESET, detail="reset by peer")) == "reset by peer"
    assert failure_words(Failure(kind=FailureKind.RESET)) == "reset"
    assert failure_words(None) == "other"
    assert failure_kind(None) is FailureKind.OTHER


AGAIN = attempt(*to_target(), shaken(), label=Experiment.AGAIN)
SILENT_AGAIN = attempt(*to_target(), unshaken(FailureKind.TIMED_OUT), label=Experiment.AGAIN)


@pytest.mark.parametrize(
    ("kind", "further", "speaks"),
    [
        (FailureKind.TIMED_OUT, AGAIN, Experiment.AGAIN),
        (FailureKind.TIMED_OUT, SILENT_AGAIN, Experiment.AGENTS),
        (FailureKind.RESET, AGAIN, Experiment.AGENTS),
        (FailureKind.TLS_ALERT, AGAIN, Experiment.AGENTS),
    ],
)
def test_a_silence_that_does_not_come_back(
    kind: FailureKind, further: Attempt, speaks: Experiment
) -> None:
    """A packet was lost, or this host was late: what the same connection got the second time
    speaks. What was cut or refused is not asked into a pass."""
    seen = reading(DIRECT, *to_target(), unshaken(kind), more=(further,))
    assert seen.speaks.experiment is speaks
    assert (seen.silent_once is not None) is (speaks is Experiment.AGAIN)


def test_a_silence_to_connect_that_does_not_come_back() -> None:
    """As for a handshake: an answer of the proxy speaks, whatever it says."""
    silent = answer(None, failure=failed(FailureKind.TIMED_OUT))
    closed = answer(None, failure=failed(FailureKind.CLOSED))
    denied = answer(head(403))
    for first, second, speaks in (
        (silent, denied, Experiment.AGAIN),
        (silent, silent, Experiment.AGENTS),
        (closed, denied, Experiment.AGENTS),
    ):
        more = (attempt(*to_proxy(), second, label=Experiment.AGAIN),)
        seen = reading(THROUGH, *to_proxy(), first, more=more)
        assert seen.speaks.experiment is speaks


def _got(*answers: Head | None, last: type[Exchange | Upgrade] = Exchange) -> tuple[Any, ...]:
    """A session with requests that were answered, or (None) met silence."""
    silence = failed(FailureKind.TIMED_OUT)
    ends = [(given, None if given else silence) for given in answers]
    *before, (given, failure) = ends
    asked = [Exchange(method="GET", path="/", head=head, failure=end) for head, end in before]
    if last is Upgrade:
        return (*to_target(), shaken(), *asked, Upgrade(path="/", head=given, failure=failure))
    end = Exchange(method="GET", path="/", head=given, failure=failure)
    return (*to_target(), shaken(), *asked, end)


@pytest.mark.parametrize(
    ("first", "second", "speaks"),
    [
        (_got(None), _got(head(200)), Experiment.AGAIN),
        (_got(None), _got(head(403)), Experiment.AGAIN),
        (_got(None), _got(None), Experiment.AGENTS),
        (_got(head(200), None), _got(head(200), head(200)), Experiment.AGAIN),
        (_got(head(200), None), _got(head(200), None), Experiment.AGENTS),
        (_got(None, last=Upgrade), _got(head(101), last=Upgrade), Experiment.AGAIN),
        (_got(None), (*to_target(), shaken()), Experiment.AGENTS),
    ],
)
def test_a_request_that_is_answered_the_second_time(
    first: tuple[Any, ...], second: tuple[Any, ...], speaks: Experiment
) -> None:
    """Somebody was late once: what was answered the second time speaks, be it a refusal. The answer
    to an earlier request on the same way is none."""
    more = (
        attempt(*second, label=Experiment.AGAIN),
        attempt(*_got(head(200)), label=Experiment.SMALL_SEGMENTS),
    )
    assert reading(DIRECT, *first, more=more).speaks.experiment is speaks
