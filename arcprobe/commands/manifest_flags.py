"""The flags of a manifest itself, which ``job`` and ``run`` share: a row each."""

from __future__ import annotations

from typing import Any

import click

from arcprobe import __version__
from arcprobe.commands.settings_flags import Command

_NAME: dict[str, Any] = {"default": "", "metavar": "NAME"}
_PAIRS: dict[str, Any] = {"multiple": True, "metavar": "KEY=VALUE"}
_QUANTITIES: dict[str, Any] = {"multiple": True, "metavar": "RESOURCE=QUANTITY"}

# flag, help, further arguments of click.option
_ROWS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "--image",
        "The image to run, built by arcprobe's Dockerfile and pushed where the nodes can pull.",
        {"default": f"arcprobe:{__version__}", "show_default": True, "metavar": "IMAGE"},
    ),
    (
        "--registry",
        "Registry mirror that stands before the image's name.",
        {"default": "", "metavar": "HOST[/PATH]"},
    ),
    (
        "--pull-secret",
        "Secret to pull the image with; repeatable.",
        {"multiple": True, "metavar": "NAME"},
    ),
    (
        "--pull-policy",
        "Never: the image was loaded into the nodes by hand.",
        {
            "default": "IfNotPresent",
            "show_default": True,
            "type": click.Choice(["Always", "IfNotPresent", "Never"]),
        },
    ),
    ("--namespace", "Where the pods run: one that exists. Default: one of its own.", _NAME),
    (
        "--no-rights",
        "Leave out the ClusterRole to read Services: what a namespace's admin may not make.",
        {"is_flag": True},
    ),
    ("--name", "Name of the objects.", {**_NAME, "default": "arcprobe", "show_default": True}),
    (
        "--nodes",
        "One node, or N that the scheduler chooses: a Job. All, or those of a label selector: a "
        "DaemonSet.",
        {"default": "one", "show_default": True, "metavar": "one|all|N|SELECTOR"},
    ),
    (
        "--vantage",
        "Pod network, node network (hostNetwork), or both. Default: pod for `job`, both for `run`.",
        {"type": click.Choice(["pod", "node", "both"])},
    ),
    ("--node-selector", "Nodes that may be used; repeatable.", _PAIRS),
    (
        "--architecture",
        "Only nodes of this architecture.",
        {"default": "", "metavar": "amd64|arm64"},
    ),
    (
        "--toleration",
        "Taint to tolerate; repeatable.",
        {"multiple": True, "metavar": "KEY[=VALUE][:EFFECT]"},
    ),
    ("--priority-class", "PriorityClass of the pods.", _NAME),
    ("--request", "In place of cpu=50m, memory=64Mi; repeatable.", _QUANTITIES),
    ("--limit", "In place of memory=128Mi; repeatable.", _QUANTITIES),
    ("--label", "Further label on every object; repeatable.", _PAIRS),
    ("--proxy-secret", "Secret with the key proxy-auth: one line user:password.", _NAME),
    (
        "--ca-config-map",
        "ConfigMap with the CA bundle, instead of --proxy-cert.",
        {"default": "", "metavar": "NAME[/KEY]"},
    ),
    (
        "--keep",
        "How long a finished Job stays.",
        {"default": 3600, "show_default": True, "metavar": "SECONDS"},
    ),
)


def manifest_flags(command: Command) -> Command:
    """Adds them."""
    for flag, words, more in reversed(_ROWS):
        command = click.option(flag, help=words, **more)(command)
    return command
