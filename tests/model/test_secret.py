"""A password prints nowhere."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from arcprobe.model.secret import Credentials, Secret


def test_never_prints() -> None:
    """``str``, ``repr``, f-strings with any format, and what holds it, show stars."""
    secret = Secret("hunter2")
    assert (str(secret), repr(secret), f"{secret}", f"{secret:>20}") == ("***",) * 4
    assert "hunter2" not in repr(Credentials("user", secret))


def test_reveals_where_it_is_asked() -> None:
    """The text is there for the wire."""
    assert Secret("hunter2").reveal() == "hunter2"


def test_is_not_written() -> None:
    """Neither JSON nor a pickle can hold it."""
    with pytest.raises(TypeError):
        msgspec.json.encode({"password": Secret("hunter2")})
    with pytest.raises(TypeError, match="a secret is not pickled"):
        pickle.dumps(Secret("hunter2"))


def test_equals_by_its_text() -> None:
    """Two of the same text are the same, and no string is."""
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_empty_is_false() -> None:
    """No password is no secret."""
    assert not Secret("")
    assert Secret("a")
