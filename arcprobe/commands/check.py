"""``arcprobe check``: the preflight, from this pod, node or laptop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from arcprobe import __version__
from arcprobe.commands import output as _output

if TYPE_CHECKING:
    from arcprobe.lab.network import Rehearsal
    from arcprobe.model import Check, ClusterSource, Config, Report
    from arcprobe.probes.runner import Runner

EXAMPLES = """\b
Examples:
  arcprobe check --region westeurope
  arcprobe check --region westeurope --proxy-https http://proxy.corp:3128 \\
      --proxy-skip-range 10.96.0.0/12,.svc,.svc.cluster.local,kubernetes.default.svc
  arcprobe check --region eastus --gateway-url https://PREFIX.gw.arc.azure.com --report html=report.html
  kubectl get svc -A -o json | arcprobe check --region westeurope --services -
"""

_MANY = {"multiple": True}
# name, help, further arguments of click.option
_SETTINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("--cloud", "AzureCloud (default), AzureUSGovernment or AzureChinaCloud.", {}),
    (
        "--region",
        "Azure region of the connected cluster; required. --location is accepted too.",
        {},
    ),
    ("--gateway-url", "Host or URL of the Arc gateway resource; absent: no gateway.", {}),
    (
        "--feature",
        "Feature to test besides cluster-connect, or custom-locations, extensions, …; repeatable.",
        _MANY,
    ),
    ("--no-feature", "Feature to leave out; repeatable.", _MANY),
    ("--key-vault", "Name of a key vault to test; repeatable.", _MANY),
    (
        "--proxy-https",
        "Proxy URL for https: http://, https:// (TLS to the proxy), socks5://, socks5h://, socks4://.",
        {},
    ),
    ("--proxy-http", "Proxy URL for http.", {}),
    ("--proxy-skip-range", "The bypass list (no_proxy) that the agents will be given.", {}),
    ("--proxy-cert", "PEM bundle that the agents will be given.", {}),
    ("--proxy-auth-file", "File with user:password for the proxy.", {}),
    (
        "--public-roots",
        "PEM bundle that stands for the public web PKI instead of the shipped one.",
        {},
    ),
    ("--baseline", "Earlier JSON report from a clean network, to compare issuers with.", {}),
    ("--endpoint", "Further endpoint: https://host[:port][/path] or wss://…; repeatable.", _MANY),
    ("--only", "Glob over hosts or kinds of checks: ask only these; repeatable.", _MANY),
    ("--skip", "Glob over hosts or kinds of checks: leave these out; repeatable.", _MANY),
    ("--resolve", "HOST:PORT:ADDRESS for direct routes, as curl's; repeatable.", _MANY),
    ("--services", "Output of kubectl get svc -A -o json; - is stdin.", {}),
    ("--service-cidr", "Service range of the cluster; repeatable.", _MANY),
    ("--pod-cidr", "Pod range of the cluster; repeatable.", _MANY),
    ("--api-server", "Host or address of the Kubernetes API server; repeatable.", _MANY),
    ("--kubeconfig", "Handed to kubectl.", {}),
    ("--context", "Handed to kubectl.", {}),
    ("--timeout", "Seconds for one operation on the wire (default 10).", {}),
    ("--deadline", "Seconds for the whole run (default 60).", {}),
    (
        "--websocket-hold",
        "Seconds to keep an upgraded connection, to find idle cuts (default 0: off).",
        {},
    ),
)


def _settings(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, words, more in reversed(_SETTINGS):
        also = {"--region": ("--location",)}.get(name, ())
        command = click.option(name, *also, help=words, default=None if not more else (), **more)(
            command
        )
    return command


@click.command("check", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@_settings
@click.option(
    "--direct", is_flag=True, default=None, help="Also ask every endpoint without the proxy."
)
@click.option("--strict", is_flag=True, default=None, help="Warnings fail too.")
@click.option(
    "--config",
    "file",
    envvar="ARCPROBE_CONFIG",
    help="YAML file with settings; keys are the flags' names.",
)
@click.option("--wide", is_flag=True, help="In text, list the passes too.")
@_output.options
def command(
    file: str | None, wide: bool, form: str, reports: tuple[tuple[str, str], ...], **flags: Any
) -> None:
    """Test, from here, whether Azure Arc-enabled Kubernetes will work: DNS, proxy, TLS, WebSocket,
    skip range.

    Every setting can also be given as ARCPROBE_NAME in the environment or in --config. HTTPS_PROXY,
    HTTP_PROXY and NO_PROXY are read where no flag says otherwise.

    \b
    Exit codes: 0 passed (warnings allowed), 1 failed, 2 wrong settings, 3 could not finish.
    """
    from arcprobe.settings import load as settings

    named = {name.replace("_", "-"): value for name, value in flags.items()}
    config = settings.load(named, os.environ, file)
    sys.exit(_run(config, form, reports, wide=wide))


def run_check(argv: list[str], *, rehearsal: Rehearsal | None = None) -> int:
    """``check`` with these arguments, inside a rehearsed network where one is given; the exit
    code."""
    from arcprobe.settings import load as settings

    with command.make_context("check", list(argv)) as context:
        values = dict(context.params)
    file, wide, form, reports = (values.pop(name) for name in ("file", "wide", "form", "reports"))
    environ = os.environ if rehearsal is None else rehearsal.environment
    config = settings.load(
        {name.replace("_", "-"): value for name, value in values.items()}, environ, file
    )
    if rehearsal is not None:
        config = msgspec.structs.replace(
            config,
            name_servers=rehearsal.name_servers,
            dial_map=rehearsal.dial_map,
            cluster=_rehearsed(config.cluster, rehearsal),
        )
    return _run(config, form, reports, wide=wide)


def _rehearsed(source: ClusterSource, rehearsal: Rehearsal) -> ClusterSource:
    source = msgspec.structs.replace(source, environ=rehearsal.environment)
    if rehearsal.service_account is None:
        return source
    return msgspec.structs.replace(source, service_account=str(rehearsal.service_account))


def _run(config: Config, form: str, reports: tuple[tuple[str, str], ...], *, wide: bool) -> int:
    from arcprobe.commands import in_job

    begun = time.monotonic()
    ended = threading.Event()
    report = preflight(config, ended)
    code = _output.write(report, form, reports, wide=wide)
    if in_job.is_job(os.environ):
        from arcprobe.report import renderer

        causes = [(cause.code, cause.headline) for cause in report.causes]
        in_job.finish(renderer("json")(report), report.verdict.value, causes, sys.stdout)
        in_job.hold(os.environ, time.monotonic() - begun, ended.wait)
    return code


def preflight(config: Config, ended: threading.Event | None = None) -> Report:
    """Plan, probe, judge. A fault of arcprobe's own, a signal or the deadline end it early, and the
    report says so.

    ``ended`` is set when SIGTERM or SIGINT came.
    """
    from arcprobe.model import Run
    from arcprobe.pipeline import judged
    from arcprobe.plan.questions import further, make_plan
    from arcprobe.probes import vantage as _place
    from arcprobe.probes.context import context_of
    from arcprobe.probes.runner import Runner, openssl_version
    from arcprobe.probes.trust.bundle import read_proxy_cert
    from arcprobe.probes.trust.roots import public_roots, system_roots
    from arcprobe.probes.trust.stores import Stores

    started = datetime.now(UTC)
    begun = time.monotonic()
    if config.public_roots:
        roots, label = config.public_roots, config.settings.public_roots
    else:
        roots, label = public_roots()
    stores = Stores(roots, system_roots(), config.proxy_cert or None)
    notes = (
        read_proxy_cert(config.proxy_cert, config.settings.proxy_cert).notes
        if config.proxy_cert
        else ()
    )
    settings = msgspec.structs.replace(
        config.settings,
        public_roots=label,
        system_roots=stores.system_roots,
        proxy_cert_notes=tuple(notes),
    )
    config = msgspec.structs.replace(config, settings=settings)
    with _progress() as progress:
        runner = Runner(
            make_plan(config),
            context_of(config, stores),
            lambda planned, discovery, observation: further(
                config, planned, discovery, observation
            ),
            progress,
        )
        asyncio.run(_watched(runner, settings.deadline - (time.monotonic() - begun), ended))
    environ = os.environ if config.cluster.environ is None else config.cluster.environ
    host, node, pod = _place.names(environ)
    run = Run(
        version=__version__,
        started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        seconds=round(time.monotonic() - begun, 3),
        vantage=_place.vantage(environ),
        host=host,
        node=node,
        pod=pod,
        settings=settings,
        python=sys.version.split()[0],
        openssl=openssl_version(),
        interrupted=runner.interrupted,
    )
    return judged(run, runner.checks, runner.observations)


async def _watched(runner: Runner, deadline: float, ended: threading.Event | None) -> None:
    """Runs, and stops in order on SIGTERM and SIGINT, so that what was seen until then is
    reported."""
    loop = asyncio.get_running_loop()

    def stop(name: str) -> None:
        if ended is not None:
            ended.set()
        runner.stop(f"ended by {name}")

    for number in (signal.SIGTERM, signal.SIGINT):
        # not on Windows, and not in a thread: there Ctrl-C comes as KeyboardInterrupt
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop, signal.Signals(number).name)
    await runner.run(max(deadline, 0.1))


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int, Check], None] | None]:
    """A line on stderr that says how far the run is; only on a terminal that can redraw it."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb" or os.environ.get("NO_COLOR"):
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("planning …") as status:

        def show(done: int, total: int, check: Check) -> None:
            status.update(f"{done} of {total} checks done; last: {check.kind.value} {check.target}")

        yield show
