"""``model/redaction.py``: a secret in every form, and nothing but it."""

from __future__ import annotations

import base64

import pytest

from arcprobe.model.redaction import Redactor, forget, is_known, know, redact
from tests.hostile.echo import FORMS

SECRET = "Kanarien+Vogel/9%"


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    """Each form of a secret becomes stars; what stands round it stays."""
    shown = Redactor([SECRET])(f"before {FORMS[form](SECRET)} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert "***" in shown
    assert len(shown) < len("before  after") + 20


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_base64_beside_other_bytes(before: str) -> None:
    """Base64 of a line that holds the secret shows none of its digits, wherever it begins."""
    digits = base64.b64encode(f"{before}{SECRET}, and more".encode()).decode()
    shown = Redactor([SECRET])(digits)
    assert "***" in shown
    assert len(shown.replace("***", "")) <= len(before) * 2 + len(", and more") * 4 // 3


def test_cut_at_the_end() -> None:
    """What a bound has cut is still a part of the secret; a word of a few letters is none."""
    redactor = Redactor([SECRET])
    assert redactor("page: Kanarie") == "page: ***"
    assert redactor("page: Kana") == "page: Kana"


def test_short_secrets_are_words_of_their_own() -> None:
    """Of four to seven characters: hidden where they stand for themselves, not within others or in
    the name of a host."""
    redactor = Redactor(["corp"])
    assert redactor("user corp, realm=corp") == "user ***, realm=***"
    assert redactor("corporate proxy.corp.example corp-1") == "corporate proxy.corp.example corp-1"
    assert Redactor(["pw"])("pw") == "pw"
    assert Redactor(["pw", "me:pw"])("as me:pw") == "as ***"


def test_public_words_stay() -> None:
    """A user called like a product hides nothing but what only a secret looks like."""
    redactor = Redactor(["squid"], public=["squid"])
    assert redactor("Via: squid/5.7") == "Via: squid/5.7"
    assert redactor(b"squid".hex()) == "***"


def test_secrets_of_the_process() -> None:
    """What is known is hidden until it is forgotten; an empty secret is none."""
    know(["", SECRET])
    assert redact(f"a {SECRET} b") == "a *** b"
    assert is_known(SECRET)
    know(["another secret"])
    assert redact(f"{SECRET} another secret") == "*** ***"
    forget()
    assert redact(SECRET) == SECRET


@pytest.mark.parametrize(
    "secret", ["pä\udce4ßwört", "İstanbul-Şifre", "a\x00b\x1b[31mc", "日本語の秘密"]
)
def test_odd_secrets(secret: str) -> None:
    """A secret beyond ASCII, or with bytes that are no UTF-8, is hidden as well."""
    assert secret not in Redactor([secret])(f"x {secret} y")


def test_a_secret_that_is_told_twice() -> None:
    """It stays hidden, and costs nothing."""
    know(["Kanarien+Vogel"])
    know(["Kanarien+Vogel", ""])
    assert redact("user Kanarien+Vogel") == "user ***"
