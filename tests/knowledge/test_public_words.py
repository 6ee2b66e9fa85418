"""``knowledge/public_words.py``: which users are words of the field."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.public_words import is_public_word


@pytest.mark.parametrize("word", ["squid", "Proxy", "azure", "zscaler"])
def test_words_of_the_field(word: str) -> None:
    """Products, endpoints and arcprobe's own sentences use them."""
    assert is_public_word(word)


@pytest.mark.parametrize("word", ["canary", "svc-arc-7", "", "a.b"])
def test_other_words(word: str) -> None:
    """Anything else is somebody's name."""
    assert not is_public_word(word)
