"""Forms of PEM that people read and Go does not, each by its name."""

from __future__ import annotations

import pytest

from arcprobe.probes.trust.pem_forms import begun_and_whole, count_of_openssl, form_of, meant_in
from tests.support.chains import Authority

ONE = Authority("O=Contoso; CN=One").pem
TWO = Authority("O=Contoso; CN=Two").pem
FORMS = {
    "mark": b"\xef\xbb\xbf" + ONE,
    "glued": ONE.rstrip() + TWO,
    "indented": ONE.replace(b"\n", b"\n  "),
    "folded": ONE.replace(b"\n", b" "),
    "old-line-ends": ONE.replace(b"\n", b"\r"),
    "after-end": ONE.rstrip() + b" root\n",
    "before-begin": b"root: " + ONE,
    "label": ONE.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    """The fault is named, and the certificates that were meant are seen all the same."""
    assert form_of(FORMS[form]) == form
    assert len(meant_in(FORMS[form])) == FORMS[form].count(b"BEGIN")


def test_no_form() -> None:
    """What is written well has none of these forms."""
    assert form_of(ONE + TWO) == "other"


def test_begun_and_whole() -> None:
    """A certificate that begins, and is cut, is counted."""
    assert begun_and_whole(ONE + TWO[:200]) == (2, 1)


@pytest.mark.parametrize(
    ("data", "count"),
    [(ONE + TWO, 2), (b"\xef\xbb\xbf" + ONE, 1), (ONE.rstrip() + TWO, 0), (b"", 0)],
)
def test_openssl(data: bytes, count: int) -> None:
    """What OpenSSL reads of the same file."""
    assert count_of_openssl(data) == count
