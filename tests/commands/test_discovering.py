"""`arcprobe endpoints --discover`."""

from __future__ import annotations

from arcprobe.commands import demo
from arcprobe.commands.discovering import discovered, with_hosts
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript
from arcprobe.report.of_endpoints import as_text
from arcprobe.settings.load import load
from tests.knowledge.products.selections import endpoint, selection


def test_todays_hosts_are_discovered() -> None:
    """The services name the hosts behind their patterns, asked by the proxy of the settings; where
    nothing names any there are none, and no pattern of it."""
    with Rehearsal(NetworkScript()) as network:
        flags = dict(zip(network.flags[::2], network.flags[1::2], strict=True))
        named = {name.removeprefix("--"): value for name, value in flags.items()}
        config = demo.rehearsed(load(named, network.environment, None), network)
        found = discovered(config)
    assert found["*.his.arc.azure.com"] == ("eus.his.arc.azure.com",)
    assert found["*.servicebus.windows.net"]
    assert "*.guestnotificationservice.azure.com" not in found


def test_todays_hosts_in_the_place_of_patterns() -> None:
    """Hosts that were found stand once each in the place of their pattern, with all else of its
    row; a pattern without hosts stays, and the text says that the hosts are today's."""
    patterns = (endpoint("*.his.example"), endpoint("*.x.example"), endpoint("gbl.his.example"))
    found = {"*.his.example": ("eus.his.example", "gbl.his.example"), "*.x.example": ()}
    chosen = with_hosts(selection(*patterns), found)
    assert [row.host for row in chosen.endpoints] == [
        "eus.his.example",
        "gbl.his.example",
        "*.x.example",
    ]
    assert {row.feature for row in chosen.endpoints} == {"core"}
    assert "Current hosts" in as_text(chosen)
