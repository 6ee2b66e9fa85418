"""What somebody pastes to heal a cause: the lines of the products that stand in the way, the
commands of whoever runs arcprobe, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from arcprobe.diagnosis.own_command import commands_of, trusting
from arcprobe.diagnosis.proof import proof_of
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language
from arcprobe.knowledge.products import (
    Asked,
    Paste,
    has_lines,
    memory_of,
    name_of,
    paste,
    why_not,
    written,
)
from arcprobe.model import (
    Certificate,
    Change,
    Check,
    Code,
    Finding,
    Owner,
    Run,
    SkipReason,
    Verdict,
    line,
)

Skipped = tuple[Check, SkipReason]
Addresses = tuple[tuple[str, tuple[str, ...]], ...]
"""Hosts, and the addresses that were tried for them."""

OF_A_TUNNEL = frozenset(
    {
        Code.PROXY_DENIED,
        Code.PROXY_PORT_DENIED,
        Code.PROXY_CANNOT_RESOLVE,
        Code.PROXY_CANNOT_CONNECT,
        Code.PROXY_HUNG,
        Code.PROXY_CLOSED,
        Code.PROXY_RESET,
        Code.PROXY_REDIRECTS,
    }
)
"""What keeps a tunnel from being opened; the finding is the proxy's own where no tunnel opens."""

_OPENS_NAMES = frozenset(
    {
        Code.PROXY_DENIED,
        Code.PROXY_PORT_DENIED,
        Code.PROXY_AUTH_REQUIRED,
        Code.PROXY_AUTH_UNSUPPORTED,
        Code.PROXY_REDIRECTS,
        Code.PROXY_CANNOT_RESOLVE,
        Code.ANSWER_REDIRECTED,
        Code.BLOCK_PAGE,
        Code.TLS_INTERCEPTED,
        Code.GATEWAY_INSPECTED,
        Code.NAME_UNKNOWN,
        Code.NAME_EMPTY,
        Code.NAME_SINKHOLED,
    }
)
"""Healed by a list of names: what was not reached yet has to be on it too."""

_NAMES = frozenset({Code.NAME_UNKNOWN, Code.NAME_EMPTY, Code.NAME_SINKHOLED})
"""Answers that name servers and systems on the way keep for a while."""

_TRUSTED_INSTEAD = frozenset({Code.TLS_INTERCEPTED, Code.PROXY_CERTIFICATE_UNTRUSTED})
"""Codes that a CA for the agents heals as well, where no gateway forbids it."""

_SPARES_THE_USER = frozenset({Code.PROXY_AUTH_REQUIRED})
"""Codes of the user's own that the proxy team can heal as well, by an exemption."""


Faults = tuple[tuple[Code, dict[str, str]], ...]
"""What is broken in the whole report: code, and what fills its words."""


