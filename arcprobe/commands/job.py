"""``arcprobe job``: the Kubernetes manifest, to stdout."""

from __future__ import annotations

from typing import Any

import click

from arcprobe import __version__
from arcprobe.commands import manifest_options as _manifest_options
from arcprobe.fleet import manifest
from arcprobe.model.errors import ConfigError

EXAMPLES = """\b
Examples:
  arcprobe job --region westeurope --proxy-https http://proxy:3128 | kubectl apply -f -
  arcprobe job --region westeurope --nodes all --vantage both | kubectl apply -f -
  arcprobe job --region westeurope --image registry.local/arcprobe:tag --pull-secret registry
  kubectl -n arcprobe logs job/arcprobe-pod
"""


@click.command("job", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@_manifest_options.manifest_flags
@click.option(
    "--no-namespace", is_flag=True, help="The namespace exists: leave it out of the manifest."
)
@_manifest_options.settings_flags
def command(no_namespace: bool, **values: Any) -> None:
    """Print the manifest that runs the preflight in the cluster: ready for `kubectl apply -f -`.

    One node, or a number, is a Job; all nodes, or those of a selector, a DaemonSet whose pods are
    Ready when they have reported. Windows nodes are left out. The manifest never holds a password:
    it refers to a Secret.
    """
    request = _manifest_options.request(values, create_namespace=not no_namespace)
    try:
        objects = manifest.build(request)
    except ValueError as error:
        raise ConfigError(
            "--proxy-cert, --public-roots, --baseline",
            str(error),
            "name a smaller bundle, or --ca-config-map",
        ) from None
    click.echo(
        "".join(f"# {line}\n" for line in _introduction(objects, request))
        + manifest.to_yaml(objects),
        nl=False,
    )
    for note in request.notes:
        click.echo(note, err=True)
    if request.proxy_secret:
        click.echo(
            "The proxy's user and password are not in the manifest. FILE with one line user:password makes their Secret:",
            err=True,
        )
        click.echo(f"  {manifest.secret_command(request)}", err=True)


def _introduction(objects: list[manifest.Object], options: manifest.Options) -> list[str]:
    """What the administrator who is handed the manifest must know: what it does, how to read it,
    how to take it away."""
    namespace = options.namespace
    workloads = [
        f"{made['kind'].lower()}/{made['metadata']['name']}"
        for made in objects
        if made["kind"] in ("Job", "DaemonSet")
    ]
    role = next(made["metadata"]["name"] for made in objects if made["kind"] == "ClusterRole")
    networks = " and ".join(f"{vantage} network" for vantage in options.vantages)
    where = {"one": "one node", "all": "all Linux nodes"}.get(
        options.nodes, f"nodes: {options.nodes}"
    )
    lines = [
        f"arcprobe {__version__}: will the network let Azure Arc-enabled Kubernetes work? Asked from {where}, {networks}.",
        "It reads Services, Nodes, EndpointSlices, ServiceCIDRs and the ConfigMap kubeadm-config, and changes nothing.",
    ]
    for workload in workloads:
        if workload.startswith("job/"):
            lines.append(f"Report: kubectl -n {namespace} logs {workload}")
        else:
            lines.append(
                f"Wait:   kubectl -n {namespace} rollout status {workload}   (a pod is Ready when its report is out)"
            )
    if len(workloads) > 1 or options.nodes != "one":
        pods = f"kubectl -n {namespace} get pods -o name"
        lines.append(
            f'Merge:  for pod in $({pods}); do kubectl -n {namespace} logs "$pod" > "${{pod#pod/}}.log"; done'
        )
        lines.append("        arcprobe report merge *.log")
    named = [f"serviceaccount/{options.name}", f"configmap/{options.name}-config", *workloads]
    own = (
        f"namespace/{namespace}"
        if options.create_namespace
        else f"-n {namespace} {' '.join(named)}"
    )
    lines.append(
        f"Remove: kubectl delete {own}; kubectl delete clusterrole/{role} clusterrolebinding/{role}"
    )
    return lines
