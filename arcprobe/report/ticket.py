"""Report -> the request to one owner, for a mail or a tracker: what is broken, what Azure Arc is,
who asks, what to change, when it is done, what was seen and when. Nothing that others must do.

It is text, or Markdown that reads the same where nobody renders it: all that comes from outside
stands in blocks that are verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from arcprobe.knowledge.language import Language
from arcprobe.knowledge.products import PRODUCTS, name_of
from arcprobe.model import Cause, Change, Check, Layer, Owner, Report, Verdict
from arcprobe.model.text import printable
from arcprobe.no_proxy import is_seen_by_others
from arcprobe.report import columns, layout
from arcprobe.report.outline import Item, items
from arcprobe.report.searching import search
from arcprobe.report.times import later, moment
from arcprobe.report.words import Words

WIDTH = 78  # columns: a mail's line has at most 78 (RFC 5322 section 2.1.1)

_LETS_THROUGH = frozenset({Owner.PROXY, Owner.FIREWALL})  # whose lines are for clients
_MOST_ADDRESSES = 8  # of one endpoint
_MOST_EVIDENCE = 8  # lines of a cause: what somebody finds again in a log
_INDENT = "    "  # before a block in plain text


class Heading(NamedTuple):
    """A title: the first is the subject."""

    text: str


class Prose(NamedTuple):
    """Sentences of arcprobe's own."""

    text: str


class Block(NamedTuple):
    """Lines that stand as they are."""

    lines: tuple[str, ...]


Piece = Heading | Prose | Block
Places = dict[str, list[tuple[Item, Change]]]
"""Where lines go, and those that go there, each with what it heals."""


def owners(report: Report) -> tuple[Owner, ...]:
    """Who has something to do, in the order of the causes."""
    return tuple(dict.fromkeys(item.cause.owner for item in items(report)))


def render(
    report: Report,
    owner: Owner,
    *,
    product: str = "",
    markdown: bool = False,
    language: Language | None = None,
) -> str:
    """The request to ``owner``. ``product``: one of ``knowledge.products.PRODUCTS``, whose lines
    alone are wanted, and for which the report was judged; empty: those of all."""
    pieces = Ticket(report, owner, Words(language), product).pieces()
    write = _in_markdown if markdown else _in_text
    return "\n\n".join("\n".join(write(piece)) for piece in pieces) + "\n"


def _in_text(piece: Piece) -> Iterator[str]:
    match piece:
        case Heading(text):
            yield text
        case Prose(text):
            yield from columns.wrapped(text, WIDTH)
        case Block(lines):
            yield from (f"{_INDENT}{line}".rstrip() for line in lines)


def _in_markdown(piece: Piece) -> Iterator[str]:
    match piece:
        case Heading(text):
            yield f"## {text}"
        case Prose(text):
            yield text
        case Block(lines):
            runs = map(len, re.findall(r"`+", "\n".join(lines)))
            fence = "`" * max(3, 1 + max(runs, default=0))
            yield from (f"{fence}text", *lines, fence)


