"""Who signs what comes back? What the chain of a session is, and whether agents take it. Its dates
are judged in ``dates.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from arcprobe.findings import chains
from arcprobe.findings.comparison import Comparison
from arcprobe.findings.interception import ChainKind, ChainState, listed
from arcprobe.findings.reading import Reading
from arcprobe.findings.rungs.dates import clock_lines
from arcprobe.findings.scene import Scene
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

FEW_ROOTS = 20
"""Certificates. A system store with fewer was made on purpose and says nothing about this place:
distributions ship more than a hundred. Too few would accuse such a store, too many miss a real
one."""

_ALIKE_NEEDED = 2
"""Endpoints of the same kind that have an issuer as expected, before another one is worth a look: a
service may change its CA any day, and then one neighbour may simply be late."""

_MOST_LISTED = 12  # names, in a line
_MOST_NOTES = 6  # about the certificates of --proxy-cert
_SHOWN_DIGITS = 16  # of a fingerprint


class _Session(msgspec.Struct, frozen=True, kw_only=True):
    """A chain and all that is known about it."""

    check: Check
    handshake: Handshake
    state: ChainState
    scene: Scene

    @property
    def leaf(self) -> Certificate:
        return self.handshake.chain[0]

    @property
    def comparison(self) -> Comparison:
        return self.scene.comparison

    @property
    def settings(self) -> Settings:
        return self.scene.settings

    @property
    def failing(self) -> Verdict:
        return Verdict.FAIL if self.check.required else Verdict.WARN

    @property
    def trusted_by(self) -> tuple[Line, ...]:
        """The stores of the agents (the system's stands for them, and --proxy-cert's) in which the
        chain ends. Dates apart."""
        return tuple(
            line(key) for store, key in _OF_AGENTS if chains.reaches(self.handshake, store)
        )

    def trust(self, store: Store) -> Trust | None:
        """What one store says."""
        return chains.trust(self.handshake, store)

    def signs(self) -> tuple[Line, ...]:
        """What led to its state."""
        return tuple(sign.line for sign in self.state.signs)


_OF_AGENTS = (
    (Store.BUNDLE, "certificate.store.bundle"),
    (Store.SYSTEM, "certificate.store.system"),
)


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What the chain of a session is, also where all is well. None where no chain came."""
    shown, state = reading.speaks.handshake, scene.state(reading)
    if shown is None or not shown.chain or state is None:
        return None
    session = _Session(check=reading.check, handshake=shown, state=state, scene=scene)
    judgement = _BY_KIND[state.kind](session)
    rejected = reading.rejected_hello
    if rejected is None:
        return judgement
    padded = line("certificate.padded-hello", bytes=rejected.client_hello, small=shown.client_hello)
    first, *more = judgement.evidence
    return msgspec.structs.replace(judgement, evidence=(first, padded, *more))


def _issuer(session: _Session) -> Line:
    return line("certificate.issuer", name=session.leaf.issuer or line("certificate.none"))


# ------------------------------------------------------------------------------------ intercepted


def _judge_interception(session: _Session) -> Judgement:
    state, settings = session.state, session.settings
    has_gateway = bool(settings.gateway_url or settings.gateway_host)
    code = Code.TLS_INTERCEPTED
    if has_gateway and _is_gateway(session.check, settings):
        code = Code.GATEWAY_INSPECTED
    identity = state.identity or session.leaf.issuer
    values: list[tuple[str, Value]] = [("issuer", session.leaf.issuer), ("ca", identity)]
    if state.product and state.is_product_proven:
        values.append(("product", state.product))
    elif state.product:
        values.append(("product", line("certificate.looks-like", product=state.product)))
    return Judgement(
        code=code,
        verdict=Verdict.WARN if _is_usable(session) and not has_gateway else session.failing,
        evidence=tuple(_intercepted_lines(session)),
        values=tuple(values),
        subject=identity,
        product=state.product,
    )


def _is_usable(session: _Session) -> bool:
    """Whether the agents take what the interceptor shows them."""
    if not session.trusted_by or session.handshake.name_matches is False:
        return False
    return not chains.refused_by_go(session.handshake)


def _is_gateway(check: Check, settings: Settings) -> bool:
    return check.host == settings.gateway_host or check.host.endswith(_GATEWAY)


def _intercepted_lines(session: _Session) -> Iterator[Line]:
    yield _trust_line(session)
    yield _issuer(session)
    for sign in sorted(session.state.signs, key=lambda sign: sign.weight):
        yield sign.line
    yield from chains.refused_by_go(session.handshake)
    if session.handshake.name_matches is False:
        yield line("certificate.refused-for-name", host=session.check.host)
    yield from _inspected(session)
    yield from _what_if(session)
    yield line("certificate.fingerprint", sha256=session.leaf.sha256)


