"""Jguer/yay #979, openshift/rosa #3052: user names of Windows and special characters in a proxy's
URL, with which Go looks up the host ``http``."""

from __future__ import annotations

import pytest

from arcprobe.settings.proxy_url import parse_proxy
from tests.cases import FOLDER
from tests.settings.given import refused

_TEXT = (FOLDER / "proxy-url-go-refuses" / "urls.txt").read_text(encoding="utf-8")
URLS = [line.split("\t") for line in _TEXT.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(("url", "pair", "escapes"), URLS)
def test_what_go_refuses_is_refused(
    url: str, pair: str, escapes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with the escape that is right, and no part of the value."""
    line = refused(capsys, "--proxy-https", url)
    assert all(f"{escape} for " in line for escape in escapes.split())
    assert pair not in line
    assert pair.partition(":")[2] not in line


@pytest.mark.parametrize(("url", "pair", "escapes"), URLS)
def test_escaped_it_is_the_same_user(url: str, pair: str, escapes: str) -> None:
    """With the escapes that the line names, the same user and password come out."""
    for escape in escapes.split():
        raw = bytes.fromhex(escape.replace("%", "")).decode()
        url = url.replace(raw, escape)
    _proxy, found = parse_proxy("--proxy-https", url)
    assert found is not None
    assert f"{found[0]}:{found[1].reveal()}" == pair
