"""Whether the tests would notice: changes one thing at a time in the pure stages, and runs the
tests of the changed file, and where they notice nothing, those of all pure stages and the
recordings.

    .ci/mutate [--sample N] [--seed S] [--jobs J] [--least PERCENT] [PATH…]

A mutant is the file with one comparison, condition, number, word, enum member or return value
changed; it is killed when a test fails (or hangs). What survives is printed with its line: a test
is missing there, or the code says nothing.

Made here since a mutant costs 0.5 to 3 s this way (a fork of a process that has the libraries, the
tests of one file), and since the thresholds, which are constants of modules, have to be mutated as
well: mutmut 3 changes function bodies alone, and cosmic-ray starts pytest anew for each mutant.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import enum
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import select
import signal
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PURE = ("arcprobe/findings", "arcprobe/diagnosis", "arcprobe/no_proxy")
# Whole networks, judged again: what no test of the file itself notices may be noticed there.
RECORDINGS = (
    "tests/test_recordings.py::test_recording",
    "tests/test_recordings.py::test_evidence",
    "tests/test_recordings.py::test_every_fault_has_one_cause",
)
# A sentence that is named and is not there.
KEYS = "tests/test_house_rules.py::test_keys_are_there"
# … and then the tests of the other files: what they promise is promised as well.
WHOLE = (*RECORDINGS, "tests/findings", "tests/diagnosis", "tests/no_proxy")
_LEAST_LIMIT = 20.0  # seconds for the tests of a mutant; a slow machine must not kill it
_TIMES_LONGER = 6  # … or so many times what the tests took without a mutant
# hypothesis is there before pytest could have rewritten its assertions, which have no use here
_OPTIONS = """-x -q --no-header --tb=no -p no:cacheprovider -o timeout=0
    -W ignore::pytest.PytestAssertRewriteWarning""".split()
_SURVIVED, _KILLED, _HUNG = "survived", "killed", "hung"

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """One change: the number of the node in the order of ``ast.walk``, and which change of it."""

    path: str
    node: int
    change: int
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  →  {self.after}"


# -------------------------------------------------------------------------------------- the changes

Change = Callable[[ast.AST], ast.AST]


def changes_of(node: ast.AST, members: dict[str, list[str]]) -> list[Change]:
    """What can be changed in this node; each takes a copy of it and gives the changed one."""
    match node:
        case ast.Compare():
            return [_comparison(place) for place in range(len(node.ops))]
        case ast.BoolOp():
            return [_other_junction]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [lambda _: operand]
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            return [_other_arithmetic]
        case ast.If() | ast.IfExp() | ast.While():
            return [_negated]
        case ast.Return() if not _returns_nothing(node):
            return [lambda _: ast.Return(ast.Constant(None))]
        case ast.Continue():
            return [lambda _: ast.Break()]
        case ast.Attribute(value=ast.Name(id=name), attr=member) if name in members:
            others = members[name]
            following = others[(others.index(member) + 1) % len(others)] if member in others else ""
            return [_renamed(following)] if following else []
        case ast.Constant():
            return _constants(node)
    return []


def _comparison(place: int) -> Change:
    def changed(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Compare)
        node.ops[place] = _COMPARISONS[type(node.ops[place])]()
        return node

    return changed


def _other_junction(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _other_arithmetic(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BinOp)
    node.op = _ARITHMETIC[type(node.op)]()
    return node


def _negated(node: ast.AST) -> ast.AST:
    assert isinstance(node, (ast.If, ast.IfExp, ast.While))
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return node


def _returns_nothing(node: ast.Return) -> bool:
    """Nothing, or what is taken for the same."""
    return node.value is None or (isinstance(node.value, ast.Constant) and not node.value.value)


def _renamed(member: str) -> Change:
    def changed(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Attribute)
        node.attr = member
        return node

    return changed


def _constants(node: ast.Constant) -> list[Change]:
    value = node.value
    if isinstance(value, bool):
        return [lambda _: ast.Constant(not value)]
    if isinstance(value, int | float):
        return [lambda _: ast.Constant(value + 1), lambda _: ast.Constant(value - 1)]
    if isinstance(value, str | bytes):
        mark: str | bytes = "XX" if isinstance(value, str) else b"XX"
        return [lambda _: ast.Constant(mark + value)]  # type: ignore[operator]
    return []


def _left_alone(tree: ast.Module) -> set[ast.AST]:
    """Nodes whose change means nothing, with all that is in them."""
    roots = (root for node in ast.walk(tree) for root in _meaning_nothing(node))
    return {inner for root in roots if root is not None for inner in ast.walk(root)}


def _meaning_nothing(node: ast.AST) -> Sequence[ast.AST | None]:
    """Documentation, annotations, decorators, names of types, format specifications, assertions."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return [node.value]
        case ast.FormattedValue():
            return [node.format_spec]
        case ast.ClassDef():
            return [*node.keywords, *node.decorator_list]
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [node.returns, *node.decorator_list]
        case ast.arg() | ast.AnnAssign():
            return [node.annotation]
        case (
            ast.Assign(targets=[ast.Name(id="__all__")])
            | ast.Call(func=ast.Name(id="TypeVar" | "cast" | "assert_never"))
            | ast.keyword(arg="strict")  # of zip: a belt
            | ast.Subscript(value=ast.Name(id="Literal"))
            | ast.Assert()
        ):
            return [node]
    return []


