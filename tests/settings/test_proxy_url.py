"""A proxy's URL: what is ambiguous is refused, and no password is ever shown."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from arcprobe.model import Proxy
from arcprobe.settings.proxy_url import parse_proxy
from tests.settings.given import SECRET, problem, refused

PASSWORD = f"http://arc:{SECRET}"


BAD_PROXIES = {
    "no scheme": ("proxy.corp:3128", "no scheme"),
    "no scheme, password": (f"arc:{SECRET}@proxy.corp:3128", "no scheme"),
    "unknown scheme": ("ftp://proxy.corp:3128", "ftp"),
    "password before the scheme": (f"arc:{SECRET}://x@proxy.corp:3128", "no scheme"),
    "blank inside": ("http://proxy corp:3128", "%20"),
    "blank in the password": (f"{PASSWORD} x@proxy.corp:3128", "%20"),
    "@ in the password": (f"{PASSWORD}@x@proxy.corp:3128", "%40"),
    "# in the password": (f"{PASSWORD}#x@proxy.corp:3128", "%23"),
    "? in the password": (f"{PASSWORD}?x@proxy.corp:3128", "%3F"),
    "/ in the password": (f"{PASSWORD}/x@proxy.corp:3128", "%2F"),
    "% in the password": (f"{PASSWORD}%x@proxy.corp:3128", "%25"),
    "port too large": (f"{PASSWORD}@proxy.corp:99999", "host:port"),
    "no port after the colon": (f"{PASSWORD}@proxy.corp:", "host:port"),
    "no host": (f"{PASSWORD}@:3128", "host:port"),
    "a path": ("http://proxy.corp:3128/pac", "path"),
    "control character": ("http://proxy.corp:3128\x1b[2J", "control"),
}


@pytest.mark.parametrize("flag", ["--proxy-https", "--proxy-http"])
@pytest.mark.parametrize("case", BAD_PROXIES)
def test_bad_proxy(case: str, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A proxy URL that is ambiguous or wrong is refused; the line names the flag and what would be
    right, never the password."""
    text, advice = BAD_PROXIES[case]
    line = refused(capsys, flag, text)
    assert flag in line
    assert advice in line


@pytest.mark.parametrize("case", [each for each in BAD_PROXIES if not each.startswith("no scheme")])
def test_bad_proxy_variable(
    case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is in HTTPS_PROXY, which the line then names."""
    monkeypatch.setenv("HTTPS_PROXY", BAD_PROXIES[case][0])
    assert "HTTPS_PROXY" in refused(capsys)


_PLACES = st.sampled_from(
    [
        "proxy.corp:3128",
        "proxy.corp",
        "[::1]:3128",
        "10.0.0.1:1",
        "",
        ":",
        "[::1",
        "a:b:c",
        "proxy.corp:0",
    ]
)


_SCHEMES = st.sampled_from(
    [
        "http://",
        "https://",
        "socks5://",
        "socks5h://",
        "socks4://",
        "ftp://",
        "",
        "//",
        "http:",
        "HTTP://",
    ]
)


@given(_SCHEMES, st.text(max_size=8), st.text(max_size=12), _PLACES, st.booleans())
def test_any_proxy(scheme: str, user: str, more: str, place: str, optional: bool) -> None:
    """Whatever is written, parse_proxy gives a proxy or a ConfigError, and neither ever shows the
    password."""
    text = f"{scheme}{user}:{SECRET}{more}@{place}"
    if line := problem(lambda: parse_proxy("--proxy-https", text, scheme_optional=optional)):
        assert SECRET not in line
        assert line.isprintable()
        return
    proxy, pair = parse_proxy("--proxy-https", text, scheme_optional=optional)
    assert SECRET not in repr((proxy, pair))
    assert pair is not None
    assert pair[1].reveal().startswith(SECRET) or SECRET in pair[1].reveal()
    assert 0 < proxy.port < 65536


@given(st.text(max_size=60), st.booleans())
def test_any_text(text: str, optional: bool) -> None:
    """No text makes parse_proxy raise anything but ConfigError."""
    assert "\n" not in problem(lambda: parse_proxy("x", text, scheme_optional=optional))


@given(st.text(max_size=10).filter(lambda text: ":" not in text), st.text(max_size=20))
def test_percent_encoding(user: str, password: str) -> None:
    """User and password that are percent-encoded come back as they were."""
    from urllib.parse import quote

    encode = {"safe": "", "errors": "surrogatepass"}
    try:
        text = f"http://{quote(user, **encode)}:{quote(password, **encode)}@proxy:3128"
        user.encode(), password.encode()
    except UnicodeEncodeError:
        return
    proxy, pair = parse_proxy("x", text)
    assert proxy == Proxy(scheme="http", host="proxy", port=3128, setting="x", has_credentials=True)
    assert pair is not None
    assert (pair[0], pair[1].reveal()) == (user, password)
