"""``arcprobe check``: the preflight, from this pod, node or laptop."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from arcprobe.commands import output, stopping
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.grouped import GroupedCommand
from arcprobe.commands.settings_flags import by_setting, settings_flags

if TYPE_CHECKING:
    from arcprobe.knowledge.language import Language
    from arcprobe.model import Check, Config, Report

EXAMPLES = """\b
Examples:
  arcprobe check --region westeurope
  arcprobe check --region westeurope --proxy-https http://proxy.corp:3128 \\
      --proxy-skip-range 10.96.0.0/12,.svc,.svc.cluster.local,kubernetes.default.svc
  arcprobe check --region eastus --gateway-url https://PREFIX.gw.arc.azure.com \\
      --report html=report.html
  kubectl get svc -A -o json | arcprobe check --region westeurope --services -
"""


@click.command(
    "check",
    cls=GroupedCommand,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@settings_flags("check")
@click.option(
    "--until-pass",
    is_flag=True,
    help="Ask again, about every 15 s, until it passes; print only what changed.",
)
@output.wide_option
@output.options
def command(
    file: str | None, until_pass: bool, wide: bool, format: str, reports: output.Files, **flags: Any
) -> None:
    """Test, from here, whether Azure Arc-enabled Kubernetes will work: DNS, proxy, TLS, WebSocket,
    skip range.

    Every setting can also be given as ARCPROBE_NAME in the environment or in --config. HTTPS_PROXY,
    HTTP_PROXY and NO_PROXY are read where no flag says otherwise.

    \b
    Exit codes: 0 passed (warnings allowed), 1 failed, 2 wrong settings, 3 could not finish.
    """
    config = read_settings(flags, os.environ, file)
    how = _until_pass if until_pass else run
    sys.exit(how(config, format, reports, wide=wide))


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None) -> Config:
    """The settings of flags, environment and file; Azure is asked for a gateway that is named by
    its resource ID."""
    from arcprobe.settings.load import load

    config = load(by_setting(flags), environ, file)
    if not config.gateway_id:
        return config
    from arcprobe.commands.azure import with_gateway

    return with_gateway(config, environ)


def run(config: Config, format: str, reports: output.Files, *, wide: bool) -> int:
    """The preflight with these settings, and its report written; the exit code."""
    from arcprobe.commands.speaking import spoken
    from arcprobe.pipeline import preflight

    words = spoken(config.lang, os.environ)

    started = time.monotonic()
    ended = threading.Event()
    stopping.keep_no_core()
    with stopping.remembered(ended.set):
        with _progress() as progress:
            report = preflight(config, ended, progress)
        return _told(report, format, reports, wide, started, ended, words)


def _told(
    report: Report,
    format: str,
    reports: output.Files,
    wide: bool,
    started: float,
    ended: threading.Event,
    words: Language,
) -> int:
    """Writes the report; in a pod of a Job also for who collects it, and holds the pod."""
    from arcprobe.commands import in_job

    is_job = in_job.is_job(os.environ)
    if is_job:
        from arcprobe.report import renderer

        in_job.give_report(renderer("json")(report), sys.stdout)
    code = output.write(report, format, reports, wide=wide, words=words)
    if is_job:
        causes = [(cause.code, cause.headline) for cause in report.causes]
        in_job.finish(report.verdict, causes, sys.stdout)
        in_job.hold(os.environ, time.monotonic() - started, ended.wait)
    return code


def _until_pass(config: Config, format: str, reports: output.Files, *, wide: bool) -> int:
    """The preflight again and again. Files, and any format but text, hold the last report."""
    from arcprobe.commands.speaking import spoken
    from arcprobe.commands.until_pass import repeat
    from arcprobe.pipeline import preflight

    ended = threading.Event()
    words = spoken(config.lang, os.environ)

    def ask() -> Report:
        with _progress() as progress:
            return preflight(config, ended, progress)

    def show(report: Report) -> None:
        if format == "text":
            output.write(report, format, (), wide=wide, words=words)

    last = repeat(ask, show, ended, words=words)
    if format != "text":
        return output.write(last, format, reports, wide=wide, words=words)
    is_written = output.write_files(reports, output.Told(last, words).rendered)
    return output.exit_code(last) if is_written else UNFINISHED


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int, Check], None] | None]:
    """A line on stderr that says how far the run is; only on a terminal that can redraw it."""
    if not output.can_redraw(sys.stderr):
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("planning …") as status:

        def show(done: int, total: int, check: Check) -> None:
            status.update(f"{done} of {total} checks done; last: {check.kind.value} {check.target}")

        yield show
