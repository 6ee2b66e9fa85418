"""``arcprobe endpoints --discover``: today's hosts in the place of patterns."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.selection import Selection
from arcprobe.model import Config, Kind


def discovered(config: Config) -> dict[str, tuple[str, ...]]:
    """Wildcard -> the hosts that stand behind it today, as the services name them; none where none
    did. Asks by the routes of the settings. Raises ``ConfigError``."""
    from arcprobe.findings.reading import discovered_hosts, read
    from arcprobe.pipeline import preflight

    settings = msgspec.structs.replace(config.settings, only=(Kind.DISCOVERY.value,), skip=())
    report = preflight(msgspec.structs.replace(config, settings=settings))
    seen = {observation.check: observation for observation in report.observations}
    found: dict[str, tuple[str, ...]] = {}
    for check in report.checks:
        if check.kind is Kind.DISCOVERY and check.discovery:
            reading = read(check, seen.get(check.observed_with))
            found[check.pattern] = discovered_hosts(check, reading)
    return found


def with_hosts(selection: Selection, found: Mapping[str, tuple[str, ...]]) -> Selection:
    """The selection with these hosts in the place of patterns; a pattern stays where there are
    none."""
    rows: dict[tuple[str, int], Endpoint] = {}
    for row in selection.endpoints:
        for host in found.get(row.host) or (row.host,):
            named = msgspec.structs.replace(row, host=host)
            rows.setdefault((host, row.port), named)
    return msgspec.structs.replace(selection, endpoints=tuple(rows.values()), discovered=True)
