"""What all nouns share."""

from __future__ import annotations

import msgspec


class Noun(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=False
):
    """What all nouns share: immutable, keyword only, defaults left out of the JSON, unknown fields
    of later versions ignored."""
