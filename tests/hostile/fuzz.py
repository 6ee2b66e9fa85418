"""Inputs of chance, for the parsers and for the judges: one minute within the tests, ten by

    python -m tests.hostile.fuzz --seconds 600 [--seed N]

What it finds becomes a row of a test. A fault is told with the seed and the input that made it."""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from arcprobe.fleet import envelope
from arcprobe.model import Kind, Report, Verdict
from arcprobe.model.errors import ConfigError
from arcprobe.model.redaction import Redactor
from arcprobe.model.text import heard, name_attributes, one_line
from arcprobe.no_proxy.entries import entries, lint
from arcprobe.pipeline import judged_again
from arcprobe.probes.cluster.objects import decode_services
from arcprobe.probes.trust.bundle import read_proxy_cert
from arcprobe.report import RENDERERS, as_json, renderer
from arcprobe.settings.load import load
from arcprobe.settings.proxy_url import parse_proxy
from tests.hostile import wire

FOLDER = Path(__file__).parents[2] / "fixtures"

# ------------------------------------------------------------------------------------------ parsers

_SEEDS: tuple[bytes, ...] = (
    b"http://user:pass%40word@proxy.corp:3128/",
    b"10.0.0.0/8,.svc,*.example.com,[::1]:443,localhost",
    b"region: westeurope\nproxy-skip-range: [a, b]\ntimeout: !!int 5\n",
    b'{"kind":"List","items":[{"kind":"Service","spec":{"clusterIP":"10.0.0.1"}}]}',
    b"CN=proxy\\,corp+O=Corp,C=DE",
    b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    b"\xff\xfe\x00\xd8\x1b[31m\xe2\x80\xae",
    b'{"schema":1,"verdict":"pass"}',
)


