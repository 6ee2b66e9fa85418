"""``arcprobe skip-range check | suggest | explain`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from arcprobe import no_proxy
from arcprobe.commands.skip_range import command
from arcprobe.model.errors import ConfigError

DOCUMENTED = "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local,.svc"
SERVICES = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "kind": "Service",
            "metadata": {"namespace": "default", "name": "kubernetes"},
            "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]},
        },
        {
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": "cart"},
            "spec": {"clusterIP": "10.0.77.3", "clusterIPs": ["10.0.77.3"]},
        },
        {
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": "peers"},
            "spec": {"clusterIP": "None"},
        },
        {
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": "bank"},
            "spec": {"type": "ExternalName", "externalName": "bank.example"},
        },
    ],
}
_VARIABLES = """HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy
KUBERNETES_SERVICE_HOST ARCPROBE_SKIP_RANGE ARCPROBE_PROXY_SKIP_RANGE ARCPROBE_CONFIG
ARCPROBE_REGION ARCPROBE_CLOUD ARCPROBE_SERVICES"""
CLEAN: dict[str, str | None] = dict.fromkeys(_VARIABLES.split())


def run(*arguments: str, stdin: str | None = None, **environ: str) -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin, env={**CLEAN, **environ})


@pytest.fixture
def services(tmp_path: Path) -> str:
    path = tmp_path / "services.json"
    path.write_text(json.dumps(SERVICES), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("is_read", [True, False])
def test_services_that_nobody_read_are_not_called_covered(services: str, is_read: bool) -> None:
    """A range that the list misses: that its Services of today are covered is said where they were
    read, and only there."""
    given = ("--skip-range", "10.0.0.0/16,.svc,.svc.cluster.local", "--service-cidr", "10.0.0.0/8")
    read = ("--services", services) if is_read else ()
    assert ("all current Services are covered" in run("check", *given, *read).stdout) is is_read


def test_the_documented_list_passes(services: str) -> None:
    """A list that covers the cluster exits 0 and says so."""
    result = run("check", "--skip-range", DOCUMENTED, "--services", services)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("PASS")


def test_a_gap_fails_and_prints_the_corrected_list(services: str) -> None:
    """A list with a gap exits 1, names the Service, and prints the list that would be right on a
    line of its own."""
    result = run(
        "check", "--proxy-skip-range", "10.0.0.0/24,.svc,.svc.cluster.local", "--services", services
    )
    assert result.exit_code == 1
    assert "services-uncovered" in result.stdout
    assert "shop/cart (10.0.77.3)" in result.stdout
    corrected = result.stdout.splitlines()[-1]
    assert run("check", "--skip-range", corrected, "--services", services).exit_code == 0


def test_check_speaks_json(services: str) -> None:
    """With --format json one document holds the verdict, the findings with the contract's fields,
    and the suggestion."""
    result = run(
        "check",
        "--skip-range",
        "10.0.0.0/33,.svc,.svc.cluster.local",
        "--services",
        services,
        "--format",
        "json",
    )
    document = json.loads(result.stdout)
    assert (result.exit_code, document["verdict"]) == (1, "fail")
    assert [finding["code"] for finding in document["findings"]] == ["entry-malformed"]
    assert {finding["target"] for finding in document["findings"]} == {"kubernetes.default.svc:443"}
    assert {
        "check",
        "kind",
        "layer",
        "target",
        "route",
        "verdict",
        "code",
        "summary",
        "evidence",
        "remedy",
        "owner",
    } <= set(document["findings"][0])


def test_services_come_from_stdin_and_the_list_from_the_environment(services: str) -> None:
    """Services are read from stdin, list and proxy from the conventional variables."""
    text = Path(services).read_text(encoding="utf-8")
    result = run(
        "check",
        "--services",
        "-",
        stdin=text,
        NO_PROXY=DOCUMENTED,
        HTTPS_PROXY="http://192.0.2.9:3128",
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("PASS")


def test_without_proxy_and_list_the_check_is_skipped(services: str) -> None:
    """No proxy and no list given: skip, exit 0. A proxy and no list: fail."""
    assert run("check", "--services", services).stdout.startswith("SKIP")
    result = run("check", "--services", services, "--proxy-https", "http://192.0.2.9:3128")
    assert (result.exit_code, "services-uncovered" in result.stdout) == (1, True)


def test_strict_turns_a_warning_into_a_failure(services: str) -> None:
    """A warning exits 0, and 1 with --strict."""
    arguments = ("check", "--skip-range", f"{DOCUMENTED},10.*", "--services", services)
    assert run(*arguments).exit_code == 0
    assert run(*arguments, "--strict").exit_code == 1


def test_too_broad_for_this_cloud(services: str) -> None:
    """The endpoints of the chosen cloud are those that must not bypass."""
    arguments = ("check", "--services", services, "--skip-range")
    assert run(*arguments, f"{DOCUMENTED},.azure.com").exit_code == 1
    assert run(*arguments, f"{DOCUMENTED},.azure.us").exit_code == 0
    assert run(*arguments, f"{DOCUMENTED},.azure.us", "--cloud", "AzureUSGovernment").exit_code == 1


def test_suggest_prints_the_list_alone(services: str) -> None:
    """`suggest` prints one line, the list, which covers what is there; a known range stands in it
    as it was given."""
    result = run("suggest", "--services", services, "--service-cidr", "10.0.0.0/16")
    assert (result.exit_code, result.stdout) == (0, DOCUMENTED + "\n")
    assert (
        run("suggest", "--skip-range", DOCUMENTED, "--services", services).stdout
        == DOCUMENTED + "\n"
    )


def test_suggest_speaks_json(services: str) -> None:
    """With --format json the list comes with what was added and what was removed, and nothing
    else."""
    arguments = (
        "suggest",
        "--services",
        services,
        "--service-cidr",
        "10.0.0.0/16",
        "--format",
        "json",
    )
    result = run(*arguments, "--skip-range", "10.0.0.0/16;.svc,*.corp.example,.azure.com")
    assert json.loads(result.stdout) == {
        "skip_range": "10.0.0.0/16,.svc,*.corp.example,.svc.cluster.local",
        "added": ["10.0.0.0/16", ".svc", ".svc.cluster.local"],
        "removed": ["10.0.0.0/16;.svc", ".azure.com"],
    }


def test_explain_prints_the_contracts_json(tmp_path: Path) -> None:
    """Each host of the file comes back with the five dialects, whether each goes direct, and by
    which entry."""
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "10.0.3.4:443\n\n# comment\nkubernetes.default.svc\nlocalhost\n[fd00::1]:6443",
        encoding="utf-8",
    )
    result = run(
        "explain", "--skip-range", DOCUMENTED, "--hosts-file", str(hosts), "--format", "json"
    )
    document = json.loads(result.stdout)
    assert [row["host"] for row in document["hosts"]] == [
        "10.0.3.4:443",
        "kubernetes.default.svc",
        "localhost",
        "[fd00::1]:6443",
    ]
    assert [set(row["dialects"]) for row in document["hosts"]] == [set(no_proxy.DIALECTS)] * 4
    assert document["hosts"][0]["dialects"]["go"] == {"bypassed": True, "entry": "10.0.0.0/16"}
    assert document["hosts"][0]["dialects"]["dotnet"] == {"bypassed": False, "entry": None}
    assert document["hosts"][2]["dialects"]["go"] == {"bypassed": True, "entry": None}


def test_explain_takes_stdin_and_arguments() -> None:
    """Hosts come from stdin or as arguments; text output has a line a host."""
    lines = run(
        "explain", "a.svc", "--skip-range", ".svc", "--hosts-file", "-", stdin="b.example\n"
    ).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["host", "a.svc", "b.example"]
    assert lines[1].split()[1:] == [".svc"] * 5
    assert lines[2].split()[1:] == ["proxy"] * 5


def test_explain_of_nothing_is_a_document() -> None:
    """An empty file gives an empty list."""
    assert json.loads(
        run("explain", "--skip-range", "", "--hosts-file", "-", "--format", "json", stdin="").stdout
    ) == {"hosts": []}


def test_explain_takes_ten_thousand_hosts() -> None:
    """Ten thousand hosts come back, each once, in order."""
    names = [f"host-{number}.example" for number in range(10_000)]
    result = run(
        "explain",
        "--skip-range",
        DOCUMENTED,
        "--hosts-file",
        "-",
        "--format",
        "json",
        stdin="\n".join(names),
    )
    assert [row["host"] for row in json.loads(result.stdout)["hosts"]] == names


def test_settings_come_from_a_file(services: str, tmp_path: Path) -> None:
    """--config and ARCPROBE_CONFIG give the list, which is judged and not refused, the region and
    the Services; a flag wins."""
    file = tmp_path / "settings.yaml"
    file.write_text(
        f"cloud: AzureChinaCloud\nregion: chinaeast2\nservices: {json.dumps(services)}\n"
        "skip-range: 10.0.0.0/33,.svc\n"
    )
    result = run("check", "--config", str(file), "--format", "json", NO_PROXY="other")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["skip_range"]) == (1, "10.0.0.0/33,.svc")
    assert run("check", "--config", str(file), "--skip-range", DOCUMENTED).exit_code == 0
    suggested = run("suggest", ARCPROBE_CONFIG=str(file))
    assert suggested.exit_code == 0
    assert "10.0.0.1" in suggested.stdout or "10.0.0.0" in suggested.stdout


WRONG = (
    (("check", "--config", "no/such/file"), "--config"),
    (("suggest", "--config", "no/such/file"), "--config"),
    (("explain", "a"), "--skip-range"),
    (("explain", "--skip-range", "a"), "--hosts-file"),
    (("explain", "--skip-range", "a", "--hosts-file", "no/such/file"), "--hosts-file"),
    (("explain", "--skip-range", "a", "host:99999"), "HOSTS"),
    (("explain", "--skip-range", "a", "x", "--format", "yaml"), "--format"),
    (("check", "--skip-range", "a", "--services", "no/such/file"), "--services"),
    (("check", "--skip-range", "a", "--service-cidr", "10.0.0.0/33"), "--service-cidr"),
    (("check", "--skip-range", "a", "--cloud", "AzureMoon"), "--cloud"),
    (("suggest", "--skip-range", "x" * 200_000), "--skip-range"),
)


@pytest.mark.parametrize(("arguments", "setting"), WRONG)
def test_wrong_settings_are_named(arguments: tuple[str, ...], setting: str) -> None:
    """A wrong setting ends in one line that names it, with nothing on stdout."""
    result = run(*arguments)
    assert isinstance(result.exception, ConfigError)
    assert result.exception.setting.startswith(setting)
    assert "\n" not in str(result.exception)
    assert result.stdout == ""


def test_a_line_too_long_is_refused() -> None:
    """A line of a hosts file is bounded."""
    result = run("explain", "--skip-range", "a", "--hosts-file", "-", stdin="x" * 5000)
    assert isinstance(result.exception, ConfigError)
    assert "line 1" in str(result.exception)


@pytest.mark.parametrize("name", ["check", "suggest", "explain"])
def test_help_has_examples(name: str) -> None:
    """Every command explains itself."""
    assert run(name, "--help").exit_code == 0
    assert "Examples:" in run("--help").stdout


def test_half_a_file_is_a_warning(tmp_path: Path) -> None:
    """A file of the namespace default alone: the list may cover it, but not the cluster."""
    items = [item for item in SERVICES["items"] if item["metadata"]["namespace"] == "default"]  # type: ignore[index]
    path = tmp_path / "services.json"
    path.write_text(json.dumps({**SERVICES, "items": items}), encoding="utf-8")
    covering = ("check", "--services", str(path), "--skip-range", DOCUMENTED)
    answer = json.loads(run(*covering, "--format", "json").stdout)
    assert (answer["verdict"], answer["findings"][0]["code"]) == ("warn", "services-unreadable")
    assert "kubectl get svc -A -o json" in run(*covering).stdout
    lacking = run("check", "--services", str(path), "--skip-range", ".svc,.svc.cluster.local")
    assert lacking.exit_code == 1


@pytest.mark.parametrize("line", ["a\x00b", "a\x1b[31mb", "a\u200bb"])
def test_control_characters_of_a_hosts_file(line: str, tmp_path: Path) -> None:
    """A character that nobody sees is refused, with the line that holds it."""
    path = tmp_path / "hosts.txt"
    path.write_text(f"\ufeffgood.corp\r\n{line}\r\n", encoding="utf-8")
    result = run("explain", "--skip-range", ".svc", "--hosts-file", str(path))
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith("--hosts-file, line 2: ")
    assert str(result.exception).isprintable()


def test_hosts_file_of_windows(tmp_path: Path) -> None:
    """A byte order mark and Windows' line ends are no part of a host."""
    path = tmp_path / "hosts.txt"
    path.write_bytes(b"\xef\xbb\xbfa.svc\r\nb.corp:443\r\n")
    result = run("explain", "--skip-range", ".svc", "--hosts-file", str(path), "--format", "json")
    assert [host["host"] for host in json.loads(result.stdout)["hosts"]] == ["a.svc", "b.corp:443"]


