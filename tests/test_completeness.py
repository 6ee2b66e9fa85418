"""Nothing is forgotten: every module is exercised, every code that can be said is in the table,
every kind has its judge."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import arcprobe
from arcprobe.commands.check import command as check_command
from arcprobe.findings import codes_pass
from arcprobe.knowledge import codes
from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import Kind, Verdict
from arcprobe.probes.runner import PROBES
from arcprobe.report import RENDERERS
from arcprobe.settings.table import ROWS

ROOT = Path(arcprobe.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))

# the contract's code table, all in one line a layer
CONTRACT = """
name-resolves name-unknown name-empty resolver-failed resolver-refused resolver-silent resolver-unreachable name-sinkholed
name-hijacked-by-search name-private private-link-unresolved resolvers-disagree lookup-slow dns-tcp-blocked
unknown-names-rewritten ipv6-lookup-dropped
proxy-opens-tunnel proxy-name-unknown proxy-refused proxy-silent proxy-unreachable proxy-reset proxy-not-http proxy-speaks-plain
proxy-speaks-tls proxy-certificate-untrusted proxy-auth-required proxy-auth-rejected proxy-auth-unsupported proxy-denied
proxy-port-denied proxy-cannot-resolve proxy-cannot-connect proxy-hung proxy-closed proxy-redirects proxy-overloaded
proxy-variables-disagree
target-accepts target-refused target-silent target-unreachable transparent-proxy
certificate-genuine tls-intercepted issuer-unexpected issuer-changed chain-incomplete certificate-untrusted
certificate-wrong-name certificate-expired certificate-not-yet-valid clock-skewed tls-reset tls-silent tls-closed tls-rejected
tls-plaintext-answer tls-too-old
endpoint-answers block-page answer-from-middlebox answer-silent answer-closed answer-redirected path-mtu large-hello-dropped
origin-error
websocket-upgraded websocket-reaches-origin websocket-stripped websocket-refused websocket-faked websocket-dropped
websocket-silent websocket-idle-cut
cluster-traffic-bypasses services-uncovered api-server-uncovered cluster-suffix-missing pods-uncovered nodes-uncovered
skip-range-too-broad entry-malformed entry-ineffective services-unreadable
gateway-usable gateway-url-malformed gateway-cloud-unsupported gateway-private-link gateway-inspected gateway-not-enabled
gateway-quota agent-too-old
hosts-discovered wildcard-unproven
not-finished arcprobe-fault
""".split()

# Codes that no judge of this version says, and why: the table has them, `explain` knows them.
UNSPOKEN = {
    "target-accepts": "said by what stands above it: an endpoint that answers has accepted",
    "gateway-not-enabled": "what a host without a gateway behind it answers is documented nowhere: see findings/gateway.py",
    "gateway-quota": "is seen in Azure's answers, which need credentials",
    "agent-too-old": "is seen in the agents, which are not there before the cluster is connected",
    "api-unreachable": "services-unreadable says it, with the reason",
    "api-forbidden": "services-unreadable says it, with the rule to add",
    "api-unauthorized": "services-unreadable says it, with the reason",
    "api-behind-proxy": "api-server-uncovered says it",
}

# Modules that no test names by itself, and what exercises them.
THROUGH_OTHERS = {
    "commands/_judged.py": "every demo scenario",
    "commands/_place.py": "every demo scenario",
    "commands/in_job.py": "tests/test_run.py, as a process",
    "allow_lists.py": "tests/commands/test_endpoints.py, by its formats",
    "config_error.py": "tests/test_config.py: every wrong setting",
    **dict.fromkeys(
        (f"probes/{kind}.py" for kind in ("dns", "proxy", "https", "websocket", "skip_range")),
        "every demo scenario, netlab",
    ),
    **dict.fromkeys(
        (
            f"lab/{peer}.py"
            for peer in ("inspection", "kubernetes", "origins", "peer", "pki", "relay", "tls")
        ),
        "tests/lab/, by their sockets",
    ),
}


def _texts(node: ast.AST) -> set[str]:
    return {
        child.value
        for child in ast.walk(node)
        if isinstance(child, ast.Constant) and isinstance(child.value, str)
    }


def _constants(*folders: str) -> set[str]:
    found: set[str] = set()
    for module in MODULES:
        if module.startswith(folders):
            found |= _texts(ast.parse((ROOT / module).read_text(encoding="utf-8")))
    return found


def _said() -> set[str]:
    """What is passed as ``code=`` anywhere in the judges, where it is written out."""
    found: set[str] = set()
    for module in MODULES:
        if module.startswith(("findings/", "merge.py")):
            for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "code":
                    found |= {
                        text
                        for text in _texts(node.value)
                        if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", text)
                    }
    return found


def _tests_text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py"))


@pytest.mark.parametrize("name", CONTRACT)
def test_contracted_code_exists(name: str) -> None:
    """The contract's code is in the table."""
    assert codes.row(name).name == name


