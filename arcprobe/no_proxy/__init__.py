"""Bypass lists (NO_PROXY, ``--proxy-skip-range``) as five clients read them. Pure: text and
arithmetic.

``bypass`` asks one dialect about one host; ``uncovered`` which addresses go to the proxy;
``entries`` and ``lint`` look at the list itself; ``suggest`` writes the list that would be right.
"""

from __future__ import annotations

from arcprobe.no_proxy.addresses import (
    Network as Network,
    intervals as intervals,
    is_seen_by_others as is_seen_by_others,
    make_address as make_address,
    network_around as network_around,
    parse_address as parse_address,
    parse_network as parse_network,
)
from arcprobe.no_proxy.answer import Bypass as Bypass
from arcprobe.no_proxy.bypass import bypass as bypass, holds as holds, uncovered as uncovered
from arcprobe.no_proxy.dialects import DIALECTS as DIALECTS
from arcprobe.no_proxy.entries import (
    Entry as Entry,
    Problem as Problem,
    entries as entries,
    lint as lint,
    split_host_port as split_host_port,
)
from arcprobe.no_proxy.entry_forms import is_windows_word as is_windows_word
from arcprobe.no_proxy.suggestion import (
    Removal as Removal,
    Required as Required,
    Suggestion as Suggestion,
    corrected_entries as corrected_entries,
    is_every_address as is_every_address,
    kept_entries as kept_entries,
    suggest as suggest,
    too_broad as too_broad,
)
