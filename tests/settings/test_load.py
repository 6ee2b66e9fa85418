"""Settings: where they come from and in what order; every wrong one is one line, exit 2, and never
a secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from arcprobe import cli
from arcprobe.model import Config, CustomEndpoint, Proxy, Secret
from arcprobe.model.errors import ConfigError
from arcprobe.settings.load import load
from arcprobe.settings.proxy_url import parse_proxy

SECRET = "Gr33n-Teapot"


def loaded(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    file: str | None = None,
) -> Config:
    """Settings with a region, so that only what a test names can be wrong."""
    return load({"region": "westeurope", **(flags or {})}, environ or {}, file)


def problem(call: Callable[[], object]) -> str:
    """What the call's ConfigError says; empty where it gives a value."""
    try:
        call()
    except ConfigError as error:
        return str(error)
    return ""


def in_file(folder: Path, text: str) -> str:
    """A file with this text."""
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


# --------------------------------------------------------------------------------------------------


def test_order_of_sources(tmp_path: Path) -> None:
    """Flags before ARCPROBE_ variables before the file before the conventional proxy variables; the
    source is kept."""
    file = in_file(
        tmp_path, "proxy-https: http://file:3\nregion: northeurope\ntimeout: 3\ncloud: AzureCloud\n"
    )
    environ = {
        "ARCPROBE_PROXY_HTTPS": "http://variable:2",
        "HTTPS_PROXY": "http://conventional:4",
        "ARCPROBE_TIMEOUT": "2",
    }
    flag = {"proxy-https": "http://flag:1", "timeout": "1"}
    names = []
    for flags, variables, path in (
        (flag, environ, file),
        ({}, environ, file),
        ({}, {"HTTPS_PROXY": "http://conventional:4"}, file),
        ({}, {"HTTPS_PROXY": "http://conventional:4"}, None),
    ):
        settings = loaded(flags, variables, path).settings
        assert settings.proxy_https is not None
        names.append((settings.proxy_https.host, settings.proxy_https.setting, settings.timeout))
    assert names == [
        ("flag", "--proxy-https", 1.0),
        ("variable", "ARCPROBE_PROXY_HTTPS", 2.0),
        ("file", f"proxy-https of --config {file}", 3.0),
        ("conventional", "HTTPS_PROXY", 10.0),
    ]


def test_aliases() -> None:
    """--location is --region and --skip-range is --proxy-skip-range, from every source."""
    settings = load({"location": "West Europe"}, {"ARCPROBE_SKIP_RANGE": ".svc"}).settings
    assert (settings.region, settings.skip_range, settings.skip_range_setting) == (
        "westeurope",
        ".svc",
        "ARCPROBE_SKIP_RANGE",
    )


def test_defaults() -> None:
    """Without settings: the public cloud, cluster-connect, ten and sixty seconds, no proxy, no skip
    range."""
    settings = loaded().settings
    assert (settings.cloud, settings.features, settings.proxy_https, settings.skip_range) == (
        "AzureCloud",
        ("cluster-connect",),
        None,
        None,
    )
    assert (settings.timeout, settings.deadline, settings.websocket_hold) == (10.0, 60.0, 0.0)


def test_lists_and_switches(tmp_path: Path) -> None:
    """Repeatable settings are lists in the file and separated by commas in the environment; false
    in the environment is false."""
    file = in_file(
        tmp_path,
        "feature: [portal, gitops]\ndirect: true\nstrict: true\nservice-cidr: 10.96.0.0/12\n",
    )
    config = loaded(
        {}, {"ARCPROBE_DIRECT": "false", "ARCPROBE_API_SERVER": "10.0.0.1, api.corp ,"}, file
    )
    assert config.settings.features == ("cluster-connect", "portal", "gitops")
    assert (config.settings.direct, config.settings.strict) == (False, True)
    assert config.cluster.api_servers == ("10.0.0.1", "api.corp")
    assert config.cluster.service_cidrs == ("10.96.0.0/12",)


