"""``kubectl`` as the way to the API: the person's own context, no shell, bounded output, ended by
its own process on time-out."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import Mapping, Sequence

from arcprobe.model import FailureKind
from arcprobe.probes.cluster import objects as _objects
from arcprobe.probes.cluster.reader import Refused

OUTPUT_LIMIT = 256 * 1024 * 1024
_ERROR_LIMIT = 64 * 1024

# First match decides. The words are those of kubectl 1.20 to 1.34 and of Go's net and crypto/x509
# packages.
_WORDS: tuple[tuple[str, FailureKind, str], ...] = (
    (
        r"the connection to the server localhost:8080 was refused",
        FailureKind.UNAVAILABLE,
        "kubectl has no cluster configured",
    ),
    (
        r"no configuration has been provided|invalid configuration|context .* (does not exist|not found)"
        r"|current-context is not set|error loading config|stat .*no such file",
        FailureKind.UNAVAILABLE,
        "kubectl's configuration cannot be used",
    ),
    (
        r"proxyconnect|proxy authentication required|unable to connect to the server: "
        r"(forbidden|bad gateway|service unavailable|gateway timeout|method not allowed|bad request)|socks connect",
        FailureKind.HTTP_MALFORMED,
        "kubectl asked a proxy for the API server, and the proxy did not let it through",
    ),
    (
        r"must be logged in|\bunauthorized\b|provide credentials",
        FailureKind.UNAUTHORIZED,
        "the API server does not accept the login",
    ),
    (
        r"error from server \(forbidden\)|is forbidden|cannot (list|get|create) resource",
        FailureKind.FORBIDDEN,
        "forbidden",
    ),
    (
        r"x509:|certificate signed by unknown|failed to verify certificate|tls:",
        FailureKind.TLS_OTHER,
        "the API server's certificate is not accepted by kubectl",
    ),
    (
        r"connection refused|was refused",
        FailureKind.REFUSED,
        "the API server refuses the connection",
    ),
    (r"no such host", FailureKind.NAME_UNKNOWN, "the API server's name is unknown"),
    (r"connection reset", FailureKind.RESET, "the connection to the API server was reset"),
    (
        r"no route to host|network is unreachable",
        FailureKind.UNREACHABLE,
        "the API server cannot be reached",
    ),
    (
        r"i/o timeout|timeout|timed out|deadline exceeded|awaiting headers",
        FailureKind.TIMED_OUT,
        "the API server did not answer in time",
    ),
    (r"unexpected eof|\beof\b", FailureKind.CLOSED, "the API server closed the connection"),
    (
        r"executable .* (not found|failed)|exec plugin|getting credentials",
        FailureKind.UNAVAILABLE,
        "kubectl's login helper failed",
    ),
)
_STATUS_WORDS = re.compile(
    r"Error from server \((NotFound|Gone|Expired)\)|could not find the requested resource", re.I
)


class KubectlReader:
    """Reads by running ``kubectl``. ``timeout``: seconds for one call."""

    def __init__(
        self, environ: Mapping[str, str], timeout: float, kubeconfig: str, context: str
    ) -> None:
        path = shutil.which("kubectl", path=environ.get("PATH"))
        if path is None:
            raise Refused(FailureKind.UNAVAILABLE, "kubectl is not on the PATH")
        self._command = [path]
        if kubeconfig:
            self._command += ["--kubeconfig", kubeconfig]
        if context:
            self._command += ["--context", context]
        self._environ = dict(environ)
        self._timeout = timeout
        self._slots = asyncio.Semaphore(3)

    async def services(self) -> bytearray:
        """What ``kubectl get svc -A -o json`` prints."""
        return await self._run(["get", "svc", "-A", "-o", "json"])

    async def server(self) -> str:
        """The API server's URL of the chosen context."""
        template = "jsonpath={.clusters[0].cluster.server}"
        return (
            (await self._run(["config", "view", "--minify", "-o", template]))
            .decode("utf-8", "replace")
            .strip()
        )

    async def get(self, path: str) -> bytes:
        """The body of one path of the API."""
        return bytes(await self._run(["get", "--raw", path]))

    async def dry_run(self, namespace: str, manifest: bytes) -> str:
        """The words with which the server refuses the Service."""
        arguments = [
            "create",
            "-n",
            namespace,
            "--dry-run=server",
            "--validate=false",
            "-o",
            "name",
            "-f",
            "-",
        ]
        try:
            await self._run(arguments, manifest)
        except Refused as refused:
            if "is invalid" in refused.failure.detail:
                return refused.failure.detail
            raise
        return ""

    async def _run(self, arguments: Sequence[str], stdin: bytes | None = None) -> bytearray:
        async with self._slots:
            limit = f"--request-timeout={max(1, round(self._timeout))}s"
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    limit,
                    *arguments,
                    stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    env=self._environ,
                )
            except OSError as error:
                words = _objects.one_line(str(error), 120)
                raise Refused(
                    FailureKind.UNAVAILABLE, f"kubectl cannot be started: {words}"
                ) from None
            try:
                async with asyncio.timeout(self._timeout):
                    out, err, _ = await asyncio.gather(
                        _take(process.stdout, OUTPUT_LIMIT),
                        _take(process.stderr, _ERROR_LIMIT),
                        _give(process.stdin, stdin),
                    )
                    code = await process.wait()
            except TimeoutError:
                raise Refused(
                    FailureKind.TIMED_OUT, f"kubectl did not end within {self._timeout:g} seconds"
                ) from None
            finally:
                await _end(process)
        if len(out) > OUTPUT_LIMIT:
            raise Refused(
                FailureKind.TOO_LARGE, f"kubectl printed more than {OUTPUT_LIMIT >> 20} MiB"
            )
        if code:
            raise refusal(err.decode("utf-8", "replace"))
        return out


async def _take(stream: asyncio.StreamReader | None, limit: int) -> bytearray:
    found = bytearray()
    while stream is not None and len(found) <= limit and (chunk := await stream.read(1 << 18)):
        found += chunk
    return found


async def _give(stream: asyncio.StreamWriter | None, content: bytes | None) -> None:
    if stream is not None and content is not None:
        with contextlib.suppress(OSError):
            stream.write(content)
            await stream.drain()
        stream.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 2)
    # A login helper of kubectl can outlive it and hold the pipes: they are closed from this side.
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()


def refusal(stderr: str) -> Refused:
    """What happened, from the words that kubectl ended with."""
    # klog's lines ("E1123 10:00:00.1 memcache.go:265] …") repeat what the last line says
    lines = [
        line for line in stderr.splitlines() if line.strip() and not re.match(r"[EWIF]\d{4} ", line)
    ]
    text = _objects.one_line(" ".join(lines[-3:]) or stderr)
    status = 0
    if found := _STATUS_WORDS.search(text):
        status = 410 if found[1] in ("Gone", "Expired") else 404
        return Refused(FailureKind.OTHER, text, status)
    for pattern, kind, words in _WORDS:
        if re.search(pattern, text, re.I):
            return Refused(
                kind,
                f"{words}: {text}" if words != "forbidden" else text,
                403 if kind is FailureKind.FORBIDDEN else 0,
            )
    return Refused(FailureKind.OTHER, text or "kubectl failed without a word")
