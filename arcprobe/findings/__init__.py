"""Checks and observations in, findings out. Pure: no network, no clock, no file but the package's
own data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from arcprobe.findings import _way
from arcprobe.findings._judgement import Judgement
from arcprobe.findings.discovered import discovered_hosts
from arcprobe.findings.old_answers import (
    answer as http,
    name as dns,
    skip_range,
    upgrade as websocket,
)
from arcprobe.findings.old_certificates import _explained, certificate as tls, chains as _chains
from arcprobe.findings.old_certificates.comparison import Comparison
from arcprobe.findings.questions import gateway
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.knowledge.products import directive
from arcprobe.model import (
    Attempt,
    Check,
    Cluster,
    Code,
    Experiment,
    Finding,
    Kind,
    Lookup,
    Observation,
    Run,
    Settings,
    Verdict,
)

# Faults of a proxy itself: where no tunnel was opened at all, the proxy's own check carries them,
# once.
_OF_THE_PROXY = frozenset(
    """proxy-name-unknown proxy-refused proxy-silent proxy-unreachable proxy-reset proxy-not-http proxy-speaks-plain
    proxy-speaks-tls proxy-certificate-untrusted proxy-auth-required proxy-auth-rejected proxy-auth-unsupported proxy-hung
    proxy-closed proxy-redirects proxy-overloaded""".split()
)
# Where the certificate says so, an answer inside the session need not be the endpoint's.
# (certificate-untrusted: the endpoint's own, by an authority or a root that the stores here
# lack.)
_NOT_GENUINE = frozenset({Code.TLS_INTERCEPTED, Code.GATEWAY_INSPECTED})
_CARRIERS = (Kind.HTTPS, Kind.WEBSOCKET)
_EVIDENCE_LIMIT = 14
_PASSING = Code.ENDPOINT_ANSWERS


def judge(
    checks: Iterable[Check], observations: Iterable[Observation], run: Run
) -> tuple[Finding, ...]:
    """One or more findings for each check, in the order of the checks. The same input gives the
    same findings, for ever."""
    return _Judges(tuple(checks), tuple(observations), run).findings()


class _Judges:
    """What the judges of one report share: everything is computed from the report, nothing is
    changed afterwards."""

    def __init__(
        self, checks: tuple[Check, ...], observations: tuple[Observation, ...], run: Run
    ) -> None:
        self.checks = checks
        self.by_id = {check.id: check for check in checks}
        self.seen = {observation.check: observation for observation in observations}
        self.settings: Settings = run.settings
        self.started = _chains.moment(run.started) or datetime.fromtimestamp(0, UTC)
        self.comparison = Comparison.built_from(checks, observations, run.settings, self.started)
        self.ways = {check.id: self._way(check) for check in checks if check.kind in _CARRIERS}
        self.proxy_faults = self._proxy_faults()
        self.tls = {
            check.observed_with: self._tls(check) for check in checks if check.kind is Kind.TLS
        }
        self.shared = self._shared_addresses()
        self.unreachable = dns.unreachable_servers(observations)
        self.dns = {
            check.host: self._dns(check)
            for check in checks
            if check.kind is Kind.DNS and self._usable(check)
        }

    def findings(self) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for check in self.checks:
            found += [self._finding(check, judgement) for judgement in self._judgements(check)]
        return tuple(found)

    # ----------------------------------------------------------------------------------------------

    def _observation(self, check: Check) -> Observation | None:
        return self.seen.get(check.observed_with or check.id)

    def _usable(self, check: Check) -> bool:
        observation = self._observation(check)
        return observation is not None and not observation.crash and not observation.unfinished

    def _way(self, check: Check) -> Judgement | None:
        return _way.judge(check, self.seen[check.id]) if self._usable(check) else None

    def _proxy_faults(self) -> dict[str, Judgement]:
        """For each proxy that opened no tunnel at all, and always for the same reason: that
        reason."""
        carried: dict[str, list[Check]] = defaultdict(list)
        for check in self.checks:
            if check.kind in _CARRIERS and check.proxy is not None and self._usable(check):
                carried[check.proxy.url].append(check)
        faults: dict[str, Judgement] = {}
        for url, through in carried.items():
            judgements = [way for check in through if (way := self.ways[check.id]) is not None]
            if len(judgements) < len(through) or any(
                _way.opened(self._main(check)) for check in through
            ):
                continue
            counted = Counter(judgement.code for judgement in judgements)
            code, _count = counted.most_common(1)[0]
            # under load some of many equal connections may end otherwise: what most
            # of them met is what is broken
            if (
                code in _OF_THE_PROXY
                and counted[code] * 2 > len(judgements)
                and counted.keys() <= _OF_THE_PROXY
            ):
                faults[url] = next(judgement for judgement in judgements if judgement.code == code)
        return faults

    def _main(self, check: Check) -> Attempt | None:
        return _way.main_attempt(self._observation(check))

    def _tls(self, check: Check) -> tuple[Judgement, ...] | None:
        """None where no handshake with the target was tried."""
        carrier = self.by_id.get(check.observed_with)
        observation = self._observation(check)
        if (
            carrier is None
            or observation is None
            or not self._usable(check)
            or self.ways.get(carrier.id) is not None
        ):
            return None
        handshake = http.handshake_of(_explained.agents_attempt(observation))
        if handshake is None:
            return None
        if handshake.failure is not None and (
            explained := _explained.judge(check, observation, handshake)
        ):
            return (explained,)
        judged = tls.judge(check, handshake, self.comparison, self.settings, self.started)
        if not judged and handshake.failure is not None:
            # an end that has no name of its own (ICMP in the middle of it, …) is an
            # end all the same
            words = handshake.failure.detail or handshake.failure.kind.value
            return (
                Judgement(code=Code.TLS_CLOSED, evidence=(f"TLS with {check.target}: {words}",)),
            )
        return judged

    def _shared_addresses(self) -> frozenset[str]:
        """Addresses that names of different registered domains have in common, and behind which
        there is none of them.

        That an address is shared and fails proves no sinkhole: one front may serve all names, and a
        firewall may be before it. A certificate for the name that was asked disproves it; one for
        another name, or other names that work elsewhere, prove it.
        """
        names: dict[str, set[str]] = defaultdict(set)
        working: set[str] = set()
        wrong: set[str] = set()
        for check in self.checks:
            observation = self.seen.get(check.id)
            if check.kind is not Kind.DNS or check.proxy is not None or observation is None:
                continue
            for attempt in observation.attempts:
                for step in attempt.steps:
                    if attempt.label == Experiment.SYSTEM and isinstance(step, Lookup):
                        for address in step.addresses:
                            names[address].add(".".join(check.host.split(".")[-2:]))
                            shown = self._shown_by(check.host)
                            if shown or not self._fails_beyond(check.host):
                                working.add(address)
                            elif shown is False:
                                wrong.add(address)
        return frozenset(
            address
            for address, domains in names.items()
            if address not in working
            and not wrong
            - {address}  # the same at other addresses: what leads there is no DNS answer
            and (
                (address in wrong and len(domains) >= 2)
                or (len(domains) >= 3 and bool(working - {address}))
            )
        )

    def _shown_by(self, host: str) -> bool | None:
        """Whether the certificate that came back on the direct way to ``host`` is for that name;
        None where none came."""
        for check in self.checks:
            if check.kind in _CARRIERS and check.host == host and check.proxy is None:
                handshake = self.comparison.handshakes.get(check.id)
                if handshake is not None and handshake.chain:
                    return handshake.name_matches
        return None

    def _fails_beyond(self, host: str) -> bool:
        """Whether the direct way to ``host``, its address known, does not lead to the endpoint."""
        carriers = [
            check
            for check in self.checks
            if check.kind in _CARRIERS and check.host == host and check.proxy is None
        ]
        for check in carriers:
            judged = self.tls.get(check.id)
            if self.ways.get(check.id) is not None or any(
                not codes.row(each.code).passes for each in judged or ()
            ):
                return True
        return False

    def _dns(self, check: Check) -> Judgement:
        observation = self.seen[check.id]
        return dns.judge(
            check,
            observation,
            gateway=bool(self.settings.gateway_host),
            fails_beyond=self._fails_beyond(check.host),
            shared=self.shared,
            unreachable=self.unreachable,
        )

    # ----------------------------------------------------------------------------------------------

    def _judgements(self, check: Check) -> tuple[Judgement, ...]:
        if check.supporting and (check.kind is not Kind.DISCOVERY or self._discovered(check)):
            return (_skipped("left out by --only or --skip"),)
        observation = self._observation(check)
        if observation is not None and observation.crash:
            return (Judgement(code=Code.ARCPROBE_FAULT, evidence=(observation.crash,)),)
        if observation is not None and observation.unfinished:
            return (Judgement(code=Code.NOT_FINISHED, evidence=_seen_until_then(observation)),)
        if check.compare:
            return (self._comparison(check),)
        named = check.host == self.settings.gateway_host != ""
        if check.kind is not Kind.GATEWAY and named and not gateway.usable_url(self.settings):
            return (_skipped("--gateway-url names no gateway"),)
        match check.kind:
            case Kind.DNS:
                return (
                    self.dns[check.host] if check.host in self.dns else _skipped("was not asked"),
                )
            case Kind.PROXY:
                return self._proxy(check)
            case Kind.HTTPS | Kind.WEBSOCKET:
                return (self._answer(check),)
            case Kind.TLS:
                return self._above_way(check)
            case Kind.SKIP_RANGE:
                return self._skip_range(check)
            case Kind.DISCOVERY:
                return (self._discovery(check),)
            case Kind.GATEWAY:
                return (self._gateway(check),)
            case Kind.CLUSTER:
                return (_skipped("is asked when reports are merged"),)

    def _proxy(self, check: Check) -> tuple[Judgement, ...]:
        assert check.proxy is not None
        through = [
            each
            for each in self.checks
            if each.kind in _CARRIERS and each.proxy and each.proxy.url == check.proxy.url
        ]
        notes = self.settings.proxy_notes
        found: list[Judgement] = []
        if notes and not check.unused:
            found.append(
                Judgement(
                    code=Code.PROXY_VARIABLES_DISAGREE,
                    evidence=notes,
                    fields=(("detail", notes[0]),),
                )
            )
        fault = self.proxy_faults.get(check.proxy.url)
        if check.unused:
            observation = self.seen.get(check.id)
            way = _way.judge(check, observation) if observation is not None else None
            words = f"{check.proxy.url} takes connections; nothing of this list is asked through it"
            return (
                way
                or Judgement(
                    code=Code.PROXY_OPENS_TUNNEL,
                    evidence=(f"named by {check.proxy.setting}",),
                    summary=words,
                ),
            )
        name = self.dns.get(check.proxy.host)
        if fault is not None and name is not None and codes.row(name.code).verdict is Verdict.FAIL:
            return (*found, _skipped("its name does not resolve"))
        if fault is not None:
            return (*found, fault)
        opened = [each.target for each in through if _way.opened(self._main(each))]
        if opened:
            line = f"{len(opened)} of {len(through)} tunnels were opened"
            plain = f"named by {check.proxy.setting}" if check.proxy.setting else ""
            return (
                *found,
                Judgement(
                    code=Code.PROXY_OPENS_TUNNEL,
                    evidence=tuple(filter(None, (line, plain))),
                    summary=f"{check.proxy.url} opens tunnels",
                ),
            )
        others = [
            each
            for each in self.checks
            if each.proxy and each.proxy.url == check.proxy.url and each.kind is not Kind.DNS
        ]
        if all(each.supporting for each in others if each.kind is not Kind.PROXY):
            for each in through:
                if told := self._untold(each):
                    return (*found, _relayed(each, told))
        return (
            (*found, _skipped("opened no tunnel: the checks of the endpoints say why"))
            if through
            else (*found, _skipped("nothing was asked of it"))
        )

    def _below(self, check: Check) -> str:
        """Why a check above a broken layer was not answered; empty where the way stood."""
        if check.proxy is not None and check.proxy.url in self.proxy_faults:
            return f"the proxy {check.proxy.url} lets nothing through"
        asked = check.proxy.host if check.proxy is not None else check.host
        name = self.dns.get(asked)
        if name is not None and codes.row(name.code).verdict is Verdict.FAIL:
            failed = _way.main_attempt(self._observation(check))
            if name.code in (Code.NAME_SINKHOLED, Code.NAME_HIJACKED_BY_SEARCH) or (
                failed is not None and failed.steps and isinstance(failed.steps[-1], Lookup)
            ):
                return f"the name {asked} does not resolve to {'the proxy' if check.proxy is not None else 'the endpoint'}"
        return ""

    def _carrier(self, check: Check) -> Judgement:
        """The question of https and websocket: what came back over the connection that the check
        made."""
        if below := self._below(check):
            return _skipped(below)
        observation = self.seen.get(check.id)
        if observation is None:
            return _skipped("was not asked")
        if way := self.ways[check.id]:
            return self._overloaded(check, observation) or way
        judged = self.tls.get(check.id) or ()
        if any(judgement.code == Code.CERTIFICATE_WRONG_NAME for judgement in judged):
            return _skipped("another server answered, as its certificate says")
        genuine = not any(judgement.code in _NOT_GENUINE for judgement in judged)
        effective = _explained.effective(observation)
        answer = (
            websocket.judge(check, effective, genuine=genuine)
            if check.kind is Kind.WEBSOCKET
            else http.judge(check, effective, genuine=genuine and check.protocol != "http")
        )
        if answer is None and check.id not in self.tls:
            # no question about the certificate is judged from this connection: nobody
            # else would tell how it ended
            failed = self._tls(msgspec.structs.replace(check, observed_with=check.id)) or ()
            answer = next((each for each in failed if not codes.row(each.code).passes), None)
        return answer or _skipped("TLS with the endpoint did not come about")

    def _overloaded(self, check: Check, observation: Observation) -> Judgement | None:
        """A connection that failed among many and succeeds alone: a limit, not a policy."""
        if check.proxy is None:
            return None
        alike = [
            self.seen[each.id]
            for each in self.checks
            if each.id in self.seen and each.proxy == check.proxy and each.kind in _CARRIERS
        ]
        alone = [
            found
            for each in alike
            if (found := _way.experiment(each, Experiment.ALONE)) is not None
        ]
        mine = _way.experiment(observation, Experiment.ALONE)
        way = self.ways[check.id]
        cut = way is not None and way.code in _CUT_CODES
        if (
            not cut
            or not any(_way.opened(attempt) for attempt in alone)
            or (mine is not None and not _way.opened(mine))
        ):
            return None
        assert way is not None
        return Judgement(
            code=Code.PROXY_OVERLOADED,
            evidence=(
                *way.evidence,
                "asked again alone, after the others had ended, the proxy opened the tunnel",
            ),
            subject=check.proxy.url,
            fields=(("status", "connections beyond some number fail"),),
        )

    def _above_way(self, check: Check) -> tuple[Judgement, ...]:
        if below := self._below(check):
            return (_skipped(below),)
        judged = self.tls.get(check.observed_with)
        carrier = self.by_id.get(check.observed_with)
        told = self._untold(carrier)
        if judged is None:
            return (told or _skipped("the way did not lead as far as TLS"),)
        assert carrier is not None
        answer = self._carrier(carrier)
        if any(each.code == Code.TLS_INTERCEPTED for each in judged) and self._forged_for_page(
            check, answer
        ):
            if carrier.supporting:
                return (answer,)
            return (
                _skipped(
                    "the proxy forged a certificate only to show its error page; other hosts are not inspected"
                ),
            )
        return judged or (_skipped("nothing can be said of the certificate"),)

    def _answer(self, check: Check) -> Judgement:
        """The word on a carrier; where that would leave it to a TLS check which is left out, what
        that check would have said."""
        answer = self._carrier(check)
        session = next(
            (
                each
                for each in self.checks
                if each.kind is Kind.TLS and each.observed_with == check.id
            ),
            None,
        )
        if (
            answer.verdict is not Verdict.SKIP
            or session is None
            or not session.supporting
            or self._below(check)
        ):
            return answer
        failed = [each for each in self.tls.get(check.id) or () if not codes.row(each.code).passes]
        return next(
            (each for each in failed if codes.row(each.code).verdict is Verdict.FAIL),
            failed[0] if failed else answer,
        )

    def _untold(self, carrier: Check | None) -> Judgement | None:
        """How the way of a left-out check failed: what is judged from it tells that in its
        place."""
        if carrier is None or not carrier.supporting or self.ways.get(carrier.id) is None:
            return None
        return self._carrier(carrier)

    def _forged_for_page(self, check: Check, answer: Judgement) -> bool:
        """A bumping proxy shows its own errors inside a forged session, also where it inspects
        nothing (faults.md 0, 1)."""
        if answer.code not in (
            Code.PROXY_DENIED,
            Code.PROXY_CANNOT_RESOLVE,
            Code.PROXY_CANNOT_CONNECT,
            Code.ANSWER_REDIRECTED,
            Code.BLOCK_PAGE,
        ):
            return False
        others = [
            judged
            for observed_with, judged in self.tls.items()
            if judged
            and observed_with != check.observed_with
            and self.by_id[observed_with].route == check.route
        ]
        return any(all(codes.row(each.code).passes for each in judged) for judged in others)

    def _skip_range(self, check: Check) -> tuple[Judgement, ...]:
        observation = self.seen.get(check.id)
        steps = (
            [step for attempt in observation.attempts for step in attempt.steps]
            if observation
            else []
        )
        cluster = next((step for step in steps if isinstance(step, Cluster)), None)
        hosts = tuple(
            (each.host, each.port)
            for each in self.checks
            if each.kind in _CARRIERS
            and each.required
            and not each.custom
            and not each.compare
            and not self._privately_reached(each)
        )
        return skip_range.judge(check, cluster, self.settings, hosts)

    def _privately_reached(self, check: Check) -> bool:
        """An endpoint that bypasses the proxy on purpose: it has a private address, and answers
        there."""
        name = self.dns.get(check.host)
        return (
            check.proxy is None
            and name is not None
            and name.code == Code.NAME_PRIVATE
            and not self._fails_beyond(check.host)
        )

    def _discovery(self, check: Check) -> Judgement:
        if not check.observed_with:
            return Judgement(
                code=Code.WILDCARD_UNPROVEN,
                verdict=Verdict.SKIP,
                summary=_sentence(check.note),
                evidence=(check.note,),
            )
        carrier = self.by_id.get(check.observed_with)
        if carrier is None or carrier.id not in self.seen:
            return _skipped("its question was not asked")
        if names := self._discovered(check):
            return Judgement(
                code=Code.HOSTS_DISCOVERED,
                evidence=(f"{carrier.target}{carrier.path} named: {', '.join(names)}",),
                fields=(("hosts", ", ".join(names)), ("pattern", check.pattern)),
            )
        answer = self._answer(carrier)
        if (
            carrier.supporting
            and answer.verdict is not Verdict.SKIP
            and not codes.row(answer.code).passes
        ):
            return _relayed(carrier, answer)
        if answer.verdict is Verdict.SKIP or codes.row(answer.code).verdict is not Verdict.PASS:
            return _skipped(
                f"{carrier.target}, which names the hosts behind {check.pattern}, gave no answer of its own"
            )
        step = http.last_exchange(_way.main_attempt(self.seen[carrier.id]))
        status = (
            _way.status_line(step.head)
            if step is not None and step.head is not None
            else "no answer"
        )
        return Judgement(
            code=Code.WILDCARD_UNPROVEN,
            evidence=(
                f"{carrier.target}{carrier.path} → {status}",
                "the answer names no host that fits the pattern",
            ),
            fields=(
                ("pattern", check.pattern),
                ("reason", f"{carrier.host} answered {status} and named no host"),
            ),
        )

    def _discovered(self, check: Check) -> tuple[str, ...]:
        """The hosts in the recorded answer, whether or not they were then asked."""
        seen = self.seen.get(check.observed_with)
        return (
            discovered_hosts(check, seen)
            if seen is not None and check.kind is Kind.DISCOVERY
            else ()
        )

    def _gateway(self, check: Check) -> Judgement:
        return gateway.judge(
            check,
            self.settings,
            {each.id: self._gateway_state(each) for each in self._gateway_checks(check)},
        )

    def _gateway_checks(self, check: Check) -> list[Check]:
        return [
            each
            for each in self.checks
            if each.host == check.host and each.kind is not Kind.GATEWAY and not each.compare
        ]

    def _gateway_state(self, check: Check) -> tuple[Judgement, ...]:
        return self._judgements(check)

    def _comparison(self, check: Check) -> Judgement:
        """--direct: what the way without the proxy shows is information, never a fault."""
        attempt = self._main(check)
        last = attempt.steps[-1] if attempt and attempt.steps else None
        way = (
            _way.judge(check, self.seen[check.observed_with or check.id])
            if check.kind in _CARRIERS
            else None
        )
        if way is not None:
            words = f"without the proxy: {way.code}"
        elif last is not None and last.failure is not None:
            words = f"without the proxy: {last.failure.detail or last.failure.kind.value}"
        else:
            handshake = http.handshake_of(attempt)
            issuer = (
                handshake.chain[0].issuer
                if handshake is not None and handshake.chain
                else "unknown"
            )
            words = f"without the proxy the endpoint is reached, certificate issued by {issuer}"
        code = _PASSING if check.kind is Kind.HTTPS else codes_pass(check.kind)
        return Judgement(
            code=code, verdict=Verdict.SKIP, summary=_sentence(words), evidence=(words,)
        )

    # ----------------------------------------------------------------------------------------------

    def _finding(self, check: Check, judgement: Judgement) -> Finding:
        code = codes.row(judgement.code)
        fields = {
            "host": check.host,
            "port": str(check.port),
            "target": check.target,
            "proxy": check.proxy.url if check.proxy else "",
            "route": f"the proxy {check.proxy.url}" if check.proxy else "the direct way",
            "pattern": check.pattern,
            "hosts": check.pattern or check.host,
            "targets": check.target,
        }
        fields |= {name: text for name, text in judgement.fields if text}
        verdict = judgement.verdict or code.verdict
        if verdict is Verdict.SKIP and code.name == _PASSING:
            code = codes.row(codes_pass(check.kind))
        if verdict is Verdict.FAIL and not check.required:
            verdict = Verdict.WARN
        acts = verdict in (Verdict.WARN, Verdict.FAIL, Verdict.ERROR)
        line = (
            directive(judgement.product, judgement.code, host=check.host, port=check.port)
            if acts and judgement.product
            else None
        )
        remedy = judgement.remedy or language().code(code.name, "remedy", fields)
        if line and (judgement.owner or code.owner) != "you":
            remedy = f"{judgement.product}: {line}"
        return Finding(
            check=check.id,
            kind=check.kind,
            layer=code.layer,
            target=check.target,
            route=check.route,
            verdict=verdict,
            code=code.name,
            summary=judgement.summary or language().code(code.name, "summary", fields),
            evidence=tuple(line for line in judgement.evidence if line)[:_EVIDENCE_LIMIT],
            remedy=remedy if acts else "",
            owner=(judgement.owner or code.owner) if acts else "",
            subject=judgement.subject,
            fields=tuple(sorted(fields.items())) if acts else (),
            product=judgement.product if acts else "",
        )


_CUT_CODES = frozenset(
    {Code.PROXY_REFUSED, Code.PROXY_SILENT, Code.PROXY_RESET, Code.PROXY_CLOSED, Code.PROXY_HUNG}
)


def codes_pass(kind: Kind) -> str:
    """The code under which a skipped or compared check of this kind is listed."""
    return {
        Kind.DNS: Code.NAME_RESOLVES,
        Kind.PROXY: Code.PROXY_OPENS_TUNNEL,
        Kind.TLS: Code.CERTIFICATE_GENUINE,
        Kind.WEBSOCKET: Code.WEBSOCKET_UPGRADED,
        Kind.SKIP_RANGE: Code.CLUSTER_TRAFFIC_BYPASSES,
        Kind.GATEWAY: Code.GATEWAY_USABLE,
        Kind.DISCOVERY: Code.HOSTS_DISCOVERED,
    }.get(kind, _PASSING)


def _seen_until_then(observation: Observation) -> tuple[str, ...]:
    """The steps of a check that was cut short, in words."""
    steps = [step for attempt in observation.attempts for step in attempt.steps]
    names = [
        type(step).__name__.lower() + (f": {step.failure.kind}" if step.failure else "")
        for step in steps
    ]
    return (f"seen until then: {', '.join(names)}",) if names else ("nothing was seen until then",)


def _relayed(carrier: Check, answer: Judgement) -> Judgement:
    """What a left-out check showed, told by another: its words name what was asked; a product's
    line would name the teller."""
    asked = (
        ("host", carrier.host),
        ("hosts", carrier.host),
        ("target", carrier.target),
        ("targets", carrier.target),
    )
    port = ("port", str(carrier.port))
    return msgspec.structs.replace(answer, product="", fields=(*asked, port, *answer.fields))


def _skipped(why: str) -> Judgement:
    """Not asked, or not answered, because of what the reason names. The code is put in where the
    check is known."""
    return Judgement(
        code=_PASSING, verdict=Verdict.SKIP, summary=f"Not tested: {why}", evidence=(why,)
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