def test_no_feature() -> None:
    """--no-feature switches a default off."""
    assert loaded(
        {"no-feature": ("cluster-connect",), "feature": ("portal",)}
    ).settings.features == ("portal",)


@pytest.mark.parametrize("kind", ["https", "http"])
def test_variables_that_disagree(kind: str) -> None:
    """The upper-case form wins, as in Go; a differing lower-case form is noted, and where they
    agree nothing is."""
    name = f"{kind}_proxy"
    settings = loaded({}, {name.upper(): "http://upper:1", name: "http://lower:2"}).settings
    proxy = {"https": settings.proxy_https, "http": settings.proxy_http}[kind]
    assert proxy is not None
    assert (proxy.host, proxy.setting) == ("upper", name.upper())
    assert len(settings.proxy_notes) == 1
    assert name.upper() in settings.proxy_notes[0]
    assert loaded({}, {name: "lower:2"}).settings.proxy_notes == ()
    assert (
        loaded({}, {name.upper(): "http://same:1", name: "http://same:1"}).settings.proxy_notes
        == ()
    )


def test_no_proxy_variables() -> None:
    """NO_PROXY is the skip range where no setting names one, is not refused whatever it holds, and
    disagreement is noted."""
    settings = loaded({}, {"NO_PROXY": "10.0.0.0/33 ;x", "no_proxy": "other"}).settings
    assert (settings.skip_range, settings.skip_range_setting) == ("10.0.0.0/33 ;x", "NO_PROXY")
    assert len(settings.proxy_notes) == 1
    assert loaded({"proxy-skip-range": ".svc"}, {"NO_PROXY": "x"}).settings.skip_range == ".svc"


def test_notes_keep_secrets() -> None:
    """A disagreement is told without the values, which may hold a password."""
    environ = {
        "HTTPS_PROXY": f"http://arc:{SECRET}@a:1",
        "https_proxy": f"http://arc:{SECRET}2@b:2",
    }
    config = loaded({}, environ)
    assert SECRET not in repr(config)
    assert config.credentials["http://a:1"] == ("arc", Secret(SECRET))


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
    user, password = config.credentials["http://proxy:3128"]
    assert (user, password.reveal()) == ("arc", f"{SECRET}:@#%/")
    assert config.settings.proxy_https is not None
    assert config.settings.proxy_https.has_credentials
    assert SECRET not in repr(config)


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
        CustomEndpoint("wss", "b.corp", 8443, "/x?y=1"),
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


def test_queries_stay_out_of_the_report() -> None:
    """The query of an endpoint is asked for, and is not in the settings that a report shows."""
    config = loaded({"endpoint": (f"https://a.corp/x?sig={SECRET}",)})
    assert config.endpoints[0].path == f"/x?sig={SECRET}"
    assert config.settings.endpoints == ("https://a.corp:443/x",)


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


# --------------------------------------------------------------------------------------------------

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
BAD_SKIP_RANGES = {
    "semicolons": ("10.0.0.0/8;.svc", "commas"),
    "blanks": ("10.0.0.0/8, .svc", "blank"),
    "a range that is none": ("10.0.0.0/33", "10.0.0.0/33"),
    "an IPv6 range that is none": ("fd00::/129", "fd00::/129"),
    "an address that is none": ("10.0.0.256/8", "10.0.0.256/8"),
}
BAD_NAMES = {
    "--region": ("atlantis", "nearest"),
    "--cloud": ("AzureMoon", "nearest"),
    "--feature": ("gitop", "gitops"),
    "--key-vault": ("-", "3 to 24"),
    "--gateway-url": ("https://", "gateway"),
    "--endpoint": ("http://plain.corp", "https://"),
    "--api-server": ("a b:99999", "host:port"),
    "--resolve": ("host:443", "HOST:PORT:ADDRESS"),
    "--service-cidr": ("10.0.0.0/99", "10.96.0.0/12"),
    "--pod-cidr": ("many", "10.96.0.0/12"),
    "--timeout": ("soon", "seconds"),
    "--deadline": ("0", "seconds"),
    "--websocket-hold": ("-1", "seconds"),
    "--proxy-cert": ("/nowhere/ca.pem", "No such file"),
    "--proxy-auth-file": ("/nowhere/auth", "No such file"),
    "--services": ("/nowhere/services.json", "No such file"),
    "--baseline": ("/nowhere/report.json", "No such file"),
    "--config": ("/nowhere/settings.yaml", "No such file"),
    "--only": ("nothing.like.this", "--only"),
}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that ``check`` says; it is exit 2, nothing on stdout, no traceback and no
    secret."""
    base = () if {"--region", "--location"} & set(arguments) else ("--region", "westeurope")
    code = cli.run(["check", *base, *arguments])
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("arcprobe: ")
    assert err.strip().isprintable()
    assert "Traceback" not in err
    assert SECRET not in err
    return err


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


@pytest.mark.parametrize("case", BAD_SKIP_RANGES)
def test_bad_skip_range(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A skip range that no client reads as it was meant is refused, with the entry and what would
    be right."""
    text, advice = BAD_SKIP_RANGES[case]
    line = refused(capsys, "--proxy-https", "http://proxy:3128", "--proxy-skip-range", text)
    assert "--proxy-skip-range" in line
    assert advice in line