def test_only_contracted_codes() -> None:
    """The table has no code beside the contract's but those of the cluster layer, which the
    contract leaves open."""
    assert {code.name for code in codes.rows() if code.layer != "cluster"} == set(CONTRACT)


def test_every_code_that_is_said_exists() -> None:
    """Each code that a judge writes down is in the table."""
    said = _said()
    assert len(said) > 40
    assert said <= {code.name for code in codes.rows()}


def test_every_code_can_be_said() -> None:
    """Each code of the table occurs in a judge, or its silence has a reason; no reason is idle."""
    spoken = _constants(
        "findings/", "merge.py", "report/of_merge.py", "diagnosis.py", "commands/", "lab/__"
    )
    silent = {code.name for code in codes.rows()} - {
        word for text in spoken for word in text.split()
    }
    assert silent == set(UNSPOKEN) & silent
    assert set(UNSPOKEN) == silent


def test_scenarios_name_codes() -> None:
    """Each cause that a demo scenario promises is a code that does not pass."""
    for scenario in SCENARIOS:
        assert not [cause for cause in scenario.causes if codes.row(cause).passes], scenario.name


def test_every_kind_is_judged() -> None:
    """Each kind of check has a branch in the judge, and a code under which it is listed when it was
    skipped."""
    tree = ast.parse((ROOT / "findings" / "__init__.py").read_text(encoding="utf-8"))
    named = {
        node.attr
        for case in ast.walk(tree)
        if isinstance(case, ast.match_case)
        for node in ast.walk(case.pattern)
        if isinstance(node, ast.Attribute)
    }
    assert named == {kind.name for kind in Kind}
    assert all(codes.row(codes_pass(kind)).verdict is Verdict.PASS for kind in Kind)


def test_every_probe_has_its_module() -> None:
    """One word everywhere: a kind that makes connections is a module in probes/ with ``probe``."""
    for kind, probe in PROBES.items():
        assert probe.__module__ == f"arcprobe.probes.{kind.value.replace('-', '_')}"


def test_every_setting_is_a_flag() -> None:
    """Each setting that the environment and the file may give is a flag of check, and each flag is
    such a setting."""
    flags = {name.removeprefix("--") for option in check_command.params for name in option.opts}
    assert flags - {"config", "wide", "format", "report", "help"} == ROWS.keys()


def test_every_format_has_its_module() -> None:
    """Each format of --format is a module of report/."""
    assert {f"report/{module}.py" for module in RENDERERS.values()} <= set(MODULES)


@pytest.mark.parametrize("module", [each for each in MODULES if (ROOT / each).stat().st_size > 300])
def test_every_module_is_exercised(module: str) -> None:
    """A test names the module, or the package whose private part it is; or the table above says
    what goes through it."""
    if module in THROUGH_OTHERS:
        return
    dotted = "arcprobe." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    parent, _, name = dotted.rpartition(".")
    text = _tests_text()
    direct = re.search(
        rf"{re.escape(dotted)}\b|from {re.escape(parent)} import (\([^)]*|[^\n]*)\b{name}\b", text
    )
    package = name.startswith("_") and re.search(
        rf"(from|import) {re.escape(parent)}\b|from arcprobe import [^\n]*{parent[9:]}\b", text
    )
    rendered = (
        f'"{name}"' in (ROOT / "report" / "__init__.py").read_text(encoding="utf-8")
        and parent == "arcprobe.report"
    )
    assert direct or package or rendered, f"no test exercises {dotted}"
