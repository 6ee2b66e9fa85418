"""A container registry that names its data host only in a redirect: manifest, then its smallest
blob (OCI distribution specification 1.1, "Pulling")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from arcprobe.model import AnyStep, Check, Exchange, Head

_IMAGES_TRIED = 3  # of the check's paths, where the first are not there
_SUCCESS = 200
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")  # OCI image specification, descriptors

# "{}", the empty descriptor (OCI image specification 1.1), which registries of artifacts hold:
# asked for where no manifest helps.
_EMPTY_BLOB = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def next_path(check: Check, steps: Sequence[AnyStep]) -> str:
    """What to ask a registry after what it answered so far; empty when there is no more to ask."""
    # a kept connection may be closed between two questions (RFC 9112 section 9.6): that
    # question was not asked
    asked = [step for step in steps if isinstance(step, Exchange) and step.head is not None]
    if asked:
        return _after(check, [step.path for step in asked], asked[-1])
    # the first of two addresses may be dead, and the second lead here: the last step counts
    has_failed = bool(steps) and steps[-1].failure is not None
    return "" if has_failed else next(iter(check.paths), "")


def _after(check: Check, asked: list[str], last: Exchange) -> str:
    head = last.head or Head()
    repository, manifests, _reference = last.path.partition("/manifests/")
    ends = last.body_short or head.status // 100 == 3
    if ends or not manifests:
        return ""
    if head.status != _SUCCESS:
        return next(_untried(check, asked), f"{repository}/blobs/{_EMPTY_BLOB}")
    below, blob = smallest(head.body)
    if below and last.path in check.paths:
        return f"{repository}/manifests/{below}"
    return f"{repository}/blobs/{blob or _EMPTY_BLOB}"


def _untried(check: Check, asked: list[str]) -> Iterator[str]:
    return (path for path in check.paths[:_IMAGES_TRIED] if path not in asked)


def smallest(body: str) -> tuple[str, str]:
    """From a manifest: the digest of a manifest below it (an index), and the digest of its smallest
    blob."""
    try:
        manifest = json.loads(body)
        below = _entries(manifest.get("manifests", ()))
        blobs = _entries([manifest.get("config"), *manifest.get("layers", ())])
        blobs.sort(key=lambda blob: int(blob.get("size", 0)))
        digests = [_digest(entries) for entries in (below, blobs)]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return "", ""
    return digests[0], digests[1]


def _entries(values: Sequence[object]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _digest(entries: list[dict[str, Any]]) -> str:
    digest = str(entries[0]["digest"]) if entries else ""
    return digest if _DIGEST.fullmatch(digest) else ""
