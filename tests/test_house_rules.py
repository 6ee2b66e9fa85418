"""The rules of the house, over the syntax tree: one owner for a question, types between stages,
words in one place, nothing recovered from prose.

A rule that is broken is answered in the code that breaks it; where an exception is right, its row
is in a table here, with the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import Enum

import pytest

from arcprobe.knowledge.language import language
from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import (
    Code,
    Experiment,
    FailureKind,
    Kind,
    Layer,
    Owner,
    Role,
    Route,
    SkipReason,
    Store,
    Verdict,
    VerifyCode,
)
from tests.support.source import MODULES, calls, part_of, strings, tree_of

ABOVE_MODEL = [module for module in MODULES if part_of(module) != "model"]
JUDGING = [name for name in MODULES if part_of(name) in ("findings", "diagnosis", "report")]
SPEAKING = [*JUDGING, *(name for name in MODULES if part_of(name) in ("fleet", "lifecycle"))]


# ---------------------------------------------------------- one owner for "which connection speaks"

READ_STEPS = (
    "model/observed.py",
    "fleet/places.py",
    "findings/reading.py",
    "report/as_json.py",
    "probes/",
)


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith(READ_STEPS)])
def test_steps_are_read_in_one_place(module: str) -> None:
    """``.attempts`` and ``.steps`` are read by the noun itself, by the reading, by the probes that
    write them, and by the JSON writer."""
    found = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute) and node.attr in ("attempts", "steps")
    ]
    assert found == []


# -------------------------------------------------------------------------- types between stages

VOCABULARY: tuple[type[Enum], ...] = (Code, Experiment, Store, Route, Role, SkipReason)

# Words that are nobody else's: as a literal they can only be meant as the member.
TELLING = {member.value for kind in VOCABULARY for member in kind if " " in str(member.value)}
TELLING |= {code.value for code in Code}
# … but for these: some scenarios of the demo are called like what they show.
AMBIGUOUS = {"lab/scenarios.py": {scenario.name for scenario in SCENARIOS}}

# Short words mean the member only where they stand for something of one of these names.
NAMED: dict[str, tuple[type[Enum], ...]] = {
    "code": (Code,),
    "experiment": (Experiment,),
    "failure": (FailureKind,),
    "kind": (Kind, FailureKind),
    "label": (Experiment,),
    "layer": (Layer,),
    "owner": (Owner,),
    "peer": (Role,),
    "reason": (SkipReason,),
    "role": (Role,),
    "route": (Route,),
    "skip": (SkipReason,),
    "store": (Store,),
    "verdict": (Verdict,),
}


@pytest.mark.parametrize("module", ABOVE_MODEL)
def test_words_are_types(module: str) -> None:
    """A code, the label of an experiment, a store, a route, a role, a reason is written as the
    member of its enum, outside model/."""
    tree = tree_of(module)
    telling = TELLING - AMBIGUOUS.get(module, set())
    found = [node for node in strings(tree) if node.value in telling]
    for name, literal in named_literals(tree):
        words = {member.value for kind in NAMED.get(name, ()) for member in kind} - {""}
        if literal.value in words:
            found.append(literal)
    assert sorted({f"line {node.lineno}: {node.value!r}" for node in found}) == []


@pytest.mark.parametrize("module", [name for name in JUDGING if part_of(name) != "report"])
def test_x509_numbers_are_types(module: str) -> None:
    """What OpenSSL said of a chain is compared with ``VerifyCode``, never with its number."""
    numbers = {member.value for member in VerifyCode}
    found = [
        f"line {literal.lineno}: {literal.value}"
        for name, literal in named_literals(tree_of(module))
        if name in ("code", "verify_code") and type(literal.value) is int
        if literal.value in numbers
    ]
    assert found == []


def named_literals(tree: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Literals that are compared with, or given for, something that has a name: ``x.route ==
    "direct"``, ``route="direct"``, and their tuples."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield from ((node.arg, literal) for literal in _literals(node.value))
        elif isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            names = [name for side in sides if (name := _last_name(side))]
            found = [literal for side in sides for literal in _literals(side)]
            yield from ((name, literal) for name in names for literal in found)


def _literals(node: ast.AST) -> list[ast.Constant]:
    if isinstance(node, ast.Constant):
        return [node]
    if isinstance(node, (ast.Tuple, ast.Set, ast.List)):
        return [part for part in node.elts if isinstance(part, ast.Constant)]
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return []


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# ------------------------------------------------------------------------------ words in one place

# Texts that are no sentences for people, by the file and what begins them.
NO_SENTENCE = {
    (
        "findings/interceptor.py",
        "self-signed certificates",
    ): "whose causes belong together: a value, in reports of every language the same",
    ("lifecycle/shells.py", "if not defined "): "cmd's own command",
    ("lifecycle/shells.py", 'for /f "delims="'): "cmd's own command",
    ("lifecycle/shells.py", "cmd cannot be given"): "what an exception says, with exit code 2",
    ("diagnosis/proof.py", " -proxy_user"): "options of OpenSSL's own",
}
_MOST_WORDS = 3
_WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.mark.parametrize("module", SPEAKING)
def test_sentences_are_in_texts(module: str) -> None:
    """No sentence for people stands in a judge, a renderer or fleet/: those are in
    ``knowledge/texts``. What an exception says of a wrong file (exit code 2, one line) stays beside
    the rule that it tells."""
    tree = tree_of(module)
    tables = {node for _, call in calls(tree) for node in _data(call)}
    errors = [call for name, call in calls(tree) if name.endswith("Error")]
    tables |= {part for call in errors for part in ast.walk(call)}
    found = [
        f"line {node.lineno}: {node.value!r}"
        for node in strings(tree)
        if node not in tables and _is_sentence(str(node.value))
        if not any(
            module == file and str(node.value).startswith(begin) for file, begin in NO_SENTENCE
        )
    ]
    assert found == []


def _is_sentence(text: str) -> bool:
    words = [word for word in text.split() if _WORD.search(word)]
    return " " in text.strip() and len(words) > _MOST_WORDS


def _data(call: ast.Call) -> Iterator[ast.AST]:
    """A list of words (``"…".split()``) and a regular expression are data."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Attribute) and name == "split":
        yield call.func.value
    if name == "compile":
        yield from call.args


