"""The commands and what each is for. Light: the front door needs no more to answer ``--help``."""

from __future__ import annotations

import os
import sys

COMMANDS = {
    "check": ("check", "The preflight, from this pod, node or laptop."),
    "watch": ("watching", "The check again and again: what changes, and metrics."),
    "demo": ("demo", "The same against a simulated enterprise network on loopback."),
    "endpoints": ("endpoints", "What must be reachable; exports for firewall teams."),
    "skip-range": ("skip_range", "The bypass list against the cluster: check, suggest, explain."),
    "job": ("job", "Print the Kubernetes manifest of the preflight."),
    "run": ("run", "Run the preflight in the cluster, and collect the result."),
    "status": ("status", "The newest reports of what `job` made, out of the cluster."),
    "report": ("report", "Render, join and compare recorded reports."),
    "plan": ("plan", "The az commands that follow a passed report."),
    "gateway": ("gateway", "The Arc gateway resource in Azure, and your rights."),
    "verify": ("verify", "The cluster after onboarding or the move to the gateway."),
    "traffic": ("traffic", "What went through the gateway, from its log."),
    "explain": ("explain", "What a code means, who must act, what to change."),
    "completion": ("completion", "The script that completes commands in a shell."),
    "version": ("version", "The version."),
}
"""The module of each command in ``arcprobe.commands``, and what it is for."""

_HELP = """\
Usage: arcprobe [OPTIONS] COMMAND [ARGS]...

  Check, before onboarding, whether this network lets a Kubernetes cluster
  connect to Azure Arc.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
{commands}

Examples:
  arcprobe demo
  arcprobe check --region westeurope --proxy-https http://proxy.corp:3128
  arcprobe explain proxy-denied
"""


def help_text() -> str:
    """The help of the whole program, at most 80 columns."""
    width = max(map(len, COMMANDS))
    rows = (f"  {name:{width}}  {words}" for name, (_module, words) in COMMANDS.items())
    return _HELP.format(commands="\n".join(rows))


def is_completing() -> bool:
    """Whether a shell asks what could follow (the protocol of click)."""
    return "_ARCPROBE_COMPLETE" in os.environ


def leave_stdout() -> None:
    """Leads stdout nowhere, so that the interpreter's own flush at its end has nothing to complain
    about."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
