"""A log as chunks of bytes -> which hosts went through the Arc gateway, and what that means. Pure;
the memory does not grow with the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.gateway_list import is_carried
from arcprobe.lifecycle.traffic_lines import LONGEST_LINE, when, without_secrets
from arcprobe.lifecycle.traffic_tally import KEPT, Entry, Tally
from arcprobe.model.text import host_port, printable

_LONGEST_SAMPLE = 160


class Host(msgspec.Struct, kw_only=True):
    """What a log has of one host."""

    host: str
    port: int
    count: int = 0
    refused: int = 0
    failed: int = 0
    first: str = ""  # RFC 3339, UTC; empty: the log has no times
    last: str = ""
    listed: bool = True  # whether Microsoft's list of what the gateway carries has it

    @property
    def carried(self) -> int:
        """How often it went well."""
        return self.count - self.refused - self.failed

    @property
    def target(self) -> str:
        """``host:port``."""
        return host_port(self.host, self.port)


class Traffic(msgspec.Struct, kw_only=True):
    """What a log tells. ``silent``: what the settings require of the gateway and the log never
    names, host:port or with ``*.``; None where nobody said what is required."""

    lines: int = 0
    hosts: tuple[Host, ...] = ()
    beyond: int = 0  # lines about further hosts
    not_understood: int = 0
    samples: tuple[str, ...] = ()
    silent: tuple[str, ...] | None = None

    @property
    def broken(self) -> tuple[Host, ...]:
        """Hosts that never went well."""
        return tuple(host for host in self.hosts if not host.carried)


def read_log(chunks: Iterable[bytes]) -> Traffic:
    """What a log tells, by host, the most frequent first. Never fails, whatever the bytes are."""
    tally = Tally()
    for block in _blocks(chunks):
        tally.take(block)
    hosts = [_host(*key, entry) for key, entry in tally.entries.items()]
    samples = (printable(line, KEPT) for line in tally.samples.values())
    return Traffic(
        lines=tally.lines,
        hosts=tuple(sorted(hosts, key=lambda host: (-host.count, host.target))),
        beyond=tally.beyond,
        not_understood=tally.not_understood,
        samples=tuple(printable(without_secrets(text), _LONGEST_SAMPLE) for text in samples),
    )


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines; of one without an end, which costs no memory either, only what is read of it."""
    rest = b""
    for chunk in chunks:
        ended, found, begun = chunk.rpartition(b"\n")
        if found:
            yield rest + ended
            rest = b""
        rest = (rest + begun)[:LONGEST_LINE]
    if rest:
        yield rest


def _host(host: str, port: int, entry: Entry) -> Host:
    return Host(
        host=printable(host, 260),
        port=port,
        count=entry.count,
        refused=entry.refused,
        failed=entry.failed,
        first=when(entry.first[1]),
        last=when(entry.last[1]),
        listed=is_carried(host, port),
    )


def compared(traffic: Traffic, required: Iterable[Endpoint]) -> Traffic:
    """The same, with what is required of the gateway and never appears."""
    seen = [(host.host, host.port) for host in traffic.hosts]
    silent = (
        host_port(endpoint.host, endpoint.port)
        for endpoint in required
        if endpoint.required and not any(_stands_for(endpoint, *one) for one in seen)
    )
    return msgspec.structs.replace(traffic, silent=tuple(dict.fromkeys(silent)))


def _stands_for(endpoint: Endpoint, host: str, port: int) -> bool:
    if port != endpoint.port:
        return False
    if endpoint.host.startswith("*."):
        return host.endswith(endpoint.host[1:])
    return host == endpoint.host


def as_data(traffic: Traffic) -> dict[str, Any]:
    """The whole as plain values."""
    hosts = [
        {
            "host": host.host,
            "port": host.port,
            "count": host.count,
            "carried": host.carried,
            "refused": host.refused,
            "failed": host.failed,
            "first": host.first or None,
            "last": host.last or None,
            "on_gateway_list": host.listed,
        }
        for host in traffic.hosts
    ]
    silent = None if traffic.silent is None else list(traffic.silent)
    return {
        "lines": traffic.lines,
        "hosts": hosts,
        "further": traffic.beyond,
        "not_understood": {"lines": traffic.not_understood, "samples": list(traffic.samples)},
        "never_seen": silent,
    }
