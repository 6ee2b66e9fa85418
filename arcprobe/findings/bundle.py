"""What the bundle of --proxy-cert does for a chain, or would do."""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.findings import chains
from arcprobe.model import Handshake, Line, Settings, Store, Value, VerifyCode, line

_MOST_NAMES = 3  # of certificates in it, in a line
_MOST_NOTES = 6  # about the certificates in it
_SHOWN_DIGITS = 16  # of a fingerprint


def what_if(shown: Handshake, settings: Settings) -> Iterator[Line]:
    """What --proxy-cert does, or would do, for this chain."""
    said, root = chains.trust(shown, Store.BUNDLE), _needed_root(shown)
    if said is None:
        yield line("certificate.bundle-not-given", root=root)
        return
    file = settings.proxy_cert or "--proxy-cert"
    if said.anchor and said.go is not None and said.go.refusal is not None:
        yield line("certificate.bundle-refused-by-go", file=file, root=said.anchor)
    elif said.accepted or said.anchor:
        date = "" if said.accepted else said.words
        yield line("certificate.bundle-accepts", file=file, root=said.anchor, date=date)
    else:
        words = said.words or line("certificate.refused")
        yield line("certificate.bundle-refuses", file=file, words=words, code=said.code)
        needs = line("certificate.bundle-needs", file=file, root=root)
        if chains.trust(shown, Store.BUNDLE_PARTIAL) is not None:
            needs = line("certificate.bundle-partial", file=file)
        yield lacking(shown, settings) or needs
    for note in settings.proxy_cert_notes[:_MOST_NOTES]:
        yield line("certificate.bundle-note", file=file, note=note)


def lacking(shown: Handshake, settings: Settings) -> Line | None:
    """What stands in the bundle instead of what the chain needs: a CA of the same name, or another
    certificate of the same PKI. None where nothing can be said beside the root's name."""
    said = chains.trust(shown, Store.BUNDLE)
    if said is None or said.accepted or said.anchor:
        return None
    file = settings.proxy_cert or "--proxy-cert"
    if said.code == VerifyCode.AKID_SKID_MISMATCH:
        return line("certificate.bundle-namesake", file=file, name=chains.top_name(shown))
    given, missing = settings.proxy_cert_subjects, chains.missing_issuer(shown)
    is_known = not missing or not given or missing in given
    if is_known or chains.trust(shown, Store.BUNDLE_PARTIAL) is not None:
        return None
    count, names = len(chains.path(shown)), given[:_MOST_NAMES]
    return line("certificate.bundle-other", file=file, name=missing, count=count, given=names)


def _needed_root(shown: Handshake) -> Value:
    missing, top = chains.missing_issuer(shown), chains.path(shown)[-1]
    came = line("certificate.came-with", name=top.subject, sha256=top.sha256[:_SHOWN_DIGITS])
    return missing or came
