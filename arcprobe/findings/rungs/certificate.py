"""Who signs what comes back? What the chain of a session is, and whether agents take it. Its dates
are judged in ``dates.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from arcprobe.findings import chains
from arcprobe.findings.bundle import lacking, what_if
from arcprobe.findings.comparison import Comparison
from arcprobe.findings.interception import ChainKind, ChainState
from arcprobe.findings.reading import Reading
from arcprobe.findings.rungs.dates import clock_lines
from arcprobe.findings.scene import Scene
from arcprobe.findings.signs import listed
from arcprobe.knowledge.issuers import expected_families, family_key, family_of, is_related
from arcprobe.model import (
    Certificate,
    Check,
    Code,
    Handshake,
    Judgement,
    Line,
    Owner,
    Settings,
    Store,
    Trust,
    Value,
    Verdict,
    line,
)
from arcprobe.model.text import attribute

_GATEWAY = ".gw.arc.azure.com"
_HTTPS = 443

FEW_ROOTS = 20
"""Certificates. A system store with fewer was made on purpose and says nothing about this place:
distributions ship more than a hundred. Too few would accuse such a store, too many miss a real
one."""

_ALIKE_NEEDED = 2
"""Endpoints of the same kind that have an issuer as expected, before another one is worth a look: a
service may change its CA any day, and then one neighbour may simply be late."""

_MOST_LISTED = 12  # names, in a line


class _Session(msgspec.Struct, frozen=True, kw_only=True):
    """A chain and all that is known about it. ``trusted_by``: the stores of the agents in which it
    ends, dates apart; this system's stands for theirs."""

    check: Check
    handshake: Handshake
    state: ChainState
    scene: Scene
    trusted_by: tuple[Line, ...]

    @property
    def leaf(self) -> Certificate:
        return self.handshake.chain[0]

    @property
    def settings(self) -> Settings:
        return self.scene.settings

    @property
    def comparison(self) -> Comparison:
        return self.scene.comparison

    @property
    def signs(self) -> tuple[Line, ...]:
        return tuple(sign.line for sign in self.state.signs)

    def trust(self, store: Store) -> Trust | None:
        return chains.trust(self.handshake, store)

    def accepted(self, *, by: str, else_: str) -> Line:
        """Which stores of the agents take the chain, or that none does."""
        return line(by, stores=self.trusted_by) if self.trusted_by else line(else_)

    def verdict(self, *, is_taken: bool) -> Verdict:
        """Only a warning where agents take the chain."""
        if is_taken or not self.check.required:
            return Verdict.WARN
        return Verdict.FAIL


