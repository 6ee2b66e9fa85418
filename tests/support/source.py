"""The package's own source as the rules about it see it: its files, their syntax trees, who imports
whom."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import arcprobe

ROOT = Path(arcprobe.__file__).parent
TESTS = ROOT.parent / "tests"
MODULES = tuple(sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")))


changed: dict[str, ast.Module] = {}
"""Files that are read otherwise than they are on disk: mutants."""


def tree_of(module: str) -> ast.Module:
    """The syntax tree of a file of ``arcprobe``, named by its path below it."""
    return changed[module] if module in changed else _tree_on_disk(module)


@cache
def _tree_on_disk(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def part_of(module: str) -> str:
    """The first name below ``arcprobe`` of a path: a folder, or a file that lies beside them."""
    return module.split("/")[0].removesuffix(".py")


def named(name: str) -> str:
    """The dotted name of a path: ``arcprobe.probes.dns``."""
    dotted = f"arcprobe.{name.removesuffix('.py').replace('/', '.')}"
    return dotted.removesuffix(".__init__")


_FILES = {named(module): module for module in MODULES}


def imported(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Every dotted name that is imported anywhere in the tree, and where."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def files_imported(module: str) -> set[str]:
    """The files of ``arcprobe`` that a file imports, at its top or within a function."""
    names = (name for name, _ in imported(tree_of(module)) if name.startswith("arcprobe"))
    # the name is a module, or something in one
    found = (_FILES.get(name, _FILES.get(name.rpartition(".")[0])) for name in names)
    return {file for file in found if file is not None} - {module}


def circles(arrows: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The groups of nodes that reach one another (strongly connected components of several nodes,
    by Kosaraju's algorithm)."""
    back: dict[str, set[str]] = {node: set() for node in arrows}
    for node, others in arrows.items():
        for other in others:
            back[other].add(node)
    ended: list[str] = []
    seen: set[str] = set()
    for node in arrows:
        _walk(node, arrows, seen, ended)
    seen.clear()
    groups: list[list[str]] = []
    for node in reversed(ended):
        group: list[str] = []
        _walk(node, back, seen, group)
        groups.append(sorted(group))
    return sorted(group for group in groups if len(group) > 1)


def _walk(node: str, arrows: Mapping[str, Iterable[str]], seen: set[str], ended: list[str]) -> None:
    if node in seen:
        return
    seen.add(node)
    for other in arrows[node]:
        _walk(other, arrows, seen, ended)
    ended.append(node)


def docstrings(tree: ast.AST) -> set[ast.AST]:
    """The strings that document: what stands alone as a statement, after a constant too."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """The strings of a tree that are no documentation, parts of f-strings among them."""
    documenting = docstrings(tree)
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and node not in documenting:
            assert isinstance(node, ast.Constant)
            yield node


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """The calls of a tree, each with the last name of what is called: ``say`` for ``x.y.say()``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node
