"""``arcprobe traffic``: what went through the Arc gateway, from the log of the Arc proxy pod."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click
import msgspec

from arcprobe.commands import speaking
from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.commands.namespace import namespace_option
from arcprobe.commands.output import format_option
from arcprobe.commands.settings_flags import by_setting, settings_flags
from arcprobe.knowledge.language import Language
from arcprobe.lifecycle import traffic as audit
from arcprobe.lifecycle.traffic_text import as_text
from arcprobe.model import ClusterSource, line
from arcprobe.model.errors import ConfigError
from arcprobe.settings.gather import gather
from arcprobe.settings.values import seconds

EXAMPLES = """\b
Examples:
  arcprobe traffic --region eastus
  arcprobe traffic --region eastus --feature container-insights --format json
  kubectl logs -n azure-arc ARC-PROXY-POD | arcprobe traffic -
  arcprobe traffic arc-proxy.log
"""

_CHUNK = 1 << 20
_BEGIN = (
    "arc-proxy-"  # learn.microsoft.com/azure/azure-arc/kubernetes/arc-gateway-simplify-networking
)


@click.command("traffic", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("log", metavar="[LOG]", required=False)
@settings_flags("traffic")
@namespace_option("azure-arc", "Where the Arc proxy pod runs.")
@format_option("text", "json")
@speaking.lang_option
def command(
    log: str | None, file: str | None, namespace: str, format: str, words: Language, **flags: Any
) -> None:
    """Which hosts went through the Arc gateway: how often, first and last, refused, failed, not on
    the gateway's list; with --region, which required ones never appear.

    LOG is a file, - is stdin; without it, the logs of the pods arc-proxy-… are read, in a pod by
    the API, elsewhere by kubectl; rights: to list pods, and get of pods/log. Any format: what names
    no host is counted and sampled.

    \b
    Exit codes: 0, 1 some host was only refused or failed, 2 wrong settings or no log.
    """
    named = by_setting(flags)
    given = gather(named, os.environ, file)
    required = None
    if given.text("region"):
        from arcprobe.commands.endpoints import closable, read_config

        chosen = {name: value for name, value in named.items() if name not in _CLUSTER}
        config = read_config(chosen, os.environ, file, removable=True)
        required = closable(config.settings).endpoints
    where, chunks = _chunks(log, namespace, given.values)
    try:
        found = audit.read_log(chunks)
    except OSError as error:
        raise ConfigError("LOG", f"{where}: cannot read: {error.strerror or error}") from None
    if required is not None:
        found = audit.compared(found, required)
    if format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(audit.as_data(found)), indent=2))
    else:
        click.echo(as_text(found, where, words))
    sys.exit(FAILED if found.broken else DONE)


_CLUSTER = ("kubeconfig", "context", "timeout")


def _chunks(log: str | None, namespace: str, given: dict[str, Any]) -> tuple[str, Iterator[bytes]]:
    if log is None:
        return _of_pods(namespace, given)
    if log == "-":
        return "stdin", iter(lambda: sys.stdin.buffer.read(_CHUNK), b"")
    return log, _of_file(log)


def _of_file(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _of_pods(namespace: str, given: dict[str, Any]) -> tuple[str, Iterator[bytes]]:
    from arcprobe.knowledge.language import language
    from arcprobe.probes.cluster import logs
    from arcprobe.probes.cluster.told import Refused

    source = ClusterSource(kubeconfig=given.get("kubeconfig", ""), context=given.get("context", ""))
    timeout = seconds("--timeout", str(given.get("timeout", 10)))
    try:
        found = logs.logs(source, namespace, _BEGIN, timeout)
    except Refused as refused:
        raise _no_log(refused) from None
    if not found:
        words = language().say(line("traffic.no-pod", namespace=namespace))
        raise ConfigError("LOG", words)
    streams = (_told(logs.stream(source, namespace, log, timeout)) for log in found)
    pods = dict.fromkeys(log.pod for log in found)
    return ", ".join(pods), chain.from_iterable(streams)


def _told(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks; a log that cannot be read is an error of the user, in one line."""
    from arcprobe.probes.cluster.told import Refused

    try:
        yield from chunks
    except Refused as refused:
        raise _no_log(refused) from None


def _no_log(refused: Exception) -> ConfigError:
    advice = "a log in a file, or on stdin (-), is read too"
    return ConfigError("LOG", str(refused), advice)
