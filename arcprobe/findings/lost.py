"""Whether no connection came about."""

from __future__ import annotations

from arcprobe.knowledge.codes import row
from arcprobe.model import Code, Judgement, Layer, Verdict

_CONNECTION_LOST = frozenset({Code.TLS_RESET, Code.TLS_SILENT, Code.TLS_CLOSED})


def is_lost(word: Judgement) -> bool:
    """Whether a judgement says that the name has no address, or the address no connection."""
    code = row(word.code)
    if (word.verdict or code.verdict) is not Verdict.FAIL:
        return False
    return code.layer in (Layer.DNS, Layer.TCP) or word.code in _CONNECTION_LOST
