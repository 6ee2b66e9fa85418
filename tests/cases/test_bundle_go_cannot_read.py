"""istio/istio #24609, moby/moby #36405: bundles that people read, and Go does not: glued, indented,
folded, with a byte order mark."""

from __future__ import annotations

import pytest

from arcprobe.probes.trust.bundle import read_proxy_cert
from arcprobe.probes.trust.roots import public_roots
from arcprobe.probes.trust.stores import Stores
from tests.cases import FOLDER
from tests.settings.given import refused
from tests.support.chains import NOW

CASE = FOLDER / "bundle-go-cannot-read"


@pytest.mark.parametrize(
    ("name", "form", "openssl"),
    [
        ("bom.pem", "byte order mark", 1),
        ("glued.pem", "on the same line", 0),
        ("indented.pem", "indented", 0),
        ("folded.pem", "line breaks are lost", 0),
    ],
)
def test_what_go_does_not_read_is_refused(
    name: str, form: str, openssl: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, with the form named, and what OpenSSL makes of it beside."""
    line = refused(capsys, "--proxy-https", "http://127.0.0.1:1", "--proxy-cert", str(CASE / name))
    assert "--proxy-cert: " in line
    assert form in line
    assert f"(OpenSSL reads {openssl})" in line


def test_of_several_those_count_that_go_finds() -> None:
    """A byte order mark costs the first certificate; the second one counts, and the first is named
    in a note."""
    both = (CASE / "bom.pem").read_bytes() + (CASE / "good.pem").read_bytes()
    bundle = read_proxy_cert(both, "both.pem", NOW)
    assert len(bundle.der) == 1
    lost = (CASE / "bom.pem").read_bytes() + b"-----BEGIN CERTIFICATE-----\nAA\n"
    with pytest.raises(ValueError, match=r"byte order mark|can be read"):
        read_proxy_cert(lost, "lost.pem", NOW)


def test_the_good_one_is_trusted() -> None:
    """The same certificate, written as Go reads it, makes the chain's root known."""
    shown = read_proxy_cert((CASE / "shown-by-the-proxy.pem").read_bytes(), "shown.pem", NOW)
    stores = Stores(public_roots()[0], None, (CASE / "good.pem").read_bytes())
    trust = stores.examine(shown.der, NOW)[-1]
    assert (trust.store, trust.accepted) == ("bundle", True)
    assert trust.go is not None
    assert trust.go.refusal is None
