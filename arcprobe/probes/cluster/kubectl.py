"""``kubectl``: the user's own context, no shell, bounded in time and output, its words without
secrets. And the API read by it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Mapping
from typing import Any

from arcprobe.model import FailureKind
from arcprobe.model.text import one_line
from arcprobe.probes.cluster.told import Refused, told
from arcprobe.probes.wire.failure import classify

OUTPUT_LIMIT = 80 * 1024 * 1024
"""Bytes of one call's output: what fifty thousand Services print. More is a failure: twice as much
would be the memory of a pod."""

_ERROR_LIMIT = 64 * 1024  # bytes of stderr, of which the last lines count
_CHUNK = 256 * 1024  # bytes that are read at once
_CALLS_AT_ONCE = 3  # each is a process of its own; more would only wait for the API server
_SECONDS_TO_DIE = 2.0  # after SIGKILL; who is stuck in the kernel is left behind
_WORDS_KEPT = 500  # characters of kubectl's last words

# First match decides: what is said (en.toml, cluster.kubectl), what happened, and the words, which
# are those of kubectl 1.20 to 1.34 and of Go's net and crypto/x509 packages.
_WORDS: tuple[tuple[str, FailureKind, str], ...] = (
    ("not-found", FailureKind.OTHER, r"server \(notfound\)|could not find the requested resource"),
    ("gone", FailureKind.OTHER, r"error from server \((gone|expired)\)"),
    ("no-cluster", FailureKind.UNAVAILABLE, r"server localhost:8080 was refused"),
    (
        "configuration",
        FailureKind.UNAVAILABLE,
        r"no configuration has been provided|invalid configuration|current-context is not set"
        r"|context .* (does not exist|not found)|error loading config|stat .*no such file",
    ),
    (
        "page",
        FailureKind.HTTP_MALFORMED,
        r"<!doctype|<html|invalid character '<'|couldn't get version/kind; json parse error",
    ),
    (
        "proxy",
        FailureKind.HTTP_MALFORMED,
        r"proxyconnect|proxy authentication required|socks connect"
        r"|unable to connect to the server: (forbidden|bad gateway|service unavailable"
        r"|gateway timeout|method not allowed|bad request)",
    ),
    ("login", FailureKind.UNAUTHORIZED, r"must be logged in|\bunauthorized\b|provide credentials"),
    (
        "forbidden",
        FailureKind.FORBIDDEN,
        r"error from server \(forbidden\)|is forbidden|cannot (list|get|create) resource",
    ),
    (
        "certificate",
        FailureKind.TLS_OTHER,
        r"x509:|certificate signed by unknown|failed to verify certificate|tls:",
    ),
    ("refused", FailureKind.REFUSED, r"connection refused|was refused"),
    ("unknown-name", FailureKind.NAME_UNKNOWN, r"no such host"),
    ("reset", FailureKind.RESET, r"connection reset"),
    ("unreachable", FailureKind.UNREACHABLE, r"no route to host|network is unreachable"),
    ("timeout", FailureKind.TIMED_OUT, r"timeout|timed out|deadline exceeded|awaiting headers"),
    ("closed", FailureKind.CLOSED, r"unexpected eof|\beof\b"),
    (
        "helper",
        FailureKind.UNAVAILABLE,
        r"executable .* (not found|failed)|exec plugin|getting credentials",
    ),
)
_STATUS = {"not-found": 404, "gone": 410, "forbidden": 403}

# klog's lines ("E1123 10:00:00.1 memcache.go:265] ...") repeat what the last line says.
_NOISE = re.compile(r"[EWIF]\d{4} |Warning:|\s*$")

_ERROR = re.compile(r"Error from server|error: |Unable to connect to the server")


# A group of processes of its own, so that all of it can be ended.
_OWN_GROUP: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}


class KubectlError(Exception):
    """A call failed. Prints as kubectl's last words, one line, without secrets. ``printed``: what
    it had done until then, as far as it said so."""

    def __init__(
        self, words: str, kind: FailureKind = FailureKind.OTHER, printed: bytes = b""
    ) -> None:
        super().__init__(words)
        self.printed = printed
        self.kind = kind  # OTHER: kubectl itself said no


class Kubectl:
    """Runs ``kubectl`` with the user's kubeconfig and context."""

    def __init__(
        self,
        environ: Mapping[str, str],
        kubeconfig: str | None = None,
        context: str | None = None,
        program: str = "kubectl",
    ) -> None:
        path = shutil.which(program, path=environ.get("PATH"))
        if path is None:
            raise KubectlError(told("kubectl.missing"), FailureKind.UNAVAILABLE)
        self._command = [path]
        if kubeconfig:
            self._command += ["--kubeconfig", kubeconfig]
        if context:
            self._command += ["--context", context]
        # arcprobe's own settings may hold a password; kubectl reads none of them
        self._environ = {name: text for name, text in environ.items() if not _is_own(name)}

    def argv(self, *arguments: str) -> list[str]:
        """The command line of one call."""
        return [*self._command, *arguments]

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every call."""
        return dict(self._environ)

    def __call__(self, *arguments: str, stdin: bytes | None = None, timeout: float = 60.0) -> bytes:
        """``run``, for callers without an event loop."""
        return bytes(asyncio.run(self.run(*arguments, stdin=stdin, timeout=timeout)))

    async def run(
        self, *arguments: str, stdin: bytes | None = None, timeout: float = 60.0
    ) -> bytearray:
        """What one call prints. ``KubectlError`` where it fails, prints too much, or does not end
        within ``timeout`` seconds."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environ,
                **_OWN_GROUP,
            )
        except (OSError, RuntimeError) as error:
            words = one_line(getattr(error, "strerror", "") or str(error), 120)
            raise KubectlError(told("kubectl.start", words=words), _not_started(error)) from None
        try:
            async with asyncio.timeout(timeout):
                out, err, _ = await asyncio.gather(
                    _take(process.stdout, OUTPUT_LIMIT),
                    _take(process.stderr, _ERROR_LIMIT),
                    _give(process.stdin, stdin),
                )
                code = await process.wait()
        except TimeoutError:
            words = told("kubectl.silent", command=arguments[0], seconds=timeout)
            raise KubectlError(words, FailureKind.TIMED_OUT) from None
        finally:
            await _end(process)
        if len(out) > OUTPUT_LIMIT:
            words = told("kubectl.large", most=OUTPUT_LIMIT >> 20)
            raise KubectlError(words, FailureKind.TOO_LARGE)
        if code:
            words = last_words(err.decode("utf-8", "replace"))
            words = words or told("kubectl.failed", command=arguments[0])
            raise KubectlError(words, printed=bytes(out))
        return out


