"""The host names in the recorded answer to a discovery: read once to ask of them, and again to
judge what was found. Pure."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from arcprobe.model import Check, Exchange, Observation

_ASKING = (
    "agents",
    "registry, continued",
)  # the connections whose answers a discovery reads, not those that explain a failure
_DISCOVERED_LIMIT = 32
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def discovered_hosts(discovery: Check, observation: Observation) -> tuple[str, ...]:
    """The host names in the answer to a discovery, checked and bounded; none where the answer holds
    none that fit its pattern."""
    texts: list[str] = []
    for attempt in observation.attempts:
        for step in attempt.steps if attempt.label in _ASKING else ():
            if isinstance(step, Exchange) and step.head is not None:
                texts += _names_in(
                    discovery.discovery, step.head.status, step.head.body, step.head.headers
                )
    fitting = (text.lower().rstrip(".") for text in texts if _fits(text, discovery.pattern))
    return tuple(dict.fromkeys(fitting))[:_DISCOVERED_LIMIT]


def _names_in(key: str, status: int, body: str, headers: tuple[tuple[str, str], ...]) -> list[str]:
    if key == "mcr":
        location = next((value for name, value in headers if name.lower() == "location"), "")
        return [_host_of(location)] if status // 100 == 3 and location else []
    if status != 200:
        return []
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = body.strip()
    names = content if isinstance(content, list) else [content]
    return [_host_of(name) for name in names if isinstance(name, str)]


def _host_of(text: str) -> str:
    try:
        return (
            (urlsplit(text.strip()).hostname or "")
            if "://" in text
            else text.strip().split("/")[0].split(":")[0]
        )
    except ValueError:
        return ""


def _fits(host: str, pattern: str) -> bool:
    host = host.lower().rstrip(".")
    return bool(_HOST.fullmatch(host)) and host.endswith(pattern.removeprefix("*").lower())
