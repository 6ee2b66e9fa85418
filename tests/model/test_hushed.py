"""``model/hushed.py``: no text of a step that a peer wrote holds a secret."""

from __future__ import annotations

import base64

from arcprobe.model import (
    Attempt,
    Certificate,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Lookup,
    Observation,
    Tunnel,
)
from arcprobe.model.hushed import hushed
from arcprobe.model.redaction import know

SECRET = "Kanarien+Vogel/9%"


def test_every_text_of_a_peer() -> None:
    """Headers, aliases, names of certificates, wherever they are nested; and what arcprobe itself
    asked for stays."""
    know([SECRET, "secret.example:443"])
    head = Head(status=403, reason=SECRET, headers=(("via", f"1.1 {SECRET}"),), body=SECRET)
    steps = (
        Lookup(name="a.example", cnames=(f"{SECRET}.example",), addresses=("192.0.2.1",)),
        Tunnel(target="secret.example:443", head=head),
    )
    seen = Observation(check="1", attempts=(Attempt(label="agents", steps=steps),))
    lookup, tunnel = hushed(seen).attempts[0].steps
    assert lookup == Lookup(name="a.example", cnames=("***.example",), addresses=("192.0.2.1",))
    hidden = Head(status=403, reason="***", headers=(("via", "1.1 ***"),), body="***")
    assert tunnel == Tunnel(target="secret.example:443", head=hidden)


def test_nothing_to_hide() -> None:
    """An observation without a secret is the same one."""
    know([SECRET])
    steps = (Lookup(name="a.example", addresses=("192.0.2.1",)),)
    seen = Observation(check="1", attempts=(Attempt(label="agents", steps=steps),))
    assert hushed(seen) is seen


def certificate(pem: str) -> Certificate:
    """One of which only the PEM text matters."""
    return Certificate(
        sha256="00",
        subject="CN=x",
        issuer="CN=x",
        serial="01",
        not_before="2026-01-01T00:00:00Z",
        not_after="2027-01-01T00:00:00Z",
        pem=pem,
    )


def test_a_certificate_that_names_a_secret() -> None:
    """Its PEM text, which nobody reads but who pastes it, is left out; another one's stays."""
    know([SECRET])
    for inside, is_kept in ((SECRET, False), ("nothing of it", True)):
        digits = base64.encodebytes(b"0\x82" + inside.encode() * 9).decode()
        pem = f"-----BEGIN CERTIFICATE-----\n{digits}-----END CERTIFICATE-----\n"
        shake = Handshake(server_name="a.example", chain=(certificate(pem),))
        seen = Observation(check="1", attempts=(Attempt(label="agents", steps=(shake,)),))
        (step,) = hushed(seen).attempts[0].steps
        assert isinstance(step, Handshake)
        assert bool(step.chain[0].pem) is is_kept


def test_a_connection_or_a_step_by_itself() -> None:
    """The live line shows them before the observation is whole."""
    know([SECRET])
    lookup = Lookup(name="a.example", cnames=(SECRET,))
    hidden = Lookup(name="a.example", cnames=("***",))
    assert hushed(lookup) == hidden
    assert hushed(Attempt(label="agents", steps=(lookup,))).steps == (hidden,)


def test_a_kind_is_no_text_of_a_peer() -> None:
    """A secret that is a word of arcprobe's own does not hide how a connection ended; nor does PEM
    text that cannot be read stay."""
    know(["reset", SECRET])
    ended = Handshake(server_name="a.example", failure=Failure(kind=FailureKind.RESET, detail="x"))
    assert hushed(ended) is ended
    broken = Handshake(server_name="a.example", chain=(certificate("-----BEGIN\nA\n"),))
    assert hushed(broken).chain[0].pem == ""
