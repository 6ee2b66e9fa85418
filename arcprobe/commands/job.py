"""``arcprobe job``: the Kubernetes manifest, to stdout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from typing import Any

import click

from arcprobe import __version__
from arcprobe.commands import manifest_options, speaking
from arcprobe.commands.manifest_flags import manifest_flags
from arcprobe.commands.settings_flags import settings_flags
from arcprobe.fleet import manifest
from arcprobe.fleet.as_yaml import to_yaml
from arcprobe.knowledge.language import language
from arcprobe.model import Line, line
from arcprobe.model.errors import ConfigError

EXAMPLES = """\b
Examples:
  arcprobe job --region westeurope --proxy-https http://proxy:3128 | kubectl apply -f -
  arcprobe job --region westeurope --nodes all --vantage both | kubectl apply -f -
  arcprobe job --region westeurope --image registry.local/arcprobe:tag --pull-secret registry
  arcprobe job --region westeurope --schedule '*/30 * * * *' | kubectl apply -f -
  kubectl -n arcprobe logs job/arcprobe-pod
"""


@click.command("job", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@manifest_flags
@click.option(
    "--create-namespace",
    is_flag=True,
    help="Make the namespace of --namespace too. One that exists is not taken over.",
)
@click.option(
    "--no-namespace",
    is_flag=True,
    help="The namespace exists, also without --namespace: leave it out of the manifest.",
)
@click.option(
    "--kube-version",
    default="",
    metavar="MAJOR.MINOR",
    help="Of an API server before 1.29: leave out what it does not know.",
)
@click.option(
    "--schedule",
    default="",
    metavar="CRON",
    help="A CronJob: the preflight again and again, to watch a cluster that is connected.",
)
@settings_flags("job")
def command(
    create_namespace: bool, no_namespace: bool, kube_version: str, schedule: str, **values: Any
) -> None:
    """Print the manifest that runs the preflight in the cluster: ready for `kubectl apply -f -`.

    One node, or a number, is a Job, or with --schedule a CronJob, whose Jobs fail when the
    preflight does; all nodes, or those of a selector, a DaemonSet whose pods are Ready when they
    have reported. Windows nodes are left out. The manifest never holds a password:
    it refers to a Secret.
    """
    if create_namespace and no_namespace:
        raise ConfigError("--create-namespace", "contradicts --no-namespace", "use one of them")
    makes_own = not values["namespace"] and not no_namespace
    request = manifest_options.request(
        values,
        create_namespace=create_namespace or makes_own,
        server=manifest_options.kube_version(kube_version),
        schedule=manifest_options.schedule(schedule, values["nodes"]),
    )
    say = speaking.spoken(str(request.config.get("lang", "")), os.environ).say
    try:
        objects = manifest.build(request)
    except ValueError as error:
        settings = "--proxy-cert, --public-roots, --baseline"
        raise ConfigError(settings, str(error), language().say(line("job.too-large"))) from None
    introduction = "".join(f"# {say(told)}\n" for told in _introduction(objects, request))
    click.echo(introduction + to_yaml(objects), nl=False)
    for note in request.notes:
        click.echo(note, err=True)
    if request.proxy_secret:
        click.echo(say(line("job.secret")), err=True)
        click.echo(f"  {manifest.secret_command(request)}", err=True)


def _introduction(objects: list[manifest.Object], options: manifest.Options) -> Iterator[Line]:
    """What the administrator who is handed the manifest must know: what it does, how to read it,
    how to take it away."""
    namespace = options.namespace
    workloads = _names(objects, "Job") + _names(objects, "DaemonSet")
    where = {"one": line("job.one"), "all": line("job.all")}.get(
        options.nodes, line("job.some", nodes=options.nodes)
    )
    networks = tuple(line("job.network", vantage=vantage) for vantage in options.vantages)
    yield line("job.title", version=__version__, where=where, networks=networks)
    yield line("job.reads")
    if options.create_namespace:
        yield line("job.namespace", namespace=namespace)
    for workload in workloads:
        key = "job.report" if workload.startswith("job/") else "job.wait"
        yield line(key, namespace=namespace, workload=workload)
    if options.schedule:
        yield line("job.status", namespace=namespace, name=options.name)
    elif len(workloads) > 1 or options.nodes != "one":
        yield line("job.logs", namespace=namespace, name=options.name)
        yield line("job.merge")
    jobs = _names(objects, "Job")
    if jobs:
        yield line("job.again", namespace=namespace, jobs=" ".join(jobs))
    yield line("job.remove", commands="; ".join(_removal(objects, options)))


def _removal(objects: list[manifest.Object], options: manifest.Options) -> Iterator[str]:
    """The commands that take away what the manifest made, and nothing else: a namespace that was
    there before does not carry the label."""
    namespace = options.namespace
    kinds = ("Job", "CronJob", "DaemonSet", "ConfigMap", "ServiceAccount")
    inside = " ".join(chain.from_iterable(_names(objects, kind) for kind in kinds))
    yield f"kubectl -n {namespace} delete {inside}"
    if options.create_namespace:
        label = f"-l app.kubernetes.io/instance={options.name}"
        yield f"kubectl delete namespace {label} --field-selector metadata.name={namespace}"
    wide = _names(objects, "ClusterRole") + _names(objects, "ClusterRoleBinding")
    if wide:
        yield f"kubectl delete {' '.join(wide)}"


def _names(objects: list[manifest.Object], kind: str) -> list[str]:
    return [
        f"{kind.lower()}/{made['metadata']['name']}" for made in objects if made["kind"] == kind
    ]
