"""For every row: what the report gives to be pasted, as displayed, goes where the report says, its
command is run, and arcprobe is asked again."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
from msgspec import Struct

from arcprobe.model import Cause, Change, Report
from arcprobe.report import as_json, as_text, layout, outline
from tests.support.pasted import blocks

from . import page, state
from .curing.administrator import Administrator, CureError
from .curing.packet_filter import PacketFilter
from .curing.places import placed
from .curing.proofs import is_shown
from .curing.unhealed import reason
from .made import Built, built
from .matrix import PAGE, README
from .report import Report as Reported
from .run import Outcome, ask_in, check_command
from .scenario import Scenario
from .scenarios import SCENARIOS
from .servers import Server
from .topology import LabError

WIDTHS = (40, 80, 200)
"""Columns of the terminals that a report is read in."""

YOURS = "arcprobe"
SOFTWARE = {
    "bind": "named",
    "unbound": "unbound",
    "dnsmasq": "dnsmasq",
    "nftables": "nftables",
    "squid": "squid",
    "haproxy": "haproxy",
    "apache": "apache",
    "nginx": "nginx",
    "tinyproxy": "tinyproxy",
    "dante": "dante",
    "mitmproxy": "mitmdump",
}
"""Products that run in the lab, and what the lab calls them."""

MARK = "cure"
COLUMN = "healed"
_ONE_AT_A_TIME = threading.Lock()  # msgspec 0.20 builds its types at first use, and not in threads


Who = Administrator | PacketFilter
Kept = tuple[Who, dict[str, str]]
"""Who has pasted, and the files as they were before."""


class Paste(Struct, frozen=True):
    """A change of a report for a product that runs in the lab, as it is displayed."""

    cause: Cause
    change: Change
    shown: tuple[str, ...]


class Healing(Struct, frozen=True, kw_only=True):
    """What came of one paste. ``trouble`` is empty when it healed; ``joined``: with all others."""

    code: str
    product: str
    trouble: tuple[str, ...] = ()
    joined: bool = False


class Cure(Struct, frozen=True, kw_only=True):
    """What came of one scenario. ``broken``: the lab's fault, or a display that is not the
    block."""

    scenario: Scenario
    healings: tuple[Healing, ...] = ()
    broken: str = ""

    @property
    def is_sick(self) -> bool:
        """Whether something that should heal did not."""
        unexplained = (
            healing
            for healing in self.healings
            if healing.trouble and not reason(self.scenario.name, healing.code)
        )
        return bool(self.broken) or any(unexplained)

    @property
    def cell(self) -> str:
        """What the table says."""
        if self.broken:
            return _in_a_row(f"no: {self.broken}")
        words = [self._word(healing) for healing in self.healings if not healing.joined]
        return _in_a_row(", ".join(dict.fromkeys(words)))

    def _word(self, healing: Healing) -> str:
        if not healing.trouble:
            return f"{healing.product}: yes"
        why = reason(self.scenario.name, healing.code) or "; ".join(healing.trouble)
        return f"{healing.product}: no, {why}"


def _in_a_row(text: str) -> str:
    """As a cell of the table: what a program said may have lines and bars of its own."""
    return " ".join(text.replace("|", "/").split())


def cure(scenario: Scenario) -> Cure:
    """Builds the network, takes the pastes of its report, and heals it with each alone and with all
    together."""
    try:
        with built(scenario) as made:
            return Cure(scenario=scenario, healings=tuple(_healings(scenario, made)))
    except (LabError, CureError, subprocess.TimeoutExpired) as error:
        return Cure(scenario=scenario, broken=str(error).replace("\n", " / ")[:300])


def _healings(scenario: Scenario, made: Built) -> Iterator[Healing]:
    before = ask_in(scenario, made, _check(scenario, made))
    with _ONE_AT_A_TIME:
        pastes = pastes_of(as_json.load(before.document)) if before.document else ()
    for paste in pastes:
        yield _healed(scenario, made, (paste,), before)
    if len(pastes) > 1:
        yield _healed(scenario, made, pastes, before)


_RESOLVERS = ("bind", "unbound", "dnsmasq")
_UNSEEN = (*_RESOLVERS, "nftables", "dante", "haproxy", "nginx")
"""Products that nothing on the wire names: whoever runs `check` names those of his own network; of
several name servers the first, which clients ask."""
_OTHERS = ("internet", "router")
"""Hosts of others, and of boxes on the way: nobody asks for lines of their products, but where a
scenario names them."""


def _check(scenario: Scenario, made: Built) -> list[str]:
    servers = (each.server for each in made.running)
    running = {each.software for each in servers if each.host not in _OTHERS}
    own = {*scenario.software.split(", ")}
    named = [name for name in _UNSEEN if name in own or SOFTWARE[name] in running]
    others = [each.software for each in servers_at(made, "resolver")[1:]]
    named = [name for name in named if SOFTWARE[name] not in others]
    products = [word for name in named for word in ("--product", name)]
    return [*check_command(scenario, made, "json"), *products]


def servers_at(made: Built, host: str) -> list[Server]:
    """The servers of one host, in the order of their start."""
    return [each.server for each in made.running if each.server.host == host]


def pastes_of(report: Report) -> tuple[Paste, ...]:
    """What is pasted from the text of a report into software of the lab or into a shell, the same
    in each width. CureError where a width changes it."""
    told = [item.cause for item in outline.items(report)]
    pairs = [(cause, change) for cause in told for change in layout.pasted(cause)]
    shown = [list(blocks(as_text.render(report, width=width))) for width in WIDTHS]
    if any(each != shown[0] for each in shown) or len(shown[0]) != len(pairs):
        raise CureError("the blocks of the text differ with its width")
    return tuple(
        Paste(cause, change, tuple(lines))
        for (cause, change), lines in zip(pairs, shown[0], strict=True)
        if change.product in SOFTWARE or change.product == YOURS
    )


def _healed(scenario: Scenario, made: Built, pastes: tuple[Paste, ...], before: Outcome) -> Healing:
    code, product = pastes[0].cause.code, pastes[0].change.product or ""
    joined = len(pastes) > 1
    words = [made.fill(word) for word in scenario.settings]
    early = [str(paste.cause.code) for paste in pastes if _is_shown(made, paste, words)]
    try:
        with pasted(scenario, made, pastes) as command:
            after = ask_in(scenario, made, command)
            late = [
                str(paste.cause.code) for paste in pastes if _is_shown(made, paste, words) is False
            ]
    except (CureError, KeyError, ValueError) as error:
        return Healing(code=code, product=product, trouble=(str(error),), joined=joined)
    meant = {str(paste.cause.code) for paste in pastes}
    trouble = [f"{cause} is still there" for cause in _failing(before, after) if cause in meant]
    trouble += [f"{cause} has come" for cause in _come(before, after, meant)]
    trouble += [f"`done when` of {code} was true before" for code in early]
    if not _failed(after) - meant:  # else another fault may stand in the way
        trouble += [f"`done when` of {code} is not true" for code in late]
    if not after.verdict:
        trouble.append(f"no report: {after.stderr.strip()[-200:]}")
    return Healing(code=code, product=product, trouble=tuple(trouble), joined=joined)


def _is_shown(made: Built, paste: Paste, settings: Iterable[str]) -> bool | None:
    """Whether the report's own `done when` is true now; None where nobody but arcprobe can say."""
    if paste.change.product == YOURS:
        return None
    return is_shown(made, paste.change.done_when, settings)


