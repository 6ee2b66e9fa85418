"""Words that the field uses anyway: who is called by one of them hides nothing behind it."""

from __future__ import annotations

import re

_TEXTS = ("texts/en.toml", "endpoints-AzureCloud.toml")


def is_public_word(word: str) -> bool:
    """Whether a word stands by itself in arcprobe's own texts, its endpoints or the names of
    products: a user called squid, proxy or azure."""
    if not word.isalpha():
        return False
    wanted = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    return any(wanted.search(text) for text in _texts())


def _texts() -> list[str]:
    from importlib.resources import files  # 5 ms, for those who have a password alone

    folder = files("arcprobe.knowledge")
    products = (folder / "products").iterdir()
    places = [folder / name for name in _TEXTS]
    places += [each for each in products if each.name.endswith(".toml")]
    return [place.read_text("utf-8") for place in places]
