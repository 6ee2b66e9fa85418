"""What the values of settings mean, and what is refused, without secrets."""

from __future__ import annotations

from functools import partial

import pytest

from arcprobe.model import CustomEndpoint
from tests.settings.given import SECRET, loaded, problem


def test_endpoints_and_resolve() -> None:
    """--endpoint and --resolve are read to host, port, path and addresses; IPv6 too."""
    config = loaded(
        {
            "endpoint": ("https://A.corp", "wss://b.corp:8443/x?y=1", "https://[::1]:444/"),
            "resolve": ("H:443:10.0.0.1,[::1]",),
        }
    )
    assert config.endpoints == (
        CustomEndpoint("https", "a.corp", 443, "/"),
        CustomEndpoint("wss", "b.corp", 8443, "/x?y=1", shown="/x?***2"),
        CustomEndpoint("https", "::1", 444, "/"),
    )
    assert config.resolve == {("h", 443): ("10.0.0.1", "::1")}


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("h:443:1.1.1.1,2.2.2.2", {("h", 443): ("1.1.1.1", "2.2.2.2")}),
        ("h:443:1.1.1.1, i:80:::1,[::2]", {("h", 443): ("1.1.1.1",), ("i", 80): ("::1", "::2")}),
        (
            "h:443:fd00::1,fd00:443::2,j.corp:443:2.2.2.2,",
            {("h", 443): ("fd00::1", "fd00:443::2"), ("j.corp", 443): ("2.2.2.2",)},
        ),
    ],
)
def test_resolve_in_the_environment(text: str, due: object) -> None:
    """A comma of ARCPROBE_RESOLVE separates entries only where HOST:PORT: follows; elsewhere it
    separates addresses."""
    assert loaded({}, {"ARCPROBE_RESOLVE": text}).resolve == due


@pytest.mark.parametrize(
    "text",
    [
        "api.corp",
        "api.corp:6443",
        "10.0.0.1",
        "[fd00::1]:6443",
        "fd00::1",
        "https://api.corp:6443/",
    ],
)
def test_api_servers(text: str) -> None:
    """An API server is a host, host:port, [v6]:port, or a kubeconfig's URL."""
    assert loaded({"api-server": (text,)}).cluster.api_servers == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "a b:99999",
        "api:0",
        "api:99999",
        "api:x",
        "[fd00::x]:1",
        "",
        "a/b",
        f"https://arc:{SECRET}@api",
    ],
)
def test_bad_api_servers(text: str) -> None:
    """What is none is refused, without a password that was pasted along."""
    line = problem(lambda: loaded({"api-server": (text,)}))
    assert line.startswith("--api-server: ")
    assert SECRET not in line


@pytest.mark.parametrize(
    "text", [f"https://u:{SECRET}@x/", f"http://x/?sig={SECRET}", f"https://u:{SECRET}@@x/a?b@c"]
)
def test_endpoints_keep_secrets(text: str) -> None:
    """An endpoint that is refused is named without its userinfo and its query."""
    line = problem(lambda: loaded({"endpoint": (text,)}))
    assert line.startswith("--endpoint: ")
    assert SECRET not in line


@pytest.mark.parametrize(
    "text",
    [
        "https://a..b/",
        "https://.a/",
        "https://a../",
        f"https://{'a' * 64}.corp/",
        f"https://{'.'.join(['a' * 63] * 4)}/",
        "https://a.corp:٤٤٣/",
        "https://a.corp:0/",
        "https://a.corp:65536/",
        "https://[::x]/",
        "https://a.corp/\x00",
        "https://a.corp,b",
    ],
)
def test_endpoints_that_cannot_exist(text: str) -> None:
    """A name with an empty or an overlong label, or above 253 characters, is refused, as is a port
    that is none."""
    assert problem(lambda: loaded({"endpoint": (text,)})).startswith("--endpoint: ")


