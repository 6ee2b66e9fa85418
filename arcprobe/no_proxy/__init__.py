"""Bypass lists (NO_PROXY, ``--proxy-skip-range``) as five clients read them. Pure: text and
arithmetic.

``bypass`` asks one dialect about one host; ``uncovered`` which addresses go to the proxy;
``entries`` and ``lint`` look at the list itself; ``suggest`` writes the list that would be right.
"""

from __future__ import annotations

from arcprobe.model.text import is_address
from arcprobe.no_proxy.answer import Bypass
from arcprobe.no_proxy.bypass import DIALECTS, bypass, covers_network, holds, uncovered
from arcprobe.no_proxy.entries import Entry, Problem, entries, lint, split_host_port
from arcprobe.no_proxy.suggestion import Required, Suggestion, mended, suggest, too_broad

__all__ = [
    "DIALECTS",
    "Bypass",
    "Entry",
    "Problem",
    "Required",
    "Suggestion",
    "bypass",
    "covers_network",
    "entries",
    "holds",
    "is_address",
    "lint",
    "mended",
    "split_host_port",
    "suggest",
    "too_broad",
    "uncovered",
]
