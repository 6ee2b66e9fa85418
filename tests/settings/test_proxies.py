"""The proxies and their credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.model import Secret
from tests.settings.given import SECRET, loaded, refused


def test_notes_keep_secrets() -> None:
    """A disagreement is told without the values, which may hold a password."""
    environ = {
        "HTTPS_PROXY": f"http://arc:{SECRET}@a:1",
        "https_proxy": f"http://arc:{SECRET}2@b:2",
    }
    config = loaded({}, environ)
    assert SECRET not in repr(config)
    assert [*config.credentials.values()] == [("arc", Secret(SECRET))]


@pytest.mark.parametrize("name", ["proxy-https", "proxy-http", "proxy-skip-range"])
def test_an_empty_flag_switches_off(name: str) -> None:
    """A flag given empty means none, whatever the environment says; an empty variable means that it
    is not set."""
    environ = {
        "HTTPS_PROXY": "http://a:1",
        "HTTP_PROXY": "http://a:1",
        "NO_PROXY": ".svc",
        "ARCPROBE_PROXY_HTTPS": "",
    }
    field = name.replace("-", "_").replace("proxy_skip", "skip")
    assert getattr(loaded({name: ""}, environ).settings, field) is None
    assert getattr(loaded({}, environ).settings, field) is not None


def test_auth_file(tmp_path: Path) -> None:
    """The credentials come from the file, whatever stands in the password, and mark the proxy; no
    setting holds them."""
    file = tmp_path / "auth"
    file.write_text(f"arc:{SECRET}:@#%/\n", encoding="utf-8")
    config = loaded({"proxy-https": "http://proxy:3128", "proxy-auth-file": str(file)})
    ((user, password),) = config.credentials.values()
    assert (user, password.reveal()) == ("arc", f"{SECRET}:@#%/")
    assert config.settings.proxy_https is not None
    assert config.settings.proxy_https.has_credentials
    assert SECRET not in repr(config)


@pytest.mark.parametrize("text", ["", "arc", "arc:one\narc:two\n"])
def test_bad_auth_file(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A credentials file that is not one line user:password is refused."""
    file = tmp_path / "auth"
    file.write_text(text, encoding="utf-8")
    assert "user:password" in refused(
        capsys, "--proxy-https", "http://p:1", "--proxy-auth-file", str(file)
    )


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfsvc:pw\r\n", b"svc:pw\r\n\r\n", "\ufeffsvc:pw\r\n".encode("utf-16-le")],
)
def test_auth_file_of_windows(content: bytes, tmp_path: Path) -> None:
    """Neither a byte order mark nor Windows' line end is a part of user or password."""
    path = tmp_path / "proxy.auth"
    path.write_bytes(content)
    config = loaded({"proxy-https": "http://a:1", "proxy-auth-file": str(path)})
    assert list(config.credentials.values()) == [("svc", Secret("pw"))]


@pytest.mark.parametrize(
    "content", [b"svc:p\0w", b"svc:p\x1bw", b"svc:p\tw", b"svc:p\rw", b"svc:pw\n\xe2\x80\x8b"]
)
def test_control_characters_of_an_auth_file(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A character that nobody sees is refused, and the password is not repeated."""
    path = tmp_path / "proxy.auth"
    path.write_bytes(content)
    told = refused(capsys, "--proxy-https", "http://a:1", "--proxy-auth-file", str(path))
    assert "--proxy-auth-file: " in told
    assert "p\\" not in told


@pytest.mark.parametrize(
    ("flags", "environ", "setting"),
    [
        ({}, {"HTTP_PROXY": "http://p:1"}, "HTTP_PROXY"),
        ({}, {"http_proxy": "http://p:1"}, "http_proxy"),
        ({"proxy-http": "http://p:1"}, {}, "--proxy-http"),
        ({}, {"all_proxy": "socks5://p:1"}, "all_proxy"),
        ({}, {"ALL_PROXY": "x", "HTTPS_PROXY": "http://p:1"}, ""),
        ({"proxy-https": ""}, {"ALL_PROXY": "x"}, ""),  # said to be none
        ({}, {}, ""),
    ],
)
def test_a_proxy_that_https_does_not_use(
    flags: dict[str, str], environ: dict[str, str], setting: str
) -> None:
    """It is noted by its setting, never by its value."""
    assert loaded(flags, environ).settings.other_proxy == setting


def test_two_passwords_of_one_proxy() -> None:
    """A proxy that HTTPS_PROXY and HTTP_PROXY name with two users gets, for each, its own."""
    environ = {"HTTPS_PROXY": "http://u1:p1@proxy:3128", "HTTP_PROXY": "http://u2:p2@proxy:3128"}
    config = loaded({}, environ)
    https, http = config.settings.proxy_https, config.settings.proxy_http
    assert https is not None
    assert http is not None
    assert config.credentials[https] == ("u1", Secret("p1"))
    assert config.credentials[http] == ("u2", Secret("p2"))


def test_one_proxy_with_and_without_a_user() -> None:
    """What HTTPS_PROXY names a user for is asked without one where HTTP_PROXY names none."""
    environ = {"HTTPS_PROXY": "http://u1:p1@proxy:3128", "HTTP_PROXY": "http://proxy:3128"}
    config = loaded({}, environ)
    assert config.settings.proxy_http is not None
    assert config.settings.proxy_http not in config.credentials
