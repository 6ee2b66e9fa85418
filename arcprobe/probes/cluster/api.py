"""The API server from inside a pod: the service account's token and CA, HTTPS without any proxy,
every wait bounded."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx

from arcprobe.model import FailureKind
from arcprobe.model.redaction import know
from arcprobe.model.text import one_line
from arcprobe.probes.cluster.objects import refusal
from arcprobe.probes.cluster.told import Refused, told
from arcprobe.probes.wire.failure import classify
from arcprobe.probes.wire.local_file import read_local

# Bytes of one answer, which is a page of five hundred Services: 32 KiB for each. Smaller would
# refuse a page of Services with large annotations.
_BODY_LIMIT = 16 * 1024 * 1024
_ACCOUNT_LIMIT = 1024 * 1024  # bytes of a token or of a bundle of CAs
_LONGEST_WAIT = 3600.0  # seconds of a Retry-After; the reader's own limit ends it before
_WORDS_KEPT = 120  # characters of an error within a sentence

_STATUS = {401: FailureKind.UNAUTHORIZED, 403: FailureKind.FORBIDDEN, 407: FailureKind.OTHER}


def account_of(service_account: Path) -> tuple[str, ssl.SSLContext]:
    """The token and the trust of a pod. Raises ``Refused``."""
    try:
        token = _read(service_account / "token").strip()
        context = ssl.create_default_context(cadata=_read(service_account / "ca.crt"))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        words = one_line(str(error), _WORDS_KEPT)
        detail = told("account", folder=str(service_account), words=words)
        raise Refused(FailureKind.UNAVAILABLE, detail) from None
    if not token.isascii() or not token.isprintable():
        raise Refused(FailureKind.UNAVAILABLE, told("token", folder=str(service_account)))
    know([token])  # who stands between echoes it
    # The cluster's CAs are often older than RFC 5280's rules that Python 3.13
    # switched on (no key identifiers): client-go takes them, and so must this.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return token, context


class ApiReader:
    """Reads through ``httpx``. ``limit``: seconds for everything together, ``timeout``: for one
    operation."""

    def __init__(self, server: str, service_account: Path, timeout: float, limit: float) -> None:
        self._now = asyncio.get_running_loop().time
        self._ends = self._now() + limit
        token, context = account_of(service_account)
        try:
            url = httpx.URL(f"https://{server}")
        except httpx.InvalidURL as error:
            words = one_line(str(error), _WORDS_KEPT)
            raise Refused(FailureKind.UNAVAILABLE, told("failed", words=words)) from None
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # what is packed has no bound
                "User-Agent": "arcprobe",
            },
            verify=context,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def get(self, path: str) -> bytes:
        """The body of a 200 answer; a 429 with Retry-After is waited for as long as the limit
        allows."""
        while True:
            status, headers, body = await self._exchange(path)
            wait = _retry_after(headers)
            if status in (429, 503) and wait is not None and self._now() + wait < self._ends:
                await asyncio.sleep(wait)
                continue
            if status == 200:
                return body
            raise _refused(status, headers, body, path)

    async def _exchange(self, path: str) -> tuple[int, httpx.Headers, bytes]:
        left = self._ends - self._now()
        body = bytearray()
        try:
            async with (
                asyncio.timeout(max(left, 0.001)),
                self._client.stream("GET", path) as answer,
            ):
                if answer.headers.get("content-encoding", "identity").lower() != "identity":
                    detail = told("packed-answer")
                    raise Refused(FailureKind.HTTP_MALFORMED, detail, answer.status_code)
                async for chunk in answer.aiter_raw():
                    body += chunk
                    if len(body) > _BODY_LIMIT:
                        detail = told("large-answer", most=_BODY_LIMIT >> 20)
                        raise Refused(FailureKind.TOO_LARGE, detail)
                return answer.status_code, answer.headers, bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _failed(error) from None


def _read(path: Path) -> str:
    return read_local(str(path), _ACCOUNT_LIMIT).decode("utf-8")


def _failed(error: BaseException) -> Refused:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Refused(FailureKind.TIMED_OUT, told("silent"))
    words = one_line(str(error), _WORDS_KEPT)
    if isinstance(error, httpx.RemoteProtocolError):
        is_end = "disconnected" in words or "peer closed" in words
        kind = FailureKind.CLOSED if is_end else FailureKind.HTTP_MALFORMED
        return Refused(kind, told("broken-off", words=words))
    cause = _system_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        words = one_line(cause.verify_message or str(cause), _WORDS_KEPT)
        return Refused(FailureKind.TLS_OTHER, told("other-ca", words=words))
    failure = classify(cause)
    return Refused(failure.kind, told("failed", words=failure.detail))


def _system_error(error: BaseException) -> BaseException:
    """The socket's own error, which httpx and httpcore wrap. anyio's summary of several addresses
    has no number."""
    deepest: BaseException | None = error
    while deepest is not None:
        if isinstance(deepest, OSError) and deepest.errno is not None:
            return deepest
        deepest = deepest.__cause__ or deepest.__context__
    return error


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds. client-go reads no HTTP date there, and the API server sends none."""
    text = headers.get("retry-after", "")
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return min(float(text), _LONGEST_WAIT) if is_number else None


def _refused(status: int, headers: httpx.Headers, body: bytes, path: str) -> Refused:
    where = path.split("?")[0]
    words = refusal(body)
    if words or status == 401:
        kind = _STATUS.get(status, FailureKind.OTHER)
        return Refused(kind, told("status", status=status, path=where, words=words), status)
    # The API words every refusal as a Status object; a 403 or 502 without one comes from
    # something between.
    server = one_line(headers.get("server") or headers.get("via") or "", 60)
    by = repr(server) if server else ""
    detail = told("not-the-server", status=status, server=by, path=where)
    return Refused(FailureKind.HTTP_MALFORMED, detail, status)
