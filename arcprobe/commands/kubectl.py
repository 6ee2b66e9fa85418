"""``kubectl`` for ``arcprobe run``: the person's own context, no shell, every call bounded in
time."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence


class KubectlError(Exception):
    """kubectl said no. Prints as its last words, one line, without secrets."""


class Kubectl:
    """Runs ``kubectl`` with the person's kubeconfig and context."""

    def __init__(
        self, environ: Mapping[str, str], kubeconfig: str | None = None, context: str | None = None
    ) -> None:
        path = shutil.which("kubectl", path=environ.get("PATH"))
        if path is None:
            raise KubectlError("kubectl is not on the PATH")
        self._command = [path]
        if kubeconfig:
            self._command += ["--kubeconfig", kubeconfig]
        if context:
            self._command += ["--context", context]
        self._environ = dict(environ)

    def __call__(self, *arguments: str, stdin: str | None = None, timeout: float = 60) -> bytes:
        """What the call prints. ``KubectlError`` with its words when it fails or does not end
        within ``timeout`` seconds."""
        return self._run(arguments, stdin, timeout)

    def _run(self, arguments: Sequence[str], stdin: str | None, timeout: float) -> bytes:
        try:
            # subprocess.run ends the child by its own id when the time is up, or Ctrl-C comes
            done = subprocess.run(
                [*self._command, *arguments],
                input=(stdin or "").encode(),
                capture_output=True,
                env=self._environ,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise KubectlError(
                f"kubectl {arguments[0]} did not end within {timeout:g} seconds"
            ) from None
        except OSError as error:
            raise KubectlError(f"kubectl cannot be started: {error.strerror or error}") from None
        if done.returncode:
            raise KubectlError(
                last_words(done.stderr.decode("utf-8", "replace"))
                or f"kubectl {arguments[0]} failed"
            )
        return done.stdout


def last_words(stderr: str) -> str:
    """The lines that say why, joined, bounded, without user and password in any URL."""
    lines = [
        line
        for line in stderr.splitlines()
        if line.strip() and not re.match(r"[EWIF]\d{4} |Warning:", line)
    ]
    text = " ".join(
        "".join(char if char.isprintable() else " " for char in " ".join(lines[-3:])).split()
    )
    return re.sub(r"(?<=://)[^/\s@]*@", "***@", text)[:500]