@pytest.mark.parametrize("flag", BAD_NAMES)
def test_bad_value(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that does not exist is refused under the flag's name, with what does."""
    value, advice = BAD_NAMES[flag]
    more = ("--proxy-https", "http://proxy:3128") if flag == "--proxy-auth-file" else ()
    line = refused(capsys, *more, flag, value)
    assert flag in line
    assert advice in line


def test_no_region(capsys: pytest.CaptureFixture[str]) -> None:
    """The region is asked for, with an example."""
    assert cli.run(["check"]) == 2
    assert "--region westeurope" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["timeout", "deadline", "websocket-hold"])
def test_the_variable_is_named(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong value from the environment or the file is refused under the name by which it came."""
    variable = f"ARCPROBE_{name.upper().replace('-', '_')}"
    monkeypatch.setenv(variable, "soon")
    assert variable in refused(capsys)


def test_the_key_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A wrong value in the file is refused with its key and the file."""
    file = in_file(tmp_path, f"proxy-https: arc:{SECRET}@proxy.corp\n")
    line = refused(capsys, "--config", file)
    assert "proxy-https of --config" in line
    assert file in line


BAD_YAML = {
    "unknown key": (
        "region: westeurope\nproxy-htps: http://a:1\n",
        "line 2: unknown key 'proxy-htps'; did you mean 'proxy-https'",
    ),
    "underscores": ("proxy_https: http://a:1\n", "line 1: unknown key"),
    "a key that is a number": ("7: x\n", "line 1: unknown key"),
    "not a mapping": ("- region\n", "is not a mapping"),
    "a text": ("westeurope\n", "is not a mapping"),
    "broken": ("region: [a\n", "is not YAML"),
    "tabs": ("region:\n\t- a\n", "is not YAML"),
    "an object": ("region: !!python/object/apply:os.system [id]\n", "is not YAML"),
    "a date that does not exist": ("timeout: 2020-13-45\n", "is not YAML"),
    "a mapping for a text": ("region: {a: b}\n", "line 1: region is not one text"),
    "a list for a text": ("\n\nproxy-https: [a, b]\n", "line 3: proxy-https is not one text"),
    "a text for a switch": ("direct: maybe\n", "line 1: direct is not true or false"),
    "a mapping in a list": ("feature: [{a: b}]\n", "line 1: feature is not a list of texts"),
    "too deep": ("region: " + "[" * 3000 + "\n", "--config"),
    "binary": ("\x00\x01", "--config"),
}


@pytest.mark.parametrize("case", BAD_YAML)
def test_bad_file(case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A settings file that is wrong is refused with its name, its line where there is one, and what
    is wrong."""
    text, words = BAD_YAML[case]
    line = refused(capsys, "--config", in_file(tmp_path, text))
    assert "--config" in line
    assert words in line


def test_bad_switch_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A switch in the environment is true or false, nothing else."""
    monkeypatch.setenv("ARCPROBE_STRICT", "perhaps")
    assert "ARCPROBE_STRICT" in refused(capsys)


BAD_PEMS = {
    "DER": (b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00" + b"\x01" * 200, "DER"),
    "empty": (b"", "empty"),
    "a key": (b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", "key"),
    "a text": (b"hello\n", "PEM"),
    "a broken certificate": (
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "certificate",
    ),
    "a request": (
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "request",
    ),
}


@pytest.mark.parametrize("flag", ["--proxy-cert", "--public-roots"])
@pytest.mark.parametrize("case", BAD_PEMS)
def test_bad_pem(case: str, flag: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is no bundle of certificates is refused, and the line says what it is."""
    data, words = BAD_PEMS[case]
    file = tmp_path / "bundle.pem"
    file.write_bytes(data)
    line = refused(capsys, flag, str(file))
    assert flag in line
    assert words.lower() in line.lower()
    assert line.startswith(
        f"arcprobe: {flag}: {file}: "
    )  # the setting that was given, and no other
    assert line.count("--p") == 1


BAD_SERVICES = {
    "not JSON": ("kind: List\n", "JSON"),
    "a table": (
        "NAMESPACE   NAME   TYPE   CLUSTER-IP\ndefault     kubernetes   ClusterIP   10.96.0.1\n",
        "-o json",
    ),
    "truncated": ('{"kind": "List", "items": [{"metadata": {"name": "a"', "truncated"),
    "empty": ("", "empty"),
    "another list": ('{"kind": "PodList", "items": []}', "svc"),
    "too deep": ("[" * 100_000, "--services"),
}


@pytest.mark.parametrize("case", BAD_SERVICES)
def test_bad_services(case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A Services file that is not what kubectl -o json prints is refused, and the line says so."""
    text, words = BAD_SERVICES[case]
    file = tmp_path / "services.json"
    file.write_text(text, encoding="utf-8")
    line = refused(capsys, "--services", str(file))
    assert "--services" in line
    assert words.lower() in line.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"checks": 1}',
        '{"checks": [{}], "observations": []}',
        "[" * 100_000,
        "\ud800",
    ],
)
def test_bad_baseline(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A baseline that is no report is refused."""
    file = tmp_path / "baseline.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert "--baseline" in refused(capsys, "--baseline", str(file))


@pytest.mark.parametrize("text", ["", "arc", "arc:one\narc:two\n"])
def test_bad_auth_file(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A credentials file that is not one line user:password is refused."""
    file = tmp_path / "auth"
    file.write_text(text, encoding="utf-8")
    assert "user:password" in refused(
        capsys, "--proxy-https", "http://p:1", "--proxy-auth-file", str(file)
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--proxy-https", f"http://arc:{SECRET}#@proxy.corp:3128"],
        ["--proxy-https", f"arc:{SECRET}@proxy.corp:3128"],
        ["--proxy-skip-range", "10.0.0.0/8;.svc"],
        ["--proxy-cert", __file__],
        ["--services", __file__],
    ],
)
def test_as_a_process(arguments: list[str]) -> None:
    """As a process, too: exit 2, one line, no traceback, no secret."""
    program = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "arcprobe",
        "check",
        "--region",
        "westeurope",
        *arguments,
    ]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=50, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert SECRET not in ended.stderr
    assert arguments[0] in ended.stderr


# --------------------------------------------------------------------------------------------------

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


@given(
    st.dictionaries(
        st.sampled_from(
            """api-server cloud deadline endpoint feature key-vault no-feature only pod-cidr
            proxy-https region resolve service-cidr skip timeout websocket-hold""".split()
        ),
        st.text(max_size=30),
    )
)
def test_any_environment(values: dict[str, str]) -> None:
    """Whatever the variables hold, load gives settings or a ConfigError of one line."""
    environ = {f"ARCPROBE_{name.upper().replace('-', '_')}": text for name, text in values.items()}
    line = problem(lambda: load({}, environ))
    assert line.isprintable()
    assert len(line) <= 600
