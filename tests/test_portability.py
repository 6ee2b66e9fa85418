"""What Windows, macOS and the next Python have not, arcprobe does without: found here, on Linux, by
taking it away."""

from __future__ import annotations

import ast
import asyncio
import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from arcprobe.lab.peer import LOOPBACK
from arcprobe.model import FailureKind
from arcprobe.probes.wire.failure import classify
from arcprobe.probes.wire.stream import TcpStream
from tests.support.source import MODULES, ROOT, named

_LIMIT = 50  # seconds for a fresh interpreter
_NAMES = [named(module) for module in MODULES]

# What CPython does not build for Windows, and what its modules have there without (the
# documentation's "Availability: Unix").
WITHOUT = '''
import asyncio, importlib.abc, os, signal, socket, sys

MISSING = {
    "_crypt", "_posixshmem", "crypt", "curses", "_curses", "dbm.gnu", "fcntl", "grp", "nis",
    "ossaudiodev", "pty", "pwd", "readline", "resource", "spwd", "syslog", "termios", "tty",
    # no module of Unix: selenium brings it into the tests' environment, httpcore uses it where it
    # is, and it asks the system on import what this Python has no longer
    "trio",
}


class Windows(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def no_handlers(self, *arguments):
    raise NotImplementedError


for name in MISSING:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Windows())
# not what Python itself is sure of where it was built with it: flags of os.open in shutil,
# sched_getaffinity in os
for module, names in (
    (os, """chown fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid
         getpgrp getpriority getsid getuid initgroups killpg lchown mkfifo mknod nice openpty
         pathconf posix_spawn pwrite setegid seteuid setgid setpgid setsid setuid statvfs sync
         sysconf tcgetpgrp ttyname uname wait wait3 wait4"""),
    (signal, """SIGALRM SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGUSR2 alarm pause pthread_kill
         pthread_sigmask setitimer sigwait"""),
    (socket, """SO_REUSEPORT MSG_DONTWAIT MSG_NOSIGNAL AF_NETLINK AF_PACKET SO_BINDTODEVICE
         if_nametoindex"""),
    (asyncio, """get_child_watcher set_child_watcher get_event_loop_policy
         set_event_loop_policy"""),
):
    for name in names.split():
        if name in vars(module):
            delattr(module, name)
for loop in (asyncio.SelectorEventLoop, asyncio.BaseEventLoop, asyncio.AbstractEventLoop):
    loop.add_signal_handler = loop.remove_signal_handler = no_handlers
for name in "add_reader add_writer create_unix_connection create_unix_server".split():
    setattr(asyncio.SelectorEventLoop, name, no_handlers)
'''


