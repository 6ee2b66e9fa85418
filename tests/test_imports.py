"""The import rule, over the syntax tree: a stage imports nouns, never another stage; the network
lives in one package."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import arcprobe

ROOT = Path(arcprobe.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))

# What holds words, facts and rules, and knows no stage: every stage may import it.
NOUNS = {
    "__version__",
    "model",
    "codes",
    "products",
    "issuers",
    "catalogue",
    "no_proxy",
    "envelope",
    "config_error",
    "proxy_url",
}
NOUNS |= {"discovered"}
STAGES = {
    "config",
    "plan",
    "probes",
    "findings",
    "diagnosis",
    "report",
    "merge",
    "difference",
    "manifest",
    "allow_lists",
}
JOINING = {"cli", "__main__", "commands"}

# A stage that knows another, and why.
EXCEPTIONS = {
    ("plan", "config"): "its input",
    (
        "config",
        "probes",
    ): "the readers of certificates and of Services say whether a file that a setting names can be read",
    ("probes", "config"): "the runner's input, as a type",
    ("report", "merge"): "what is rendered",
    ("report", "difference"): "what is rendered",
}

NETWORK = {
    "asyncio",
    "ssl",
    "socket",
    "selectors",
    "h11",
    "dns",
    "httpx",
    "websockets",
    "socks",
    "OpenSSL",
    "cryptography",
}
# … and who may import what of it outside probes/ and lab/
NETWORK_EXCEPTIONS = {"commands/check.py": {"asyncio"}}
SURROUNDINGS = {
    "time",
    "os",
    "platform",
    "subprocess",
    "threading",
    "signal",
    "tempfile",
    "shutil",
    "random",
    "secrets",
}
PURE: tuple[str, ...] = (
    "findings/",
    "report/",
    "no_proxy/",
    "diagnosis.py",
    "codes.py",
    "plan.py",
    "merge.py",
    "difference.py",
    "model.py",
)
PURE += (
    "products.py",
    "issuers.py",
    "envelope.py",
    "catalogue.py",
    "allow_lists.py",
    "manifest.py",
    "proxy_url.py",
    "discovered.py",
)
HEAVY = "httpx cryptography dns rich yaml jinja2 ssl socket asyncio OpenSSL h11 websockets msgspec arcprobe.settings.load arcprobe.model"


def tree_of(module: str) -> ast.Module:
    """The syntax tree of a module, named by its path."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that is imported anywhere in a tree: ``a.b`` for ``from a import b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def own_parts(module: str) -> set[str]:
    """The first name below ``arcprobe`` of everything of the project that a module imports."""
    return {
        name.split(".")[1] for name, _ in imported(tree_of(module)) if name.startswith("arcprobe.")
    }


def part_of(module: str) -> str:
    """The name below ``arcprobe`` that a path belongs to."""
    return module.split("/")[0].removesuffix(".py")


def test_every_part_has_a_place() -> None:
    """Each module is a noun, a stage, a joining part, or the lab: a new one must be given its place
    here."""
    assert {part_of(module) for module in MODULES} - {"__init__"} == (
        NOUNS - {"__version__"}
    ) | STAGES | JOINING | {"lab"}


@pytest.mark.parametrize("module", [each for each in MODULES if part_of(each) in NOUNS | STAGES])
def test_stages_import_nouns(module: str) -> None:
    """A noun imports nouns; a stage imports nouns and itself, and other stages only where the table
    says why."""
    part = part_of(module)
    others = own_parts(module) - NOUNS - {part}
    assert {each for each in others if (part, each) not in EXCEPTIONS} == set()


def test_no_exception_is_idle() -> None:
    """Every exception of the table is made use of; else it goes."""
    used = {(part_of(module), other) for module in MODULES for other in own_parts(module)}
    assert set(EXCEPTIONS) <= used


@pytest.mark.parametrize(
    "module", [each for each in MODULES if part_of(each) not in ("probes", "lab")]
)
def test_network_stays_in_probes(module: str) -> None:
    """Nothing that opens a socket or speaks TLS is imported outside probes/ and lab/."""
    found = {name.split(".")[0] for name, _ in imported(tree_of(module))} & NETWORK
    assert found <= NETWORK_EXCEPTIONS.get(module, set())


@pytest.mark.parametrize("module", [each for each in MODULES if each.startswith(PURE)])
def test_judges_are_pure(module: str) -> None:
    """Plan, judges, diagnosis, merge and renderers know no clock, no environment, no process; the
    same input, the same output."""
    tree = tree_of(module)
    assert {name.split(".")[0] for name, _ in imported(tree)} & SURROUNDINGS == set()
    calls = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert (
        calls
        & {"datetime.now", "datetime.utcnow", "date.today", "sys.stdin", "sys.argv", "sys.stdout"}
        == set()
    )
    # the package's own data is read; nothing else is
    opened = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert (opened - defined) & {"open", "input", "print", "exec", "eval"} == set()


def test_the_lab_is_for_the_demo() -> None:
    """Nothing but commands/demo imports the rehearsed network, and it only when it runs; others
    name it as a type at most."""
    for module in MODULES:
        if part_of(module) == "lab":
            continue
        tree = tree_of(module)
        guarded = {
            child
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for child in ast.walk(node)
        }
        lab = [
            node
            for name, node in imported(tree)
            if name.startswith("arcprobe.lab") and node not in guarded
        ]
        assert not lab or module == "commands/demo.py"
        assert not [node for node in lab if node in tree.body], "only inside a function"


def test_probes_import_no_judgement() -> None:
    """Probes know no code, no verdict and no finding: they record."""
    forbidden = {
        "arcprobe.model.Verdict",
        "arcprobe.model.Finding",
        "arcprobe.model.Cause",
        "arcprobe.knowledge.codes",
    }
    for module in MODULES:
        if part_of(module) == "probes":
            names = {name for name, _ in imported(tree_of(module))}
            assert not names & forbidden, module


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running ``code``."""
    program = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=50
    )
    return set(ended.stdout.splitlines()[-1].split())


def test_start_up_is_light() -> None:
    """``import arcprobe.cli`` loads neither the network nor the settings nor anything heavy."""
    assert loaded_by("import arcprobe.cli") & set(HEAVY.split()) == set()


def test_version_is_light() -> None:
    """Neither does ``arcprobe --version``, to its end."""
    assert (
        loaded_by("from arcprobe.cli import run; run(['--version'])") & set(HEAVY.split()) == set()
    )


def test_recordings_need_no_network() -> None:
    """Judging a recording again loads no probe and no network library."""
    loaded = loaded_by(
        "import arcprobe.commands.report, arcprobe.findings, arcprobe.diagnosis, arcprobe.report.as_text"
    )
    assert (
        loaded
        & {"ssl", "_ssl", "asyncio", "h11", "dns", "httpx", "cryptography", "arcprobe.probes"}
        == set()
    )


@pytest.mark.parametrize("module", MODULES)
def test_no_posix_only_import(module: str) -> None:
    """No module imports at its top what Windows does not have."""
    top = {name.split(".")[0] for name, node in imported(tree_of(module)) if node.col_offset == 0}
    assert top & {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog"} == set()
