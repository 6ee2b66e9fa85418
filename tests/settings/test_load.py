"""Settings from every source, joined; every wrong one is one line, exit 2, and never a secret."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from arcprobe import cli
from arcprobe.settings.load import load
from tests.settings.given import SECRET, loaded, problem, refused


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


def test_no_feature() -> None:
    """--no-feature switches a default off."""
    assert loaded(
        {"no-feature": ("cluster-connect",), "feature": ("portal",)}
    ).settings.features == ("portal",)


def test_queries_stay_out_of_the_report() -> None:
    """The query of an endpoint is asked for, and is not in the settings that a report shows."""
    config = loaded({"endpoint": (f"https://a.corp/x?sig={SECRET}",)})
    assert config.endpoints[0].path == f"/x?sig={SECRET}"
    assert config.settings.endpoints == ("https://a.corp:443/x",)


BAD_NAMES = {
    "--region": ("westeurop", "nearest"),
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


@pytest.mark.parametrize(
    "arguments",
    [
        ["--proxy-https", f"http://arc:{SECRET}#@proxy.corp:3128"],
        ["--proxy-https", f"arc:{SECRET}@proxy.corp:3128"],
        ["--proxy-https", f"http://CORP\\arc:{SECRET}@proxy.corp:3128"],
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
    assert len(line) <= 3000


def test_keywords_of_az() -> None:
    """--add-proxy-bypass is repeatable and takes commas, in whatever case, as az does; a keyword
    inside the list counts too. Another word is refused."""
    arc, monitor = "Arc", "Microsoft.AzureMonitor.Containers"
    given = loaded({"add-proxy-bypass": [f"{monitor.lower()}, ARC", "arc"]})
    assert given.settings.proxy_bypass == (monitor, arc)
    inside = loaded({"proxy-skip-range": f"10.96.0.0/12,{monitor}"})
    assert inside.settings.proxy_bypass == (monitor,)
    assert inside.settings.skip_range == f"10.96.0.0/12,{monitor}"
    said = problem(lambda: loaded({"add-proxy-bypass": ["Ark"]}))
    advice = "use Arc or Microsoft.AzureMonitor.Containers"
    assert said == f"--add-proxy-bypass: 'Ark' is unknown; {advice}"


def test_commas_where_a_flag_repeats() -> None:
    """A,B is the same as giving the flag twice; a comma in the path of a URL is the path's."""
    settings = loaded(
        {
            "feature": ["extensions, gitops"],
            "service-cidr": ["10.96.0.0/12,fd00::/108"],
            "endpoint": ["https://a.corp/x,y,wss://b.corp"],
        }
    )
    assert settings.settings.features == ("cluster-connect", "extensions", "gitops")
    assert settings.cluster.service_cidrs == ("10.96.0.0/12", "fd00::/108")
    assert settings.settings.endpoints == ("https://a.corp:443/x,y", "wss://b.corp:443/")


def test_what_the_data_does_not_know_is_noted() -> None:
    """A region that is not in the data, and a feature without a public list in the cloud, are said;
    of what is known nothing is."""
    assert loaded().settings.notes == ()
    new = loaded({"region": "Finland Central"}).settings
    assert (new.region, len(new.notes)) == ("finlandcentral", 1)
    assert "finlandcentral is not in arcprobe's list" in new.notes[0]
    flags = {"cloud": "AzureUSGovernment", "region": "usgovvirginia", "feature": ["portal"]}
    assert loaded(flags).settings.notes == ("portal: no public list of hosts in AzureUSGovernment",)