def _trust_line(session: _Session) -> Line:
    if session.trusted_by:
        return line("certificate.intercepted-trusted", stores=session.trusted_by)
    asked = tuple(line(key) for store, key in _OF_AGENTS if session.trust(store) is not None)
    if asked:
        return line("certificate.intercepted-untrusted", stores=asked)
    return line("certificate.intercepted-unknown")


def _inspected(session: _Session) -> Iterator[Line]:
    """How many endpoints of this route are inspected, and which are not: proxies exempt some
    hosts."""
    states: dict[str, bool] = {}
    for key in session.comparison.handshakes:
        other = session.comparison.checks[key]
        if (other.route, other.compare) == (session.check.route, session.check.compare):
            name = other.host if other.port == 443 else f"{other.host}:{other.port}"
            is_inspected = session.scene.states[key].kind is ChainKind.INTERCEPTED
            states[name] = states.get(name, False) or is_inspected
    spared = sorted(name for name, is_inspected in states.items() if not is_inspected)
    values: dict[str, Value] = {"count": len(states) - len(spared), "total": len(states)}
    if spared:
        values["spared"] = listed(spared, _MOST_LISTED)
    if len(states) > 1:
        yield line("certificate.inspected", **values)


def _what_if(session: _Session) -> Iterator[Line]:
    """What --proxy-cert does, or would do, for this chain."""
    said = session.trust(Store.BUNDLE)
    if said is None:
        yield line("certificate.bundle-not-given", root=_needed_root(session.handshake))
        return
    file = session.settings.proxy_cert or "--proxy-cert"
    if said.accepted:
        yield line("certificate.bundle-accepts", file=file, root=said.anchor)
    elif said.anchor:
        yield line("certificate.bundle-but-date", file=file, root=said.anchor, words=said.words)
    else:
        words = said.words or line("certificate.refused")
        yield line("certificate.bundle-refuses", file=file, words=words, code=said.code)
        if session.trust(Store.BUNDLE_PARTIAL) is not None:
            yield line("certificate.bundle-partial", file=file)
        else:
            yield line("certificate.bundle-needs", file=file, root=_needed_root(session.handshake))
    for note in session.settings.proxy_cert_notes[:_MOST_NOTES]:
        yield line("certificate.bundle-note", file=file, note=note)


def _needed_root(shown: Handshake) -> Value:
    missing, top = chains.missing_issuer(shown), chains.path(shown)[-1]
    if missing:
        return missing
    return line("certificate.came-with", name=top.subject, sha256=top.sha256[:_SHOWN_DIGITS])


# ------------------------------------------------------------------- genuine, and not taken by all


def _judge_incomplete(session: _Session) -> Judgement:
    missing, trusted_by = session.state.missing, session.trusted_by
    sent = listed((other.subject for other in session.handshake.chain), _MOST_LISTED)
    accepted = line("certificate.incomplete-refused")
    if trusted_by:
        accepted = line("certificate.incomplete-accepted", stores=trusted_by)
    return Judgement(
        code=Code.CHAIN_INCOMPLETE,
        verdict=Verdict.WARN if trusted_by else session.failing,
        evidence=(
            line("certificate.incomplete"),
            line("certificate.missing", name=missing),
            line("certificate.sent", names=sent),
            *session.signs(),
            accepted,
        ),
        values=(("issuer", missing), ("missing", missing)),
        subject=missing,
    )


def _judge_unknown_root(session: _Session) -> Judgement:
    root, trusted_by = session.state.missing, session.trusted_by
    accepted = line("certificate.root-in-no-store")
    if trusted_by:
        accepted = line("certificate.root-accepted", stores=trusted_by)
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        verdict=Verdict.WARN if trusted_by else session.failing,
        evidence=(line("certificate.root-unknown"), *session.signs(), accepted),
        values=(("issuer", session.leaf.issuer), ("ca", root)),
        subject=root,
        summary=line(
            "certificate.root-unknown-summary",
            host=session.check.host,
            root=attribute(root, "CN") or root,
        ),
        remedy=line("certificate.root-unknown-remedy"),
        owner=Owner.CLUSTER,
    )


def _judge_private(session: _Session) -> Judgement:
    issuer, trusted_by = session.leaf.issuer, session.trusted_by
    refusals = chains.refused_by_go(session.handshake)
    trusted = line("certificate.trusted-by-none")
    if trusted_by:
        trusted = line("certificate.trusted-by", stores=trusted_by)
    evidence = (*session.signs(), _issuer(session), trusted, *refusals)
    if trusted_by and not refusals:
        return Judgement(
            code=Code.CERTIFICATE_GENUINE,
            evidence=evidence,
            values=(("issuer", issuer),),
            summary=line("certificate.private-summary", host=session.check.host, issuer=issuer),
        )
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        evidence=(*evidence, *_what_if(session)),
        values=(("issuer", issuer), ("ca", chains.top_name(session.handshake))),
        subject=issuer,
    )