@pytest.mark.parametrize(("file", "begin"), NO_SENTENCE)
def test_no_exception_is_idle(file: str, begin: str) -> None:
    """Every row of the table of exceptions is still needed."""
    assert [node for node in strings(tree_of(file)) if str(node.value).startswith(begin)]


# --------------------------------------------------------------------------------- keys of texts

# Keys that are made up from a code, a field, an endpoint or a scenario: tests of their own name
# them, see tests/knowledge/test_language.py.
BY_RULE = ("code", "neutral", "join", "verify", "purpose", "lab")
# What takes a key first.
TAKING = ("line", "template", "has")

_FIELD = re.compile(r"\{([a-z_0-9]+)(?::[^}]*)?\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


def keyed_calls(module: str) -> Iterator[tuple[str, ast.Call]]:
    """The calls of ``line("key", …)`` and ``template("key")`` with a literal key."""
    for name, call in calls(tree_of(module)):
        first = call.args[0] if call.args else None
        if name not in TAKING or not isinstance(first, ast.Constant):
            continue
        if isinstance(first.value, str):
            yield first.value, call


@pytest.mark.parametrize("module", ABOVE_MODEL)
def test_keys_are_there(module: str) -> None:
    """Every literal key has its sentence in ``texts/en.toml``."""
    keys = set(language().keys())
    assert [key for key, _ in keyed_calls(module) if key not in keys] == []


def _is_line(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "line"


@pytest.mark.parametrize("module", ABOVE_MODEL)
def test_placeholders_are_filled(module: str) -> None:
    """Every ``line("key", …)`` gives a value for each placeholder of its sentence (those of
    optional parts may be left out), and none that it has not."""
    wrong: list[str] = []
    for key, call in keyed_calls(module):
        given = {keyword.arg for keyword in call.keywords}
        if not _is_line(call) or None in given or not language().has(key):
            continue
        template = language().template(key)
        optional = set(_FIELD.findall("".join(_OPTIONAL.findall(template))))
        fields = set(_FIELD.findall(template))
        if not fields - optional <= given <= fields:
            wrong.append(f"line {call.lineno}: {key} takes {sorted(fields)}")
    assert wrong == []


def test_every_sentence_is_said() -> None:
    """Every key is written somewhere as a literal (one of a count without its number), or made up
    by an f-string that begins and ends like it; a sentence that nobody says goes."""
    said: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for module in ABOVE_MODEL:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.JoinedStr):
                patterns.extend(_pattern(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
    said |= {f"{text}.{number}" for text in said for number in ("one", "many")}
    keys = language().keys()
    silent = [
        key
        for key in keys
        if key.split(".")[0] not in BY_RULE and key not in said
        if not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert silent == []


def _pattern(node: ast.JoinedStr) -> Iterator[re.Pattern[str]]:
    """``f"tunnel.{kind}"`` as a pattern, where it begins with a section."""
    first = node.values[0]
    if isinstance(first, ast.Constant) and re.match(r"[a-z-]+\.", str(first.value)):
        parts = (
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[A-Za-z0-9_.-]+"
            for part in node.values
        )
        yield re.compile("".join(parts))


# ------------------------------------------------------------------- nothing recovered from prose

PROSE = {"summary", "headline", "remedy", "detail", "note", "id", "evidence", "words", "label"}
READING = set(
    """startswith endswith split rsplit partition rpartition replace removeprefix removesuffix
    find""".split()
)


@pytest.mark.parametrize("module", JUDGING)
def test_nothing_is_recovered_from_prose(module: str) -> None:
    """No judge and no renderer looks into a summary, a remedy, a detail, a note, an id or a line of
    evidence: what is needed later is a field."""
    found = filter(_reads_prose, ast.walk(tree_of(module)))
    assert [ast.unparse(node) for node in found] == []


def _reads_prose(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        subject = node.func.value
        is_prose = isinstance(subject, ast.Attribute) and subject.attr in PROSE
        return is_prose and node.func.attr in READING
    if isinstance(node, ast.Compare):
        held = zip(node.ops, node.comparators, strict=True)
        return any(
            isinstance(operation, (ast.In, ast.NotIn))
            and isinstance(side, ast.Attribute)
            and side.attr in PROSE
            for operation, side in held
        )
    return False