def _config(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    load({"region": "westeurope", "proxy-skip-range": text, "endpoint": [text]}, {})


def _environment(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape").replace("\0", "")
    load({}, {"ARCPROBE_REGION": "westeurope", "HTTPS_PROXY": text, "ARCPROBE_TIMEOUT": text})


PARSERS: dict[str, Callable[[bytes], object]] = {
    "proxy url": lambda data: parse_proxy("--proxy-https", data.decode("utf-8", "replace")),
    "bypass list": lambda data: (
        entries(data.decode("utf-8", "replace")),
        lint(data.decode("latin-1")),
    ),
    "settings": _config,
    "environment": _environment,
    "services": lambda data: decode_services(data, "fuzz"),
    "bundle": lambda data: read_proxy_cert(data, "fuzz"),
    "report": as_json.load,
    "envelope": lambda data: envelope.unwrap(data.decode("utf-8", "replace")),
    "name": lambda data: name_attributes(data.decode("utf-8", "replace")),
    "text": lambda data: (heard(data, 200), one_line(data.decode("latin-1"))),
    "redactor": lambda data: Redactor([data[:40].decode("latin-1")])(data.decode("latin-1")),
}

REFUSALS = (ConfigError, ValueError)  # how a parser says no


def _mutated(chance: random.Random, data: bytes) -> bytes:
    """Bytes with some taken out, doubled, changed, or of others put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(found))
        match chance.randint(0, 4):
            case 0:
                del found[at : at + chance.randint(1, 8)]
            case 1:
                found[at:at] = found[at : at + chance.randint(1, 30)] * chance.randint(1, 40)
            case 2:
                found[at : at + 1] = bytes((chance.randint(0, 255),))
            case 3:
                found[at:at] = chance.choice(_SEEDS)
            case _:
                found[at:at] = chance.choice((b"\0", b"\r\n", b"%", b"@", b":", b"[", b"\xc3"))
    return bytes(found[:20_000])


def parsers(chance: random.Random) -> Iterator[str]:
    """One round over all parsers; what went wrong."""
    everything = {name: wire.Parser(read, _SEEDS) for name, read in PARSERS.items()}
    for name, parser in (*everything.items(), *wire.PARSERS.items()):
        data = _mutated(chance, chance.choice(parser.seeds))
        try:
            parser.read(data)
        except REFUSALS as error:
            if name in wire.PARSERS:
                yield f"{name}: {type(error).__name__}: {error} for {data!r}"
            elif not str(error).isprintable():
                yield f"{name}: unprintable words for {data!r}"
        except Exception as error:
            yield f"{name}: {type(error).__name__}: {error} for {data!r}"


# ------------------------------------------------------------------------------------------- judges

_VALUES: tuple[object, ...] = (
    None,
    "",
    "x",
    "\x1b[31m\u202e",
    -1,
    0,
    1e308,
    True,
    [],
    {},
    "10.0.0.1",
    "a" * 3_000,
)


def recordings() -> tuple[dict[str, Any], ...]:
    """The small ones of the demo."""
    names = ("clean", "denied", "inspected", "name-unknown", "certificate-expired", "in-pod")
    return tuple(json.loads((FOLDER / name / "recording.json").read_bytes()) for name in names)


def _spot(chance: random.Random, value: Any) -> tuple[Any, Any]:
    """A container somewhere within, and a key of it."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        below = value[key]
        if not (isinstance(below, dict | list) and below and chance.random() < 0.9):
            return value, key
        value = below


def mutated(chance: random.Random, recording: dict[str, Any]) -> dict[str, Any]:
    """A recording in which a few values are others, are gone, or stand twice."""
    found = copy.deepcopy({name: recording[name] for name in ("run", "checks", "observations")})
    for _ in range(chance.randint(1, 4)):
        place, key = _spot(chance, found)
        match chance.randint(0, 3):
            case 0 if isinstance(place, list):
                place.insert(key, copy.deepcopy(place[chance.randrange(len(place))]))
            case 1 if len(found) == 3 and place is not found:
                del place[key]
            case 2:
                other, from_key = _spot(chance, found)
                place[key] = copy.deepcopy(other[from_key])
            case _:
                place[key] = chance.choice(_VALUES)
    return {**recording, **found}


def judges(chance: random.Random, among: tuple[dict[str, Any], ...]) -> Iterator[str]:
    """One recording judged and shown; what went wrong."""
    data = json.dumps(mutated(chance, chance.choice(among))).encode("utf-8", "surrogatepass")
    try:
        recording = as_json.load(data)
    except ValueError:
        return
    try:
        report = judged_again(recording)
        renderer(chance.choice(list(RENDERERS)))(report)
    except Exception as error:
        yield f"judge: {type(error).__name__}: {error}"
        return
    yield from _broken_promises(report)


def _broken_promises(report: Report) -> Iterator[str]:
    required = {check.id for check in report.checks if check.required}
    told = {finding.check for finding in report.findings}
    bad = [each for each in report.findings if each.verdict in (Verdict.FAIL, Verdict.WARN)]
    explained = [check for cause in report.causes for check in cause.explains]
    if report.verdict in (Verdict.PASS, Verdict.WARN):
        failed = {each.check for each in bad if each.verdict is Verdict.FAIL} & required
        if failed or not told:
            yield f"judge: {report.verdict} although {sorted(failed)} failed"
        passed = [each for each in report.findings if each.verdict is Verdict.PASS]
        if all(each.kind is Kind.DNS for each in passed):
            yield "judge: passes, and nothing passed"
    for each in bad:
        if each.check not in explained:
            yield f"judge: {each.code} of {each.check} has no cause"


# ---------------------------------------------------------------------------------------------- run


def run(seconds: float, seed: int) -> tuple[int, list[str]]:
    """Rounds for so many seconds; how many, and the distinct faults."""
    chance, among, ends = random.Random(seed), recordings(), time.monotonic() + seconds
    rounds = 0
    found: dict[str, str] = {}
    while time.monotonic() < ends:
        for fault in (*parsers(chance), *judges(chance, among)):
            found.setdefault(fault[:70], f"{fault[:1_000]}  (seed {seed}, round {rounds})")
        rounds += 1
    return rounds, list(found.values())


def main() -> int:
    """The command; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    rounds, found = run(given.seconds, given.seed)
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    sys.stdout.write(f"{rounds} rounds, seed {given.seed}, {len(found)} distinct faults\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
