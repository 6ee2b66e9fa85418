"""Nothing is forgotten: every module has its test, and what is added in one place is named in the
others that its recipe has (``.github/CONTRIBUTING.md``)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest

from arcprobe.commands.check import command as check_command
from arcprobe.findings.ladder import LADDER
from arcprobe.findings.reading import Rung
from arcprobe.findings.telling import QUESTIONS
from arcprobe.knowledge import catalogue, codes
from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.knowledge.products import PRODUCTS
from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import Code, Kind, Verdict
from arcprobe.probes.runner import PROBES
from arcprobe.report.formats import RENDERERS
from arcprobe.settings.table import SETTINGS
from tests.support.readme import with_settings
from tests.support.source import MODULES, ROOT, part_of, tree_of

PROJECT = ROOT.parent

# ------------------------------------------------------------------------ what is promised for ever

# The codes that a released version had, layer by layer: written out, since none may ever change.
RELEASED = """
name-resolves name-unknown name-empty resolver-failed resolver-refused resolver-silent
resolver-unreachable name-sinkholed name-hijacked-by-search name-private private-link-unresolved
resolvers-disagree lookup-slow dns-tcp-blocked unknown-names-rewritten ipv6-lookup-dropped
proxy-opens-tunnel proxy-name-unknown proxy-refused proxy-silent proxy-unreachable proxy-reset
proxy-not-http proxy-speaks-plain proxy-speaks-tls proxy-certificate-untrusted proxy-auth-required
proxy-auth-rejected proxy-auth-unsupported proxy-denied proxy-port-denied proxy-cannot-resolve
proxy-cannot-connect proxy-hung proxy-closed proxy-redirects proxy-overloaded
proxy-variables-disagree target-accepts target-refused target-silent target-unreachable
transparent-proxy certificate-genuine tls-intercepted issuer-unexpected issuer-changed
chain-incomplete certificate-untrusted certificate-wrong-name certificate-expired
certificate-not-yet-valid clock-skewed tls-reset tls-silent tls-closed tls-rejected
tls-plaintext-answer tls-too-old endpoint-answers block-page answer-from-middlebox answer-silent
answer-closed answer-redirected path-mtu large-hello-dropped origin-error websocket-upgraded
websocket-reaches-origin websocket-stripped websocket-refused websocket-faked websocket-dropped
websocket-silent websocket-idle-cut cluster-traffic-bypasses services-uncovered
api-server-uncovered cluster-suffix-missing pods-uncovered nodes-uncovered skip-range-too-broad
entry-malformed entry-ineffective services-unreadable gateway-usable gateway-url-malformed
gateway-cloud-unsupported gateway-private-link gateway-inspected gateway-not-enabled gateway-quota
agent-too-old hosts-discovered wildcard-unproven not-finished arcprobe-fault nodes-agree node-lost
pod-differs-from-node node-path-broken cluster-differs-from-laptop nodes-differ
nodes-use-different-proxies api-behind-proxy api-forbidden api-unauthorized api-unreachable
""".split()

# Codes that no judge of this version says, and why: the table has them, `explain` knows them.
UNSPOKEN = {
    Code.TARGET_ACCEPTS: "said by what stands above it: an endpoint that answers has accepted",
    Code.API_UNREACHABLE: "services-unreadable says it, with the reason",
    Code.API_FORBIDDEN: "services-unreadable says it, with the rule to add",
    Code.API_UNAUTHORIZED: "services-unreadable says it, with the reason",
    Code.API_BEHIND_PROXY: "api-server-uncovered says it",
}


@pytest.mark.parametrize("name", RELEASED)
def test_released_codes_stay(name: str) -> None:
    """A code that was released once is there for ever."""
    assert Code(name).value == name


def test_every_code_can_be_said() -> None:
    """Each code occurs in a judge, or its silence has a reason; no reason is idle."""
    saying = [name for name in MODULES if part_of(name) in ("findings", "fleet", "lifecycle")]
    said = {
        Code[node.attr]
        for module in saying
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Code"
    }
    assert set(Code) - said == set(UNSPOKEN)


def test_scenarios_name_codes() -> None:
    """Each cause that a demo scenario promises is a code that does not pass."""
    for scenario in SCENARIOS:
        causes = [codes.row(cause) for cause in scenario.causes]
        assert not [row.name for row in causes if row.passes], scenario.name


def test_every_kind_has_its_question() -> None:
    """Each kind of check is judged by a row of the table of questions, and has a code under which
    it passes."""
    assert set(QUESTIONS) == set(Kind)
    assert {codes.row(codes.passing(kind)).verdict for kind in Kind} == {Verdict.PASS}


def test_every_setting_is_a_flag() -> None:
    """Each row of the settings that ``check`` has is a flag of it, and each flag is such a row, or
    says how the report is written."""
    flags = {name.lstrip("-") for option in check_command.params for name in option.opts}
    rows = {name for row in SETTINGS if "check" in row.commands for name in row.names}
    written = set(
        "config wide v verbose format o output report events quiet q no-color no-colour"
        " until-pass".split()
    )
    assert flags - written == rows


# ---------------------------------------------------------------------------------- mirrored tests


def has_logic(module: str) -> bool:
    """Whether a file defines a function; nouns and tables have none."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) for node in ast.walk(tree_of(module)))


def mirror_of(module: str) -> str:
    """The test of a file: the same path, below ``tests``."""
    folder, _, name = module.rpartition("/")
    return "/".join(filter(None, ("tests", folder, f"test_{name}")))


