"""Whatever is wrong with the machine, arcprobe ends: with a verdict, or with one line that says
what is wrong; in bounded time and memory, and never with a traceback."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hostile.peers import ROWS as PEERS, hostile_proxy
from tests.support.processes import IS_LINUX

pytestmark = pytest.mark.skipif(not IS_LINUX, reason="limits and /dev of Linux")

HOST = "busy.example"
SECONDS = 60
MEMORY = 150 * 1024  # KiB
FOLDER = Path(__file__).parents[2] / "fixtures"

CHECK = (
    "check --region westeurope --only busy.example --skip dns --endpoint https://busy.example/"
    " --proxy-https http://127.0.0.1:{port} --proxy-skip-range localhost"
    " --timeout 1 --deadline 8"
)
SHOW = "report show {clean}"


class Fault(NamedTuple):
    """What is wrong, and the exit codes that are right. ``wrap``: shell round the command, which
    stands for ``{}``; ``given``: more arguments; ``variables``: of the environment."""

    command: str
    codes: tuple[int, ...]
    given: str = ""
    wrap: str = "{}"
    variables: tuple[tuple[str, str], ...] = ()


def wrong(given: str, **variables: str) -> Fault:
    """A setting that is wrong: one line, exit code 2."""
    return Fault(CHECK, (2,), given, variables=tuple(variables.items()))


def works(command: str = CHECK, wrap: str = "{}", *codes: int, **variables: str) -> Fault:
    """A machine that is odd: the verdict all the same, or 3."""
    return Fault(command, codes or (1, 3), "", wrap, tuple(variables.items()))


FAULTS: dict[str, Fault] = {
    # ------------------------------------------------------------------- what a setting names
    "services is a pipe": wrong("--services {pipe}"),
    "services is a folder": wrong("--services /"),
    "services is a device without end": wrong("--services /dev/zero"),
    "services is empty": wrong("--services /dev/null"),
    "services is not there": wrong("--services /nowhere"),
    "services is noise": wrong("--services {noise}"),
    "services from closed stdin": Fault(CHECK, (2,), "--services -", "{} <&-"),
    "services from empty stdin": Fault(CHECK, (2,), "--services -", "{} </dev/null"),
    "config is a pipe": wrong("--config {pipe}"),
    "config is a folder": wrong("--config /"),
    "config is a device without end": wrong("--config /dev/zero"),
    "config is noise": wrong("--config {noise}"),
    "config is large": wrong("--config {large}"),
    "config has an empty number": wrong("--config {empty_int}"),
    "config is nested": wrong("--config {nested}"),
    "config bombs": wrong("--config {bomb}"),
    "config is a list": wrong("--config {listed}"),
    "config is not there": wrong("--config /nowhere"),
    "password file is a pipe": wrong("--proxy-auth-file {pipe}"),
    "password file is a device": wrong("--proxy-auth-file /dev/zero"),
    "password file is empty": wrong("--proxy-auth-file /dev/null"),
    "password file is a folder": wrong("--proxy-auth-file /"),
    "bundle is a pipe": wrong("--proxy-cert {pipe}"),
    "bundle is a device": wrong("--proxy-cert /dev/zero"),
    "bundle is empty": wrong("--proxy-cert /dev/null"),
    "bundle is noise": wrong("--proxy-cert {noise}"),
    "roots are noise": wrong("--public-roots {noise}"),
    "roots are not there": wrong("--public-roots /nowhere"),
    "baseline is noise": wrong("--baseline {noise}"),
    "baseline is a pipe": wrong("--baseline {pipe}"),
    "time-out is endless": wrong("--timeout inf"),
    "time-out is no number": wrong("--timeout nan"),
    "deadline is negative": wrong("--deadline -1"),
    "a variable of nonsense": wrong("", ARCPROBE_WEBSOCKET_HOLD="\x1b[31m"),
    "a variable that is no UTF-8": wrong("", ARCPROBE_CLOUD="\udcff\udcfe"),
    "a switch of nonsense": wrong("", ARCPROBE_STRICT="perhaps"),
    "a proxy of nonsense": wrong("--proxy-http http://[::1"),
    "a very long region": wrong("--no-feature " + "x" * 100_000),
    "an unknown flag": wrong("--" + "x" * 10_000),
    # ----------------------------------------------------------------------- where it writes
    "report into a pipe that nobody reads": Fault(CHECK, (3,), "--report json={pipe}"),
    "report into a full disk": Fault(CHECK, (3,), "--report json=/dev/full"),
    "report into a folder": Fault(CHECK, (3,), "--report json=/"),
    "report where nothing is": Fault(CHECK, (3,), "--report json=/nowhere/at/all"),
    "report into a file of /proc": Fault(CHECK, (3,), "--report json=/proc/version"),
    "report into nothing": Fault(CHECK, (1,), "--report json=/dev/null --deadline 40"),
    "stdout is full": works(CHECK, "{} >/dev/full", 3),
    "stdout is closed": works(CHECK, "{} >&-"),
    "stderr is closed": works(CHECK, "{} 2>&-"),
    "stderr is full": works(CHECK, "{} 2>/dev/full"),
    "all streams are closed": works(CHECK, "{} <&- >&- 2>&-"),
    "the reader leaves": works(CHECK, "{} | true", 0, 1, 3),
    "stderr is full and a setting wrong": Fault(CHECK, (2,), "--timeout x", "{} 2>/dev/full"),
    "stdout is closed, the version": works("--version", "{} >&-", 0, 3),
    # ---------------------------------------------------------------------- what it may use
    "few descriptors": works(CHECK, "ulimit -n 24; {}"),
    "hardly a descriptor": works(CHECK, "ulimit -n 12; {}", 1, 2, 3),
    "a file may not grow": Fault(CHECK, (3,), "--report json={free}", "ulimit -f 1; {}"),
    "a small stack": works(CHECK, "ulimit -s 512; {}"),
    "a umask of all": Fault(CHECK, (1,), "--report json={free2} --deadline 40", "umask 777; {}"),
    # ------------------------------------------------------------------------ where it runs
    "the folder is gone": works(CHECK, "mkdir {gone} && cd {gone} && rmdir {gone} && {}"),
    "no home": works(HOME="/nowhere"),
    "an empty path": works(PATH=""),
    "a locale of nonsense": works(LC_ALL="xx_YY.nonsense", LANG="\udcff"),
    "ascii alone": works(PYTHONIOENCODING="ascii", LC_ALL="C"),
    "a terminal of nonsense": works(TERM="\x1b[31m", COLUMNS="-5", LINES="x"),
    "a very wide terminal": works(COLUMNS="100000000"),
    "a time zone of nonsense": works(TZ="\x1b:/nowhere"),
    "certificates of nonsense": works(SSL_CERT_FILE="/nowhere", SSL_CERT_DIR="/dev/zero"),
    "openssl without a configuration": works(OPENSSL_CONF="/nowhere"),
    "a pod without an account": works(KUBERNETES_SERVICE_HOST="127.0.0.1"),
    "a pod of nonsense": works(KUBERNETES_SERVICE_HOST="\x1b[", KUBERNETES_SERVICE_PORT="tcp://x"),
    "a pod with a password": works(KUBERNETES_SERVICE_HOST="me:pw@127.0.0.1"),
    "another proxy in the variables": works(HTTPS_PROXY="http://127.0.0.1:1", ALL_PROXY="x"),
    "a bypass list of nonsense": works(NO_PROXY=",,\x1b[31m,*.*.*,::/0,[", no_proxy="x"),
    "a large bypass list": works(NO_PROXY=",".join(f"h{n}.example" for n in range(8_000))),
    "a node of nonsense": works(ARCPROBE_NODE_NAME="\x1b]0;x\x07", ARCPROBE_POD_NAME="\n" * 50),
    # ------------------------------------------------------------------- recordings and logs
    "a report that is a pipe": Fault("report show {pipe}", (2,)),
    "a report that is noise": Fault("report show {noise}", (2,)),
    "a report without end": Fault("report show /dev/zero", (2,)),
    "a report that is nested": Fault("report show {nested}", (2,)),
    "a log of begins": Fault("report merge {begins}", (2,)),
    "a log without end": Fault("report merge /dev/zero", (2,)),
    "a name that is no UTF-8": Fault("report merge {strange} --format json", (0,)),
    "a report from closed stdin": Fault("report show -", (2,), "", "{} <&-"),
    "a report to a full disk": Fault(SHOW, (3,), "", "{} >/dev/full"),
    "two reports of stdin": Fault("report diff - -", (2,)),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The files that the rows name, and the proxy's port."""
    folder = tmp_path_factory.mktemp("places")
    recording = (FOLDER / "clean" / "recording.json").read_bytes()
    begin = f"-----BEGIN ARCPROBE REPORT json 10 sha256:{'0' * 64}-----\n"
    contents: dict[str, bytes] = {
        "clean": recording,
        "strange": recording,
        "noise": bytes(range(256)) * 64,
        "large": b"region: westeurope\n" * 200_000,
        "empty_int": b"region: !!int\n",
        "nested": b"[" * 50_000,
        "bomb": _bomb(),
        "listed": b"- region\n",
        "begins": begin.encode() * 40_000,
    }
    found = {name: str(folder / name) for name in ("free", "free2", "gone")}
    for name, content in contents.items():
        file = folder / ("n\udcff.json" if name == "strange" else name)
        file.write_bytes(content)
        found[name] = str(file)
    with hostile_proxy({HOST: PEERS["502"]}) as port:
        yield found | {"port": str(port)}


