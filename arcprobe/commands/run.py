"""``arcprobe run``: the preflight in the cluster, from here: a client of the manifest, ``kubectl``,
the envelope and merging."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from typing import Any

import click
import msgspec

from arcprobe.commands import manifest_options, merge, output, speaking
from arcprobe.commands.applying import MADE_BY, applied, interrupt, signals, tell_leftovers
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.keeping import Keeper
from arcprobe.commands.manifest_flags import manifest_flags
from arcprobe.commands.settings_flags import settings_flags
from arcprobe.commands.surroundings import Node, eligible, read_nodes
from arcprobe.commands.watch import Collector, Interrupted, follow, has_every_node, tell
from arcprobe.fleet import manifest
from arcprobe.fleet.merge import Merger
from arcprobe.model.errors import ConfigError
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError

EXAMPLES = """\b
Examples:
  arcprobe run --region westeurope --proxy-https http://proxy:3128
  arcprobe run --region westeurope --nodes all --image registry.local/arcprobe:tag
  arcprobe run --region westeurope --nodes pool=edge --compare laptop.json --format json
"""

# How kubectl says that its own configuration cannot be used, and what to set then.
_CONFIGURATION = re.compile(
    r"context .*(does not exist|not found)|error loading config|stat .*no such file"
    r"|invalid configuration|no configuration has been provided|current-context is not set"
    r"|the connection to the server localhost:8080 was refused",
    re.IGNORECASE,
)


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
@click.option(
    "--keep-reports",
    default="",
    metavar="DIR",
    help="Also write every node's whole report into this folder.",
)
@manifest_flags
@settings_flags("run")
def command(
    format: str,
    reports: output.Files,
    compared: tuple[str, ...],
    wait: float,
    patience: float,
    keep_reports: str,
    **values: Any,
) -> None:
    """Run the preflight in the cluster: apply the manifest with `kubectl`, follow it, collect,
    merge, clean up.

    Both vantages by default (pod network and node network). A namespace of its own is made and
    deleted; with --namespace an existing one is used. Everything is cleaned up also on Ctrl-C and
    after a failure.
    """
    _check_namespace(values)
    name = f"{values['name']}-{secrets.token_hex(3)}"
    own = {
        "name": name,
        "namespace": values["namespace"] or name,
        "vantage": values["vantage"] or "both",
    }
    request = manifest_options.request({**values, **own}, create_namespace=not values["namespace"])
    request = msgspec.structs.replace(request, labels={**request.labels, **MADE_BY})
    merger = Merger()
    for file in compared:
        if problem := merge.take(merger, file):
            raise click.UsageError(f"--compare {problem}")
    keeper = Keeper(keep_reports)
    for note in request.notes:
        click.echo(note, err=True)
    try:
        kubectl = Kubectl(os.environ, values["kubeconfig"], values["context"])
        has_secret = bool(values["proxy_secret"])
        with signals(interrupt):
            nodes = _nodes(kubectl, request)
            tell_leftovers(kubectl)
            request = msgspec.structs.replace(request, server=_server(kubectl))
            lifetime = wait + request.deadline
            with applied(kubectl, request, has_secret=has_secret, lifetime=lifetime):
                collector = Collector(merger, keeper)
                follow(kubectl, request, collector, nodes=nodes, wait=wait, patience=patience)
    except KubectlError as error:
        tell("unusable", reason=str(error))
        sys.exit(UNFINISHED)
    except Interrupted:
        tell("interrupted-early")
        sys.exit(UNFINISHED)
    words = speaking.spoken(str(request.config.get("lang", "")), os.environ)
    told = merge.told(merger, words)
    code = merge.write(merger.result(), format, reports, keeper.reports(), words=words, told=told)
    sys.exit(code if keeper.is_written else UNFINISHED)


def _check_namespace(values: Mapping[str, Any]) -> None:
    """Objects that are in the cluster already cannot be in a namespace that is made now."""
    if values["namespace"]:
        return
    for setting in ("proxy_secret", "ca_config_map", "pull_secret"):
        if values[setting]:
            flag = f"--{setting.replace('_', '-')}"
            raise ConfigError(flag, "needs --namespace", "the namespace that it is in")


def _nodes(kubectl: Kubectl, request: manifest.Options) -> tuple[Node, ...]:
    """The nodes that may have a pod; none where nodes may not be listed."""
    is_selected = has_every_node(request) and request.nodes != "all"
    selector = ["-l", request.nodes] if is_selected else []
    try:
        printed = kubectl("get", "nodes", *selector, "-o", "json")
    except KubectlError as error:
        if _CONFIGURATION.search(str(error)):
            problem = "kubectl's configuration cannot be used"
            raise ConfigError("--kubeconfig, --context", problem, str(error)) from None
        tell("no-nodes", reason=str(error))
        return ()
    nodes = eligible(read_nodes(printed), request.node_selector)
    if not nodes:
        _no_node(request)
    for node in nodes:
        if node.unready:
            tell("node-unready", node=node.name, message=node.unready)
    return nodes


def _no_node(request: manifest.Options) -> None:
    wanted = ",".join(f"{key}={value}" for key, value in request.node_selector.items())
    if has_every_node(request) and request.nodes != "all":
        raise ConfigError("--nodes", f"no Linux node has {request.nodes} {wanted}".strip())
    if wanted:
        raise ConfigError("--node-selector, --architecture", f"no Linux node has {wanted}")
    raise ConfigError("--nodes", "the cluster has no Linux node")


def _server(kubectl: Kubectl) -> tuple[int, int] | None:
    """Major and minor version of the API server, where it says them."""
    try:
        told = msgspec.json.decode(kubectl("get", "--raw", "/version"))
        return int(told["major"]), int(re.sub(r"\D", "", told["minor"]))
    except (KubectlError, msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
