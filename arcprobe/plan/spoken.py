"""The questions of a recording in another language: what their endpoints are for, and why they were
not asked. All else in them is data."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.language import Language
from arcprobe.model import Check, Kind, Line, Settings, line

_OF_A_KIND = {Kind.GATEWAY: "plan.gateway", Kind.SKIP_RANGE: "plan.skip-range"}


def spoken(checks: Iterable[Check], settings: Settings, words: Language) -> tuple[Check, ...]:
    """The same checks. A purpose that the catalogue of this version does not know, such as that of
    an older recording, stays as it is."""
    rows = _rows(settings)
    return tuple(_spoken(check, rows.get(check.pattern or check.host), words) for check in checks)


def _rows(settings: Settings) -> dict[str, Endpoint]:
    """Host or pattern -> its row of the catalogue; none for a cloud or region that is not known."""
    try:
        rows = catalogue.endpoints(
            settings.cloud,
            settings.region,
            settings.features,
            settings.gateway_host or None,
            settings.key_vaults,
            settings.proxy_bypass,
        )
    except (ValueError, LookupError):
        return {}
    return {row.host: row for row in rows}


def _spoken(check: Check, row: Endpoint | None, words: Language) -> Check:
    purpose = _purpose(check, row)
    note = _note(check, row)
    return msgspec.structs.replace(
        check,
        purpose=words.say(purpose) if purpose and check.purpose else check.purpose,
        note=words.say(note) if note and check.note else check.note,
    )


def _purpose(check: Check, row: Endpoint | None) -> Line | None:
    if check.custom:
        return line("plan.endpoint")
    if check.kind is Kind.DNS and not check.host:
        return line("plan.unknown-names")
    if check.proxy is not None and check.kind in (Kind.PROXY, Kind.DNS):
        return line("plan.proxy", setting=check.proxy.setting)
    if key := _OF_A_KIND.get(check.kind, ""):
        return line(key)
    if row is not None:
        return line(f"purpose.{row.purpose_key}")
    return None


def _note(check: Check, row: Endpoint | None) -> Line | None:
    """Why nothing is asked: no proxy, or nobody names the hosts behind a wildcard."""
    if check.kind is Kind.SKIP_RANGE:
        return line("plan.no-proxy")
    if check.kind is Kind.DISCOVERY and row is not None:
        return line("plan.no-source", pattern=row.host)
    return None
