"""No secret of a run gets into what arcprobe writes: every input that holds one, every place where
a peer may echo it, every form, every output."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from arcprobe.report import RENDERERS
from tests.hostile.echo import AFTER, BEFORE, FORMS, PASSWORD, PLACES, USER, WHOLE, echo_proxy
from tests.support.rehearsed import Ended, run

# Characters of a secret that may stand nowhere together: chance does not make so many.
_PIECE = 7


@cache
def pieces() -> frozenset[str]:
    """Every stretch of every form, in lower case."""
    found: set[str] = set()
    for form in FORMS.values():
        for secret in (USER, PASSWORD, f"{USER}:{PASSWORD}"):
            text = form(secret).lower()
            size = max(_PIECE, _PIECE * len(text) // len(secret))
            found |= {text[at : at + size] for at in range(len(text) - size + 1)}
    return frozenset(found)


def leaks(text: str) -> set[str]:
    """The stretches of secrets that stand in a text."""
    low = text.lower()
    return {piece for piece in pieces() if piece in low}


def rows(place: str) -> dict[str, tuple[str, str, str]]:
    """A name for each thing echoed in each form."""
    every = [(what, form) for what in WHOLE for form in FORMS]
    return {f"n{at}.canary.example": (place, *each) for at, each in enumerate(every)}


def checked(folder: Path, place: str, *given: str, only: str = "") -> tuple[Ended, dict[str, str]]:
    """``check`` through the proxy that echoes in one place, and what it wrote in each format."""
    with echo_proxy(rows(place)) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        settings = [part.replace("PROXY", url) for part in given]
        for host in proxy.rows:
            settings += ["--endpoint", f"https://{host}/"]
        for name in RENDERERS:
            settings += ["--report", f"{name}={folder / name}"]
        ended = run(
            *("check", "--region", "westeurope", "--only", "*.canary.example", "--skip", "dns"),
            *("--proxy-skip-range", "localhost", "--timeout", "5", "--deadline", "50", "--wide"),
            *settings,
        )
    return ended, {name: (folder / name).read_text() for name in RENDERERS}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_proxy_echoes_is_starred(tmp_path: Path, place: str) -> None:
    """User, password, both, or the whole URL, in each of 28 forms: none of it is in any format, nor
    on stdout or stderr; what stands beside it stays."""
    secret = tmp_path / "auth"
    secret.write_text(f"{USER}:{PASSWORD}\n")
    ended, written = checked(
        tmp_path, place, "--proxy-https", "PROXY", "--proxy-auth-file", str(secret)
    )
    assert ended.code == 1, ended.err
    for name, text in {**written, "stdout": ended.out, "stderr": ended.err}.items():
        assert leaks(text) == set(), (name, place)
    for kept in (BEFORE, AFTER):
        assert len(re.findall(kept, written["json"])) > len(FORMS), kept