_STORE_WORDS = {Store.BUNDLE: "certificate.store.bundle", Store.SYSTEM: "certificate.store.system"}


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What the chain of a session is, also where all is well. None where no chain came."""
    shown, state = reading.speaks.handshake, scene.state(reading)
    if shown is None or state is None:
        return None
    session = _Session(
        check=reading.check,
        handshake=shown,
        state=state,
        scene=scene,
        trusted_by=tuple(
            line(_STORE_WORDS[store]) for store in chains.OF_AGENTS if chains.reaches(shown, store)
        ),
    )
    judgement = _BY_KIND[state.kind](session)
    first, *more = judgement.evidence
    evidence = (first, *_before(reading, shown), *more)
    return msgspec.structs.replace(judgement, evidence=evidence)


def _before(reading: Reading, shown: Handshake) -> Iterator[Line]:
    """Of a handshake that another one stands for."""
    rejected, silent = reading.rejected_hello, reading.silent_once
    if rejected is not None:
        sizes = {"bytes": rejected.client_hello, "small": shown.client_hello}
        yield line("certificate.padded-hello", **sizes)
    if silent is not None:
        yield line("certificate.silent-once", seconds=silent.took)


def _issuer(session: _Session) -> Line:
    return line("certificate.issuer", name=session.leaf.issuer or line("certificate.none"))


# ------------------------------------------------------------------------------------ intercepted


def _judge_interception(session: _Session) -> Judgement:
    check, state, settings = session.check, session.state, session.settings
    has_gateway = bool(settings.gateway_url or settings.gateway_host)
    is_gateway = check.host == settings.gateway_host or check.host.endswith(_GATEWAY)
    identity, product = state.identity or session.leaf.issuer, state.product
    named: Value = product
    if not state.is_product_proven:
        named = line("certificate.looks-like", product=product)
    return Judgement(
        code=Code.GATEWAY_INSPECTED if has_gateway and is_gateway else Code.TLS_INTERCEPTED,
        verdict=session.verdict(
            is_taken=chains.is_taken_by_agents(session.handshake) and not has_gateway
        ),
        evidence=tuple(_intercepted_lines(session)),
        values=(
            ("issuer", session.leaf.issuer),
            ("ca", identity),
            ("product", named),
            ("bundle", lacking(session.handshake, settings) or ""),
        ),
        subject=identity,
        product=product,
    )


def _intercepted_lines(session: _Session) -> Iterator[Line]:
    yield _trust_line(session)
    yield _issuer(session)
    yield from session.signs
    yield from _refusals(session, chains.refused_by_go(session.handshake))
    if session.handshake.name_matches is False:
        yield line("certificate.refused-for-name", host=session.check.host)
    yield from _inspected(session)
    yield from what_if(session.handshake, session.settings)
    yield line("certificate.fingerprint", sha256=session.leaf.sha256)


def _trust_line(session: _Session) -> Line:
    if session.trusted_by:
        return line("certificate.intercepted-trusted", stores=session.trusted_by)
    asked = tuple(
        line(_STORE_WORDS[store]) for store in chains.OF_AGENTS if session.trust(store) is not None
    )
    if asked:
        return line("certificate.intercepted-untrusted", stores=asked)
    return line("certificate.intercepted-unknown")


def _inspected(session: _Session) -> Iterator[Line]:
    """How many endpoints of this route are inspected, and which are not: proxies exempt some
    hosts."""
    spared, inspected = set[str](), set[str]()
    for key, state in session.scene.states.items():
        other = session.comparison.checks[key]
        if (other.route, other.compare) == (session.check.route, session.check.compare):
            name = other.host if other.port == _HTTPS else other.target
            (inspected if state.kind is ChainKind.INTERCEPTED else spared).add(name)
    names = listed(sorted(spared - inspected), _MOST_LISTED)
    values: dict[str, Value] = {"spared": names} if spared - inspected else {}
    if len(inspected | spared) > 1:
        total = len(inspected | spared)
        yield line("certificate.inspected", count=len(inspected), total=total, **values)


# ------------------------------------------------------------------------- not intercepted


def _judge_incomplete(session: _Session) -> Judgement:
    missing = session.state.missing
    sent = listed((other.subject for other in session.handshake.chain), _MOST_LISTED)
    return Judgement(
        code=Code.CHAIN_INCOMPLETE,
        verdict=session.verdict(is_taken=_is_trusted(session)),
        evidence=(
            line("certificate.incomplete"),
            line("certificate.missing", name=missing),
            line("certificate.sent", names=sent),
            *session.signs,
            session.accepted(
                by="certificate.incomplete-accepted", else_="certificate.incomplete-refused"
            ),
            *_refusals(session, chains.said_by_go(session.handshake)),
        ),
        values=(("issuer", missing), ("missing", missing)),
        subject=missing,
    )


def _judge_unknown_root(session: _Session) -> Judgement:
    root, host = session.state.missing, session.check.host
    name = attribute(root, "CN") or root
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        verdict=session.verdict(is_taken=_is_trusted(session)),
        evidence=(
            line("certificate.root-unknown"),
            *session.signs,
            session.accepted(by="certificate.root-accepted", else_="certificate.root-in-no-store"),
            *_refusals(session, chains.said_by_go(session.handshake)),
        ),
        values=(("issuer", session.leaf.issuer), ("ca", root)),
        subject=root,
        summary=line("certificate.root-unknown-summary", host=host, root=name),
        remedy=line("certificate.root-unknown-remedy"),
        owner=Owner.CLUSTER,
    )


def _is_trusted(session: _Session) -> bool:
    """Whether the agents take a chain that is not intercepted; its name is judged apart."""
    return bool(session.trusted_by) and not chains.said_by_go(session.handshake)


def _refusals(session: _Session, refusals: tuple[Line, ...]) -> tuple[Line, ...]:
    """Why Go refuses the chain; where az takes it, which step breaks."""
    if refusals and session.trusted_by:
        return (*refusals, line("certificate.go.azure-cli"))
    return refusals


def _judge_private(session: _Session) -> Judgement:
    issuer, host = session.leaf.issuer, session.check.host
    refusals = _refusals(session, chains.refused_by_go(session.handshake))
    trusted = session.accepted(by="certificate.trusted-by", else_="certificate.trusted-by-none")
    evidence = (*session.signs, _issuer(session), trusted, *refusals)
    if session.trusted_by and not refusals:
        return Judgement(
            code=Code.CERTIFICATE_GENUINE,
            evidence=evidence,
            values=(("issuer", issuer),),
            summary=line("certificate.private-summary", host=host, issuer=issuer),
        )
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        evidence=(*evidence, *what_if(session.handshake, session.settings)),
        values=(("issuer", issuer), ("ca", chains.top_name(session.handshake))),
        subject=issuer,
    )


def _judge_elsewhere(session: _Session) -> Judgement:
    leaf = session.leaf
    names: Value = listed(leaf.names, _MOST_LISTED) if leaf.names else leaf.common_name
    shown = names or line("certificate.no-name")
    asked = line("certificate.asked-for", host=session.check.host, names=shown)
    return Judgement(
        code=Code.CERTIFICATE_WRONG_NAME,
        evidence=(asked, _issuer(session), *session.signs),
        values=(("names", names), ("issuer", leaf.issuer)),
        subject=leaf.sha256,
    )


# ---------------------------------------------------------------------------------------- genuine


def _judge_genuine(session: _Session) -> Judgement:
    for suspicion in (_refused_though_public, _changed, _missing_in_system, _unexpected):
        judgement = suspicion(session)
        if judgement is not None:
            return judgement
    return Judgement(
        code=Code.CERTIFICATE_GENUINE,
        evidence=tuple(_genuine_lines(session)),
        values=(("issuer", session.leaf.issuer),),
    )


def _refused_though_public(session: _Session) -> Judgement | None:
    """A chain to a public root, or to one of --public-roots, that OpenSSL takes and Go does not."""
    refusals = chains.said_by_go(session.handshake)
    if not refusals:
        return None
    leaf, azure = session.leaf, line("certificate.go.azure-cli")
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        evidence=(*refusals, azure, *session.signs, _issuer(session)),
        values=(("issuer", leaf.issuer), ("ca", chains.top_name(session.handshake))),
        subject=leaf.issuer,
        summary=line("certificate.go.go-public-summary", host=session.check.host),
    )


def _genuine_lines(session: _Session) -> Iterator[Line]:
    """Also what is worth knowing of a genuine chain and is no reason to act."""
    shown = session.handshake
    yield from session.signs
    yield _issuer(session)
    protocol = " ".join(filter(None, (shown.version, shown.cipher, shown.alpn)))
    if protocol:
        yield line("certificate.negotiated", protocol=protocol)
    if not _is_expected(session):
        yield line("certificate.other-family", families=session.check.issuers)
    system = _refusal_of_system(session)
    if system is not None:
        yield line("certificate.not-in-system", words=system.words)
    twin = session.comparison.direct_twin(session.check)
    if twin is not None and twin.chain[0].sha256 != session.leaf.sha256:
        yield line("certificate.other-direct")
    yield from clock_lines(session.comparison)


def _changed(session: _Session) -> Judgement | None:
    """Against --baseline, by families: within one operator's authorities, and those that stand for
    each other, issuers rotate."""
    issuer, host = session.leaf.issuer, session.check.host.lower()
    recorded = session.settings.baseline
    same = (known for place, known in recorded if place.split(":")[0].lower() == host)
    before = next(same, issuer)
    if before == issuer or is_related(before, issuer):
        return None
    return Judgement(
        code=Code.ISSUER_CHANGED,
        evidence=(
            line("certificate.in-baseline", issuer=before),
            line("certificate.here", issuer=issuer),
            line("certificate.by-operator"),
        ),
        values=(("expected", before), ("issuer", issuer)),
        subject=issuer,
    )


def _refusal_of_system(session: _Session) -> Trust | None:
    """What this system's store says where it lacks the root. With roots of the person's own choice
    that means nothing."""
    given = session.settings.public_roots_given
    if given or chains.reaches(session.handshake, Store.SYSTEM):
        return None
    return session.trust(Store.SYSTEM)


def _missing_in_system(session: _Session) -> Judgement | None:
    """A public root that this machine's own, complete store lacks."""
    system, public = _refusal_of_system(session), session.trust(Store.PUBLIC)
    host, count = session.check.host, session.settings.system_roots or 0
    if system is None or public is None or count < FEW_ROOTS:
        return None
    root = public.anchor
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        verdict=Verdict.WARN,
        evidence=(
            line("certificate.genuine-root", root=root),
            line("certificate.system-lacks", count=count, words=system.words),
            line("certificate.who-is-hurt"),
        ),
        values=(("issuer", session.leaf.issuer), ("ca", root)),
        subject=root,
        summary=line(
            "certificate.system-lacks-summary", host=host, root=attribute(root, "CN") or root
        ),
        remedy=line("certificate.system-lacks-remedy"),
        owner=Owner.CLUSTER,
    )


