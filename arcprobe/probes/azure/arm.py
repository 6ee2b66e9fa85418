"""Azure Resource Manager, read: by the run's own proxy and trust, with a token, each wait bounded.
Records, and judges nothing.

Paging and throttling: learn.microsoft.com/azure/azure-resource-manager/management/
request-limits-and-throttling; github.com/microsoft/api-guidelines (nextLink).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from arcprobe.model import Secret
from arcprobe.model.azure import Answer, Trouble
from arcprobe.model.redaction import know, redact
from arcprobe.model.text import one_line, printable
from arcprobe.probes.http_client import FAULTS, Way, client, closed_after

TOKEN = "ARCPROBE_AZURE_TOKEN"

ENDPOINTS = {
    "AzureCloud": "https://management.azure.com",
    "AzureUSGovernment": "https://management.usgovcloudapi.net",
    "AzureChinaCloud": "https://management.chinacloudapi.cn",
}
_BODY_LIMIT = 8 << 20  # bytes of one page
_PAGES = 100
_REQUESTS = 6  # times the time-out of one: waits for 429 and further pages among them
_TROUBLES = {
    401: Trouble.TOKEN_REJECTED,
    403: Trouble.FORBIDDEN,
    404: Trouble.UNKNOWN,
    429: Trouble.THROTTLED,
}


def token_of(environ: Mapping[str, str], way: Way) -> Secret | None:
    """The token of the environment, else of ``azure-identity`` where it is installed (az login,
    workload identity, managed identity); None where there is none."""
    token = environ.get(TOKEN, "").strip() or _signed_in(way)
    if not token or not (token.isascii() and token.isprintable()):
        return None
    know([token])
    return Secret(token)


def _signed_in(way: Way) -> str:
    try:
        from azure.identity import DefaultAzureCredential
    except ImportError:
        return ""
    try:
        credential = DefaultAzureCredential(process_timeout=max(1, round(way.timeout)))
        return str(credential.get_token(f"{way.endpoint}/.default").token)
    except Exception:  # of whatever library it asks: who is not signed in has no token
        return ""


class Arm:
    """Asks. A context manager."""

    def __init__(self, way: Way, token: Secret | None) -> None:
        self._way, self._token = way, token
        self._ends = time.monotonic() + _REQUESTS * way.timeout

    def __enter__(self) -> Arm:
        self._client = client(self._way)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, version: str) -> Answer:
        """What a path holds; the pages of a list are joined. Never raises."""
        if self._token is None:
            return Answer(trouble=Trouble.NOT_SIGNED_IN)
        found: list[Any] = []
        url = f"{self._way.endpoint}{path}?api-version={version}"
        for _ in range(_PAGES):
            answer = self._page(url)
            if answer.trouble is not None or not isinstance(answer.at("value"), list):
                return answer
            found += answer.at("value")
            url = answer.text("nextLink")
            if not url:
                return Answer(body={**answer.body, "value": found})
            if not self._is_own(url):  # the token goes to Azure alone
                return Answer(trouble=Trouble.BROKEN, words="nextLink: another host")
        return Answer(trouble=Trouble.BROKEN, words=f"nextLink: {_PAGES}")

    def _is_own(self, url: str) -> bool:
        ours, theirs = urlsplit(self._way.endpoint), urlsplit(url)
        return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())

    def _page(self, url: str) -> Answer:
        while True:
            try:
                status, headers, body = self._exchange(url)
            except FAULTS as error:
                words = one_line(redact(f"{type(error).__name__}: {error}"), 160)
                return Answer(trouble=Trouble.UNREACHABLE, words=words)
            wait = _retry_after(headers)
            if status == 429 and wait is not None and time.monotonic() + wait < self._ends:
                time.sleep(wait)
                continue
            return _answer(status, body)

    def _exchange(self, url: str) -> tuple[int, httpx.Headers, bytes]:
        assert self._token is not None
        bearer = f"Bearer {self._token.reveal()}"
        headers = {"Authorization": bearer, "Accept": "application/json"}
        body = bytearray()
        with (
            closed_after(self._client, self._ends - time.monotonic()),
            self._client.stream("GET", url, headers=headers) as answer,
        ):
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _BODY_LIMIT:
                    raise ValueError(f"more than {_BODY_LIMIT >> 20} MiB")
            return answer.status_code, answer.headers, bytes(body)


def _answer(status: int, body: bytes) -> Answer:
    try:
        content = msgspec.json.decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content = None
    if status == 200 and isinstance(content, dict):
        return Answer(body=content)
    words = f"HTTP {status}{_words(content)}"
    # Azure words each refusal as JSON; one without is of somebody between
    is_azure = isinstance(content, dict) and "error" in content
    trouble = _TROUBLES.get(status, Trouble.BROKEN) if is_azure else Trouble.BROKEN
    return Answer(trouble=trouble, words=words)


def _words(content: Any) -> str:
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return ""
    parts = (str(error.get(name, "")) for name in ("code", "message"))
    return ", " + printable(redact(one_line(": ".join(filter(None, parts)), 300)), 240)


def _retry_after(headers: httpx.Headers) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