@pytest.mark.parametrize(
    "module", [name for name in MODULES if has_logic(name) and name != "__main__.py"]
)
def test_every_module_has_its_test(module: str) -> None:
    """A module with logic has a test of its own at the same path, and its name says so."""
    test = PROJECT / mirror_of(module)
    assert test.is_file(), f"{mirror_of(module)} is missing"
    assert "def test_" in text_of(mirror_of(module))


# ----------------------------------------------------------------------------------------- recipes


class Place(NamedTuple):
    """Where something that was added has to be named: a file, and the text that it must hold."""

    what: str
    file: str
    text: str = ""


@cache
def text_of(file: str) -> str:
    """The text of a file of the project; empty where it is missing."""
    path = PROJECT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def file_of(thing: Any) -> str:
    """The file in which a function is defined."""
    return f"{thing.__module__.replace('.', '/')}.py"


def probes() -> Iterator[Place]:
    """A kind that connects: its probe, its question, the tests of both."""
    for kind in PROBES:
        name = kind.value.replace("-", "_")
        yield Place(f"probe {kind}", f"arcprobe/probes/{name}.py", "async def probe(")
        yield Place(f"probe {kind}", f"tests/probes/test_{name}.py")
    for kind, question in QUESTIONS.items():
        yield Place(f"question {kind}", file_of(question), f"def {question.__name__}(")


def rungs() -> Iterator[Place]:
    """A rung: its file with a judge, and its test."""
    for rung, judge in LADDER:
        file = file_of(judge)
        yield Place(f"rung {rung.name}", file, "def judge(")
        yield Place(f"rung {rung.name}", mirror_of(file.removeprefix("arcprobe/")))
        yield Place(f"rung {rung.name}", "arcprobe/findings/reading.py", f"{rung.name} = ")


def causes() -> Iterator[Place]:
    """A code: its row in the table, its words, and what must be done about it."""
    texts = language()
    for code in Code:
        yield Place(f"code {code}", "arcprobe/knowledge/codes.toml", f"[code.{code}]\n")
        for name in LANGUAGES:
            yield Place(f"code {code}", f"arcprobe/knowledge/texts/{name}.toml", f"[code.{code}]\n")
        assert all(texts.has(f"code.{code}.{part}") for part in ("summary", "headline", "meaning"))
        assert texts.has(f"code.{code}.remedy") or codes.row(code).passes


def products() -> Iterator[Place]:
    """A product: its file, with where it is known from."""
    for name in PRODUCTS:
        yield Place(f"product {name}", f"arcprobe/knowledge/products/{name}.toml", "source = ")


def formats() -> Iterator[Place]:
    """A format: its module, its test, and the README."""
    for name, module in RENDERERS.items():
        yield Place(f"format {name}", f"arcprobe/report/{module}.py", "def render(")
        yield Place(f"format {name}", f"tests/report/test_{module}.py")
        yield Place(f"format {name}", "README.md", name)


def languages() -> Iterator[Place]:
    """A language: its file."""
    for name in LANGUAGES:
        yield Place(f"language {name}", f"arcprobe/knowledge/texts/{name}.toml", "[neutral]")


def endpoints() -> Iterator[Place]:
    """A cloud: its file of endpoints, each row with a source and its date."""
    for cloud in catalogue.CLOUDS:
        file = f"arcprobe/knowledge/endpoints-{cloud}.toml"
        yield Place(f"cloud {cloud}", file, "source = ")


RECIPES = (probes, rungs, causes, products, formats, languages, endpoints)
PLACES = sorted({place for recipe in RECIPES for place in recipe()})


@pytest.mark.parametrize("what", sorted({place.what for place in PLACES}))
def test_nothing_is_forgotten(what: str) -> None:
    """What is added in one place is named in the others that its recipe has; the message says where
    it is missing."""
    missing = [
        f"{place.file} lacks {place.text.strip() or 'its tests'}"
        for place in PLACES
        if place.what == what and (place.text or "def test_") not in text_of(place.file)
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("files", "members"),
    [
        ("findings/rungs/[a-z]*.py", {judge.__module__.split(".")[-1] for _, judge in LADDER}),
        ("report/as_*.py", set(RENDERERS.values())),
        ("knowledge/products/*.toml", set(PRODUCTS)),
        ("knowledge/texts/*.toml", set(LANGUAGES)),
    ],
)
def test_no_file_is_idle(files: str, members: set[str]) -> None:
    """A file beside the members of a table is a member too: a rung that is in no ladder, a format
    that nobody can ask for is forgotten."""
    assert {path.stem for path in ROOT.glob(files)} == members


def test_rungs_are_in_order() -> None:
    """The ladder has every rung, from the name upwards."""
    assert list(dict.fromkeys(rung for rung, _ in LADDER)) == sorted(Rung)


def test_readme_has_every_setting() -> None:
    """The README's table is what the rows make; ``python -m tests.support.readme`` writes it."""
    page = text_of("README.md")
    assert with_settings(page) == page


def test_readme_is_short() -> None:
    """The README stays below 300 lines: it is the page of the package, too."""
    assert len(text_of("README.md").splitlines()) < 300


def test_contributing_has_every_recipe() -> None:
    """Each recipe is told in CONTRIBUTING, and each path that is named there is there."""
    page = text_of(".github/CONTRIBUTING.md")
    for recipe in "probe rung cause product setting format language endpoint".split():
        assert re.search(rf"\*\*an? {recipe}\*\*", page), recipe
    named = set(
        re.findall(r"`((?:arcprobe|tests|fixtures|\.ci)/[a-z_/.]+|[a-z_]+/[a-z_/]+\.\w+)`", page)
    )
    folders = (PROJECT, ROOT)
    missing = [path for path in named if not any((folder / path).exists() for folder in folders)]
    assert sorted(missing) == []
