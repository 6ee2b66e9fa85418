"""A clean run opens one connection for each endpoint, route and protocol, and no more: counted
where connections are made."""

from __future__ import annotations

from collections import Counter

import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.scenarios import find_scenario
from arcprobe.probes.wire.stream import TcpStream
from tests.support.rehearsed import run_in


@pytest.mark.parametrize(
    "name", ["clean", "direct", "gateway-clean", "inspected-trusted", "proxy-over-tls"]
)
def test_one_connection_for_each_endpoint_route_and_protocol(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many TCP connections are dialled as there are checks that have one of their own; none
    explains, none repeats."""
    scenario = find_scenario(name)
    assert scenario is not None
    dialled: list[tuple[str, int]] = []
    dial = TcpStream.connect.__func__  # type: ignore[attr-defined]

    async def counted(
        cls: type[TcpStream], address: str, port: int, *, mss: int | None = None
    ) -> TcpStream:
        dialled.append((address, port))
        stream: TcpStream = await dial(cls, address, port, mss=mss)
        return stream

    monkeypatch.setattr(TcpStream, "connect", classmethod(counted))
    with Rehearsal(scenario.network) as network:
        ended = run_in(network, "--format", "json")
    report = ended.report
    assert ended.code == 0
    carriers = [check for check in report["checks"] if check["kind"] in ("https", "websocket")]
    asked = Counter((check["target"], check["route"], check["protocol"]) for check in carriers)
    assert set(asked.values()) == {1}
    assert len(dialled) == len(carriers)
    attempts = {
        seen["check"]: [attempt["label"] for attempt in seen["attempts"]]
        for seen in report["observations"]
    }
    assert all(attempts[check["id"]] == ["agents"] for check in carriers)
