"""What the bundle of --proxy-cert does for a chain, or would do."""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.findings import chains
from arcprobe.model import Handshake, Line, Settings, Store, Value, line

_MOST_NOTES = 6  # about the certificates in it
_SHOWN_DIGITS = 16  # of a fingerprint


def what_if(shown: Handshake, settings: Settings) -> Iterator[Line]:
    """What --proxy-cert does, or would do, for this chain."""
    said, root = chains.trust(shown, Store.BUNDLE), _needed_root(shown)
    if said is None:
        yield line("certificate.bundle-not-given", root=root)
        return
    file = settings.proxy_cert or "--proxy-cert"
    if said.accepted or said.anchor:
        date = "" if said.accepted else said.words
        yield line("certificate.bundle-accepts", file=file, root=said.anchor, date=date)
    else:
        words = said.words or line("certificate.refused")
        yield line("certificate.bundle-refuses", file=file, words=words, code=said.code)
        is_partial = chains.trust(shown, Store.BUNDLE_PARTIAL) is not None
        key = "certificate.bundle-partial" if is_partial else "certificate.bundle-needs"
        yield line(key, file=file, root=root)
    for note in settings.proxy_cert_notes[:_MOST_NOTES]:
        yield line("certificate.bundle-note", file=file, note=note)


def _needed_root(shown: Handshake) -> Value:
    missing, top = chains.missing_issuer(shown), chains.path(shown)[-1]
    came = line("certificate.came-with", name=top.subject, sha256=top.sha256[:_SHOWN_DIGITS])
    return missing or came
