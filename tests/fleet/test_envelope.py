"""A report out of a pod, through its log."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import zlib

import pytest
from hypothesis import given, settings, strategies as st

from arcprobe.fleet import envelope

SMALL = json.dumps({"schema": 1, "verdict": "pass", "words": "é\u2028"}, ensure_ascii=False)
LARGE = json.dumps({"checks": [{"id": str(number), "words": "w" * 50} for number in range(9000)]})
ONE_LINE = json.dumps({"checks": [{"id": str(number)} for number in range(2000)]})
LONG_TEXT = json.dumps({"words": "".join(random.Random(1).choices("abcdef", k=20_000))})


@pytest.mark.parametrize(
    "text", [SMALL, LARGE, ONE_LINE, LONG_TEXT], ids=["small", "large", "one-line", "long-text"]
)
def test_report_comes_back_from_the_log(text: str) -> None:
    """A report of any size comes back equal, with text for people before it, and no line is longer
    than a log keeps."""
    log = "arcprobe: no fault\n\n" + envelope.wrap(text)
    assert json.loads(envelope.unwrap(log)) == json.loads(text)
    assert max(len(line.encode()) for line in log.splitlines()) < 16_384


def test_reports_are_small_and_open_with_a_shell() -> None:
    """A report takes a fraction of its JSON, and is gzip in base64."""
    lines = envelope.wrap(LARGE).splitlines()
    assert sum(map(len, lines)) < len(LARGE) / 5
    assert gzip.decompress(base64.b64decode("".join(lines[1:-1]))).decode() == LARGE


def earlier(text: str, form: str) -> str:
    """A report as earlier versions wrote it."""
    data = text.encode()
    body = text if form == "json" else base64.b64encode(zlib.compress(data)).decode()
    digest = hashlib.sha256(data).hexdigest()
    head = f"-----BEGIN ARCPROBE REPORT {form} {len(data)} sha256:{digest}-----"
    return f"{head}\n{body}\n-----END ARCPROBE REPORT-----\n"


@pytest.mark.parametrize("form", ["json", "zlib+base64"])
def test_earlier_forms_are_read(form: str) -> None:
    """Logs that were saved with an earlier version are read, alone and beside a new one."""
    assert envelope.unwrap(f"words\n{earlier(SMALL, form)}") == SMALL
    both = envelope.wrap('{"n":1}') + "words\n" + earlier(SMALL, form)
    assert envelope.unwrap(both) == SMALL


def test_report_of_several_containers() -> None:
    """`kubectl logs --all-containers --prefix --timestamps` mixes lines of other containers in."""
    mixed: list[str] = []
    for number, line in enumerate(envelope.wrap(LARGE).splitlines()):
        moment = f"2026-11-23T10:00:00.{'1' * (number % 9 + 1)}Z"
        mixed.append(f"[pod/a/istio-proxy] {moment} info x")
        mixed.append(f"[pod/a/arcprobe] {moment} {line}")
    assert envelope.unwrap("\n".join(mixed)) == LARGE


@pytest.mark.parametrize("text", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("decoration", ["timestamps", "prefix", "carriage-returns"])
def test_report_is_found_under_what_kubectl_adds(text: str, decoration: str) -> None:
    """Timestamps, pod prefixes and CRLF in a saved log do no harm."""
    lines = ("words before\n" + envelope.wrap(text)).split("\n")
    match decoration:
        case "timestamps":
            lines = [
                f"2026-11-23T10:00:00.{'1' * (number % 9 + 1)}Z {line}"
                for number, line in enumerate(lines)
            ]
        case "prefix":
            lines = [f"[pod/arcprobe-pod-x1/arcprobe] {line}" for line in lines]
        case _:
            lines = [f"{line}\r" for line in lines]
    assert json.loads(envelope.unwrap("\n".join(lines))) == json.loads(text)


def test_last_whole_report_counts() -> None:
    """When a container ran twice, its last whole report is taken, and a later one that is cut off
    is not."""
    first, second = envelope.wrap('{"n":1}'), envelope.wrap('{"n":2}')
    assert envelope.unwrap(first + second) == '{"n":2}'
    assert envelope.unwrap(first + second.rsplit("\n", 2)[0]) == '{"n":1}'


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("\n", "empty: the pod has printed nothing yet, or the node has rotated the log"),
        ("some words", "no report"),
        ("}\n-----END ARCPROBE REPORT-----\n", "end alone: the node has rotated the log"),
        (envelope.wrap(LARGE)[:3000], "cut off"),
        (envelope.wrap(LARGE).replace("\n", "\nprogress: 3 of 9\n", 2), "damaged"),
        (envelope.wrap(SMALL).replace("H4sI", "H4sJ"), "damaged"),
    ],
)
def test_missing_and_damaged_reports_are_told(log: str, words: str) -> None:
    """No report, a cut one and a damaged one are each said in words, never returned in part."""
    with pytest.raises(ValueError, match=words):
        envelope.unwrap(log)


def test_compressed_bomb_is_not_unpacked() -> None:
    """A report that unpacks to more than it announces is refused."""
    honest = envelope.wrap(json.dumps("a" * 1_000_000))
    size = str(len(json.dumps("a" * 1_000_000)))
    with pytest.raises(ValueError, match="damaged"):
        envelope.unwrap(honest.replace(f" {size} ", " 100 "))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=3000))
def test_any_log_is_read_without_a_fault(text: str) -> None:
    """Whatever stands in a log, the answer is a report or one line of words."""
    with pytest.raises(ValueError, match="report"):
        envelope.unwrap(
            text + "\n-----BEGIN ARCPROBE REPORT json 3 sha256:" + "0" * 64 + "-----\n" + text
        )


def test_termination_message_fits_and_counts_the_rest() -> None:
    """The message holds verdict and causes in 4096 bytes, and says how many had no room."""
    message = envelope.termination_message("fail", [("proxy-denied", "é" * 100)] * 90)
    assert message.startswith("arcprobe: fail\nproxy-denied: ")
    assert len(message.encode()) <= 4096
    left = int(message.splitlines()[-1].split()[1])
    assert left + len(message.splitlines()) - 2 == 90


def test_termination_message_up_to_the_limit() -> None:
    """What fits beside the line that would count the rest is told; one byte more is counted."""
    room = 4096 - len("arcprobe: fail") - 40 - len("\nproxy-denied: ")
    fits = envelope.termination_message("fail", [("proxy-denied", "x" * room)])
    assert fits.endswith("xxx")
    over = envelope.termination_message("fail", [("proxy-denied", "x" * (room + 1))])
    assert over == "arcprobe: fail\nand 1 more causes"