@pytest.mark.parametrize(
    "text", [f"https://{'a' * 63}.corp/", "https://a.corp.:443/", "https://_a.corp/x,y?z=1,2"]
)
def test_endpoints_at_the_edge(text: str) -> None:
    """A label of 63 characters, a final dot, an underscore and commas in a path are taken."""
    assert len(loaded({"endpoint": (text,)}).endpoints) == 1


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("wss://BÜCHER。example:8443/a", "xn--bcher-kva.example"),
        ("https://パイプ.example/", "xn--eckveta.example"),
    ],
)
def test_international_endpoints(text: str, host: str) -> None:
    """A name with other letters is asked for as Go's net/http writes it (UTS 46, RFC 3492)."""
    (endpoint,) = loaded({"endpoint": (text,)}).endpoints
    assert endpoint.host == host


@pytest.mark.parametrize("text", ["https://\u2028.example/", "https://a\u0378b.example/"])
def test_letters_of_no_name(text: str) -> None:
    """A character that no name may have is refused."""
    assert problem(lambda: loaded({"endpoint": (text,)})).startswith("--endpoint: ")


@pytest.mark.parametrize("text", ["a..b:443", "a..b", "a:٤٤٣"])
def test_servers_that_cannot_exist(text: str) -> None:
    """The same for an API server."""
    assert problem(lambda: loaded({"api-server": (text,)})).startswith("--api-server: ")


GATEWAY = "contoso.gw.arc.azure.com"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        *(
            (text, text)
            for text in (
                f"https://{GATEWAY}",
                GATEWAY,
                f"http://{GATEWAY}",
                f"https://{GATEWAY}:8443/a",
                f"{GATEWAY}/a",
            )
        ),
        (f"https://u:{SECRET}@{GATEWAY}/", f"***@{GATEWAY}/"),
        (f"https://{GATEWAY}?sig={SECRET}", f"https://{GATEWAY}?***"),
    ],
)
def test_gateways_are_kept_as_given(given: str, kept: str) -> None:
    """A malformed gateway URL with a host in it is no wrong setting but for the judge; only secrets
    are taken out."""
    settings = loaded({"gateway-url": given}).settings
    assert (settings.gateway_url, settings.gateway_host) == (kept, GATEWAY)


@pytest.mark.parametrize("text", ["https://", "contoso", "a b.c", "http:/", "http://a_b.c/"])
def test_gateways_without_a_host(text: str) -> None:
    """Text in which no host can be found is a wrong setting."""
    assert problem(lambda: loaded({"gateway-url": text})).startswith("--gateway-url: ")


@pytest.mark.parametrize(
    ("name", "least", "below"), [("timeout", "0.1", "0.09"), ("websocket-hold", "0", "-0.1")]
)
def test_seconds(name: str, least: str, below: str) -> None:
    """A time is from a tenth of a second, or from 0 where that means off, to a day."""
    assert problem(lambda: loaded({name: least})) == ""
    assert problem(lambda: loaded({name: "86400"})) == ""
    refused = f"from {least} to 86400"
    for text in (below, "86400.5", "nan", "inf", "1s", "", "1_0", "١٠", "１０"):
        assert refused in problem(partial(loaded, {name: text}))


@pytest.mark.parametrize(
    ("text", "due"),
    [("10.96.0.1/12", "10.96.0.0/12"), (" 10.0.0.1 ", "10.0.0.1/32"), ("fd00::1/64", "fd00::/64")],
)
def test_address_ranges(text: str, due: str) -> None:
    """A range is kept without the bits behind its length; an address is a range of one."""
    assert loaded({"pod-cidr": (text,)}).cluster.pod_cidrs == (due,)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("https://a:1", True),
        ("https://a:65535", True),
        ("https://a:0", False),
        ("https://a:65536", False),
    ],
)
def test_ports(text: str, is_right: bool) -> None:
    """A port is from 1 to 65535."""
    assert (problem(lambda: loaded({"endpoint": (text,)})) == "") is is_right


def test_api_server_by_address() -> None:
    """An IPv6 address is kept in its one spelling; a URL around one without brackets is refused."""
    assert loaded({"api-server": ("FD00:0::1",)}).cluster.api_servers == ("fd00::1",)
    assert problem(lambda: loaded({"api-server": ("https://fd00::1",)}))