def _come(before: Outcome, after: Outcome, meant: set[str]) -> Iterator[str]:
    """The causes that were not there before. What breaks the same endpoints as another fault of
    before, which is not told any more, is that fault: seen without inspection it has another
    name."""
    for code, affects in _affected(after).items():
        renamed = (
            set(hosts) >= set(affects)
            for old, hosts in _affected(before).items()
            if old not in meant
            and old not in after.causes
            and not (code in _failed(after) and old not in _failed(before))
        )
        if code not in before.causes and not any(renamed):
            yield code


def _failing(before: Outcome, after: Outcome) -> Iterator[str]:
    """The causes that are still there. One that failed and only warns now is healed as far as a CA
    for the agents heals it."""
    old = {cause.code: cause.verdict for cause in _report(before).causes}
    for cause in _report(after).causes:
        if (old.get(cause.code), cause.verdict) != ("fail", "warn"):
            yield cause.code


def _failed(outcome: Outcome) -> set[str]:
    return {cause.code for cause in _report(outcome).causes if cause.verdict == "fail"}


def _report(outcome: Outcome) -> Reported:
    return msgspec.json.decode(outcome.document or b'{"verdict": ""}', type=Reported)


def _affected(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    return {cause.code: cause.affects for cause in _report(outcome).causes}


@contextlib.contextmanager
def pasted(scenario: Scenario, made: Built, pastes: tuple[Paste, ...]) -> Iterator[list[str]]:
    """The network with these pastes in it, and the call of `check` that comes after; the servers
    have their own files again afterwards."""
    command = _check(scenario, made)
    undo: list[Kept] = []
    done: list[tuple[Who, Paste]] = []
    try:
        for paste in pastes:
            if paste.change.product == YOURS:
                command = _own_command(made, paste)
                continue
            who = _administrator(scenario, made, SOFTWARE[paste.change.product or ""], undo)
            who.write(placed(paste.change.where, who.files(), paste.shown))
            who.apply(paste.change.apply)
            done.append((who, paste))
        yield command
        for who, paste in reversed(done):
            if paste.change.undo:
                who.undo(paste.change.undo)
    finally:
        for who, files in undo:
            who.write(files)
            who.apply_again()


def _administrator(scenario: Scenario, made: Built, software: str, known: list[Kept]) -> Who:
    """Of the first server of that software; its files are kept."""
    for who, _ in known:
        if who.software == software:
            return who
    who = _first(scenario, made, software)
    known.append((who, who.files()))
    return who


def _first(scenario: Scenario, made: Built, software: str) -> Who:
    if software == PacketFilter.software:
        return PacketFilter(made.topology, scenario)
    found = [one for one in made.running if one.server.software == software]
    if not found:
        raise CureError(f"no {software} is in this network")
    return Administrator(made.topology, found[0])


def _own_command(made: Built, paste: Paste) -> list[str]:
    """The command that the report gives to whoever ran it, in a shell at the node."""
    programs = made.folder / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / YOURS
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m arcprobe "$@" --format json >&3\n')
    program.chmod(0o755)
    head = f"exec 3>&1 1>&2; PATH={programs}:$PATH; cd {made.folder}\n"
    script = head + "\n".join(paste.shown)
    return ["ip", "netns", "exec", made.topology.name("node"), "sh", "-c", script]


def told(came: Cure) -> str:
    """One line for whoever waits, and one for each paste that did not heal."""
    mark = "sick" if came.is_sick else "well"
    lines = [f"{mark} {came.scenario.name:44} | {came.cell or '-'}"]
    lines += [
        f"     joined: {'; '.join(healing.trouble)}"
        for healing in came.healings
        if healing.joined and healing.trouble
    ]
    return "\n".join(lines)


def run(chosen: tuple[Scenario, ...], jobs: int, tell: Callable[[Cure], None]) -> tuple[Cure, ...]:
    """Cures these networks, `jobs` at a time; what did not heal is tried once more, with the
    machine to itself."""
    state.certificates()
    lock = threading.Lock()

    def cure_and_tell(scenario: Scenario) -> Cure:
        came = cure(scenario)
        with lock:
            tell(came)
        return came

    with ThreadPoolExecutor(jobs) as pool:
        cures = tuple(pool.map(cure_and_tell, chosen))
    return tuple(
        cure_and_tell(came.scenario) if came.is_sick and jobs > 1 else came for came in cures
    )


def count(cells: Iterable[str]) -> str:
    """How many rows that have something to be pasted are healed by it. The cells are those of the
    column."""
    pasted = [cell for cell in cells if cell]
    healed = [cell for cell in pasted if "no, " not in cell and not cell.startswith("no: ")]
    return f"{len(healed)} of {len(pasted)} rows with something to be pasted are healed"


def write(cures: tuple[Cure, ...]) -> None:
    """Writes the cells of these rows into the table, and the count of all rows into the README."""
    names = [scenario.name for scenario in SCENARIOS]
    kept = page.rows_of(PAGE.read_text())
    found = {name: row.get(COLUMN, "") for name, row in kept.items()}
    found |= {came.scenario.name: came.cell for came in cures}
    told = count(found[name] for name in names if name in found)
    rows = {
        came.scenario.name: {COLUMN: came.cell} for came in cures if came.scenario.name in names
    }
    page.write(PAGE, names, rows, told)
    page.between(README, MARK, told)
