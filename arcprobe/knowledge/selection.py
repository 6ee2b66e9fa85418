"""What was asked of the catalogue, and the endpoints that it comes to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Line, line


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Endpoints of one cluster. ``unlisted``: features for which no document lists a host in this
    cloud; ``removable``: the endpoints are what may be closed, not what must be open; ``clients``:
    addresses or networks that the connections come from, where they are known; ``discovered``:
    today's hosts stand in the place of patterns."""

    cloud: str
    region: str
    gateway: str | None
    features: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    unlisted: tuple[str, ...] = ()
    is_region_known: bool = True
    removable: bool = False
    discovered: bool = False
    clients: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """One line that says what this is a list of, in English: rules have it as a comment."""
        return self.title_in(language())

    def title_in(self, words: Language) -> str:
        """The same in a language."""
        route = line("endpoints.route.direct")
        if self.removable:
            route = line("endpoints.route.removable")
        elif self.gateway:
            route = line("endpoints.route.gateway", gateway=self.gateway)
        return words.say(
            line(
                "endpoints.title",
                cloud=self.cloud,
                region=self.region,
                route=route,
                features=self.features,
            )
        )

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host once."""
        return tuple(dict.fromkeys(endpoint.host for endpoint in self.endpoints))

    @property
    def protocols(self) -> frozenset[str]:
        """The protocols that are spoken to any of them."""
        return frozenset(endpoint.protocol for endpoint in self.endpoints)

    def hosts_by_port(self) -> dict[int, tuple[str, ...]]:
        """The hosts of each port, the lowest port first."""
        found: dict[int, list[str]] = {}
        for endpoint in sorted(self.endpoints, key=lambda endpoint: endpoint.port):
            found.setdefault(endpoint.port, []).append(endpoint.host)
        return {port: tuple(hosts) for port, hosts in found.items()}


def notes(
    cloud: str, region: str, features: tuple[str, ...], words: Language | None = None
) -> tuple[str, ...]:
    """What the data does not know of what is asked for."""
    return tuple(map((words or language()).say, _notes(cloud, region, features)))


def _notes(cloud: str, region: str, features: tuple[str, ...]) -> Iterator[Line]:
    day, shipped = catalogue.data_of(cloud), catalogue.day_of(catalogue.shipped(cloud))
    if day < shipped:
        yield line("catalogue.older", day=day.isoformat(), shipped=shipped.isoformat())
    if not catalogue.is_known_region(cloud, region):
        yield line("catalogue.region", region=region)
    for name in catalogue.unlisted(cloud, features):
        yield line("catalogue.unlisted", feature=name, cloud=cloud)
    if "gitops" in features:
        yield line("catalogue.gitops")
