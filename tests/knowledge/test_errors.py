"""Words of errors find their codes."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.errors import codes_for


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("407", "proxy-auth-required"),
        ("received HTTP code 407 from proxy after CONNECT", "proxy-auth-required"),
        ("x509: certificate signed by unknown authority", "tls-intercepted"),
        (
            "tls: failed to verify certificate: X509: certificate has expired or is not yet valid",
            "",
        ),
        ("unable to get local issuer certificate", "chain-incomplete"),
        ("dial tcp: lookup x on 10.0.0.10:53: no such host", "name-unknown"),
        ("websocket: bad handshake", "websocket-stripped"),
    ],
)
def test_the_likeliest_comes_first(text: str, first: str) -> None:
    """A line as it stands in a log names what makes it."""
    found = codes_for(text)
    assert found
    assert found[0] == (first or found[0])


def test_numbers_stand_alone() -> None:
    """A number within another is none, and words of nobody find nothing."""
    assert codes_for("took 14071 ms") == ()
    assert codes_for("carrier pigeon lost") == ()
