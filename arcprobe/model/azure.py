"""What Azure Resource Manager answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Trouble(StrEnum):
    """Why a question to Azure has no answer."""

    NOT_SIGNED_IN = "not-signed-in"
    TOKEN_REJECTED = "token-rejected"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"  # 404
    THROTTLED = "throttled"
    BROKEN = "broken"  # 5xx, or what is no answer of Azure's
    UNREACHABLE = "unreachable"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one question. A list is joined from its pages, under ``value``."""

    body: dict[str, Any] = {}
    trouble: Trouble | None = None
    words: str = ""  # what is known of the trouble, one line

    def at(self, *path: str) -> Any:
        """What stands at a path of names; None where nothing does."""
        found: Any = self.body
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def text(self, *path: str) -> str:
        """The text at a path; empty where there is none."""
        found = self.at(*path)
        return found if isinstance(found, str) else ""

    def items(self) -> tuple[dict[str, Any], ...]:
        """The objects of a list."""
        found = self.at("value")
        listed = found if isinstance(found, list) else []
        return tuple(each for each in listed if isinstance(each, dict))

    def moment(self, *path: str) -> datetime | None:
        """The time at a path; None where there is none that can be read."""
        try:
            moment = datetime.fromisoformat(self.text(*path))
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None


class ResourceId(msgspec.Struct, frozen=True):
    """An ID of Azure: /subscriptions/S/resourceGroups/G/providers/TYPE/NAME."""

    subscription: str
    group: str
    type: str
    name: str

    @property
    def scope(self) -> str:
        """The path of the resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def path(self) -> str:
        """The ID itself."""
        return f"{self.scope}/providers/{self.type}/{self.name}"


def resource_id(text: str, of_type: str) -> ResourceId:
    """An ID, read. ``ValueError`` for one of another shape or type."""
    parts = text.strip().strip("/").split("/")
    names = [part.lower() for part in parts[::2]]
    is_id = names[:3] == ["subscriptions", "resourcegroups", "providers"] and len(parts) == 8
    made = "/".join(parts[5:7]) if is_id else ""
    is_clean = all(part and part.isprintable() and not set(part) & set("?#%\\ ") for part in parts)
    if made.lower() != of_type.lower() or not is_clean:
        right = f"/subscriptions/ID/resourceGroups/GROUP/providers/{of_type}/NAME"
        raise ValueError(f"is not an ID such as {right}")
    return ResourceId(parts[1], parts[3], of_type, parts[7])
