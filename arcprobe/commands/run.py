"""``arcprobe run``: the preflight in the cluster, from here: a client of the manifest, ``kubectl``,
the envelope and merging."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click

from arcprobe.commands import (
    manifest_options as _manifest_options,
    merge,
    output as _output,
    pods as _pods,
)
from arcprobe.commands.kubectl import Kubectl, KubectlError
from arcprobe.fleet import envelope, manifest
from arcprobe.fleet.merge import Merger

EXAMPLES = """\b
Examples:
  arcprobe run --region westeurope --proxy-https http://proxy:3128
  arcprobe run --region westeurope --nodes all --image registry.local/arcprobe:tag
  arcprobe run --region westeurope --nodes pool=edge --compare laptop.json --format json
"""

_POLL = 2.0  # seconds between two looks at the pods
_LOGS_AT_ONCE = 8


class Interrupted(Exception):
    """Ctrl-C or SIGTERM: collect what is there, and clean up."""


@click.command("run", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@_output.options
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
@_manifest_options.manifest_flags
@_manifest_options.settings_flags
def command(
    form: str,
    reports: tuple[tuple[str, str], ...],
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
    request = _manifest_options.request(
        {
            **values,
            "name": name,
            "namespace": values["namespace"] or name,
            "vantage": values["vantage"] or "both",
        },
        create_namespace=not values["namespace"],
    )
    merger = Merger()
    for file in compared:
        if problem := merge.take(merger, file):
            raise click.UsageError(f"--compare {problem}")
    for note in request.notes:
        click.echo(note, err=True)
    try:
        kubectl = Kubectl(os.environ, values.get("kubeconfig"), values.get("context"))
        with _interruptible(), _applied(kubectl, request, made_secret=not values["proxy_secret"]):
            follow(kubectl, request, merger, wait=wait, patience=patience)
    except KubectlError as error:
        click.echo(f"arcprobe: the cluster could not be used: {error}", err=True)
        sys.exit(_output.UNFINISHED)
    except Interrupted:
        click.echo("arcprobe: interrupted before anything ran; cleaned up", err=True)
        sys.exit(_output.UNFINISHED)
    sys.exit(merge.write(merger.result(), form, reports))


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and Ctrl-C become ``Interrupted``, so that what was applied is always taken away."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, interrupt) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextlib.contextmanager
def _applied(
    kubectl: Kubectl, request: _manifest_options.Request, *, made_secret: bool
) -> Iterator[None]:
    """The objects, applied on entry and deleted on exit whatever happens."""
    objects = manifest.build(request)
    if request.credentials and made_secret:
        # before the workloads, so that no pod waits for it; it goes through stdin, never
        # a command line
        objects.insert(
            1 if request.create_namespace else 0, manifest.secret(request, request.credentials)
        )
    text = manifest.to_yaml(objects)
    try:
        kubectl("apply", "--validate=false", "-f", "-", stdin=text, timeout=120)
        click.echo(f"applied {request.name} in the namespace {request.namespace}", err=True)
        yield
    finally:
        # a second Ctrl-C must not leave objects behind
        before = {
            name: signal.signal(name, signal.SIG_IGN) for name in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            backwards = manifest.to_yaml(list(reversed(objects)))
            kubectl(
                "delete",
                "--ignore-not-found",
                "--wait=false",
                "-f",
                "-",
                stdin=backwards,
                timeout=120,
            )
        except KubectlError as error:
            click.echo(f"arcprobe: not cleaned up: {error}", err=True)
            click.echo(
                f"  kubectl delete namespace,clusterrole,clusterrolebinding -l app.kubernetes.io/instance={request.name}",
                err=True,
            )
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)


def follow(
    kubectl: Kubectl,
    request: manifest.Options,
    merger: Merger,
    *,
    wait: float,
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Looks at the pods until each has reported or is lost, and hands every report to the merger.

    ``wait``: seconds for all together; ``patience``: seconds that one pod may be stuck. Never
    raises for one node's sake.
    """
    watch = _Watch(kubectl, request, merger, patience)
    ends = clock() + wait
    try:
        while not watch.look(clock()):
            if clock() >= ends:
                watch.give_up(f"no report within {wait:g} seconds")
                return
            sleep(_POLL)
    except Interrupted:
        click.echo("interrupted: collecting what is there", err=True)
        watch.give_up("interrupted before it reported")