class Ticket:
    """What one owner must know."""

    def __init__(self, report: Report, owner: Owner, words: Words, product: str = "") -> None:
        self.report = report
        self.words = words
        self.owner = owner
        self.product = product
        self.items = _numbered([item for item in items(report) if item.cause.owner == owner])
        self.checks = {check.id: check for check in report.checks}
        self.seen = {observation.check: observation for observation in report.observations}
        self.explained = set(chain.from_iterable(item.cause.explains for item in self.items))

    def say(self, name: str, **values: str) -> str:
        """A sentence of [report.ticket]."""
        return self.words(f"report.ticket.{name}", **values)

    def pieces(self) -> Iterator[Piece]:
        """The request, in the order in which somebody reads it who has little time: what is wrong,
        why it is asked, what to change, when it is done; what was seen stands last."""
        is_demo = bool(self.report.run.demo)
        owner = self.words.owner(self.owner)
        yield Heading(self.say("subject-demo" if is_demo else "subject", owner=owner))
        if is_demo:
            yield Prose(self.say("demo", story=self.words("report.demo")))
        yield from self._summary()
        yield Prose(self.say("arc"))
        yield Prose(self.say("list"))
        yield Heading(self.say("asks"))
        yield Block(tuple(self._facts()))
        yield Heading(self.say("change"))
        if self.owner is Owner.FIREWALL and self._is_behind_a_proxy():
            yield Prose(self.say("behind-proxy"))
        yield from self._changes()
        yield from self._search()
        yield from self._apply()
        yield Heading(self.say("done"))
        yield from self._done()
        yield Heading(self.say("seen"))
        if self.owner is not Owner.YOU:
            sources = ", ".join(map(printable, self._sources()))
            yield Prose(self.say("logs" if sources else "logs-times", addresses=sources))
        for item in self.items:
            yield Block(tuple(self._seen(item)))

    # ----------------------------------------------------------------------------------- who asks

    def _facts(self) -> Iterator[str]:
        rows = self._run_facts() if self.owner is Owner.YOU else self._facts_for_others()
        named = [(self.say(f"fact-{name}"), printable(value)) for name, value in rows if value]
        space = max(columns.width_of(name) for name, _ in named) + 1
        for name, value in named:
            yield f"{columns.padded(name, space)} {value}"

    def _facts_for_others(self) -> Iterator[tuple[str, str]]:
        """What only the sender knows stands empty, to be filled in."""
        blank = self.say("fill-in")
        yield from ((name, blank) for name in ("by", "until", "cluster"))
        yield "addresses", ", ".join(self.report.run.settings.clients) or blank
        yield "long", self.say("long")
        yield from self._run_facts(blank)

    def _run_facts(self, unknown: str = "") -> Iterator[tuple[str, str]]:
        run, proxy = self.report.run, self.report.run.settings.proxy_https
        place = " ".join(filter(None, (self.words.vantage(run.vantage), run.pod, run.node)))
        yield "place", place if run.node else f"{place} {run.host}".strip()
        yield "source", ", ".join(self._sources()) or unknown
        yield "proxy", proxy.url if proxy else ""
        yield "when", self._when()

    def _sources(self) -> tuple[str, ...]:
        """The addresses from which the broken requests came, as others see them."""
        found = (seen.sources for check, seen in self.seen.items() if check in self.explained)
        every = dict.fromkeys(chain.from_iterable(found))
        return tuple(filter(is_seen_by_others, every))

    def _is_behind_a_proxy(self) -> bool:
        checks = (check for check in self.checks.values() if check.id in self.explained)
        return any(check.proxy is not None for check in checks)

    def _when(self) -> str:
        begin = moment(self.report.run.started)
        end = later(begin, self.report.run.seconds)
        if begin is None or end is None:
            return ""
        return f"{begin:%Y-%m-%d %H:%M:%S} – {end:%H:%M:%S} UTC"

    # ------------------------------------------------------------------------------ what is broken

    def _summary(self) -> Iterator[Piece]:
        """The causes, a line each, and what is wished."""
        yield Block(tuple(chain.from_iterable(map(self._headline, self.items))))
        yield from self._other_product()
        if self.owner is Owner.YOU:
            return
        yield Prose(self.say("please"))
        if any(item.cause.verdict is Verdict.WARN for item in self.items):
            yield Prose(self.say("warnings"))

    def _headline(self, item: Item) -> Iterator[str]:
        cause = item.cause
        mark = self.say("warning") if cause.verdict is Verdict.WARN else ""
        headline = f"{item.number}. {mark}{printable(cause.headline)} [{cause.code}]"
        yield from columns.wrapped(headline, WIDTH - len(_INDENT), "", "   ")

    def _seen(self, item: Item) -> Iterator[str]:
        yield f"{item.number}. [{item.cause.code}]"
        yield from (f"   {line}" for line in self._hosts(item.cause))
        for line in item.cause.evidence[:_MOST_EVIDENCE]:
            yield f"   > {printable(line)}"

    def _hosts(self, cause: Cause) -> Iterator[str]:
        """Each endpoint with the time it was asked and what it is for; beneath those that were not
        reached yet."""
        by_target = self._by_target()
        for target in layout.targets_of(self.report, cause):
            check = by_target.get(target)
            is_name = cause.layer is Layer.DNS and check is not None and check.host
            name = check.host if check is not None and is_name else target
            yield "  ".join(filter(None, (printable(name), self._asked_at(check))))
            yield from self._tried(check)
            if check is not None and check.purpose:
                yield f"  {printable(check.purpose)}"
        for host in dict.fromkeys(chain.from_iterable(each.pending for each in cause.change)):
            yield self.say("pending", host=printable(host))

    def _tried(self, check: Check | None) -> Iterator[str]:
        """Where it was connected to, for who looks it up by address."""
        seen = self.seen.get(check.observed_with or check.id) if check else None
        tried = seen.destinations[:_MOST_ADDRESSES] if seen is not None else ()
        if check is not None and tried and self.owner is Owner.FIREWALL:
            yield self.say("to", addresses=", ".join(map(printable, tried)), port=str(check.port))

    def _by_target(self) -> Mapping[str, Check]:
        """A check of each endpoint; of those that connect the first."""
        found: dict[str, Check] = {}
        for check in sorted(self.checks.values(), key=lambda check: not check.connects):
            found.setdefault(check.target, check)
        return found

    def _asked_at(self, check: Check | None) -> str:
        observation = self.seen.get(check.observed_with or check.id) if check else None
        if observation is None:
            return ""
        asked = later(moment(self.report.run.started), observation.began)
        return f"{asked:%H:%M:%S}Z" if asked is not None else ""

    # ---------------------------------------------------------------------------- what to change

    def _changes(self) -> Iterator[Piece]:
        """What is pasted, a block for each place, whatever it heals; then each cause's change in
        words."""
        places = self._places()
        for label, told in places.items():
            yield from self._place(label, told)
        if self._is_for_everybody(places):
            yield Prose(self.say("everybody"))
        if places:
            yield Prose(self.say("same"))
        for item in self.items:
            yield Prose(self._in_words(item))
            yield Block(tuple(layout.advice(item.cause)))
            yield from self._instead(item)
        advice = chain.from_iterable(layout.advice(item.cause) for item in self.items)
        if any("*." in line for line in advice):
            yield Prose(self.say("wildcards"))

    def _places(self) -> Places:
        """What is pasted, by the place where it goes."""
        places: Places = {}
        for item in self.items:
            for change in self._pasted(item):
                places.setdefault(_label(change), []).append((item, change))
        return places

    def _is_for_everybody(self, places: Places) -> bool:
        """Whether lines that let something through name no client."""
        changes = (change for _, change in chain.from_iterable(places.values()))
        return self.owner in _LETS_THROUGH and any(not change.clients for change in changes)

    def _place(self, label: str, told: Sequence[tuple[Item, Change]]) -> Iterator[Piece]:
        numbers = dict.fromkeys(str(item.number) for item, _ in told)
        changes = [change for _, change in told]
        blocks = dict.fromkeys(tuple(layout.block(change)) for change in changes)
        yield Prose(f"{', '.join(numbers)}. {label}")
        yield Block(tuple(chain.from_iterable(blocks)))
        yield from self._notes(changes)

    def _other_product(self) -> Iterator[Piece]:
        """That lines were asked for of a product, and the answers show another."""
        if not any(map(self._wanted, self.items)):
            return
        found = (each.product for each in self.report.findings if each.check in self.explained)
        wanted = _called(self.product)
        others = tuple(name for name in dict.fromkeys(found) if name and name != wanted)
        if wanted and others:
            names = ", ".join(map(printable, others))
            yield Prose(self.say("other-product", product=wanted, seen=names))

    def _notes(self, changes: Sequence[Change]) -> Iterator[Piece]:
        """Whom alone the lines let through, and that nobody tried them."""
        clients = dict.fromkeys(chain.from_iterable(change.clients for change in changes))
        if clients:
            told = "clients-given" if self.report.run.settings.clients else "clients"
            yield Prose(self.say(told, clients=", ".join(map(printable, clients))))
        for name in dict.fromkeys(change.product for change in changes if not change.tried):
            yield Prose(self.say("untried", product=_called(name or "")))

    def _in_words(self, item: Item) -> str:
        number = str(item.number)
        healer = self._healer(item)
        if healer is not None:
            return self.say("words-healed", number=number, by=str(healer.number))
        heals = self.words("report.heals", numbers=tuple(map(str, item.heals)))
        text = self.say("words", number=number)
        return f"{text} {heals}" if item.heals else text

    def _instead(self, item: Item) -> Iterator[Piece]:
        """The lines of a cause that others heal too, for where those cannot be used."""
        for change in self._wanted(item) if self._healer(item) else ():
            yield Prose(_label(change))
            yield Block(tuple(layout.block(change)))

    def _healer(self, item: Item) -> Item | None:
        """The one whose lines heal this too, so that they alone are pasted."""
        healers = (each for each in self.items if item.number in each.heals)
        return next((each for each in healers if self._wanted(each)), None)

    def _pasted(self, item: Item) -> list[Change]:
        """The lines that heal a cause, where no others do."""
        return [] if self._healer(item) else self._wanted(item)

    def _wanted(self, item: Item) -> list[Change]:
        """The lines for the product that was asked for and for no other; for nobody's, all."""
        return [change for change in layout.pasted(item.cause) if self._is_wanted(change)]

    def _is_wanted(self, change: Change) -> bool:
        is_of_a_product = change.product in PRODUCTS
        return not self.product or not is_of_a_product or change.product == self.product

    def _apply(self) -> Iterator[Piece]:
        changes = tuple(chain.from_iterable(map(self._pasted, self.items)))
        yield from self._commands("apply", (change.apply for change in changes))
        every = tuple(chain.from_iterable(map(self._wanted, self.items)))
        yield from self._commands("undo", (change.undo for change in every))
        if any(change.undo is None for change in changes):
            yield Prose(self.say("undo-by-hand"))

    def _commands(self, name: str, found: Iterable[str | None]) -> Iterator[Piece]:
        """Each command once."""
        commands = tuple(dict.fromkeys(filter(None, found)))
        if commands:
            yield Prose(self.say(name))
            yield Block(tuple(map(printable, "\n".join(commands).splitlines())))

    def _search(self) -> Iterator[Piece]:
        if found := search(self.report, (item.cause for item in self.items)):
            yield Prose(self.say(found.meaning))
            yield Block(found.commands)

    # ---------------------------------------------------------------------------------- when it is

    def _done(self) -> Iterator[Piece]:
        """What the owner runs, and what we run again."""
        numbers: dict[str, list[str]] = {}
        for item in self.items:
            for change in item.cause.change[:1]:
                numbers.setdefault(printable(change.done_when), []).append(str(item.number))
        proofs = tuple(f"{', '.join(those)}. {proof}" for proof, those in numbers.items())
        yield Block(proofs)
        if self.owner is not Owner.YOU:
            is_ours = any("arcprobe check" in proof for proof in proofs)
            yield Prose(self.say("from-client" if self.owner is Owner.DNS else "from-where"))
            yield Prose(self.say("tell-ours" if is_ours else "tell"))


def _numbered(items: Sequence[Item]) -> list[Item]:
    """The causes of one owner, counted from 1: a gap would look as if something were lost."""
    numbers = {item.number: number for number, item in enumerate(items, start=1)}
    return [
        msgspec.structs.replace(
            item,
            number=numbers[item.number],
            heals=tuple(numbers[each] for each in item.heals if each in numbers),
        )
        for item in items
    ]


def _label(change: Change) -> str:
    """Where lines go: for a product, the same words whatever they change there."""
    name = _called(change.product or "")
    return printable(f"{name} ({change.where}):") if name else layout.label(change)


def _called(product: str) -> str:
    """What a product is called; empty for a program, or one that only a stranger's report knows."""
    return name_of(product) if product in PRODUCTS else ""
