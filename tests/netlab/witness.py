"""The witness: a Go program that asks in a network what Azure Arc's agents ask, with what they are
given, and says what it got. It knows nothing of arcprobe."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from tests.agents.build import program

from .made import Built
from .origins import SIGNATURE
from .scenario import Scenario
from .topology import LabError
from .zone import front_end

USUAL = (
    "https://management.azure.com/metadata/endpoints?api-version=2022-09-01",
    "https://westeurope.dp.kubernetesconfiguration.azure.com/",
    "https://login.microsoftonline.com/common/.well-known/openid-configuration",
    "https://westeurope.login.microsoft.com/",
    "https://login.windows.net/common/.well-known/openid-configuration",
    "https://mcr.microsoft.com/v2/",
    "https://eastus.data.mcr.microsoft.com/",
    "https://gbl.his.arc.azure.com/discovery?location=westeurope&api-version=1.1-preview",
    "https://weu.his.arc.azure.com/",
    "https://guestnotificationservice.azure.com/urls/allowlist?api-version=2020-01-01&location=westeurope",
    "https://sts.windows.net/common/oauth2",
    "wss://azgnrelay-westeurope-l1.servicebus.windows.net/$hc/witness?sb-hc-action=listen",
    "wss://azgn-westeurope-public-1p-sn-vazr0002.servicebus.windows.net/$hc/witness?sb-hc-action=listen",
    "https://westeurope.obo.arc.azure.com:8084/",
)
"""What the agents of a cluster in the lab's region need when nothing else is set."""

_VARIABLES = {
    "--proxy-https": "HTTPS_PROXY",
    "--proxy-http": "HTTP_PROXY",
    "--proxy-skip-range": "NO_PROXY",
}
_KEYWORDS = {
    "Arc": ".his.arc.azure.com,.dp.kubernetesconfiguration.azure.com,.guestconfiguration.azure.com"
}
"""What az appends to the agents' bypass list for a word of --add-proxy-bypass (connectedk8s 1.11.4,
_validators.py)."""

SHORT, PATIENT = 6, 25
"""Seconds for one request. A Go program waits 5 for a silent name server and up to 10 for a silent
address before it tries the next; agents have the time for that, and a row that works without such
waits has not."""

_COMPANY = "O=Contoso"
_LIMIT = 40.0  # seconds for all requests of one call


class Heard(Struct, frozen=True, kw_only=True):
    """What came of one request: an answer of any status, or the error in Go's words."""

    url: str
    status: int = 0
    header: dict[str, list[str]] = {}
    root: str = ""  # of the chain that Go took
    error: str = ""

    @property
    def target(self) -> str:
        """``host:port``."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or 443}"

    @property
    def trouble(self) -> str:
        """Why no agent can work with this; empty where the endpoint itself has answered, and to an
        upgrade that arrived as one.

        The endpoint itself is who has its key, or signs the answer inside of an inspected session.
        """
        if self.error:
            return self.error
        signed = (self.header.get(SIGNATURE) or [""])[0]
        if self.url.startswith("wss:") and signed == "plain":
            return f"{self.status}: the upgrade did not arrive"
        if signed or _COMPANY not in self.root or front_end(self.target.rpartition(":")[0]) is None:
            return ""
        return f"{self.status} that is not the endpoint's"


class Asking:
    """The program at work; ``answers`` waits for its end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def answers(self) -> tuple[Heard, ...]:
        """One for each URL, in their order."""
        try:
            out, err = self._process.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise LabError(f"the witness did not end within {_LIMIT:.0f} s") from None
        if self._process.returncode:
            raise LabError(f"the witness: {err.decode(errors='replace')[-500:]}")
        return tuple(msgspec.json.decode(line, type=Heard) for line in out.splitlines())


def ask(scenario: Scenario, made: Built, urls: Iterable[str], patience: int = SHORT) -> Asking:
    """Starts to ask for these URLs at the node, all at once."""
    command = ["ip", "netns", "exec", made.topology.name("node"), str(program())]
    return Asking(
        subprocess.Popen(
            [*command, "ask", f"{patience}s", *urls],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(scenario, made),
        )
    )


def environment(scenario: Scenario, made: Built) -> dict[str, str]:
    """The environment that the agents get when a cluster is connected with the settings of the
    row."""
    words = [made.fill(word) for word in scenario.settings]
    given = dict(pairwise(words))
    found = {name: made.fill(value) for name, value in scenario.environment}
    found |= {_VARIABLES[flag]: given[flag] for flag in _VARIABLES if flag in given}
    if "--proxy-auth-file" in given:
        user = Path(given["--proxy-auth-file"]).read_text().strip()
        found |= {
            name: _with_user(found[name], user)
            for name in ("HTTPS_PROXY", "HTTP_PROXY")
            if name in found
        }
    if "--add-proxy-bypass" in given:
        found["NO_PROXY"] += f",{_KEYWORDS[given['--add-proxy-bypass']]}"
    bundles = made.folder / "witness"
    bundles.mkdir(exist_ok=True)
    if "--proxy-cert" in given:
        shutil.copy(given["--proxy-cert"], bundles / "proxy-cert.crt")
    return {
        "PATH": os.environ.get("PATH", ""),
        **found,
        "SSL_CERT_FILE": str(made.pki / "public-roots.pem"),
        "SSL_CERT_DIR": str(bundles),
    }


def _with_user(url: str, user: str) -> str:
    scheme, _, rest = url.partition("://")
    name, _, password = user.partition(":")
    return f"{scheme}://{quote(name, safe='')}:{quote(password, safe='')}@{rest}"
