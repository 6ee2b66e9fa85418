"""settings -> plan -> probes -> findings -> diagnosis -> Report, and Report again. The only file
that joins stages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from itertools import chain
from threading import Event
from typing import TYPE_CHECKING

import msgspec

from arcprobe import __version__
from arcprobe.knowledge.catalogue import data_of
from arcprobe.knowledge.language import LANGUAGES, Language, language
from arcprobe.knowledge.selection import notes
from arcprobe.model import (
    SCHEMA,
    Attempt,
    Check,
    Cluster,
    ClusterSource,
    Config,
    Experiment,
    Finding,
    Observation,
    Proxy,
    Report,
    Run,
    Settings,
)
from arcprobe.model.errors import ConfigError
from arcprobe.plan import bypass_list_checks, further, make_plan
from arcprobe.report import as_json
from arcprobe.settings.files import read_file
from arcprobe.settings.gather import named_as_given
from arcprobe.settings.problems import Problems

if TYPE_CHECKING:
    from arcprobe.probes.listener import Listener
    from arcprobe.probes.runner import Runner
    from arcprobe.probes.wire.system_lookup import HeadStart

_NEEDED_LATER = (
    "arcprobe.probes.wire.connect",
    "arcprobe.probes.wire.websocket",
    "arcprobe.findings.reading",
    "arcprobe.findings.scene",
    "arcprobe.findings.rungs",
    "arcprobe.findings",
    "arcprobe.diagnosis",
)
_MOST_SUBJECTS = 20  # certificates: a bundle of more is a whole store

# The probes load TLS, HTTP and DNS: imported where they are used, so that a recording is judged
# again without them. So are the judges: a run imports them while it waits for the network.


# --------------------------------------------------------------------------- settings, made ready


def prepare(config: Config) -> Config:
    """The settings with what their files hold. ConfigError for a file that is not what its setting
    asks for; nothing is probed."""
    settings, problems = config.settings, Problems()
    proxy_cert, public_roots, source = b"", b"", config.cluster
    notes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    baseline: tuple[tuple[str, str], ...] = ()
    with named_as_given(dict(settings.sources)):
        with problems:
            proxy_cert, notes, subjects = _bundle("--proxy-cert", settings.proxy_cert)
        with problems:
            public_roots, *_facts = _bundle("--public-roots", settings.public_roots)
        with problems:
            baseline = _baseline(config.baseline_file)
        with problems:
            source = _with_services(config.cluster, config.services_file)
        problems.tell()
    return msgspec.structs.replace(
        config,
        settings=msgspec.structs.replace(
            settings, proxy_cert_notes=notes, proxy_cert_subjects=subjects, baseline=baseline
        ),
        proxy_cert=proxy_cert,
        public_roots=public_roots,
        cluster=source,
    )


def _bundle(setting: str, path: str) -> tuple[bytes, tuple[str, ...], tuple[str, ...]]:
    """The bytes of a PEM bundle, what is to be known of it, and the names of its certificates."""
    from arcprobe.probes.trust.bundle import read_proxy_cert

    if not path:
        return b"", (), ()
    data = read_file(setting, path)
    try:
        bundle = read_proxy_cert(data, path)
    except ValueError as error:
        raise ConfigError(setting, str(error)) from None
    subjects = dict.fromkeys(certificate.subject for certificate in bundle.certificates)
    # the names of a whole store are for nobody to read
    return data, bundle.notes, tuple(subjects)[:_MOST_SUBJECTS]


def _baseline(path: str) -> tuple[tuple[str, str], ...]:
    """Host and issuer of each endpoint's certificate in an earlier report."""
    from arcprobe.findings import seen

    if not path:
        return ()
    try:
        report = as_json.load(read_file("--baseline", path))
    except ValueError:
        problem = f"{path}: is not a JSON report of arcprobe"
        raise ConfigError("--baseline", problem, "made with --format json") from None
    shown: dict[str, str] = {}
    for check, issuer in seen.issuers(report.checks, report.observations):
        shown.setdefault(check.host, issuer)
    return tuple(sorted(shown.items()))


