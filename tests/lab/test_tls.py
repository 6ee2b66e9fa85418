"""Contexts of the rehearsed peers: made once a name, with no key left on the disk."""

from __future__ import annotations

from pathlib import Path

from arcprobe.lab.pki import Authority, Credential
from arcprobe.lab.tls import ContextStore


def test_contexts(tmp_path: Path) -> None:
    """A name's certificate is made when it is first asked for and kept; its key is in no file
    afterwards."""
    minted: list[str] = []
    authority = Authority("CN=Root")

    def mint(name: str) -> Credential:
        minted.append(name)
        return authority.issue((name,), f"CN={name}")

    store = ContextStore(tmp_path, mint)
    assert store.context("a.example") is store.context("a.example")
    assert store.context("b.example") is not store.context("a.example")
    assert minted == ["a.example", "b.example"]
    assert list(tmp_path.iterdir()) == []
