"""A handshake that gave no chain: its end by name, and what the further connections prove."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings.rungs import handshake
from arcprobe.model import (
    Attempt,
    Check,
    Dial,
    Experiment,
    FailureKind,
    Handshake,
    Judgement,
    Role,
    Route,
)
from tests.findings.seen import (
    HOST,
    PROXY,
    attempt,
    check,
    failed,
    reading,
    said,
    scene,
    shaken,
    to_target,
    unshaken,
    value_of,
)
from tests.findings.sessions import Sessions

DIRECT = check()
CUT = (FailureKind.RESET, FailureKind.CLOSED, FailureKind.TIMED_OUT)


def judged(
    step: Handshake, *more: Attempt, asked: Check = DIRECT, beside: Sessions | None = None
) -> Judgement | None:
    """What is said of one check; ``more``: the further connections, made to explain."""
    seen = beside or Sessions()
    return seen.add(asked, *to_target(), step, more=more).judged(
        handshake.judge, asked.host, asked.route
    )


def code(step: Handshake, *more: Attempt) -> str:
    judgement = judged(step, *more)
    return judgement.code.value if judgement is not None else ""


def told(step: Handshake, *more: Attempt) -> tuple[str, ...]:
    judgement = judged(step, *more)
    assert judgement is not None
    return said(judgement)


def test_what_stood_or_was_not_tried() -> None:
    """A session with a chain is judged above; where no handshake was tried there is nothing to
    say."""
    assert code(shaken()) == ""
    assert handshake.judge(reading(DIRECT, *to_target()), scene()) is None
    assert handshake.judge(reading(DIRECT, shaken(Role.PROXY)), scene()) is None


# ---------------------------------------------------------------------------------- by its own name


@pytest.mark.parametrize(
    ("kind", "more", "due"),
    [
        (FailureKind.RESET, {}, "tls-reset"),
        (FailureKind.CLOSED, {}, "tls-closed"),
        (FailureKind.TIMED_OUT, {}, "tls-silent"),
        (FailureKind.TLS_ALERT, {"alert": "access_denied"}, "tls-rejected"),
        (FailureKind.TLS_ALERT, {"alert": "protocol version"}, "tls-too-old"),
        (FailureKind.TLS_ALERT, {"alert": "insufficient-security"}, "tls-too-old"),
        (FailureKind.TLS_VERSION, {}, "tls-too-old"),
        (FailureKind.TLS_PLAINTEXT, {"first_bytes": "HTTP/1.1 403"}, "tls-plaintext-answer"),
        (FailureKind.TLS_OTHER, {}, "tls-rejected"),
        (FailureKind.TLS_OTHER, {"first_bytes": "HTTP/1.1 403"}, "tls-plaintext-answer"),
        (FailureKind.TOO_LARGE, {}, "tls-rejected"),
        (FailureKind.OTHER, {}, "tls-rejected"),
        (FailureKind.UNREACHABLE, {}, "tls-closed"),
        (FailureKind.PROHIBITED, {}, "tls-closed"),
    ],
)
def test_failed_handshake_has_its_name(kind: FailureKind, more: dict[str, Any], due: str) -> None:
    """RST, FIN, silence, alerts, plain text and old versions each get their code; an end that has
    no name of its own is an end."""
    assert code(unshaken(kind, **more)) == due


@pytest.mark.parametrize(
    ("kind", "more", "lines"),
    [
        (FailureKind.RESET, {"bytes_in": 7}, ["RST after 7 bytes, 20 ms after the ClientHello"]),
        (FailureKind.CLOSED, {}, ["FIN before any answer, 20 ms after the ClientHello"]),
        (FailureKind.TIMED_OUT, {"took": 10.0}, ["no answer within 10.0 s"]),
        (
            FailureKind.TIMED_OUT,
            {"took": 10.0, "bytes_in": 9},
            [
                "9 bytes came within 10.0 s",
                "hint: an answer that stops half-way is more often a packet size problem "
                "than a filter",
            ],
        ),
        (
            FailureKind.TLS_ALERT,
            {"alert": "access_denied"},
            ["fatal alert access_denied: a policy refuses this name or this client"],
        ),
        (
            FailureKind.TLS_ALERT,
            {"alert": "no_such_alert"},
            ["fatal alert no_such_alert: see RFC 8446 section 6"],
        ),
        (
            FailureKind.TLS_PLAINTEXT,
            {"first_bytes": "x" * 201},
            [f"the answer is not TLS; it begins: {'x' * 200}"],
        ),
        (FailureKind.TLS_PLAINTEXT, {}, ["the answer is not TLS; it begins: (not kept)"]),
        (
            FailureKind.TLS_OTHER,
            {"failure": failed(FailureKind.TLS_OTHER, "w" * 201)},
            [f"OpenSSL: {'w' * 200}"],
        ),
        (
            FailureKind.TIMED_OUT,
            {"took": 1.0, "failure": failed(FailureKind.TIMED_OUT, "words")},
            ["no answer within 1.0 s"],
        ),
    ],
)
def test_what_was_seen_of_the_end(
    kind: FailureKind, more: dict[str, Any], lines: list[str]
) -> None:
    """The evidence quotes what came, when, bounded."""
    sent = f"the ClientHello for {HOST} was sent (1700 bytes)"
    assert list(told(unshaken(kind, **{"took": 0.02, **more}))) == [sent, *lines]


def test_a_hello_that_was_not_sent_is_not_told() -> None:
    """Where nothing went out there is no size."""
    assert told(unshaken(FailureKind.TIMED_OUT, client_hello=0)) == ("no answer within 10.0 s",)


def test_an_end_without_a_name_quotes_the_system() -> None:
    """The words of the system, else the closed word for it."""
    words = failed(FailureKind.PROHIBITED, "Operation not permitted")
    assert told(unshaken(FailureKind.PROHIBITED, failure=words)) == (
        f"TLS with {HOST}:443: Operation not permitted",
    )
    assert told(unshaken(FailureKind.PROHIBITED)) == (f"TLS with {HOST}:443: prohibited",)


@pytest.mark.parametrize(
    ("step", "name", "due"),
    [
        (unshaken(FailureKind.TLS_ALERT, alert="Access Denied"), "alert", "access_denied"),
        (unshaken(FailureKind.TLS_OTHER), "alert", "without a reason"),
        (
            unshaken(FailureKind.TLS_OTHER, failure=failed(FailureKind.TLS_OTHER, "w" * 121)),
            "alert",
            "w" * 120,
        ),
        (unshaken(FailureKind.TLS_PLAINTEXT, first_bytes="x" * 121), "detail", "x" * 120),
        (unshaken(FailureKind.TIMED_OUT, took=2.345), "seconds", "2.3"),
    ],
)
def test_values_for_the_sentences(step: Handshake, name: str, due: str) -> None:
    """The alert, the first bytes and the time fill the sentences of the code."""
    judgement = judged(step)
    assert judgement is not None
    assert value_of(judgement, name) == due


# ---------------------------------------------------------------------------- beside its neighbours


@pytest.mark.parametrize(
    ("other", "due"),
    [
        (
            shaken(server_name="www.example.com"),
            "proof: with another server name, www.example.com, the same way is answered",
        ),
        (
            unshaken(FailureKind.TLS_ALERT, server_name="www.example.com", alert="x"),
            "proof: with another server name, www.example.com, the same way is answered",
        ),
        (
            unshaken(FailureKind.CLOSED, server_name="www.example.com"),
            "consistent with: another name, www.example.com, ends differently (closed): the block",
        ),
        (
            unshaken(FailureKind.TIMED_OUT, server_name="www.example.com"),
            "consistent with: another name, www.example.com, fails too: it is not this name alone",
        ),
    ],
)
def test_filter_by_name_is_told_from_filter_by_address(other: Handshake, due: str) -> None:
    """Another name at the same address that is answered, or ends otherwise, shows that somebody
    looks at the name."""
    lines = told(unshaken(FailureKind.TIMED_OUT), attempt(other, label=Experiment.OTHER_NAME))
    assert any(line.startswith(due) for line in lines)


def test_same_name_again_is_no_comparison() -> None:
    """A further connection with the same name says nothing of the name."""
    again = attempt(unshaken(FailureKind.RESET), label=Experiment.SMALL_SEGMENTS)
    assert not any("another name" in line for line in told(unshaken(FailureKind.RESET), again))


def test_the_direct_way_and_the_others() -> None:
    """What succeeds without the proxy, and how many others succeed by the same route."""
    proxied, direct = check(proxy=PROXY), check(compare=True)
    other = check(host="other.example", proxy=PROXY)
    beside = Sessions().add(direct, shaken(version="")).add(other, shaken())
    judgement = judged(unshaken(FailureKind.RESET), asked=proxied, beside=beside)
    assert judgement is not None
    lines = said(judgement)
    assert "proof: without the proxy the handshake succeeds (TLS)" in lines
    assert "1 other handshakes by the same route succeeded" in lines
    assert proxied.route is Route.PROXY


# ----------------------------------------------------------------------------------- what is proved

SMALL_HELLO = attempt(*to_target(), shaken(client_hello=320), label=Experiment.SMALL_HELLO)
SAME_HELLO = attempt(*to_target(), shaken(client_hello=1700), label=Experiment.SMALL_HELLO)
SMALL_SEGMENTS = attempt(*to_target(), shaken(), label=Experiment.SMALL_SEGMENTS)
OTHER_NAME = attempt(*to_target(), shaken(), label=Experiment.OTHER_NAME)
OLD = attempt(
    *to_target(), shaken(version="TLSv1.1", cipher="AES128-SHA"), label=Experiment.OLD_TLS
)
WEAK = attempt(
    *to_target(), shaken(version="TLSv1.2", cipher="AES128-SHA"), label=Experiment.OLD_TLS
)
CONTROL = attempt(
    Dial(address="192.0.2.1", port=443, role=Role.CONTROL, took=0.004), label=Experiment.CONTROL
)
CONTROL_REFUSED = attempt(
    Dial(address="192.0.2.1", port=443, role=Role.CONTROL, failure=failed(FailureKind.TIMED_OUT)),
    label=Experiment.CONTROL,
)


def failing(label: Experiment, kind: FailureKind = FailureKind.TIMED_OUT) -> Attempt:
    """A further connection that fared no better."""
    return attempt(*to_target(), unshaken(kind), label=label)


UNHELPFUL = (
    failing(Experiment.SMALL_HELLO),
    failing(Experiment.SMALL_SEGMENTS),
    failing(Experiment.OLD_TLS),
    CONTROL_REFUSED,
)


@pytest.mark.parametrize(
    ("kind", "more", "due"),
    [
        # too large for the path: only what waits in silence, and what small segments cure
        (FailureKind.TIMED_OUT, (SMALL_SEGMENTS,), "path-mtu"),
        (FailureKind.TIMED_OUT, (SMALL_HELLO, SMALL_SEGMENTS), "path-mtu"),
        (FailureKind.TIMED_OUT, (UNHELPFUL[1], SMALL_HELLO), "large-hello-dropped"),
        (FailureKind.TIMED_OUT, (SMALL_SEGMENTS, OTHER_NAME), "tls-silent"),
        (FailureKind.RESET, (SMALL_SEGMENTS,), "tls-reset"),
        # a ClientHello with ML-KEM takes two packets: devices that know one drop, reset or close
        *((kind, (SMALL_HELLO,), "large-hello-dropped") for kind in CUT),
        (FailureKind.RESET, (SMALL_HELLO, OTHER_NAME), "tls-reset"),
        (FailureKind.RESET, (SAME_HELLO,), "tls-reset"),
        # nothing newer is spoken
        (FailureKind.TLS_VERSION, (OLD,), "tls-too-old"),
        (FailureKind.TLS_ALERT, (OLD,), "tls-too-old"),
        (FailureKind.TLS_ALERT, (WEAK,), "tls-too-old"),
        (FailureKind.CLOSED, (OLD,), "tls-too-old"),
        (FailureKind.CLOSED, (WEAK,), "tls-closed"),
        # somebody accepts every connection
        *((kind, (CONTROL,), "transparent-proxy") for kind in (*CUT, FailureKind.TLS_PLAINTEXT)),
        (FailureKind.TLS_ALERT, (CONTROL,), "tls-rejected"),
        (FailureKind.RESET, (CONTROL_REFUSED,), "tls-reset"),
        # nothing was proved
        (FailureKind.RESET, UNHELPFUL, "tls-reset"),
        (FailureKind.CLOSED, UNHELPFUL, "tls-closed"),
        (FailureKind.TIMED_OUT, UNHELPFUL, "tls-silent"),
    ],
)
def test_experiments(kind: FailureKind, more: tuple[Attempt, ...], due: str) -> None:
    """Only a further connection that fares better, in the one thing in which it differs, explains
    the one that failed."""
    assert code(unshaken(kind), *more) == due


@pytest.mark.parametrize(
    ("kind", "more", "lines"),
    [
        (
            FailureKind.TIMED_OUT,
            SMALL_SEGMENTS,
            ("0 bytes came", "with TCP segments of 536 bytes the same handshake succeeds"),
        ),
        (
            FailureKind.RESET,
            SMALL_HELLO,
            (
                "a ClientHello of 1700 bytes is not answered",
                "a ClientHello of 320 bytes is answered: TLSv1.3",
            ),
        ),
        (
            FailureKind.TLS_ALERT,
            OLD,
            ("with all old versions allowed it speaks TLSv1.1 with AES128-SHA",),
        ),
        (
            FailureKind.CLOSED,
            CONTROL,
            (
                "a TCP connection to 192.0.2.1:443, which nobody uses (RFC 5737), was accepted "
                "in 4 ms",
            ),
        ),
    ],
)
def test_proofs_are_told(kind: FailureKind, more: Attempt, lines: tuple[str, ...]) -> None:
    """The failure first, then what the further connection showed."""
    first = f"TLS with {HOST}:443: {kind.value} after 10.00 s"
    assert told(unshaken(kind), more) == (first, *lines)


def test_first_bytes_of_a_transparent_proxy() -> None:
    """What it sent in the place of TLS is quoted."""
    plain = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes="HTTP/1.1 400")
    assert told(plain, CONTROL)[2] == "its first bytes: 'HTTP/1.1 400'"


@pytest.mark.parametrize(
    ("kind", "more", "name", "due"),
    [
        (FailureKind.TIMED_OUT, SMALL_SEGMENTS, "seconds", "10.0"),
        (FailureKind.RESET, SMALL_HELLO, "size", "1700"),
        (FailureKind.TLS_ALERT, OLD, "versions", "TLSv1.1"),
        (FailureKind.TLS_ALERT, WEAK, "versions", "ciphers that the agents refuse (AES128-SHA)"),
        (
            FailureKind.RESET,
            CONTROL,
            "detail",
            "connections to addresses that nobody uses are accepted",
        ),
    ],
)
def test_values_of_what_is_proved(kind: FailureKind, more: Attempt, name: str, due: str) -> None:
    """Sizes, times and versions fill the sentences of the code."""
    judgement = judged(unshaken(kind), more)
    assert judgement is not None
    assert value_of(judgement, name) == due