def _bomb() -> bytes:
    """YAML that is small, and huge where its aliases are written out."""
    lines = [b"a: &a [x,x,x,x,x,x,x,x,x]"]
    for number in b"bcdefgh":
        lines.append(b"%c: &%c [%s]" % (number, number, b",".join([b"*%c" % (number - 1)] * 9)))
    return b"\n".join(lines)


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str
    memory: int


_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(["bash", "-c", sys.argv[1]], timeout=float(sys.argv[3]))
with open(sys.argv[2], "w") as file:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=file)
sys.exit(done.returncode)
"""


def ended(fault: Fault, places: dict[str, str], measured: Path) -> Outcome:
    """Runs the row in a process of its own."""
    # rows run side by side: what one writes into its pipe, no other may read
    pipe = str(measured.with_suffix(".pipe"))
    os.mkfifo(pipe)
    text = f"{fault.command} {fault.given}".format(**places | {"pipe": pipe})
    variables = [f"{name}={value}" for name, value in fault.variables]
    program = ["env", *variables, sys.executable, "-m", "arcprobe"]
    command = shlex.join([*program, *shlex.split(text)])
    script = f"set -o pipefail; {fault.wrap}".replace("{}", command).replace(
        "{gone}", places["gone"]
    )
    kept = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    kept["PYTHONPATH"] = str(FOLDER.parent)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, script, str(measured), str(SECONDS)],
        capture_output=True,
        check=False,
        timeout=SECONDS + 10,
        stdin=subprocess.DEVNULL,
        env=kept,
    )
    out, err = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
    return Outcome(done.returncode, out, err, int(measured.read_text()))


@pytest.fixture(scope="module")
def outcomes(
    places: dict[str, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Outcome]]:
    """All rows that are asked for, a few at a time."""
    asked = {item.name for item in request.session.items}
    folder = tmp_path_factory.mktemp("memory")
    with ThreadPoolExecutor(8) as pool:
        rows = {
            name: pool.submit(ended, fault, places, folder / str(number))
            for number, (name, fault) in enumerate(FAULTS.items())
            if f"test_fault[{name}]" in asked
        }
        yield {name: row.result() for name, row in rows.items()}


def test_there_are_enough() -> None:
    """At least sixty faults of the environment."""
    assert len(FAULTS) >= 60
    assert resource.RLIMIT_NOFILE


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, outcomes: dict[str, Outcome]) -> None:
    """The exit code says what happened, nothing is a traceback or a fault of arcprobe's own, what
    is said of a wrong setting is one line that prints, and memory is bounded."""
    found = outcomes[name]
    assert found.code in FAULTS[name].codes, (found.code, found.out[-400:], found.err[-800:])
    for text in (found.out, found.err):
        assert "Traceback" not in text
        assert "a fault of arcprobe's own" not in text
        assert all(char.isprintable() or char == "\n" for char in text)
    if found.code == 2 and found.err:
        assert found.err.count("\n") == 1, found.err
    assert found.memory < MEMORY