def _is_own(variable: str) -> bool:
    return variable.upper().startswith("ARCPROBE_")


def _not_started(error: Exception) -> FailureKind:
    """Whether this host lacks kubectl, or what a process needs."""
    has_no_process = isinstance(error, BlockingIOError)  # EAGAIN of fork(2): a limit of processes
    if has_no_process or classify(error).kind is FailureKind.LOCAL_LIMIT:
        return FailureKind.LOCAL_LIMIT
    return FailureKind.UNAVAILABLE


def last_words(stderr: str) -> str:
    """The lines of kubectl that say why, on one line, bounded, URLs without user and password.

    The first line that begins with its own word for an error; what follows is detail, or the same
    again for the next object.
    """
    lines = [line for line in stderr.splitlines() if not _NOISE.match(line)]
    first = next((line for line in lines if _ERROR.match(line)), "")
    return one_line(first or " ".join(lines[-3:]) or stderr, _WORDS_KEPT)


async def _take(stream: asyncio.StreamReader | None, limit: int) -> bytearray:
    found = bytearray()
    while stream is not None and len(found) <= limit and (chunk := await stream.read(_CHUNK)):
        found += chunk
    return found


async def _give(stream: asyncio.StreamWriter | None, content: bytes | None) -> None:
    if stream is not None and content is not None:
        with contextlib.suppress(OSError):
            stream.write(content)
            await stream.drain()
        stream.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if not _is_over(process):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            _kill(process)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _SECONDS_TO_DIE)
    # One that left the group can hold the pipes still: they are closed from this side.
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()


def _is_over(process: asyncio.subprocess.Process) -> bool:
    """Whether kubectl has ended, and nobody whom it started holds its pipes."""
    streams = (stream for stream in (process.stdout, process.stderr) if stream is not None)
    return process.returncode is not None and all(stream.at_eof() for stream in streams)


def _kill(process: asyncio.subprocess.Process) -> None:
    """kubectl, and a login helper of its, which can outlive it."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


# ------------------------------------------------------------------------------------ the API by it


class KubectlReader:
    """Reads the API by running ``kubectl``. ``timeout``: seconds for one call."""

    def __init__(
        self, environ: Mapping[str, str], timeout: float, kubeconfig: str, context: str
    ) -> None:
        try:
            self._kubectl = Kubectl(environ, kubeconfig, context)
        except KubectlError as error:
            raise Refused(error.kind, str(error)) from None
        self._timeout = timeout
        self._slots = asyncio.Semaphore(_CALLS_AT_ONCE)

    async def services(self) -> bytearray:
        """What ``kubectl get svc -A -o json`` prints."""
        return await self._run("get", "svc", "-A", "-o", "json")

    async def server(self) -> str:
        """The API server's URL of the chosen context."""
        template = "jsonpath={.clusters[0].cluster.server}"
        printed = await self._run("config", "view", "--minify", "-o", template)
        return printed.decode("utf-8", "replace").strip()

    async def get(self, path: str) -> bytes:
        """The body of one path of the API."""
        return bytes(await self._run("get", "--raw", path))

    async def dry_run(self, namespace: str, manifest: bytes) -> str:
        """The words with which the server refuses the Service."""
        options = ("--dry-run=server", "--validate=false", "-o", "name", "-f", "-")
        try:
            await self._run("create", "-n", namespace, *options, stdin=manifest)
        except Refused as refused:
            if "is invalid" in refused.failure.detail:
                return refused.failure.detail
            raise
        return ""

    async def _run(self, *arguments: str, stdin: bytes | None = None) -> bytearray:
        limit = f"--request-timeout={max(1, round(self._timeout))}s"
        async with self._slots:
            try:
                return await self._kubectl.run(
                    *arguments, limit, stdin=stdin, timeout=self._timeout
                )
            except KubectlError as error:
                if error.kind is FailureKind.OTHER:
                    raise refusal(str(error)) from None
                raise Refused(error.kind, str(error)) from None


def refusal(words: str) -> Refused:
    """What happened, from the words that kubectl ended with."""
    for key, kind, pattern in _WORDS:
        if re.search(pattern, words, re.IGNORECASE):
            return Refused(kind, told(f"kubectl.{key}", words=words), _STATUS.get(key, 0))
    return Refused(FailureKind.OTHER, words)
