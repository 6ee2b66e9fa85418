"""``arcprobe run``: the preflight in the cluster, from here: a client of the manifest, ``kubectl``,
the envelope and merging."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from arcprobe.commands import manifest_options, merge, output
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.manifest_flags import manifest_flags
from arcprobe.commands.settings_flags import settings_flags
from arcprobe.commands.watch import Interrupted, follow, tell
from arcprobe.fleet import manifest
from arcprobe.fleet.merge import Merger
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError

EXAMPLES = """\b
Examples:
  arcprobe run --region westeurope --proxy-https http://proxy:3128
  arcprobe run --region westeurope --nodes all --image registry.local/arcprobe:tag
  arcprobe run --region westeurope --nodes pool=edge --compare laptop.json --format json
"""

_SECONDS_TO_APPLY = 120.0  # for all objects: kubectl waits for admission webhooks

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command("run", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@output.options
@click.option(
    "--compare",
    "compared",
    multiple=True,
    metavar="FILE",
    help="Report of this laptop, to compare with; repeatable.",
)
@click.option(
    "--wait",
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest wait for all nodes together.",
)
@click.option(
    "--patience",
    default=90.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a pod may be stuck.",
)
@manifest_flags
@settings_flags("run")
def command(
    format: str,
    reports: output.Files,
    compared: tuple[str, ...],
    wait: float,
    patience: float,
    **values: Any,
) -> None:
    """Run the preflight in the cluster: apply the manifest with `kubectl`, follow it, collect,
    merge, clean up.

    Both vantages by default (pod network and node network). A namespace of its own is made and
    deleted; with --namespace an existing one is used. Everything is cleaned up also on Ctrl-C and
    after a failure.
    """
    name = f"{values['name']}-{secrets.token_hex(3)}"
    own = {
        "name": name,
        "namespace": values["namespace"] or name,
        "vantage": values["vantage"] or "both",
    }
    request = manifest_options.request({**values, **own}, create_namespace=not values["namespace"])
    merger = Merger()
    for file in compared:
        if problem := merge.take(merger, file):
            raise click.UsageError(f"--compare {problem}")
    for note in request.notes:
        click.echo(note, err=True)
    try:
        kubectl = Kubectl(os.environ, values["kubeconfig"], values["context"])
        has_secret = bool(values["proxy_secret"])
        with _signals(_interrupt), _applied(kubectl, request, has_secret=has_secret):
            follow(kubectl, request, merger, wait=wait, patience=patience)
    except KubectlError as error:
        tell("unusable", reason=str(error))
        sys.exit(UNFINISHED)
    except Interrupted:
        tell("interrupted-early")
        sys.exit(UNFINISHED)
    sys.exit(merge.write(merger.result(), format, reports))


def _interrupt(*_: object) -> None:
    """SIGTERM and Ctrl-C become ``Interrupted``, so that what was applied is always taken away."""
    raise Interrupted


@contextlib.contextmanager
def _signals(handler: Callable[..., None] | signal.Handlers) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


@contextlib.contextmanager
def _applied(
    kubectl: Kubectl, request: manifest_options.Request, *, has_secret: bool
) -> Iterator[None]:
    """The objects, applied on entry and deleted on exit whatever happens. ``has_secret``: the
    cluster has the proxy's Secret already."""
    objects = manifest.build(request)
    if request.credentials and not has_secret:
        # before the workloads, so that no pod waits for it; it goes through stdin, never a command
        # line
        secret = manifest.secret(request, request.credentials)
        objects.insert(int(request.create_namespace), secret)
    try:
        applying = ("apply", "--validate=false", "-f", "-")
        kubectl(*applying, stdin=_stdin(objects), timeout=_SECONDS_TO_APPLY)
        tell("applied", name=request.name, namespace=request.namespace)
        yield
    finally:
        with _signals(signal.SIG_IGN):  # a second Ctrl-C must not leave objects behind
            _delete(kubectl, objects, request.name)


def _delete(kubectl: Kubectl, objects: list[manifest.Object], name: str) -> None:
    deleting = ("delete", "--ignore-not-found", "--wait=false", "-f", "-")
    try:
        kubectl(*deleting, stdin=_stdin(objects[::-1]), timeout=_SECONDS_TO_APPLY)
    except KubectlError as error:
        tell("not-cleaned", reason=str(error))
        tell("clean-by-hand", name=name)


def _stdin(objects: list[manifest.Object]) -> bytes:
    return manifest.to_yaml(objects).encode()
