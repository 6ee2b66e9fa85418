"""``arcprobe job``: the Kubernetes manifest, to stdout."""

from __future__ import annotations

from typing import Any

import click

from arcprobe import manifest
from arcprobe.commands import _manifest_options
from arcprobe.config import ConfigError

EXAMPLES = """\b
Examples:
  arcprobe job --region westeurope --proxy-https http://proxy:3128 | kubectl apply -f -
  arcprobe job --region westeurope --nodes all --vantage both | kubectl apply -f -
  arcprobe job --region westeurope --image registry.local/arcprobe:tag --pull-secret registry
  kubectl -n arcprobe logs job/arcprobe-pod
"""


@click.command("job", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@_manifest_options.manifest_flags
@click.option("--no-namespace", is_flag=True, help="The namespace exists: leave it out of the manifest.")
@_manifest_options.settings_flags
def command(no_namespace: bool, **values: Any) -> None:
    """Print the manifest that runs the preflight in the cluster: ready for `kubectl apply -f -`.

    One node, or a number, is a Job; all nodes, or those of a selector, a DaemonSet whose pods are Ready when they have reported.
    Windows nodes are left out. The manifest never holds a password: it refers to a Secret.
    """
    request = _manifest_options.request(values, create_namespace=not no_namespace)
    try:
        text = manifest.to_yaml(manifest.build(request))
    except ValueError as error:
        raise ConfigError(
            "--proxy-cert, --public-roots, --baseline", str(error), "name a smaller bundle, or --ca-config-map"
        ) from None
    click.echo(text, nl=False)
    for note in request.notes:
        click.echo(note, err=True)
    if request.proxy_secret:
        click.echo(
            "The proxy's user and password are not in the manifest. FILE with one line user:password makes their Secret:",
            err=True,
        )
        click.echo(f"  {manifest.secret_command(request)}", err=True)