def _with_services(source: ClusterSource, path: str) -> ClusterSource:
    from arcprobe.probes.cluster.kubectl import OUTPUT_LIMIT
    from arcprobe.probes.cluster.observe import services_of

    if not path:
        return source
    body = read_file("--services", path, OUTPUT_LIMIT, has_stdin=True)
    try:
        return msgspec.structs.replace(source, services=services_of(body, path))
    except ValueError as error:
        raise ConfigError("--services", str(error)) from None


# ------------------------------------------------------------------------------------------ a run


def preflight(
    config: Config, ended: Event | None = None, listener: Listener | None = None
) -> Report:
    """Plan, probe, judge. A fault of arcprobe's own, a signal or the deadline end it early, and the
    report says so. ConfigError where a file of the settings is wrong.

    ``ended`` is set when SIGTERM or SIGINT came.
    """
    from arcprobe.probes.beginning import begin, run_clock

    config = prepare(config)
    started_at, now = datetime.now(UTC), run_clock()
    ahead = begin(config, now)
    from arcprobe.probes import session, vantage
    from arcprobe.probes.runner import openssl_version

    runner, settings = _runner(config, listener, now, ahead)
    left = settings.deadline - now()
    session.run_to_end(runner, left, (ended or Event()).set, _meanwhile(runner))
    environ = os.environ if config.cluster.environ is None else config.cluster.environ
    host, node, pod = vantage.names(environ)
    run = Run(
        version=__version__,
        started=_moment(started_at),
        seconds=round(now(), 3),
        vantage=vantage.vantage(environ),
        host=host,
        node=node,
        pod=pod,
        settings=settings,
        python=sys.version.split()[0],
        openssl=openssl_version(),
        interrupted=runner.interrupted,
        data=data_of(settings.cloud).isoformat(),
        demo=config.demo,
    )
    return judged(run, runner.checks, runner.observations)


def _runner(
    config: Config, listener: Listener | None, now: Callable[[], float], ahead: HeadStart | None
) -> tuple[Runner, Settings]:
    """The run, ready to start, and the settings with what is known of the trust stores."""
    from arcprobe.probes.context import context_of
    from arcprobe.probes.runner import Runner
    from arcprobe.probes.trust.roots import public_roots, system_roots
    from arcprobe.probes.trust.stores import Stores

    roots, label = config.public_roots, config.settings.public_roots
    if not roots:
        roots, label = public_roots()
    stores = Stores(roots, system_roots(), config.proxy_cert or None)

    def found(
        planned: tuple[Check, ...], discovery: Check, observation: Observation
    ) -> tuple[Check, ...]:
        from arcprobe.findings.reading import discovered_hosts, read

        hosts = discovered_hosts(discovery, read(discovery, observation))
        return further(config, planned, discovery, hosts)

    context = context_of(config, stores, now, ahead)
    runner = Runner(make_plan(config), context, found, listener)
    settings = msgspec.structs.replace(
        config.settings, public_roots=label, system_roots=stores.system_roots
    )
    return runner, settings


def _meanwhile(runner: Runner) -> Iterator[object]:
    """What a run needs after its first round trips, made ready while it waits for them: a piece
    each time it is asked for the next."""
    yield from runner.preparations()
    for module in _NEEDED_LATER:
        yield import_module(module)
    yield language()


# --------------------------------------------------------------------------------------- judgements


