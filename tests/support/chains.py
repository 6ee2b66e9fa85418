"""Authorities and the public web as cases of tests use them: those of ``arcprobe.lab.pki``, on the
day on which all cases play."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Unpack

from arcprobe.lab import pki
from arcprobe.lab.pki import name, new_key, to_pem as pem
from arcprobe.model import Code
from tests.support.hierarchies import HIERARCHIES

__all__ = [
    "CA",
    "HOST",
    "NOW",
    "PUBLIC_MARKS",
    "SERVER",
    "Authority",
    "Case",
    "name",
    "new_key",
    "pem",
    "public_web",
]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOST = "gbl.his.arc.azure.com"
PUBLIC_MARKS = ("sct", "aia", "crl", "policies", "ski")
CA = "C=US; O=Microsoft Corporation; CN="
SERVER = "C=US; ST=WA; L=Redmond; O=Microsoft Corporation; CN="


@dataclass(frozen=True, kw_only=True)
class Case:
    """One endpoint's chain. ``beside``: what other hosts of the same run showed, by host. ``code``:
    what is to be said."""

    title: str
    chain: tuple[bytes, ...]
    code: Code
    host: str = HOST
    beside: tuple[tuple[str, tuple[bytes, ...]], ...] = ()
    custom: bool = False


class Authority(pki.Authority):
    """A CA as of ``NOW``, which hands out its leaves as DER."""

    def day(self, days: float) -> datetime:
        return NOW + timedelta(days=days)

    def leaf(
        self,
        host: str,
        *,
        names: Iterable[str] | None = None,
        subject: str = "",
        key: pki.Key | None = None,
        days: int = 180,
        begin: datetime | None = None,
        marks: Iterable[str] = (),
        identifiers: bool = True,
        for_clients: bool = False,
        **odd: Unpack[pki.Odd],
    ) -> bytes:
        """A leaf for ``host``, or for ``names``, valid for so many ``days``; ``marks``: of
        ``sct``, ``aia``, ``crl``, ``policies``, ``ski``."""
        begin = begin or self.day(-min(days // 2, 60))
        made = self.issue(
            (host,) if names is None else names,
            subject or f"CN={host}",
            key=key,
            begin=begin,
            end=begin + timedelta(days=days),
            marks=marks,
            identifiers=identifiers,
            for_clients=for_clients,
            **odd,
        )
        return made.der


class PublicWeb:
    """The hierarchies of the real public web. ``roots``: PEM of those that root stores have;
    ``new_root``: a root that is in none yet, and that signs what a cross-certificate signs too."""

    def __init__(self) -> None:
        self._web = pki.PublicWeb(Authority)
        self.hierarchies = tuple(HIERARCHIES)
        anchors = {self.root(title).pem for title in self.hierarchies}
        self.roots = b"".join(sorted(anchors))
        cross = self.issuing("Microsoft G2").issuer
        assert cross is not None
        self.new_root = Authority(f"{CA}Microsoft TLS RSA Root G2", key=cross.key)

    def root(self, hierarchy: str) -> Authority:
        """The root that is left out of its chains."""
        return self._web.root(HIERARCHIES[hierarchy])

    def issuing(self, hierarchy: str) -> Authority:
        """The CA that signs its leaves."""
        return self._web.issuing(HIERARCHIES[hierarchy])

    def chain(
        self, hierarchy: str = "Microsoft G2", host: str = HOST, **leaf: Any
    ) -> tuple[bytes, ...]:
        """A complete chain, as a well-kept server sends it: leaf and all between it and the
        root."""
        above = self.issuing(hierarchy)
        options = {"subject": f"{SERVER}{host}", "marks": PUBLIC_MARKS, **leaf}
        return (above.leaf(host, **options), *above.sent)


@cache
def public_web() -> PublicWeb:
    """One set of hierarchies for all tests of a process."""
    return PublicWeb()
