"""A whole log."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

from arcprobe.knowledge import catalogue
from arcprobe.lifecycle.traffic import Host, as_data, compared, read_log

LOG = b"""\
2026-11-26T20:00:00Z starting, token=CANARY
2026-11-26T20:00:01Z CONNECT mcr.microsoft.com:443 status=200
2026-11-26T20:00:02Z CONNECT mcr.microsoft.com:443 status=403

2026-11-26T20:00:03Z CONNECT gbl.his.arc.azure.com:443 status=502
2026-11-26T20:00:04Z CONNECT mcr.microsoft.com:443 status=200
2026-11-26T20:00:05Z CONNECT shop.example.com:443 status=403\
"""


def test_hosts_are_counted() -> None:
    """How often, first, last, refused, failed, on the list or not; the most frequent first. An
    empty line is no line, one without a host is counted and shown without its secret."""
    found = read_log([LOG])
    assert found.hosts == (
        Host(
            host="mcr.microsoft.com",
            port=443,
            count=3,
            refused=1,
            first="2026-11-26T20:00:01Z",
            last="2026-11-26T20:00:04Z",
        ),
        Host(
            host="gbl.his.arc.azure.com",
            port=443,
            count=1,
            failed=1,
            first="2026-11-26T20:00:03Z",
            last="2026-11-26T20:00:03Z",
        ),
        Host(
            host="shop.example.com",
            port=443,
            count=1,
            refused=1,
            first="2026-11-26T20:00:05Z",
            last="2026-11-26T20:00:05Z",
            listed=False,
        ),
    )
    assert (found.lines, found.not_understood) == (6, 1)
    assert found.samples == ("2026-11-26T20:00:00Z starting, token=***",)
    assert [host.host for host in found.broken] == ["gbl.his.arc.azure.com", "shop.example.com"]


def test_chunks_may_end_anywhere() -> None:
    """However the log is cut into chunks, the same is read."""
    whole = read_log([LOG])
    for size in (1, 7, 64):
        assert read_log(LOG[at : at + size] for at in range(0, len(LOG), size)) == whole


def test_required_hosts_that_never_appear() -> None:
    """A required host counts as seen by itself, a wildcard by any host below it; ports must be
    the same."""
    required = catalogue.removable("AzureCloud", "eastus", ("cluster-connect",))
    found = compared(
        read_log([b"CONNECT eastus.dp.kubernetesconfiguration.azure.com:443"]), required
    )
    assert found.silent is not None
    assert "eastus.dp.kubernetesconfiguration.azure.com:443" not in found.silent
    assert "*.servicebus.windows.net:443" in found.silent
    log = [b"CONNECT x.servicebus.windows.net:443\nCONNECT sts.windows.net:80"]
    silent = compared(read_log(log), required).silent or ()
    assert "*.servicebus.windows.net:443" not in silent
    assert "sts.windows.net:443" in silent


def test_memory_does_not_grow() -> None:
    """Endless random names and a line without an end cost no memory: they are counted together."""

    def chunks() -> Iterator[bytes]:
        yield b"CONNECT usual.example.com:443\n"
        for number in range(60):
            yield b"".join(b"CONNECT h%d-%d.example.com:443\n" % (number, x) for x in range(200))
        for _ in range(64):
            yield b"x" * (1 << 20)

    tracemalloc.start()
    try:
        found = read_log(chunks())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found.hosts) == 5_000
    assert found.beyond == 12_001 - 5_000
    assert most < 40 << 20


def test_data_has_the_names_of_the_contract() -> None:
    """As data: each host with its counts, times and whether the list has it."""
    data = as_data(read_log([b"CONNECT mcr.microsoft.com:443"]))
    assert data == {
        "lines": 1,
        "hosts": [
            {
                "host": "mcr.microsoft.com",
                "port": 443,
                "count": 1,
                "carried": 1,
                "refused": 0,
                "failed": 0,
                "first": None,
                "last": None,
                "on_gateway_list": True,
            }
        ],
        "further": 0,
        "not_understood": {"lines": 0, "samples": []},
        "never_seen": None,
    }
