"""What ships may be shipped."""

from __future__ import annotations

import re

import pytest

from tests.support.licences import shipped

# Those under which a program of any licence may be handed on with these libraries unchanged.
FREE = re.compile(r"MIT|BSD|Apache|ISC|Mozilla|MPL|PSF|Python Software|Unlicense", re.IGNORECASE)
NOT_FREE = re.compile(r"\bA?GPL|GNU (Affero )?General|proprietary|commercial", re.IGNORECASE)


def test_all_of_it_is_found() -> None:
    """The libraries that the package names, and theirs, are in the list."""
    names = {one.name.lower() for one in shipped()}
    assert {"arcprobe", "certifi", "cryptography", "cffi", "httpx", "httpcore", "anyio"} <= names
    assert not {"pytest", "mypy", "azure-identity"} & names


@pytest.mark.parametrize("one", shipped(), ids=lambda one: one.name)
def test_it_has_a_free_licence(one: tuple[str, str, str]) -> None:
    """Each declares a licence, and one that lets the image be handed on."""
    name, _version, licence = one
    assert FREE.search(licence), f"{name}: {licence!r}"
    assert not NOT_FREE.search(licence), f"{name}: {licence!r}"
