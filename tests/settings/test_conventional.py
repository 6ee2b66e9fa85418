"""HTTPS_PROXY, HTTP_PROXY, NO_PROXY and their lower-case forms."""

from __future__ import annotations

import pytest

from tests.settings.given import loaded


@pytest.mark.parametrize("kind", ["https", "http"])
def test_variables_that_disagree(kind: str) -> None:
    """The upper-case form wins, as in Go; a differing lower-case form is noted, and where they
    agree nothing is."""
    name = f"{kind}_proxy"
    settings = loaded({}, {name.upper(): "http://upper:1", name: "http://lower:2"}).settings
    proxy = {"https": settings.proxy_https, "http": settings.proxy_http}[kind]
    assert proxy is not None
    assert (proxy.host, proxy.setting) == ("upper", name.upper())
    assert len(settings.proxy_notes) == 1
    assert name.upper() in settings.proxy_notes[0]
    assert loaded({}, {name: "lower:2"}).settings.proxy_notes == ()
    assert (
        loaded({}, {name.upper(): "http://same:1", name: "http://same:1"}).settings.proxy_notes
        == ()
    )


def test_no_proxy_variables() -> None:
    """NO_PROXY is the skip range where no setting names one, is not refused whatever it holds, and
    disagreement is noted."""
    settings = loaded({}, {"NO_PROXY": "10.0.0.0/33 ;x", "no_proxy": "other"}).settings
    assert (settings.skip_range, settings.skip_range_setting) == ("10.0.0.0/33 ;x", "NO_PROXY")
    assert len(settings.proxy_notes) == 1
    assert loaded({"proxy-skip-range": ".svc"}, {"NO_PROXY": "x"}).settings.skip_range == ".svc"
