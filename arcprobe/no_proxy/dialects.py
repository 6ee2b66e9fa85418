"""The clients whose reading of a bypass list is known, each a module."""

from __future__ import annotations

from typing import Protocol

from arcprobe.no_proxy import curl, dotnet, go, python_requests, python_urllib
from arcprobe.no_proxy.addresses import Network
from arcprobe.no_proxy.answer import Matcher


class Dialect(Protocol):
    """How one client reads a list."""

    def matcher(self, skip_range: str) -> Matcher:
        """Whether a host goes direct, and by which entry."""

    def networks(self, skip_range: str) -> tuple[Network, ...]:
        """The addresses that go direct at every port."""


DIALECTS: dict[str, Dialect] = {
    "go": go,
    "curl": curl,
    "python-requests": python_requests,
    "python-urllib": python_urllib,
    "dotnet": dotnet,
}
