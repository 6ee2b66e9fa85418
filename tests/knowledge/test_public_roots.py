"""The copy of public roots that is shipped."""

from __future__ import annotations

import hashlib
from importlib.resources import files


def test_the_shipped_roots_are_what_they_say() -> None:
    """The shipped bundle is byte for byte the one whose hash its first lines state."""
    head, note, body = (
        (files("arcprobe.knowledge") / "public-roots.pem").read_bytes().split(b"\n", 2)
    )
    assert head.startswith(b"#")
    assert hashlib.sha256(body).hexdigest() in note.decode()
