"""A session that stands, and that agents would not have had: TLS older than Go speaks."""

from __future__ import annotations

from arcprobe.findings.reading import Reading
from arcprobe.findings.scene import Scene
from arcprobe.knowledge import go
from arcprobe.model import Code, Judgement, Value, line


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """tls-too-old, where the session stands and agents would not have it; else None."""
    shown = reading.speaks.handshake
    if shown is None or not shown.chain:
        return None
    version, cipher = shown.version, shown.cipher
    versions: Value = version
    words = line("handshake.newest-version", version=version)
    if not go.speaks_too_old(version):
        versions = line("handshake.version-with", version=version, cipher=cipher)
        words = line("handshake.best-cipher", cipher=cipher)
        if not go.refuses_cipher(version, cipher):
            return None
    issuer = line("certificate.issuer", name=shown.chain[0].issuer)
    return Judgement(
        code=Code.TLS_TOO_OLD, evidence=(words, issuer), values=(("versions", versions),)
    )