@cache
def source_of(path: str) -> str:
    """The text of a file as it was when it was first read."""
    return (ROOT / path).read_text(encoding="utf-8")


def mutants_of(path: str, members: dict[str, list[str]]) -> list[Mutant]:
    """All mutants of a file."""
    return mutants_in(source_of(path), path, members)


def mutants_in(source: str, path: str, members: dict[str, list[str]]) -> list[Mutant]:
    """All mutants of a source."""
    tree = ast.parse(source)
    alone = _left_alone(tree)
    found: list[Mutant] = []
    for number, node in enumerate(ast.walk(tree)):
        if node in alone:
            continue
        for change, changed in enumerate(changes_of(node, members)):
            after = ast.unparse(ast.fix_missing_locations(changed(copy.deepcopy(node))))
            line = getattr(node, "lineno", 0)
            found.append(
                Mutant(path, number, change, line, *map(_short, (ast.unparse(node), after)))
            )
    return found


def _short(text: str) -> str:
    first = text.split("\n")[0]
    return first if len(first) <= 90 else f"{first[:90]}…"


def mutated(mutant: Mutant, members: dict[str, list[str]]) -> ast.Module:
    """The syntax tree of the file with the change made."""
    return changed_tree(source_of(mutant.path), mutant, members)


def changed_tree(source: str, mutant: Mutant, members: dict[str, list[str]]) -> ast.Module:
    """The syntax tree of a source with the change made."""
    tree = ast.parse(source)
    target = list(ast.walk(tree))[mutant.node]
    changed = changes_of(target, members)[mutant.change](copy.deepcopy(target))

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is target:
                return ast.copy_location(changed, node)
            return self.generic_visit(node)

    whole = Replace().visit(tree)
    assert isinstance(whole, ast.Module)
    return ast.fix_missing_locations(whole)


