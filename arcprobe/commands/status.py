"""``arcprobe status``: the newest reports of what ``job`` made, read out of the cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from itertools import groupby

import click
import msgspec

from arcprobe.commands import merge, output, speaking
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.namespace import namespace_option
from arcprobe.fleet import envelope, manifest
from arcprobe.fleet.merge import Merger
from arcprobe.knowledge.language import Language, language
from arcprobe.model import line
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError

EXAMPLES = """\b
Examples:
  arcprobe status
  arcprobe status --namespace team --format json
"""


class _Owner(msgspec.Struct):
    uid: str = ""


class _Metadata(msgspec.Struct, rename="camel"):
    name: str = ""
    labels: dict[str, str] = {}
    owner_references: list[_Owner] = []
    creation_timestamp: str = ""


class _Spec(msgspec.Struct, rename="camel"):
    node_name: str = ""


class _Pod(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)

    @property
    def vantage(self) -> str:
        """The network that it asks from."""
        return self.metadata.labels.get("app.kubernetes.io/component", "")

    @property
    def workload(self) -> str:
        """The Job or DaemonSet that made it."""
        return next((owner.uid for owner in self.metadata.owner_references), self.metadata.name)


class _Pods(msgspec.Struct):
    items: list[_Pod] = []


@click.command("status", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@namespace_option(manifest.OWN_NAMESPACE, "Where the pods are.")
@click.option(
    "--name",
    default="arcprobe",
    show_default=True,
    metavar="NAME",
    help="Of the objects, as `job` was given it.",
)
@click.option("--kubeconfig", default="", metavar="FILE", help="Handed to kubectl.")
@click.option("--context", default="", metavar="NAME", help="Handed to kubectl.")
@output.options
@speaking.lang_option
def command(
    namespace: str,
    name: str,
    kubeconfig: str,
    context: str,
    format: str,
    reports: output.Files,
    words: Language,
) -> None:
    """Read the newest reports of what `arcprobe job` made: of each network the last Job that has
    reported, or every node of a DaemonSet. Nothing is run or changed.

    The exit code is that of the preflight; 3 where there is no report.
    """
    kubectl = Kubectl(os.environ, kubeconfig, context)
    merger = Merger()
    say = words.say
    try:
        pods = _pods(kubectl, namespace, name)
    except (KubectlError, msgspec.DecodeError) as error:
        click.echo(say(line("run.unusable", reason=str(error))), err=True)
        sys.exit(UNFINISHED)
    problems: list[str] = []
    kept: list[bytes] = []
    for vantage in sorted({pod.vantage for pod in pods}):
        of_vantage = [pod for pod in pods if pod.vantage == vantage]
        kept += _newest(kubectl, namespace, of_vantage, merger, problems)
    if not kept:
        why = tuple(problems) or (say(line("status.no-pods", name=name)),)
        click.echo(say(line("status.none", namespace=namespace, why=why)), err=True)
        sys.exit(UNFINISHED)
    if problems:
        click.echo(say(line("status.passed-over", pods=tuple(problems))), err=True)
    told = merge.told(merger, words)
    sys.exit(merge.write(merger.result(), format, reports, kept, words=words, told=told))


def _pods(kubectl: Kubectl, namespace: str, name: str) -> list[_Pod]:
    """The pods, those of the newest workload first."""
    label = f"app.kubernetes.io/name=arcprobe,app.kubernetes.io/instance={name}"
    printed = kubectl("-n", namespace, "get", "pods", "-l", label, "-o", "json")
    pods = msgspec.json.decode(printed, type=_Pods).items
    began: dict[str, str] = {}
    for pod in pods:
        at = pod.metadata.creation_timestamp
        began[pod.workload] = max(at, began.get(pod.workload, ""))
    return sorted(pods, key=lambda pod: (began[pod.workload], pod.workload), reverse=True)


def _newest(
    kubectl: Kubectl, namespace: str, pods: Iterable[_Pod], merger: Merger, problems: list[str]
) -> list[bytes]:
    """The reports of the newest workload that has one."""
    for _, group in groupby(pods, key=lambda pod: pod.workload):
        found = []
        for pod in group:
            try:
                found.append(_report(kubectl, namespace, pod, merger))
            except (KubectlError, ValueError) as error:
                told = line("status.unreported", pod=pod.metadata.name, reason=str(error))
                problems.append(language().say(told))
        if found:
            return found
    return []


def _report(kubectl: Kubectl, namespace: str, pod: _Pod, merger: Merger) -> bytes:
    """Takes in the report of one pod. ``ValueError``: it has none."""
    log = kubectl("-n", namespace, "logs", pod.metadata.name, "-c", "arcprobe")
    report = envelope.unwrap(log.decode("utf-8", "replace"))
    merger.add(report, pod.spec.node_name)
    return report.encode()