def _unexpected(session: _Session) -> Judgement | None:
    """A public issuer of an operator that does not sign for this endpoint, while endpoints of the
    same kind have theirs."""
    issuer, issuers = session.leaf.issuer, session.check.issuers
    found = family_of(issuer)
    if found is None or _is_expected(session):
        return None
    alike = [key for key in session.comparison.anchored if _has_its_issuer(session, key)]
    if len(alike) < _ALIKE_NEEDED:
        return None
    hosts, name = listed(session.comparison.hosts(alike), _MOST_LISTED), found.name
    return Judgement(
        code=Code.ISSUER_UNEXPECTED,
        evidence=(
            line("certificate.unusual-family", issuer=issuer, operator=name, families=issuers),
            line("certificate.usual-elsewhere", count=len(alike), hosts=hosts),
            line("certificate.accepted"),
        ),
        values=(("issuer", issuer), ("expected", issuers)),
        subject=issuer,
    )


def _has_its_issuer(session: _Session, key: str) -> bool:
    """Whether another endpoint of the same kind has an issuer that it is known for."""
    other, shown = session.comparison.checks[key], session.comparison.handshakes[key]
    if other.issuers != session.check.issuers or other.host == session.check.host:
        return False
    return family_key(shown.chain[0].issuer) in other.issuers


def _is_expected(session: _Session) -> bool:
    issuers = session.check.issuers
    if not issuers or "other" in issuers or session.check.custom:
        return True
    public = session.trust(Store.PUBLIC)
    keys = {family_key(certificate.issuer) for certificate in session.handshake.chain}
    keys.add(family_key(public.anchor) if public is not None else "")
    return keys == {""} or not keys.isdisjoint(expected_families(issuers))


_BY_KIND: dict[ChainKind, Callable[[_Session], Judgement]] = {
    ChainKind.GENUINE: _judge_genuine,
    ChainKind.INCOMPLETE: _judge_incomplete,
    ChainKind.ROOT_UNKNOWN: _judge_unknown_root,
    ChainKind.PRIVATE: _judge_private,
    ChainKind.ELSEWHERE: _judge_elsewhere,
    ChainKind.INTERCEPTED: _judge_interception,
}
