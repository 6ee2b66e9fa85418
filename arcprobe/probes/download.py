"""A file over https, within a bound of bytes and seconds, by the run's own proxy and trust."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import httpx

from arcprobe.model.redaction import know, redact
from arcprobe.model.text import one_line
from arcprobe.probes.http_client import FAULTS, Way, client, closed_after

_REDIRECTS = 5
_WAITS = 6  # times the time-out of one operation, for all of it
_LONGEST_WORDS = 160
_LEAST_SECRET = 8  # characters of a query's value: shorter ones are numbers and words
_PLAIN = re.compile(r"[!-~]+")
_OK, _MOVED = 200, frozenset({301, 302, 303, 307, 308})


class NotLoaded(Exception):
    """Why there is no file, in words without secrets."""


def download(url: str, way_to: Callable[[str], Way], most: int) -> bytes:
    """What stands at an https URL. ``way_to``: how an URL is reached, asked for each redirect too;
    ``most``: bytes. Raises ``NotLoaded``."""
    ends = 0.0
    for _ in range(_REDIRECTS + 1):
        _check(url)
        way = way_to(url)
        ends = ends or time.monotonic() + _WAITS * way.timeout
        try:
            status, location, body = _asked(way, url, most, ends)
        except FAULTS as error:
            words = one_line(redact(f"{type(error).__name__}: {error}"), _LONGEST_WORDS)
            raise NotLoaded(words) from None
        if status == _OK:
            return body
        if status not in _MOVED or not location:
            raise NotLoaded(f"HTTP {status}")
        url = urljoin(url, location)
    raise NotLoaded(f"more than {_REDIRECTS} redirects")


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_right = parts.scheme == "https" and parts.hostname and parts.port != 0
        is_plain = parts.username is None and _PLAIN.fullmatch(url) is not None
    except ValueError:
        raise NotLoaded("is no URL") from None
    if not (is_right and is_plain):
        raise NotLoaded("is no https URL without user and password")
    values = [part.partition("=")[2] for part in parts.query.split("&")]
    know(value for value in (parts.query, *values) if len(value) >= _LEAST_SECRET)


def _asked(way: Way, url: str, most: int, ends: float) -> tuple[int, str, bytes]:
    """Status, where it moved to, and the body."""
    body = bytearray()
    # packed bytes could become any number of bytes
    headers = {"Accept-Encoding": "identity"}
    with (
        client(way) as asking,
        closed_after(asking, ends - time.monotonic()),
        asking.stream("GET", url, headers=headers) as answer,
    ):
        if answer.status_code != _OK:
            return answer.status_code, answer.headers.get("location", ""), b""
        _check_plain(answer)
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > most:
                raise ValueError(f"more than {most >> 10} KiB")
    return _OK, "", bytes(body)


def _check_plain(answer: httpx.Response) -> None:
    packed = answer.headers.get("content-encoding", "identity")
    if packed != "identity":
        raise ValueError("the answer is packed, which was not asked for")