def _judge_elsewhere(session: _Session) -> Judgement:
    leaf = session.leaf
    names: Value = leaf.common_name
    if leaf.names:
        names = listed(leaf.names, _MOST_LISTED)
    asked = line(
        "certificate.asked-for", host=session.check.host, names=names or line("certificate.no-name")
    )
    return Judgement(
        code=Code.CERTIFICATE_WRONG_NAME,
        evidence=(asked, _issuer(session), *session.signs()),
        values=(("names", names), ("issuer", leaf.issuer)),
        subject=leaf.sha256,
    )


# ---------------------------------------------------------------------------------------- genuine


def _judge_genuine(session: _Session) -> Judgement:
    for suspicion in (_changed, _missing_in_system, _unexpected):
        judgement = suspicion(session)
        if judgement is not None:
            return judgement
    return Judgement(
        code=Code.CERTIFICATE_GENUINE,
        evidence=tuple(_genuine_lines(session)),
        values=(("issuer", session.leaf.issuer),),
    )


def _genuine_lines(session: _Session) -> Iterator[Line]:
    """Also what is worth knowing of a genuine chain and is no reason to act."""
    shown, issuers = session.handshake, session.check.issuers
    yield from session.signs()
    yield _issuer(session)
    protocol = " ".join(filter(None, (shown.version, shown.cipher, shown.alpn)))
    if protocol:
        yield line("certificate.negotiated", protocol=protocol)
    if not _is_expected(session):
        yield line("certificate.other-family", families=issuers)
    system = session.trust(Store.SYSTEM)
    if system is not None and _is_missing_in_system(session):
        yield line("certificate.not-in-system", words=system.words)
    twin = session.comparison.direct_twin(session.check)
    if twin is not None and twin.chain[0].sha256 != session.leaf.sha256:
        yield line("certificate.other-direct")
    yield from clock_lines(session.comparison)


def _changed(session: _Session) -> Judgement | None:
    """Against --baseline, by families: within one operator's authorities, and those that stand for
    each other, issuers rotate."""
    issuer, host = session.leaf.issuer, session.check.host.lower()
    baseline = session.settings.baseline
    before = [known for place, known in baseline if place.split(":")[0].lower() == host]
    if not before or before[0] == issuer or is_related(before[0], issuer):
        return None
    return Judgement(
        code=Code.ISSUER_CHANGED,
        evidence=(
            line("certificate.in-baseline", issuer=before[0]),
            line("certificate.here", issuer=issuer),
            line("certificate.by-operator"),
        ),
        values=(("expected", before[0]), ("issuer", issuer)),
        subject=issuer,
    )


def _is_missing_in_system(session: _Session) -> bool:
    """With roots of the person's own choice a system store that lacks them says nothing."""
    if session.settings.public_roots_given or session.trust(Store.SYSTEM) is None:
        return False
    return not chains.reaches(session.handshake, Store.SYSTEM)


def _missing_in_system(session: _Session) -> Judgement | None:
    """A public root that this machine's own, complete store lacks."""
    system, public = session.trust(Store.SYSTEM), session.trust(Store.PUBLIC)
    roots = session.settings.system_roots or 0
    if system is None or public is None or not _is_missing_in_system(session):
        return None
    if roots < FEW_ROOTS:
        return None
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        verdict=Verdict.WARN,
        evidence=(
            line("certificate.genuine-root", root=public.anchor),
            line("certificate.system-lacks", count=roots, words=system.words),
            line("certificate.who-is-hurt"),
        ),
        values=(("issuer", session.leaf.issuer), ("ca", public.anchor)),
        subject=public.anchor,
        summary=line(
            "certificate.system-lacks-summary",
            host=session.check.host,
            root=attribute(public.anchor, "CN") or public.anchor,
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
    hosts = listed(session.comparison.hosts(alike), _MOST_LISTED)
    return Judgement(
        code=Code.ISSUER_UNEXPECTED,
        evidence=(
            line(
                "certificate.unusual-family", issuer=issuer, operator=found.name, families=issuers
            ),
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
    check = session.check
    if not check.issuers or "other" in check.issuers or check.custom:
        return True
    public = session.trust(Store.PUBLIC)
    names = [certificate.issuer for certificate in session.handshake.chain]
    if public is not None:
        names.append(public.anchor)
    keys = {family_key(name) for name in names} - {""}
    return not keys or not keys.isdisjoint(expected_families(check.issuers))


_BY_KIND: dict[ChainKind, Callable[[_Session], Judgement]] = {
    ChainKind.GENUINE: _judge_genuine,
    ChainKind.INCOMPLETE: _judge_incomplete,
    ChainKind.ROOT_UNKNOWN: _judge_unknown_root,
    ChainKind.PRIVATE: _judge_private,
    ChainKind.ELSEWHERE: _judge_elsewhere,
    ChainKind.INTERCEPTED: _judge_interception,
}