def ended(program: str, *options: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A fresh interpreter that ran the program, with these options and environment beside this
    one's."""
    argv = (sys.executable, *options, "-c", program)
    return subprocess.run(
        argv, capture_output=True, check=False, timeout=_LIMIT, env={**os.environ, **environment}
    )


def test_every_module_is_there_on_windows() -> None:
    """Every module of the package is imported without what Windows has not."""
    told = ended(
        f"{WITHOUT}\nfrom importlib import import_module\n"
        f"for name in {_NAMES!r}: import_module(name)"
    )
    assert (told.returncode, told.stderr.decode()) == (0, "")


@pytest.mark.parametrize("scenario", ["clean", "direct", "in-pod", "everything"])
def test_preflight_without_what_windows_has_not(scenario: str) -> None:
    """A preflight without POSIX modules, names, signal handlers and readers of sockets ends as with
    them."""
    told = ended(
        f"{WITHOUT}\nfrom arcprobe.cli import run\n"
        f"sys.exit(run(['demo', {scenario!r}, '--format', 'json']))"
    )
    assert told.stderr.decode() == ""
    report = json.loads(told.stdout)
    assert told.returncode == (1 if scenario == "everything" else 0)
    assert report["verdict"] == ("fail" if scenario == "everything" else "pass")


def test_the_net_catches() -> None:
    """The taking away itself works: a module, a name and a handler that Windows has not are
    errors."""
    told = ended(f"{WITHOUT}\nimport fcntl")
    assert b"No module named 'fcntl'" in told.stderr
    told = ended(f"{WITHOUT}\nos.getuid()")
    assert b"AttributeError" in told.stderr
    told = ended(
        f"{WITHOUT}\nasync def main(): asyncio.get_running_loop().add_signal_handler(15, print)\n"
        "asyncio.run(main())"
    )
    assert b"NotImplementedError" in told.stderr


def test_nothing_deprecated_is_used() -> None:
    """A preflight and its recording use nothing that a later Python removes, and no encoding that
    the machine chooses."""
    program = (
        "import sys\nfrom arcprobe.cli import run\n"
        "sys.exit(run(['demo', 'in-pod', '--format', 'html']))"
    )
    told = ended(program, "-W", "error", "-X", "warn_default_encoding")
    assert (told.returncode, told.stderr.decode()) == (0, "")


def test_nothing_leaves_a_finally() -> None:
    """No return, break or continue leaves a ``finally``, of which Python 3.14 warns when it
    compiles (PEP 765)."""
    for path in sorted((*ROOT.rglob("*.py"), *Path(__file__).parent.rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for statement in node.finalbody if isinstance(node, (ast.Try, ast.TryStar)) else ():
                assert not leaves(statement), f"{path}, line {statement.lineno}"


def leaves(node: ast.AST, *, in_loop: bool = False) -> bool:
    """Whether a statement ends the block around it by ``return``, or by a ``break`` or ``continue``
    of a loop outside."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return False
    if isinstance(node, ast.Return) or (
        isinstance(node, (ast.Break, ast.Continue)) and not in_loop
    ):
        return True
    inner = in_loop or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
    return any(leaves(child, in_loop=inner) for child in ast.iter_child_nodes(node))


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "utf-8", "utf-16"])
def test_any_console(encoding: str) -> None:
    """The text report comes out whole, with nothing on stderr, whatever the console can show."""
    program = "import sys\nfrom arcprobe.cli import run\nsys.exit(run(['demo', 'denied']))"
    told = ended(program, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (told.returncode, told.stderr.decode(encoding)) == (1, "")
    assert "proxy-denied" in told.stdout.decode(encoding)


def test_help_and_errors_on_any_console() -> None:
    """Help, lists and the words of an error come out where the console has ASCII alone."""
    for arguments, code in (
        (["check", "--help"], 0),
        (["demo", "--list"], 0),
        (["explain", "proxy-denied"], 0),
        (["demo", "é"], 2),
    ):
        program = f"import sys\nfrom arcprobe.cli import run\nsys.exit(run({arguments!r}))"
        told = ended(program, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert told.returncode == code, told.stderr
        assert b"Traceback" not in told.stderr
        assert b"fault" not in told.stderr


# asyncio's event loop on Windows reports the codes of completed operations, and some of them
# without their number.
WINDOWS_ERRORS = (
    (ConnectionRefusedError, 1225, FailureKind.REFUSED),
    (OSError, 1234, FailureKind.REFUSED),
    (ConnectionAbortedError, 1236, FailureKind.RESET),
    (ConnectionResetError, None, FailureKind.RESET),
    (OSError, 121, FailureKind.TIMED_OUT),
    (OSError, 1231, FailureKind.UNREACHABLE),
    (OSError, 1232, FailureKind.UNREACHABLE),
    (OSError, 10061, FailureKind.REFUSED),
    (OSError, 10051, FailureKind.UNREACHABLE),
    (OSError, 10013, FailureKind.PROHIBITED),
)


@pytest.mark.parametrize(("kind", "number", "expected"), WINDOWS_ERRORS)
def test_errors_of_windows(kind: type[OSError], number: int | None, expected: FailureKind) -> None:
    """What a peer did is the same failure where Windows tells it in numbers of its own, or by the
    exception's class alone."""
    error = kind(errno.EINVAL, "words of Windows in the language of the machine")
    vars(error)["winerror"] = number
    assert classify(error).kind == expected


def test_unknown_names_are_unknown_everywhere() -> None:
    """EAI_NONAME is an unknown name also where EAI_NODATA is another name for it, as on Windows."""
    program = (
        "import socket\nsocket.EAI_NODATA = socket.EAI_NONAME = 11001\n"
        "from arcprobe.probes.wire.failure import classify\n"
        "numbers = (11001, 11004, 99999)\n"
        "print(*(classify(socket.gaierror(number, '')).kind.value for number in numbers))"
    )
    told = ended(program)
    assert told.stdout.decode().split() == [
        FailureKind.NAME_UNKNOWN,
        FailureKind.NAME_EMPTY,
        FailureKind.LOOKUP_FAILED,
    ]


def test_ipv6_is_dialled_with_its_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPv6 addresses go to the event loop in four parts: asyncio on Windows takes a pair for
    IPv4."""
    seen: list[tuple[object, ...]] = []

    async def dialled() -> None:
        loop = asyncio.get_running_loop()

        async def noted(_: socket.socket, address: tuple[object, ...]) -> None:
            seen.append(address)

        monkeypatch.setattr(loop, "sock_connect", noted)
        for address in ("::1", LOOPBACK):
            (await TcpStream.connect(address, 9)).close()

    asyncio.run(dialled())
    assert seen == [("::1", 9, 0, 0), (LOOPBACK, 9)]


def test_file_names_fit_windows() -> None:
    """No file of the package or the tests has a name that Windows cannot hold, or two that differ
    by case alone."""
    root = Path(__file__).parent.parent
    names = [
        path.relative_to(root).as_posix()
        for folder in ("arcprobe", "tests", "fixtures")
        for path in (root / folder).rglob("*")
    ]
    reserved = {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{device}{number}" for device in ("com", "lpt") for number in range(10)),
    }
    assert [name for name in names if set(name) & set('<>:"|?*\\')] == []
    assert [
        name
        for name in names
        if {part.partition(".")[0].lower() for part in name.split("/")} & reserved
    ] == []
    assert len({name.lower() for name in names}) == len(set(names))
