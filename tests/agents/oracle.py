"""A typed client of the Go program: questions of one kind go in together, the answers come in their
order."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

_LIMIT = 60.0
"""Seconds for all questions of one call: thousands take two. Too low fails on a busy machine."""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What net/http does with a proxy: ``spoken`` is ``http``, ``https`` or ``socks5``, empty where
    it goes direct; ``prefixed``: the value alone is no URL, and ``http://`` was put before it."""

    dialled: str
    can_be_dialled: bool
    spoken: str
    user: bytes
    password: bytes
    prefixed: bool
    error: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What AppendCertsFromPEM says of a bundle, and the SHA-256 of the certificates it takes."""

    ok: bool
    sha256: tuple[str, ...]


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What crypto/tls says of a chain: ``error`` is empty where it is taken, ``path`` the SHA-256
    of the first path found."""

    error: str
    stage: str = ""
    path: tuple[str, ...] = ()


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a chain: DER as the server sent it, and the roots."""

    sent: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    host: str
    when: datetime


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a SOCKS server: the user part of the proxy's URL (``arc:secret@``), the host
    that is wanted, and all that the server says."""

    login: str
    host: str
    answer: bytes


class Oracle:
    """The program as a list of answers to a list of questions."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def uses(self, proxies: Iterable[str]) -> list[Use]:
        """What becomes of each value of HTTPS_PROXY."""
        questions = [
            {"what": "proxy", "https_proxy": text, "urls": ["https://endpoint.example/"]}
            for text in proxies
        ]
        return [msgspec.convert(said["use"], Use) for said in self._ask(questions)]

    def bypasses(self, lists: Iterable[tuple[str, Sequence[str]]]) -> list[list[bool | None]]:
        """For each list of NO_PROXY and URLs: whether each goes past the proxy; None for a URL that
        cannot be read."""
        questions = [
            {
                "what": "proxy",
                "https_proxy": "http://proxy.example:3128",
                "http_proxy": "http://proxy.example:3128",
                "no_proxy": no_proxy,
                "urls": list(urls),
            }
            for no_proxy, urls in lists
        ]
        return [
            [None if "error" in found else not found["proxy"] for found in said["found"]]
            for said in self._ask(questions)
        ]

    def bundles(self, files: Iterable[bytes]) -> list[Taken]:
        """What each file of PEM holds."""
        questions = [{"what": "bundle", "data": _encoded(data)} for data in files]
        return [msgspec.convert(said, Taken) for said in self._ask(questions)]

    def chains(self, chains: Iterable[Chain]) -> list[Verified]:
        """Whether each chain is taken."""
        questions = [
            {
                "what": "chain",
                "chain": [_encoded(der) for der in chain.sent],
                "roots": [_encoded(der) for der in chain.roots],
                "host": chain.host,
                "time": chain.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            for chain in chains
        ]
        return [msgspec.convert(said, Verified) for said in self._ask(questions)]

    def tunnels(self, answers: Iterable[bytes], scheme: str = "http") -> list[bool]:
        """Whether each answer of a proxy opens the way."""
        questions = [
            {"what": "tunnel", "scheme": scheme, "answer": _encoded(data)} for data in answers
        ]
        return [bool(said["opened"]) for said in self._ask(questions)]

    def dialogues(self, asked: Iterable[Dialogue]) -> list[tuple[bool, bytes]]:
        """For each SOCKS server whether it opens the way, and what it was sent until then."""
        questions = [
            {
                "what": "tunnel",
                "scheme": "socks5",
                "login": one.login,
                "host": f"[{one.host}]" if ":" in one.host else one.host,
                "answer": _encoded(one.answer),
            }
            for one in asked
        ]
        return [(said["opened"], b64decode(said["sent"] or "")) for said in self._ask(questions)]

    def _ask(self, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        done = subprocess.run(
            [self._program],
            input=lines.encode("utf-8", "surrogateescape"),
            env={"PATH": os.environ.get("PATH", "")},
            capture_output=True,
            check=True,
            timeout=_LIMIT,
        )
        answers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(questions), done.stderr.decode()[-2000:]
        return answers


def _encoded(data: bytes) -> str:
    return b64encode(data).decode()
