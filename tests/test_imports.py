"""The import rule, read from the folders: the ground imports nothing above it, a stage only the
ground, and one file joins the stages."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.support.source import (
    MODULES,
    ROOT,
    calls,
    circles,
    files_imported,
    imported,
    part_of,
    tree_of,
)

GROUND = {"model", "knowledge", "no_proxy"}
STAGES = {"settings", "plan", "probes", "findings", "diagnosis", "report"}
ABOVE = {"pipeline", "fleet", "lifecycle", "lab", "commands", "cli", "__main__", "build"}

# What each part may import beside itself.
MAY_IMPORT = {
    "__init__": set(),
    "model": set(),
    "knowledge": {"model"},
    "no_proxy": {"model"},
    **dict.fromkeys(STAGES, GROUND),
    "pipeline": GROUND | STAGES,
    "fleet": GROUND | {"report"},
    "lifecycle": GROUND | {"report"},
    "lab": GROUND,
    "commands": GROUND | STAGES | {"pipeline", "fleet", "lifecycle", "lab"},
    "cli": {"model", "commands"},
    "__main__": {"cli"},
    "build": set(),
}

# What opens sockets or speaks TLS, DNS, HTTP …
NETWORK = set("asyncio ssl socket selectors h11 dns httpx websockets socks OpenSSL".split())
# … and what reads certificates: heavy, and facts of certificates are read once, by the probes.
NETWORK |= {"cryptography"}
ON_THE_WIRE = {"probes", "lab"}

# Clock, environment, processes, files.
SURROUNDINGS = set(
    "time os platform subprocess threading signal tempfile shutil random secrets".split()
)
PURE = GROUND | STAGES - {"settings", "probes"} | {"fleet", "lifecycle"}
AROUND = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "sys.stdin"}
AROUND |= {"sys.argv", "sys.stdout", "sys.stderr", "sys.exit"}

HEAVY = set(
    """httpx cryptography dns rich yaml jinja2 ssl socket asyncio OpenSSL h11 websockets msgspec
    arcprobe.settings.load arcprobe.model""".split()
)


def modules_of(parts: set[str]) -> list[str]:
    """The files of these parts."""
    return [module for module in MODULES if part_of(module) in parts]


def test_every_part_has_a_place() -> None:
    """Each folder, and each file beside them, is on the ground, a stage, or above: no other."""
    assert {part_of(module) for module in MODULES} == GROUND | STAGES | ABOVE | {"__init__"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    """A file imports what its part may import, and no exception is known."""
    names = {name for name, _ in imported(tree_of(module)) if name.startswith("arcprobe.")}
    others = {name.split(".")[1] for name in names} - {part_of(module), "__version__"}
    assert others - MAY_IMPORT[part_of(module)] == set()


def test_no_circle_of_files() -> None:
    """No file imports, over whatever others and within whatever function, itself."""
    assert circles({module: files_imported(module) for module in MODULES}) == []


def test_circles_are_found() -> None:
    """The search itself works: two that import one another are a circle, a chain is none."""
    assert circles({"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}) == [["b", "c"]]


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith("__init__.py")])
def test_init_hands_names_on(module: str) -> None:
    """An ``__init__`` holds a docstring, imports and lists of names, and no logic."""
    tree = tree_of(module)
    code = tree.body[1:] if ast.get_docstring(tree) else tree.body
    assert [ast.unparse(node) for node in code if not _hands_on(node)] == []


def _hands_on(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) in ("__all__", "__version__")
    return isinstance(node, (ast.Import, ast.ImportFrom))


@pytest.mark.parametrize("module", [name for name in MODULES if part_of(name) not in ON_THE_WIRE])
def test_network_stays_in_probes(module: str) -> None:
    """Nothing that opens a socket or speaks TLS is imported outside probes/ and lab/."""
    assert {name.split(".")[0] for name, _ in imported(tree_of(module))} & NETWORK == set()


@pytest.mark.parametrize("module", modules_of(PURE))
def test_pure(module: str) -> None:
    """Ground, plan, judges, diagnosis, renderers and fleet know no clock, no environment, no
    process, no file but the package's own data: the same input, the same output."""
    tree = tree_of(module)
    names = {name for name, _ in imported(tree)}
    assert {name.split(".")[0] for name in names} & SURROUNDINGS == set()
    assert "pathlib.Path" not in names
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert used & AROUND == set()
    called = {node.func.id for _, node in calls(tree) if isinstance(node.func, ast.Name)}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert (called - defined) & {"open", "input", "print", "exec", "eval"} == set()


def test_the_lab_is_for_the_demo() -> None:
    """Nothing but commands/demo.py, and the completion of its scenarios' names, imports the
    rehearsed network, and only when it runs."""
    outside = {module: tree_of(module) for module in MODULES if part_of(module) != "lab"}
    importing = [
        (module, statement in tree.body)
        for module, tree in outside.items()
        for name, statement in imported(tree)
        if name.startswith("arcprobe.lab")
    ]
    assert set(importing) == {("commands/demo.py", False), ("commands/values.py", False)}


@pytest.mark.parametrize("module", modules_of({"probes"}))
def test_probes_import_no_judgement(module: str) -> None:
    """Probes know no code, no verdict and no finding: they record."""
    judging = {f"arcprobe.model.{noun}" for noun in ("Verdict", "Finding", "Cause", "Judgement")}
    judging |= {"arcprobe.model.Code", "arcprobe.knowledge.codes", "arcprobe.model.codes.Code"}
    assert {name for name, _ in imported(tree_of(module))} & judging == set()


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running ``code``."""
    program = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=50
    )
    return set(ended.stdout.splitlines()[-1].split())


def test_start_up_is_light() -> None:
    """``import arcprobe.cli`` loads neither the network nor the settings nor anything heavy."""
    assert loaded_by("import arcprobe.cli") & HEAVY == set()


def test_version_is_light() -> None:
    """Neither does ``arcprobe --version``, to its end."""
    assert loaded_by("from arcprobe.cli import run; run(['--version'])") & HEAVY == set()


def test_recordings_need_no_network() -> None:
    """Judging a recording again loads no probe and no network library."""
    stages = "findings diagnosis report.as_text report.as_html report.as_junit report.as_markdown"
    names = (f"arcprobe.{name}" for name in stages.split())
    loaded = loaded_by(f"import {', '.join(names)}")
    network = {"ssl", "_ssl", "asyncio", "h11", "dns", "httpx", "cryptography", "arcprobe.probes"}
    assert loaded & network == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_posix_only_import(module: str) -> None:
    """No module imports at its top what Windows does not have."""
    top = {name.split(".")[0] for name, node in imported(tree_of(module)) if node.col_offset == 0}
    assert top & {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog"} == set()


def test_the_package_is_where_it_is_tested() -> None:
    """The files that are read here are those of the package that is imported."""
    assert (ROOT / "model" / "__init__.py").is_file()