OCTETS = ",".join(["localhost", *(f".{number}" for number in range(256)), ".svc"])


def test_a_suffix_for_each_last_octet_bypasses_no_address(services: str) -> None:
    """check and explain say the same of it: Go compares addresses with addresses alone."""
    explained = run("explain", "--skip-range", OCTETS, "10.0.0.1", "--format", "json")
    (host,) = json.loads(explained.output)["hosts"]
    assert host["dialects"]["go"] == {"bypassed": False, "entry": None}
    checked = run("check", "--services", services, "--skip-range", OCTETS)
    assert checked.exit_code == 1
    assert "default/kubernetes (10.0.0.1)" in checked.output


@pytest.mark.parametrize("blank", [" ", "  ", "\n", "\r\n", "\t"])
def test_blanks_after_commas_are_nothing(services: str, blank: str) -> None:
    """A list with blanks or line breaks round its commas is the same list, in every command."""
    spaced = DOCUMENTED.replace(",", f",{blank}")
    assert run("check", "--services", services, "--skip-range", spaced).exit_code == 0
    suggested = run("suggest", "--services", services, "--skip-range", spaced)
    assert suggested.output.strip() == DOCUMENTED


def test_suggestion_says_what_holds_for_today_alone(services: str) -> None:
    """A range that is guessed from addresses in use is called so on stderr; a given one is not, and
    stdout has the list alone."""
    guessed = run("suggest", "--services", services)
    known = run("suggest", "--services", services, "--service-cidr", "10.0.0.0/16")
    assert "is a guess from the current Services; confirm with --service-cidr" in guessed.stderr
    assert "guess" not in known.stderr
    assert known.stdout.count("\n") == 1
