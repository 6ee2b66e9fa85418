"""What shows an owner, without arcprobe, that a cause is gone."""

from __future__ import annotations

import shlex

import msgspec
import pytest

from arcprobe.diagnosis.proof import proof_of
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.model import Check, Code, Finding, Kind, Proxy
from tests.diagnosis.test_causes import check, finding

PROXY = Proxy(scheme="http", host="proxy.corp", port=3128)
SOCKS = Proxy(scheme="socks5h", host="proxy.corp", port=1080)
TLS = Proxy(scheme="https", host="proxy.corp", port=8443)
AUTHORITY = "CN=Contoso Root,O=Contoso"


def told(code: Code, proxy: Proxy | None = None, **of_check: object) -> str:
    """The proof of a code, for the first host."""
    asked = msgspec.structs.replace(check(1, proxy=proxy), **of_check)
    return language().say(proof_of(seen(code), (asked,)))


def seen(code: Code) -> Finding:
    return msgspec.structs.replace(finding(code, 1), fields=(("issuer", AUTHORITY),))


def command(text: str) -> list[str]:
    """The words of the command, as a shell reads them."""
    return shlex.split(text.split("`")[1])


def test_a_proxy_that_opens_the_tunnel() -> None:
    """The proxy's own answer to CONNECT counts, and the endpoint's; through SOCKS that alone, with
    the name looked up by the proxy, as Go does."""
    http = told(Code.PROXY_DENIED, PROXY)
    assert command(http)[-3:] == ["-x", "http://proxy.corp:3128", "https://host1.azure.com:443/"]
    assert http.endswith("prints 200 and a number other than 000")
    socks = told(Code.PROXY_DENIED, SOCKS)
    assert command(socks)[-3:-1] == ["-x", "socks5h://proxy.corp:1080"]
    local = msgspec.structs.replace(SOCKS, scheme="socks5")
    assert told(Code.PROXY_DENIED, local) == socks
    assert socks.endswith("prints a number other than 000")


def test_a_proxy_that_asks_who_it_is() -> None:
    """Where the settings give credentials the command has a place for them, and never their
    value."""
    asking = msgspec.structs.replace(PROXY, has_credentials=True)
    assert " -U USER:PASSWORD " in told(Code.PROXY_DENIED, asking)
    assert " -proxy_user USER -proxy_pass pass:PASSWORD " in told(Code.TLS_INTERCEPTED, asking)
    assert "PASSWORD" not in told(Code.PROXY_DENIED, PROXY)
    assert " --proxy-insecure " in told(Code.PROXY_DENIED, TLS)


def test_an_endpoint_that_answers() -> None:
    """Without a proxy as with one; plain HTTP where that is what is asked."""
    direct = command(told(Code.TARGET_SILENT))
    assert "-x" not in direct
    assert direct[-1] == "https://host1.azure.com:443/"
    plain = command(told(Code.TARGET_SILENT, protocol="http", target="host1.azure.com:80"))
    assert plain[-1] == "http://host1.azure.com:80/"


def test_an_issuer_that_is_no_longer_the_companys() -> None:
    """OpenSSL asks; where the proxy itself speaks TLS, which it cannot pass, arcprobe does."""
    text = told(Code.TLS_INTERCEPTED, PROXY)
    assert "openssl s_client -proxy proxy.corp:3128 -connect host1.azure.com:443" in text
    assert text.endswith("prints an issuer other than Contoso Root")
    assert "s_client -connect host1" in told(Code.TLS_INTERCEPTED)
    assert told(Code.TLS_INTERCEPTED, TLS).startswith("`arcprobe check`")


def test_an_upgrade_that_arrives() -> None:
    """Of a WebSocket endpoint of Microsoft's; of one of the user's own nobody knows the answer."""
    path = "/$hc/arcprobe?sb-hc-action=listen"
    socket = {"kind": Kind.WEBSOCKET, "path": path}
    text = told(Code.WEBSOCKET_STRIPPED, PROXY, **socket)
    assert command(text)[-1] == f"https://host1.azure.com:443{path}"
    assert text.endswith("prints 401")
    own = told(Code.WEBSOCKET_STRIPPED, PROXY, **socket, custom=True)
    assert own.startswith("`arcprobe check`")


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("10.0.0.53", "dig +short @10.0.0.53 host1.azure.com | tail -1"),
        ("127.0.0.53", "dig +short host1.azure.com | tail -1"),
        ("10.0.0.53, 10.0.0.54", "dig +short host1.azure.com | tail -1"),
    ],
)
def test_a_name_that_resolves(server: str, words: str) -> None:
    """The name server that failed is asked; not the host's own stub, which others cannot reach."""
    failed = msgspec.structs.replace(
        finding(Code.RESOLVER_FAILED, 1), fields=(("server", server), ("name", "host1.azure.com"))
    )
    text = language().say(proof_of(failed, (check(1),)))
    assert text == f"`{words}` prints an address"


def test_the_proxys_own_name() -> None:
    """Where it is the proxy's that does not resolve, endpoints behind it do not matter."""
    assert "`dig +short proxy.corp | tail -1` prints" in told(Code.PROXY_NAME_UNKNOWN, PROXY)


def test_each_endpoint_that_is_hit_is_asked() -> None:
    """One that works proves nothing of the others: a loop asks all of them, each once."""
    hit = (check(1, proxy=PROXY), check(2, proxy=PROXY), check(1, proxy=PROXY))
    text = language().say(proof_of(seen(Code.PROXY_DENIED), hit))
    both = "https://host1.azure.com:443/ https://host2.azure.com:443/"
    assert text.startswith(f"`for each in {both}; do curl ")
    assert text.endswith('"$each"; done` prints 200 and a number other than 000, for each')
    text = language().say(proof_of(seen(Code.TLS_INTERCEPTED), hit))
    assert '-connect "$each" -servername "${each%:*}"' in text


def test_one_command_goes_one_way() -> None:
    """An endpoint past the proxy is not asked through it."""
    hit = (check(1, proxy=PROXY), check(2))
    text = language().say(proof_of(seen(Code.TLS_INTERCEPTED), hit))
    assert "host1.azure.com:443" in text
    assert "host2" not in text


def test_nothing_of_a_stranger_is_taken_for_a_field_or_another_word() -> None:
    """A path with braces, quotes or spaces is one word of the command."""
    asked: Check = msgspec.structs.replace(
        check(1), kind=Kind.WEBSOCKET, path="/{host} '; reboot; '{target}"
    )
    text = language().say(proof_of(seen(Code.WEBSOCKET_STRIPPED), (asked,)))
    assert command(text)[-1] == f"https://{asked.target}{asked.path}"


def test_each_proof_has_its_command_and_each_is_used() -> None:
    """A row of the table that no code names would be idle."""
    used = {row.proof for row in codes.rows() if row.proof}
    assert used == set(codes.Proof)


def test_a_relay_that_answers() -> None:
    """Where Azure Relay alone is cut off, its own answer counts: a page that a device sends in its
    place is none."""
    relay = told(Code.TLS_RESET, PROXY, kind=Kind.WEBSOCKET, path="/$hc/arcprobe")
    assert relay.endswith("prints 401")
    assert told(Code.TLS_RESET, PROXY).endswith("prints a number other than 000")
    custom = told(Code.TLS_RESET, PROXY, kind=Kind.WEBSOCKET, custom=True)
    assert custom.endswith("prints a number other than 000")
