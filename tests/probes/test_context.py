"""What every probe is given is made of the settings once."""

from __future__ import annotations

import pytest

from arcprobe.model import Config, Proxy, Secret, Settings
from arcprobe.probes.beginning import run_clock
from arcprobe.probes.context import context_of, with_short_timeout
from arcprobe.probes.trust.stores import Stores
from tests.probes import peers

PROXY = Proxy(scheme="http", host="proxy.example", port=3128)


def test_the_settings_reach_the_probes() -> None:
    """Limits, and credentials by proxy, come from the settings; the clock starts at
    zero."""
    config = Config(
        settings=Settings(proxy_https=PROXY, timeout=7.0, websocket_hold=2.0),
        credentials={PROXY: ("arc", Secret("geheim"))},
    )
    context = context_of(config, Stores(b"", None, None), run_clock())
    assert (context.timeout, context.websocket_hold) == (7.0, 2.0)
    assert context.credentials[PROXY].user == "arc"
    assert 0 <= context.now() < 1
    assert "geheim" not in repr(context)


@pytest.mark.parametrize(("timeout", "short"), [(10.0, 2.0), (2.0, 2.0), (0.5, 0.5)])
def test_an_explanation_has_two_seconds(timeout: float, short: float) -> None:
    """Connections that only explain wait two seconds, or less where the settings say less."""
    context = peers.context(timeout=timeout)
    assert with_short_timeout(context).timeout == short
    assert context.timeout == timeout