class _Watch:
    """What is known of the run's pods."""

    def __init__(
        self, kubectl: Kubectl, request: manifest.Options, merger: Merger, patience: float
    ) -> None:
        self._kubectl, self._request, self._merger, self._patience = (
            kubectl,
            request,
            merger,
            patience,
        )
        self._label = f"app.kubernetes.io/instance={request.name}"
        self._settled: set[str] = set()
        self._stuck_since: dict[str, float] = {}
        self._shown: dict[str, tuple[str, str]] = {}
        self._pods: tuple[_pods.Pod, ...] = ()
        self._refused_since: float | None = None
        self._unread: dict[str, int] = {}
        self._expected = self._expected_nodes()
        self._wanted = (
            (int(request.nodes) if request.nodes.isdigit() else 1)
            if not self._every
            else len(self._expected)
        )

    @property
    def _every(self) -> bool:
        return self._request.nodes != "one" and not self._request.nodes.isdigit()

    def _expected_nodes(self) -> tuple[str, ...]:
        if not self._every:
            return ()
        selector = [] if self._request.nodes == "all" else ["-l", self._request.nodes]
        try:
            printed = self._kubectl("get", "nodes", *selector, "-o", "json")
        except KubectlError as error:
            click.echo(
                f"the nodes cannot be listed, so a node without a pod is not noticed: {error}",
                err=True,
            )
            return ()
        return _pods.eligible_nodes(printed, dict(self._request.node_selector))

    def look(self, now: float) -> bool:
        """One look at the pods; True when nothing is left to wait for."""
        try:
            self._pods = _pods.read(
                self._kubectl(
                    "-n", self._request.namespace, "get", "pods", "-l", self._label, "-o", "json"
                )
            )
        except (KubectlError, ValueError) as error:
            click.echo(f"looking again: {error}", err=True)
            return False
        for pod in self._pods:
            self._show(pod)
            since = self._stuck_since.setdefault(pod.name, now) if pod.state == _pods.STUCK else now
            if pod.state != _pods.STUCK:
                self._stuck_since.pop(pod.name, None)
            elif now - since >= self._patience:
                self._lose(pod, pod.words)
            if pod.state == _pods.LOST:
                self._lose(pod, pod.words)
        self._collect(
            [
                pod
                for pod in self._pods
                if pod.state == _pods.DONE and pod.name not in self._settled
            ],
            last=False,
        )
        due = self._wanted * len(self._request.vantages) or 1
        if len(self._pods) < due and self._refused(now):
            return all(pod.name in self._settled for pod in self._pods)
        return len(self._settled) >= due and all(pod.name in self._settled for pod in self._pods)

    def _refused(self, now: float) -> bool:
        """Pods that admission or a quota does not let in, after the patience of a stuck pod; all
        others are still waited for."""
        try:
            printed = self._kubectl("-n", self._request.namespace, "get", "events", "-o", "json")
        except KubectlError:
            return False
        words = _pods.refusals(printed)
        if not words:
            self._refused_since = None
            return False
        self._refused_since = now if self._refused_since is None else self._refused_since
        if now - self._refused_since < self._patience:
            return False
        self._lose_missing(f"its pod was refused: {words[0]}")
        return True

    def _lose_missing(self, reason: str) -> None:
        for vantage in self._request.vantages:
            if self._every and self._expected:
                names = list(_pods.missing(self._expected, self._pods, vantage))
            else:
                there = sum(pod.vantage == vantage for pod in self._pods)
                names = [f"(pod {number + 1})" for number in range(there, self._wanted or 1)]
            for node in names:
                self._merger.lose(node, vantage, reason)

    def _show(self, pod: _pods.Pod) -> None:
        if self._shown.get(pod.name) != (pod.state, pod.words):
            self._shown[pod.name] = (pod.state, pod.words)
            where = pod.node or f"(pod {pod.name})"
            click.echo(
                f"{where} {pod.vantage} network: {pod.state}{': ' + pod.words if pod.words else ''}",
                err=True,
            )

    def _lose(self, pod: _pods.Pod, reason: str) -> None:
        if pod.name not in self._settled:
            self._settled.add(pod.name)
            # what it printed before it ended still counts
            if not (pod.state == _pods.LOST and self._take(pod) == ""):
                self._merger.lose(pod.node or f"(pod {pod.name})", pod.vantage, reason)

    def _collect(self, pods: list[_pods.Pod], *, last: bool) -> None:
        with ThreadPoolExecutor(_LOGS_AT_ONCE) as pool:
            logs = pool.map(self._log, pods)
            for pod, log in zip(pods, logs, strict=True):
                problem = self._add(pod, log)
                self._unread[pod.name] = self._unread.get(pod.name, 0) + bool(problem)
                if not problem:
                    self._settled.add(pod.name)
                elif last or self._unread[pod.name] >= 3:  # a log can come later than the pod's end
                    self._settled.add(pod.name)
                    self._merger.lose(
                        pod.node, pod.vantage, f"{problem}{f' ({pod.words})' if pod.words else ''}"
                    )

    def _log(self, pod: _pods.Pod) -> str | KubectlError:
        try:
            arguments = ("-n", self._request.namespace, "logs", pod.name, "-c", "arcprobe")
            return self._kubectl(*arguments).decode("utf-8", "replace")
        except KubectlError as error:
            return error

    def _add(self, pod: _pods.Pod, log: str | KubectlError) -> str:
        """Hands a pod's report to the merger; what is wrong with it, or the empty string."""
        if isinstance(log, KubectlError):
            return f"its log cannot be read: {log}"
        try:
            self._merger.add(envelope.unwrap(log), pod.node)
        except ValueError as error:
            return f"its report {error}" if str(error).startswith("is ") else str(error)
        return ""

    def _take(self, pod: _pods.Pod) -> str:
        return self._add(pod, self._log(pod))

    def give_up(self, reason: str) -> None:
        """The time is up: what has reported is collected, the others are lost."""
        left = [pod for pod in self._pods if pod.name not in self._settled]
        self._collect([pod for pod in left if pod.state == _pods.DONE], last=True)
        for pod in left:
            if pod.state != _pods.DONE:
                self._lose(pod, f"{reason}: {pod.words or pod.state}")
        self._lose_missing(f"{reason}: it has no pod")
