"""``arcprobe check``: the preflight, from this pod, node or laptop."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from arcprobe.commands import output, stopping
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.grouped import GroupedCommand
from arcprobe.commands.settings_flags import by_setting, settings_flags

if TYPE_CHECKING:
    from arcprobe.commands.events import Events
    from arcprobe.knowledge.language import Language
    from arcprobe.model import Config, Report

EXAMPLES = """\b
Examples:
  arcprobe check --region westeurope
  arcprobe check --region westeurope --proxy-https http://proxy.corp:3128 \\
      --proxy-skip-range 10.96.0.0/12,.svc,.svc.cluster.local,kubernetes.default.svc
  arcprobe check --region eastus --gateway-url https://PREFIX.gw.arc.azure.com \\
      --report html=report.html
  arcprobe check --region westeurope --report html=report.html --events - | jq -c .
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
@output.events_option
def command(
    file: str | None,
    until_pass: bool,
    wide: bool,
    format: str,
    reports: output.Files,
    events: str,
    **flags: Any,
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
    sys.exit(how(config, output.wanted(format, reports, wide=wide, events=events)))


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None) -> Config:
    """The settings of flags, environment and file; Azure is asked for a gateway that is named by
    its resource ID."""
    from arcprobe.settings.load import load

    config = load(by_setting(flags), environ, file)
    if not config.gateway_id:
        return config
    from arcprobe.commands.azure import with_gateway

    return with_gateway(config, environ)


def run(config: Config, wanted: output.Wanted) -> int:
    """The preflight with these settings, and its report written; the exit code."""
    from arcprobe.commands import events
    from arcprobe.commands.speaking import spoken

    words = spoken(config.lang, os.environ)
    started = time.monotonic()
    ended = threading.Event()
    stopping.keep_no_core()
    with stopping.remembered(ended.set), events.written(wanted.events) as told:
        report = _asked(config, ended, words, told)
        code = _told(report, wanted, started, ended, words)
    return code if told is None or not told.problem else UNFINISHED


def _asked(config: Config, ended: threading.Event, words: Language, told: Events | None) -> Report:
    """The report of a preflight that is shown while it lasts."""
    from arcprobe.commands import live
    from arcprobe.pipeline import preflight
    from arcprobe.probes.listener import Listeners

    with live.shown(words) as shown:
        report = preflight(config, ended, Listeners(filter(None, (shown, told))))
    if told is not None:
        told.judged(report)
    return report


def _told(
    report: Report, wanted: output.Wanted, started: float, ended: threading.Event, words: Language
) -> int:
    """Writes the report; in a pod of a Job also for who collects it, and holds the pod."""
    from arcprobe.commands import in_job

    is_job = in_job.is_job(os.environ)
    if is_job:
        from arcprobe.report import renderer

        in_job.give_report(renderer("json")(report), sys.stdout)
    code = output.write_wanted(report, wanted, words)
    if is_job:
        causes = [(cause.code, cause.headline) for cause in report.causes]
        in_job.finish(report.verdict, causes, sys.stdout)
        in_job.hold(os.environ, time.monotonic() - started, ended.wait)
        return in_job.exit_code(os.environ, code)
    return code


def _until_pass(config: Config, wanted: output.Wanted) -> int:
    """The preflight again and again. Files, and any format but text, hold the last report."""
    from arcprobe.commands import events
    from arcprobe.commands.speaking import spoken
    from arcprobe.commands.until_pass import repeat

    ended = threading.Event()
    words = spoken(config.lang, os.environ)
    is_text = wanted.format == "text"
    first = wanted._replace(format=wanted.format if is_text else "", reports=())
    files = wanted._replace(format="" if is_text else wanted.format)
    with events.written(wanted.events) as told:
        last = repeat(
            lambda: _asked(config, ended, words, told),
            lambda report: output.write_wanted(report, first, words),
            ended,
            words=words,
        )
        code = output.write_wanted(last, files, words)
    return code if told is None or not told.problem else UNFINISHED