def judged(
    run: Run,
    checks: tuple[Check, ...],
    observations: tuple[Observation, ...],
    words: Language | None = None,
) -> Report:
    """The report of what was asked and seen, in the words of a language (English). Pure: a
    recording gives the same findings and causes again."""
    from arcprobe.diagnosis import diagnose, unproven, verdict_of
    from arcprobe.findings import judge, seen

    findings = judge(checks, observations, run, words)
    return Report(
        schema=SCHEMA,
        verdict=verdict_of(findings, run),
        run=run,
        checks=checks,
        observations=observations,
        findings=findings,
        causes=diagnose(
            findings,
            checks,
            run,
            words,
            addresses=seen.addresses(checks, observations),
            roots=seen.roots(checks, observations),
            clients=seen.clients(run, checks, observations),
        ),
        unproven=unproven(findings, checks),
    )


def judged_again(
    report: Report,
    *,
    strict: bool = False,
    products: tuple[str, ...] = (),
    clients: tuple[str, ...] = (),
) -> Report:
    """The same checks and observations as this version of arcprobe judges them. ``strict``:
    warnings fail, whatever the settings of the recording say; ``products``: their lines come
    too; ``clients``: whom the lines are for, where that is not what the recording says."""
    settings = report.run.settings
    settings = msgspec.structs.replace(
        settings,
        strict=strict or settings.strict,
        products=tuple(dict.fromkeys((*settings.products, *products))),
        clients=clients or settings.clients,
    )
    run = msgspec.structs.replace(report.run, settings=settings)
    return judged(run, report.checks, report.observations)


def spoken(report: Report, words: Language) -> Report:
    """The same report in the words of another language, for what is written for people: it is
    judged again. What was recorded as a sentence (of a library, of the settings) stays as it is."""
    if words.name == LANGUAGES[0]:
        return report
    from arcprobe.plan.spoken import spoken as spoken_checks

    settings = report.run.settings
    if settings.notes:
        told = notes(settings.cloud, settings.region, settings.features, words)
        settings = msgspec.structs.replace(settings, notes=told)
    run = msgspec.structs.replace(report.run, settings=settings)
    checks = spoken_checks(report.checks, settings, words)
    return judged(run, checks, report.observations, words)


def api_servers(report: Report) -> tuple[str, ...]:
    """The API server as the cluster of a report names it, once each: host or host:port."""
    from arcprobe.findings import seen

    clusters = seen.clusters(report.observations)
    return tuple(dict.fromkeys(chain.from_iterable(each.api_servers for each in clusters)))


def issuers(report: Report) -> dict[str, str]:
    """Endpoint and route -> issuer of the certificate that the connection which speaks for it
    showed."""
    from arcprobe.findings import seen

    shown = seen.issuers(report.checks, report.observations)
    return {f"{check.target} ({check.route})": issuer for check, issuer in shown}


# ------------------------------------------------------------------- the bypass list, by itself


def cluster_of(config: Config) -> Cluster:
    """What the cluster of the settings tells of itself."""
    from arcprobe.probes.cluster import observe

    return observe.read(config.cluster, timeout=config.settings.timeout)


def judge_bypass_list(
    config: Config, cluster: Cluster, *, assume_proxy: bool, words: Language | None = None
) -> tuple[Finding, ...]:
    """The findings on the bypass list alone, in the words of a language (English).
    ``assume_proxy``: as if one were set."""
    from arcprobe.findings import judge

    settings = config.settings
    if assume_proxy and settings.proxy_https is None:
        assumed = Proxy(scheme="http", host="", port=0, setting="assumed")
        settings = msgspec.structs.replace(settings, proxy_https=assumed)
    asked, *endpoints = bypass_list_checks(msgspec.structs.replace(config, settings=settings))
    told = Attempt(label=Experiment.CLUSTER, steps=(cluster,))
    run = Run(
        version=__version__,
        started=_moment(datetime.now(UTC)),
        seconds=0.0,
        vantage="",
        host="",
        node="",
        pod="",
        settings=settings,
    )
    observed = (Observation(check=asked.id, attempts=(told,)),)
    findings = judge((asked, *endpoints), observed, run, words)
    return tuple(finding for finding in findings if finding.check == asked.id)


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