Roots = tuple[tuple[str, Certificate], ...]
"""Checks by id, and the private root that their peer showed."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """One cause: the finding that speaks for it, all its findings, the checks that it hits, all
    checks by id, the required checks that have no verdict, the addresses of hosts, all faults of
    the report, the private roots that were shown, the addresses from which the agents will ask."""

    first: Finding
    group: Sequence[Finding]
    hit: Sequence[Check]
    checks: Mapping[str, Check] = {}
    skipped: Sequence[Skipped]
    run: Run
    addresses: Addresses = ()
    faults: Faults = ()
    roots: Roots = ()
    clients: tuple[str, ...] = ()


def changes_of(broken: Broken, advice: str, words: Language) -> tuple[Change, ...]:
    """What is pasted, the most certain first, and the advice that needs no product."""
    general = _general(broken, advice, words)
    if general.owner is Owner.YOU and broken.first.code not in _SPARES_THE_USER:
        return (*_own(broken, general, words), general)
    asked = [(check.pattern or check.host or check.target, check.port) for check in broken.hit]
    pending = [pair for pair in _pending(broken) if pair not in asked]
    general = _with_pending(general, pending, broken.first.code, words)
    in_products = tuple(_in_products(broken, (*asked, *pending), general, words))
    general = _with_unknown(general, broken, in_products, words)
    general = _with_memories(general, broken, words)
    return (*in_products, *_trusting(broken, general, words), general)


def _general(broken: Broken, advice: str, words: Language) -> Change:
    """What to change, in words."""
    owner = broken.first.owner or codes.row(broken.first.code).owner
    return Change(
        owner=owner,
        product=None,
        title=words.say(line("change.advice")),
        where="",
        lines=tuple(advice.splitlines()),
        apply=None,
        hosts=tuple(dict.fromkeys(check.host for check in broken.hit if check.host)),
        pending=(),
        done_when=_done_when(broken, words),
    )


def _with_pending(
    general: Change, pending: Sequence[tuple[str, int]], code: Code, words: Language
) -> Change:
    if not pending:
        return general
    names = tuple(dict.fromkeys(host for host, _ in pending))
    told = "change.pending-names" if code in _NAMES else "change.pending"
    more = words.say(line(told, hosts=names))
    return msgspec.structs.replace(general, pending=names, lines=(*general.lines, more))


def _with_unknown(
    general: Change, broken: Broken, known: Sequence[Change], words: Language
) -> Change:
    """With a word on each product that stands in the way, or was named, and has no lines for this,
    where others have."""
    if not has_lines(broken.first.code):
        return general
    found = {name_of(change.product or "") for change in known}
    wanted = (broken.first.product, *map(name_of, broken.run.settings.products))
    missing = [name for name in dict.fromkeys(filter(None, wanted)) if name not in found]
    more = (_no_lines(name, broken.first.code, words) for name in missing)
    return msgspec.structs.replace(general, lines=(*general.lines, *more))


def _with_memories(general: Change, broken: Broken, words: Language) -> Change:
    """With what the proxy remembers, which a second check would take for a change that failed."""
    if broken.first.code is not Code.PROXY_CANNOT_RESOLVE:
        return general
    told = (words.say(line(f"change.remembers.{memory}")) for memory in _memories(broken))
    more = tuple(words.say(line("change.after", memory=each)) for each in told)
    return msgspec.structs.replace(general, lines=(*general.lines, *more))


def _no_lines(name: str, code: Code, words: Language) -> str:
    """Why the product of that name has none, where that is known."""
    reason = why_not(name, code)
    return words.say(line(f"change.cannot.{reason}" if reason else "change.no-lines", product=name))


def _in_products(
    broken: Broken, targets: tuple[tuple[str, int], ...], general: Change, words: Language
) -> Iterator[Change]:
    """The lines of each product, for whoever runs it."""
    owner = Owner.PROXY if general.owner is Owner.YOU else general.owner
    for pasted in _pasted(broken, targets):
        yield msgspec.structs.replace(
            general,
            owner=owner,
            product=pasted.product,
            title=_title(pasted, broken, words),
            where=words.place(pasted.where),
            lines=pasted.lines,
            apply=pasted.apply,
            undo=pasted.undo,
            clients=pasted.clients,
            tried=pasted.tried,
        )


def _title(pasted: Paste, broken: Broken, words: Language) -> str:
    """What the lines do; where nobody said whom they are for, also whom alone they let through."""
    name = name_of(pasted.product)
    title = words.say(line(f"change.{broken.first.code}", product=name))
    if pasted.clients and not broken.run.settings.clients:
        title = words.say(line("change.for-clients", title=title, clients=pasted.clients))
    if not pasted.tried:
        title = words.say(line("change.untried", title=title, product=name))
    return title


def _pasted(broken: Broken, targets: tuple[tuple[str, int], ...]) -> Iterator[Paste]:
    """The lines of the product that was recognised, and of those that the settings name."""
    settings, code = broken.run.settings, broken.first.code
    clients = settings.clients or broken.clients
    asked = Asked(targets=targets, clients=clients, addresses=broken.addresses)
    seen = paste(broken.first.product, code, asked)
    if seen is not None:
        yield seen
    for name in settings.products:
        known = written(name, code, asked)
        if known is not None and known != seen:
            yield known


def _trusting(broken: Broken, general: Change, words: Language) -> Iterator[Change]:
    """Where inspection has to stay, or the proxy's own CA is private: its root as it was shown, in
    a file for --proxy-cert. Whoever runs it has to confirm the digest first."""
    first, settings = broken.first, broken.run.settings
    explained = {finding.check for finding in broken.group}
    shown = {root.sha256: root for check, root in broken.roots if check in explained}
    is_asked = first.code in _TRUSTED_INSTEAD and first.verdict is Verdict.FAIL
    if settings.gateway_url or not is_asked or len(shown) != 1:
        return
    (root,) = shown.values()
    for program, lines in trusting(root.pem, settings):
        yield msgspec.structs.replace(
            general,
            owner=Owner.YOU,
            product=program,
            title=words.say(line(f"change.trust-{program}", subject=root.subject)),
            where=words.say(line(f"change.where-trust-{program}", digest=root.sha256)),
            lines=lines,
        )


def _own(broken: Broken, general: Change, words: Language) -> Iterator[Change]:
    """The whole commands of whoever runs arcprobe, where the report knows what is right."""
    code, settings = broken.first.code, broken.run.settings
    for program, command in commands_of(code, broken.faults, settings):
        yield msgspec.structs.replace(
            general,
            product=program,
            title=words.say(line(f"change.own-{program}")),
            where=words.say(line(f"change.where-{program}")),
            lines=(command,),
        )


def _pending(broken: Broken) -> tuple[tuple[str, int], ...]:
    """Required hosts and wildcards that nothing asked because of this fault, or because of
    another that the same endpoint has, and wildcards that nothing can ask: a list that leaves them
    out costs a second round."""
    code = broken.first.code
    if code not in _OPENS_NAMES:
        return ()
    explained = {finding.check for finding in broken.group}
    hit = {(check.target, check.proxy) for check in broken.hit}
    explained |= {
        check.id for check in broken.checks.values() if (check.target, check.proxy) in hit
    }
    proxies = {check.proxy for check in broken.hit}
    ports = {check.port for check in broken.hit}
    found: list[tuple[str, int]] = []
    for check, reason in broken.skipped:
        is_behind = check.observed_with in explained or reason is SkipReason.NO_PUBLIC_SOURCE
        is_other_port = code is Code.PROXY_PORT_DENIED and check.port not in ports
        if is_behind and check.proxy in proxies and not is_other_port:
            found.append((check.pattern or check.host, check.port))
    return tuple(dict.fromkeys(pair for pair in found if pair[0]))


def _done_when(broken: Broken, words: Language) -> str:
    """A command for the owner, and what it prints when the change is done; and who still remembers
    what a name was before."""
    asked = [broken.checks.get(check.observed_with, check) for check in broken.hit]
    done = words.say(proof_of(broken.first, asked))
    for memory in _memories(broken):
        told = words.say(line(f"change.remembers.{memory}"))
        done = words.say(line("change.done-remembered", done=done, memory=told))
    return done


def _memories(broken: Broken) -> tuple[str, ...]:
    """Keys of [change.remembers]."""
    code = broken.first.code
    if code is Code.PROXY_CANNOT_RESOLVE:
        named = (broken.first.product, *map(name_of, broken.run.settings.products))
        return tuple(dict.fromkeys(filter(None, map(memory_of, named))))
    return ("resolver",) if code in _NAMES else ()
