"""A string that never prints."""

from __future__ import annotations

from typing import Any, final

import msgspec


@final
class Secret:
    """A string that never prints: ``repr``, ``str``, f-strings and JSON show ``***``. ``reveal`` is
    for the wire alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Called where bytes go to the proxy, nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not pickled")


class Credentials(msgspec.Struct, frozen=True):
    """User and password for one proxy. Never part of a report."""

    user: str
    password: Secret
