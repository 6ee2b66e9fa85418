"""Who signs what comes back? The judge of TLS with the target, for handshakes that gave a chain and
for those that failed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_certificates import chains as _chains
from arcprobe.findings.old_certificates.comparison import Comparison, family_key
from arcprobe.findings.old_certificates.dates import clock_evidence, judge_dates
from arcprobe.findings.old_certificates.handshake import judge_fault
from arcprobe.findings.old_certificates.interception import ChainState, classify
from arcprobe.knowledge.issuers import family, family_of
from arcprobe.model import Check, Code, Handshake, Owner, Role, Settings, Verdict
from arcprobe.model.text import attribute

_GATEWAY = ".gw.arc.azure.com"
_TOO_OLD = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
_FEW_ROOTS = 20  # a store with fewer was made on purpose and says nothing about this place
_MOST_LISTED = 12


def judge(
    check: Check, handshake: Handshake, comparison: Comparison, settings: Settings, now: datetime
) -> tuple[Judgement, ...]:
    """What one handshake with the target means. Several judgements where several independent things
    are wrong.

    ``comparison``: of the run that it belongs to. ``now``: this host's clock when the run was made,
    so that a recording is judged as it was. Nothing for a handshake with the proxy itself, or whose
    failure belongs to another layer.
    """
    if handshake.peer != Role.TARGET:
        return ()
    if not handshake.chain:
        return judge_fault(check, handshake, comparison)
    state = classify(check, handshake, comparison)
    found: list[Judgement] = []
    if _too_old(handshake):
        found.append(_judge_version(handshake))
    by_state = {
        "intercepted": _judge_interception,
        "incomplete": _judge_incomplete,
        "root-unknown": _judge_unknown_root,
        "private": _judge_private,
        "elsewhere": _judge_elsewhere,
        "genuine": _judge_genuine,
    }[state.word]
    main = by_state(check, handshake, state, comparison, settings)
    dated = judge_dates(check, handshake, comparison, now)
    if main.code != Code.CERTIFICATE_GENUINE:
        found.append(main)
    if dated is not None and main.code != Code.CERTIFICATE_WRONG_NAME:
        found.append(dated)
    return tuple(found) or (main,)


# --------------------------------------------------------------------------------------------------


def _judge_interception(
    check: Check,
    handshake: Handshake,
    state: ChainState,
    comparison: Comparison,
    settings: Settings,
) -> Judgement:
    leaf = handshake.chain[0]
    trusted_by = _trusted_by(handshake)
    refusals = _chains.refused_by_go(handshake)
    wrong_name = handshake.name_matches is False
    usable = bool(trusted_by) and not refusals and not wrong_name
    gateway = bool(settings.gateway_url or settings.gateway_host)
    is_gateway = gateway and (check.host == settings.gateway_host or check.host.endswith(_GATEWAY))
    evidence = [
        f"state: intercepted, and {_trust_words(handshake, trusted_by)}",
        f"issuer: {leaf.issuer or '(none)'}",
        *(str(sign) for sign in sorted(state.signs, key=lambda sign: _ORDER[sign.weight])),
        *refusals,
        *([f"agents refuse it in any case: it is not for {check.host}"] if wrong_name else []),
        _inspected(check, comparison),
        *_what_if(handshake, settings),
        f"leaf sha256 {leaf.sha256}",
    ]
    product = (
        state.product
        if state.product_proven or not state.product
        else f"looks like {state.product}"
    )
    return Judgement(
        code=Code.GATEWAY_INSPECTED if is_gateway else Code.TLS_INTERCEPTED,
        verdict=Verdict.WARN if usable and not gateway else _failing(check),
        evidence=tuple(line for line in evidence if line),
        fields=(
            ("issuer", leaf.issuer),
            ("ca", state.identity or leaf.issuer),
            *((("product", product),) if product else ()),
        ),
        subject=state.identity or leaf.issuer,
        product=state.product,
    )


_ORDER = {"decides": 0, "supports": 1, "weak": 2}


def _trusted_by(handshake: Handshake) -> tuple[str, ...]:
    """The stores whose roots the agents stand for (the system's, --proxy-cert's) and in which the
    chain ends. Dates apart."""
    return tuple(words for store, words in _AGENTS_TRUST if _chains.reaches(handshake, store))


_AGENTS_TRUST = (("bundle", "the bundle of --proxy-cert"), ("system", "this system's store"))


def _trust_words(handshake: Handshake, trusted_by: tuple[str, ...]) -> str:
    if trusted_by:
        return f"trusted by what the agents will trust: {' and '.join(trusted_by)}"
    asked = [words for store, words in _AGENTS_TRUST if _chains.trust(handshake, store) is not None]
    return (
        f"not trusted by the agents: not by {' nor by '.join(asked)}"
        if asked
        else "not trusted by any store that agents may have"
    )


def _inspected(check: Check, comparison: Comparison) -> str:
    """How many endpoints of this route are inspected, and which are not: proxies exempt some
    hosts."""
    states: dict[str, bool] = {}
    for key in comparison.handshakes:
        other = comparison.checks[key]
        if other.route == check.route and other.compare == check.compare:
            name = f"{other.host}:{other.port}" if other.port != 443 else other.host
            states[name] = states.get(name, False) or key in comparison.opened
    if len(states) < 2:
        return ""
    spared = sorted(name for name, opened in states.items() if not opened)
    words = f"inspected: {len(states) - len(spared)} of {len(states)}"
    return f"{words}, not: {_listed(spared)}" if spared else words


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _what_if(handshake: Handshake, settings: Settings) -> list[str]:
    """What --proxy-cert does, or would do, for this chain."""
    sent = _chains.path(handshake)
    top = sent[-1]
    missing = _chains.missing_issuer(handshake)
    needed = missing or f"{top.subject} (sha256 {top.sha256[:16]}…, it came with the chain)"
    said = _chains.trust(handshake, "bundle")
    if said is None:
        return [
            f"--proxy-cert was not given: agents would trust this path with the root of {needed} in it, as PEM"
        ]
    name = settings.proxy_cert or "--proxy-cert"
    if said.accepted or said.anchor:
        dated = f", but for a date: {said.words}" if not said.accepted else ""
        accepts = f"{name} makes the agents accept this chain: it ends in {said.anchor}{dated}"
        return [accepts, *(f"{name}: {note}" for note in settings.proxy_cert_notes[:6])]
    lines = [
        f"{name} does not make the agents accept this chain (OpenSSL: {said.words or 'refused'}, code {said.code})"
    ]
    if _chains.trust(handshake, "bundle-partial") is not None:
        lines.append(
            f"{name} holds a certificate below the root: Go programs would accept it, OpenSSL and .NET do not; add the root"
        )
    else:
        lines.append(f"what is needed in {name}: the root of {needed}")
    return lines + [f"{name}: {note}" for note in settings.proxy_cert_notes[:6]]


# ------------------------------------------------------------------------------------------- what i


def _judge_incomplete(
    check: Check,
    handshake: Handshake,
    state: ChainState,
    comparison: Comparison,
    settings: Settings,
) -> Judgement:
    trusted_by = _trusted_by(handshake)
    accepted = (
        f"accepted all the same by {' and '.join(trusted_by)}"
        if trusted_by
        else "no store here completes it"
    )
    return Judgement(
        code=Code.CHAIN_INCOMPLETE,
        verdict=Verdict.WARN if trusted_by else _failing(check),
        evidence=(
            "state: not intercepted; the server leaves out a certificate",
            f"missing: {state.missing}",
            f"sent: {_listed(item.subject for item in handshake.chain)}",
            *map(str, state.signs),
            accepted,
        ),
        fields=(("issuer", state.missing), ("missing", state.missing)),
        subject=state.missing,
    )


def _judge_unknown_root(
    check: Check,
    handshake: Handshake,
    state: ChainState,
    comparison: Comparison,
    settings: Settings,
) -> Judgement:
    trusted_by = _trusted_by(handshake)
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        verdict=Verdict.WARN if trusted_by else _failing(check),
        evidence=(
            "state: not intercepted; the chain ends in a public root that the shipped root set does not have",
            *map(str, state.signs),
            f"accepted by {' and '.join(trusted_by)}"
            if trusted_by
            else "no store here has this root",
        ),
        fields=(("issuer", handshake.chain[0].issuer), ("ca", state.missing)),
        subject=state.missing,
        summary=f"The root of {check.host} is not in the root stores here: {attribute(state.missing, 'CN') or state.missing}",
        remedy="Cluster and image owners: update the root certificates (package ca-certificates) of nodes and images. "
        "It is no interception, and no change of the proxy.",
        owner=Owner.CLUSTER,
    )


def _judge_private(
    check: Check,
    handshake: Handshake,
    state: ChainState,
    comparison: Comparison,
    settings: Settings,
) -> Judgement:
    leaf = handshake.chain[0]
    trusted_by = _trusted_by(handshake)
    refusals = _chains.refused_by_go(handshake)
    evidence = (
        *map(str, state.signs),
        f"issuer: {leaf.issuer}",
        _trust_line(trusted_by),
        *refusals,
    )
    if trusted_by and not refusals:
        return Judgement(
            code=Code.CERTIFICATE_GENUINE,
            evidence=evidence,
            fields=(("issuer", leaf.issuer),),
            summary=f"{check.host} shows a certificate of a private CA that the agents' trust accepts: {leaf.issuer}",
        )
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        evidence=(*evidence, *_what_if(handshake, settings)),
        fields=(
            ("issuer", leaf.issuer),
            ("ca", _chains.missing_issuer(handshake) or _chains.path(handshake)[-1].subject),
        ),
        subject=leaf.issuer,
    )


def _trust_line(trusted_by: tuple[str, ...]) -> str:
    return (
        f"trusted by {' and '.join(trusted_by)}"
        if trusted_by
        else "trusted by no store that agents may have"
    )


def _judge_elsewhere(
    check: Check,
    handshake: Handshake,
    state: ChainState,
    comparison: Comparison,
    settings: Settings,
) -> Judgement:
    return _wrong_name(check, handshake, tuple(map(str, state.signs)))


def _wrong_name(check: Check, handshake: Handshake, evidence: tuple[str, ...]) -> Judgement:
    leaf = handshake.chain[0]
    names = _listed(leaf.names) or leaf.common_name
    return Judgement(
        code=Code.CERTIFICATE_WRONG_NAME,
        evidence=(
            f"asked for {check.host}; the certificate is for {names or 'no name'}",
            f"issuer: {leaf.issuer}",
            *evidence,
        ),
        fields=(("names", names), ("issuer", leaf.issuer)),
        subject=leaf.sha256,
    )


# --------------------------------------------------------------------------------------------------


def _judge_genuine(
    check: Check,
    handshake: Handshake,
    state: ChainState,
    comparison: Comparison,
    settings: Settings,
) -> Judgement:
    leaf = handshake.chain[0]
    if handshake.name_matches is False:
        return _wrong_name(
            check,
            handshake,
            (
                *map(str, state.signs),
                "supports: a public certificate of somebody else: another server",
            ),
        )
    for suspicion in (_changed, _missing_in_system, _unexpected):
        judgement = suspicion(check, handshake, comparison, settings)
        if judgement is not None:
            return judgement
    protocol = " ".join(
        item for item in (handshake.version, handshake.cipher, handshake.alpn) if item
    )
    evidence = (
        *map(str, state.signs),
        f"issuer: {leaf.issuer}",
        *((f"negotiated: {protocol}",) if protocol else ()),
        *_information(check, handshake, comparison, settings),
        *clock_evidence(comparison),
    )
    return Judgement(
        code=Code.CERTIFICATE_GENUINE, evidence=evidence, fields=(("issuer", leaf.issuer),)
    )


def _information(
    check: Check, handshake: Handshake, comparison: Comparison, settings: Settings
) -> tuple[str, ...]:
    """What is worth knowing of a genuine chain and is no reason to act."""
    lines: list[str] = []
    if not _is_expected(check, handshake):
        lines.append(
            f"weak: not of the families that this endpoint is known for ({', '.join(check.issuers)}), but public"
        )
    system = _chains.trust(handshake, "system")
    if (
        system is not None
        and not settings.public_roots_given
        and not _chains.reaches(handshake, "system")
    ):
        lines.append(
            f"this system's own store does not accept it ({system.words}); agents bring stores of their own"
        )
    twin = comparison.direct_twin(check)
    if twin is not None and twin.chain[0].sha256 != handshake.chain[0].sha256:
        lines.append(
            "another certificate without the proxy, public as well: another front end of the service"
        )
    return tuple(lines)


def _changed(
    check: Check, handshake: Handshake, comparison: Comparison, settings: Settings
) -> Judgement | None:
    """Against --baseline, by families: within one operator's authorities, and those that stand for
    each other, issuers rotate."""
    leaf = handshake.chain[0]
    before = next(
        (
            issuer
            for host, issuer in settings.baseline
            if host.split(":")[0].lower() == check.host.lower()
        ),
        None,
    )
    if before is None or before == leaf.issuer or _related(before, leaf.issuer):
        return None
    return Judgement(
        code=Code.ISSUER_CHANGED,
        evidence=(
            f"in the baseline: {before}",
            f"here: {leaf.issuer}",
            "both are told apart by operator, not by certificate",
        ),
        fields=(("expected", before), ("issuer", leaf.issuer)),
        subject=leaf.issuer,
    )


def _related(one: str, other: str) -> bool:
    first, second = family_of(one), family_of(other)
    if first is None or second is None:
        organisation = attribute(one, "O")
        return first is second and bool(organisation) and organisation == attribute(other, "O")
    return first == second or second.key in first.stands_for or first.key in second.stands_for


def _missing_in_system(
    check: Check, handshake: Handshake, comparison: Comparison, settings: Settings
) -> Judgement | None:
    """A public root that this machine's own, complete store lacks. With roots of the person's own
    choice it says nothing."""
    system, public = _chains.trust(handshake, "system"), _chains.trust(handshake, "public")
    if (
        settings.public_roots_given
        or system is None
        or public is None
        or _chains.reaches(handshake, "system")
    ):
        return None
    if (settings.system_roots or 0) < _FEW_ROOTS:
        return None
    anchor = attribute(public.anchor, "CN") or public.anchor
    return Judgement(
        code=Code.CERTIFICATE_UNTRUSTED,
        verdict=Verdict.WARN,
        evidence=(
            f"genuine: ends in the public root {public.anchor}",
            f"this system's store, with {settings.system_roots} roots, does not have it ({system.words})",
            "hurt: programs that use this system's store, as the container runtime, helm and curl do; agents bring a store in "
            "their images, which may be as old",
        ),
        fields=(("issuer", handshake.chain[0].issuer), ("ca", public.anchor)),
        subject=public.anchor,
        summary=f"This system's root store lacks the root of {check.host}: {anchor}",
        remedy="Update the root certificates of this system (package ca-certificates). It is no interception.",
        owner=Owner.CLUSTER,
    )


def _unexpected(
    check: Check, handshake: Handshake, comparison: Comparison, settings: Settings
) -> Judgement | None:
    """A public issuer of an operator that does not sign for this endpoint, while endpoints of the
    same kind have theirs.

    A service may change its CA any day, so one name alone is information. The comparison makes it
    worth a look.
    """
    leaf = handshake.chain[0]
    found = family_of(leaf.issuer)
    if found is None or _is_expected(check, handshake):
        return None
    alike = [
        key
        for key in comparison.anchored
        if comparison.checks[key].issuers == check.issuers
        and comparison.checks[key].host != check.host
        and family_key(comparison.handshakes[key].chain[0].issuer) in check.issuers
    ]
    if len(alike) < 2:
        return None
    return Judgement(
        code=Code.ISSUER_UNEXPECTED,
        evidence=(
            f"issuer: {leaf.issuer}, of {found.name}; this endpoint is known with {', '.join(check.issuers)}",
            f"{len(alike)} endpoints of the same kind have the expected issuers: {_listed(comparison.hosts(alike))}",
            "the chain is public: programs accept it",
        ),
        fields=(("issuer", leaf.issuer), ("expected", ", ".join(check.issuers))),
        subject=leaf.issuer,
    )


def _is_expected(check: Check, handshake: Handshake) -> bool:
    if not check.issuers or "other" in check.issuers or check.custom:
        return True
    public = _chains.trust(handshake, "public")
    names = [item.issuer for item in handshake.chain] + ([public.anchor] if public else [])
    keys = {family_key(name) for name in names} - {""}
    expected = set(check.issuers)
    for key in check.issuers:
        known = family(key)
        expected |= set(known.stands_for) if known else set()
    return not keys or bool(keys & expected)


# --------------------------------------------------------------------------------------------------


def _too_old(handshake: Handshake) -> str:
    """Why Go programs do not speak with this side, which an indulgent handshake spoke with; empty
    where they do."""
    if handshake.version in _TOO_OLD:
        return f"{handshake.version} is the newest that it speaks"
    cipher = handshake.cipher.upper().replace("_", "-")
    if (
        handshake.version == "TLSv1.2"
        and cipher
        and not any(word in cipher for word in ("ECDHE", "CHACHA"))
    ):
        # crypto/tls: no finite-field Diffie-Hellman at all, and since Go 1.22 no RSA key
        # exchange by default
        return f"{handshake.cipher} is the best that it takes: no elliptic-curve key exchange, which Go since 1.22 insists on"
    return ""


def _judge_version(handshake: Handshake) -> Judgement:
    only_old = handshake.version in _TOO_OLD
    return Judgement(
        code=Code.TLS_TOO_OLD,
        evidence=(_too_old(handshake), f"issuer: {handshake.chain[0].issuer}"),
        fields=(
            (
                "versions",
                handshake.version if only_old else f"{handshake.version} with {handshake.cipher}",
            ),
        ),
    )


def _failing(check: Check) -> Verdict:
    return Verdict.FAIL if check.required else Verdict.WARN