def members_of_enums() -> dict[str, list[str]]:
    """The names of the members of each enum of the model, asked of a process of its own, so that
    this one stays without arcprobe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        import json

        from arcprobe import model

        kinds = {
            name: kind for name, kind in vars(model).items() if isinstance(kind, enum.EnumType)
        }
        names = {name: list(kind.__members__) for name, kind in kinds.items()}
        os.write(writing, json.dumps(names).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        import json

        told: dict[str, list[str]] = json.loads(pipe.read())
    os.waitpid(child, 0)
    return told


# ------------------------------------------------------------------------------------- the tests


def tests_of(path: str) -> list[str]:
    """The tests of a file itself: its mirror, or without one all tests of its folder, and the rule
    on sentences."""
    inside = Path(path).relative_to("arcprobe")
    mirror = Path("tests") / inside.parent / f"test_{inside.stem.lstrip('_')}.py"
    chosen = [str(mirror)] if (ROOT / mirror).is_file() else _folder_of_tests(mirror.parent)
    return [*chosen, f"{KEYS}[{inside}]"]


def _folder_of_tests(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("test_*.py"))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated module in the place of the one on disk."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        dotted = path.removesuffix(".py").replace("/", ".")
        self._name = dotted.removesuffix(".__init__")
        self._file = str(ROOT / path)
        self._code = compile(tree, self._file, "exec")

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        folders = [str(Path(self._file).parent)] if self._file.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(
            name, self._file, loader=self, submodule_search_locations=folders
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self._code, vars(module))


def _in_child(path: str, tree: ast.Module | None, tests: Sequence[str]) -> int:
    """In a process of its own: the tests, against the file as it is, or as the tree has it."""
    import hypothesis
    import pytest

    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    for name in [name for name in sys.modules if name.split(".")[0] in ("arcprobe", "tests")]:
        del sys.modules[name]
    if tree is not None:
        sys.meta_path.insert(0, _Finder(path, tree))
        rules = importlib.import_module("tests.support.source")
        rules.changed[str(Path(path).relative_to("arcprobe"))] = tree
    few = hypothesis.settings(max_examples=25, derandomize=True, database=None, deadline=None)
    hypothesis.settings.register_profile("mutants", few)
    hypothesis.settings.load_profile("mutants")
    return int(pytest.main([*_OPTIONS, *tests]))


def ended(path: str, tree: ast.Module | None, tests: Sequence[str], limit: float) -> str:
    """How the tests ended, run in a fork."""
    child = os.fork()
    if child == 0:
        code = 99
        with contextlib.suppress(BaseException):
            os.setpgid(0, 0)
            code = _in_child(path, tree, tests)
        os._exit(code)
    if not _ends_within(child, limit):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return _HUNG
    _, status = os.waitpid(child, 0)
    return _SURVIVED if os.waitstatus_to_exitcode(status) == 0 else _KILLED


def _ends_within(child: int, limit: float) -> bool:
    handle = os.pidfd_open(child)
    try:
        return bool(select.select([handle], [], [], limit)[0])
    finally:
        os.close(handle)


# -------------------------------------------------------------------------------------- the command


def files_below(paths: Iterable[str]) -> Iterator[str]:
    """The Python files of these files and folders, without those that hold no code."""
    for path in paths:
        found = sorted((ROOT / path).rglob("*.py")) if (ROOT / path).is_dir() else [ROOT / path]
        yield from (str(file.relative_to(ROOT)) for file in found)


def main(arguments: Sequence[str]) -> int:
    """Runs the mutants and prints, for each file and in sum, how many were killed."""
    parser = argparse.ArgumentParser(prog=".ci/mutate", description=__doc__)
    parser.add_argument("paths", nargs="*", default=PURE)
    parser.add_argument("--sample", type=int, help="so many mutants, chosen by chance")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--least", type=float, default=0.0, help="percent that must be killed")
    given = parser.parse_args(arguments)
    members = members_of_enums()
    mutants = [mutant for path in files_below(given.paths) for mutant in mutants_of(path, members)]
    if given.sample is not None and given.sample < len(mutants):
        mutants = sorted(random.Random(given.seed).sample(mutants, given.sample), key=str)
    for library in "pytest hypothesis msgspec cryptography.x509 jsonschema dns.message".split():
        importlib.import_module(library)
    paths = sorted({mutant.path for mutant in mutants})
    with ThreadPoolExecutor(given.jobs) as pool:
        whole = _limit(WHOLE)
        limits = dict(zip(paths, pool.map(_limit, map(tests_of, paths)), strict=True))

    def run(mutant: Mutant) -> str:
        tree = mutated(mutant, members)
        end = ended(mutant.path, tree, tests_of(mutant.path), limits[mutant.path])
        if end == _SURVIVED:
            end = ended(mutant.path, tree, WHOLE, whole)
        if end == _SURVIVED:
            _say(f"survived  {mutant}")
        return end

    with ThreadPoolExecutor(given.jobs) as pool:
        ends = list(pool.map(run, mutants))
    return _report(mutants, ends, given.least)


def _limit(tests: Sequence[str]) -> float:
    """Seconds that these tests may take with a mutant."""
    started = time.monotonic()
    if ended("", None, tests, 900) != _SURVIVED:
        raise SystemExit(f"tests fail without a change: {' '.join(tests)}")
    return max(_LEAST_LIMIT, _TIMES_LONGER * (time.monotonic() - started))


def _report(mutants: Sequence[Mutant], ends: Sequence[str], least: float) -> int:
    _say()
    by_file: dict[str, list[str]] = {}
    for mutant, end in zip(mutants, ends, strict=True):
        by_file.setdefault(mutant.path, []).append(end)
    for path, of_file in by_file.items():
        _say(_row(path, of_file))
    _say(_row("together", ends))
    killed = 100 * (1 - ends.count(_SURVIVED) / max(1, len(ends)))
    return 0 if killed >= least else 1


def _say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _row(name: str, ends: Sequence[str]) -> str:
    survived = ends.count(_SURVIVED)
    percent = 100 * (1 - survived / max(1, len(ends)))
    return f"{name:48} {len(ends):5} mutants  {survived:4} survived  {percent:5.1f} % killed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
