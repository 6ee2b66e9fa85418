"""Where settings come from, in what order, and how the environment and the file write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arcprobe.settings.gather import gather
from arcprobe.settings.load import load
from tests.settings.given import SECRET, in_file, loaded, problem, refused


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


@pytest.mark.parametrize(
    ("name", "given", "due"),
    [
        ("feature", ("portal,gitops",), ("portal", "gitops")),
        ("feature", ("portal, gitops", "policy"), ("portal", "gitops", "policy")),
        ("only", ("a.corp,\n  b.corp\n",), ("a.corp", "b.corp")),
        ("service-cidr", ("10.0.0.0/8 fd00::/64",), ("10.0.0.0/8", "fd00::/64")),
        ("endpoint", ("https://a.corp/x,y,wss://b.corp",), ("https://a.corp/x,y", "wss://b.corp")),
        (
            "resolve",
            ("a:443:10.0.0.1,10.0.0.2,b:443:::1",),
            ("a:443:10.0.0.1,10.0.0.2", "b:443:::1"),
        ),
    ],
)
def test_several_values_in_one(
    name: str, given: tuple[str, ...], due: tuple[str, ...], tmp_path: Path
) -> None:
    """Where a flag repeats, ``A,B`` is two values, with blanks and line breaks too: on the command
    line, in a variable, in a list of the file and as one folded text of it."""
    assert gather({name: given}, {}, None).values[name] == due
    variable = f"ARCPROBE_{name.upper().replace('-', '_')}"
    assert gather({}, {variable: ",".join(given)}, None).values[name] == due
    listed = in_file(tmp_path, f"{name}: {json.dumps(given)}\n")
    assert gather({}, {}, listed).values[name] == due
    folded = "\n".join(f"  {part}" for part in ",\n".join(given).splitlines())
    assert gather({}, {}, in_file(tmp_path, f"{name}: >-\n{folded}\n")).values[name] == due


def test_file_of_windows(tmp_path: Path) -> None:
    """A settings file with a byte order mark and Windows' line ends is read."""
    path = tmp_path / "settings.yaml"
    path.write_bytes(b"\xef\xbb\xbfregion: westeurope\r\nonly:\r\n  - a\r\n  - b\r\n")
    given = gather({}, {}, str(path))
    assert given.values == {"region": "westeurope", "only": ("a", "b")}


@pytest.mark.parametrize("text", ["timeout: !!int ''\n", "timeout: !!float ''\n"])
def test_empty_numbers_of_yaml(text: str, tmp_path: Path) -> None:
    """What PyYAML stumbles over is no fault of arcprobe's own."""
    assert problem(lambda: gather({}, {}, in_file(tmp_path, text))).startswith("--config: ")


@pytest.mark.parametrize("name", ["timeout", "deadline", "websocket-hold"])
def test_empty_times(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A time that is given empty is refused; an empty variable is none."""
    assert f"--{name}: is ''" in refused(capsys, f"--{name}", "")
    assert loaded({}, {f"ARCPROBE_{name.upper().replace('-', '_')}": ""}).settings.timeout == 10.0
