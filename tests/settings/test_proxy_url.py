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
    "port of another alphabet": (f"{PASSWORD}@proxy.corp:\u0663\u0661\u0662\u0668", "host:port"),
    "no host": (f"{PASSWORD}@:3128", "host:port"),
    "a path": ("http://proxy.corp:3128/pac", "path"),
    "control character": ("http://proxy.corp:3128\x1b[2J", "control"),
    "blank at the end": (f"{PASSWORD}@proxy.corp:3128 ", "take it out"),
    "line break at the end": (f"{PASSWORD}@proxy.corp:3128\n", "take it out"),
    "Windows domain": (f"http://CORP\\arc:{SECRET}@proxy.corp:3128", "%5C for \\"),
    "braces": (f"{PASSWORD}^{{1}}@proxy.corp:3128", "%5E for ^, %7B for {, %7D for }"),
    "quote": (f'{PASSWORD}"@proxy.corp:3128', '%22 for "'),
    "pipe": (f"{PASSWORD}|@proxy.corp:3128", "%7C for |"),
    "brackets": (f"{PASSWORD}[1]@proxy.corp:3128", "%5B for [, %5D for ]"),
    "angles and backtick": (f"{PASSWORD}<`>@proxy.corp:3128", "%3C for <, %3E for >, %60 for `"),
    "umlaut": (f"{PASSWORD}\u00e4@proxy.corp:3128", "%C3%A4 for \u00e4"),
    "socks4": ("socks4://proxy.corp:1080", "Go, the language of the agents"),
    "socks4a": ("socks4a://proxy.corp:1080", "Go, the language of the agents"),
    "empty label": (f"{PASSWORD}@proxy..corp:3128", "host:port"),
    "two dots at the end": (f"{PASSWORD}@proxy.corp..:3128", "host:port"),
    "dot before": (f"{PASSWORD}@.proxy.corp:3128", "host:port"),
    "label of 64": (f"{PASSWORD}@{'a' * 64}.corp:3128", "host:port"),
    "name of 254": (f"{PASSWORD}@{'a.' * 126}aa:3128", "host:port"),
    "hyphen before": (f"{PASSWORD}@-proxy.corp:3128", "host:port"),
    "three octets": (f"{PASSWORD}@10.0.1:3128", "host:port"),
    "leading zero": (f"{PASSWORD}@10.0.0.01:3128", "host:port"),
    "IPv6 without brackets": (f"{PASSWORD}@fd00::1:3128", "host:port"),
    "IPv4 in brackets": (f"{PASSWORD}@[10.0.0.1]:3128", "host:port"),
    "zone with a bare %": (f"{PASSWORD}@[fe80::1%eth0]:3128", "host:port"),
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


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTP://Proxy.Corp:3128/", "http://proxy.corp:3128"),
        ("https://proxy", "https://proxy:443"),
        ("http://proxy:", "http://proxy:80"),
        ("socks5://proxy", "socks5://proxy:1080"),
        ("socks5h://proxy:0001", "socks5h://proxy:1"),
        ("http://proxy.corp.:3128", "http://proxy.corp:3128"),
        ("http://pro_xy:3128", "http://pro_xy:3128"),
        ("http://[FD00::A]:3128", "http://[fd00::a]:3128"),
        ("http://[fe80::1%25eth0]:3128", "http://[fe80::1%eth0]:3128"),
        ("http://stra\u00dfe.example:3128", "http://xn--strae-oqa.example:3128"),
        ("http://b%C3%BCcher.example:3128", "http://xn--bcher-kva.example:3128"),
        (f"http://{'a.' * 126}a:3128", f"http://{'a.' * 126}a:3128"),
    ],
)
def test_good_proxies(text: str, url: str) -> None:
    """What Go takes is taken, with the port that it dials."""
    proxy, pair = parse_proxy("--proxy-https", text)
    assert (proxy.url, pair) == (url, None)


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("CORP%5Csvc-arc:pw", "CORP\\svc-arc", "pw"),
        ("svc:pa%5Ess%7B1%7D", "svc", "pa^ss{1}"),
        ("svc:p%22w", "svc", 'p"w'),
        ("svc:p%C3%A4sswort", "svc", "p\u00e4sswort"),
        ("svc:-._~!$&'()*+,;=:", "svc", "-._~!$&'()*+,;=:"),
        ("svc", "svc", ""),
        ("", "", ""),
        ("svc:%ff%00", "svc", "\udcff\0"),
    ],
)
def test_good_credentials(text: str, user: str, password: str) -> None:
    """User and password are what Go makes of them; octets that are no UTF-8 stay as they are."""
    _proxy, pair = parse_proxy("--proxy-https", f"http://{text}@proxy:3128")
    assert pair is not None
    assert (pair[0], pair[1].reveal()) == (user, password)


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


@pytest.mark.parametrize("userinfo", ["arc:p%%40w", "a%%rc:p", "arc:p%%"])
def test_percent_signs_of_systemd(userinfo: str) -> None:
    """Environment= of a systemd unit doubles a %: who copies the line from there is told so, and
    not what his password is."""
    told = problem(lambda: parse_proxy("HTTPS_PROXY", f"http://{userinfo}@proxy:3128"))
    assert told == (
        "HTTPS_PROXY: holds %%, as a systemd unit writes a % (systemd.unit(5), SPECIFIERS);"
        " outside of a unit write one %"
    )
