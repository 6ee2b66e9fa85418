"""What this machine must have before a lab can be built on it."""

from __future__ import annotations

import os
import sys

from tests.agents.build import go_command

from .servers import find

PROGRAMS = (
    "ip",
    "nft",
    "sysctl",
    "squid",
    "tinyproxy",
    "haproxy",
    "apache2",
    "nginx",
    "danted",
    "named",
    "unbound",
    "dnsmasq",
    "mitmdump",
    "openssl",
)


def missing() -> str:
    """What is missing, in words, or an empty string when labs can be built here."""
    if sys.platform != "linux":
        return f"Linux, this is {sys.platform}"
    if os.geteuid() != 0:
        return "root, for network namespaces"
    absent = [program for program in PROGRAMS if find(program) is None]
    absent += [] if go_command() else ["a Go that ARCPROBE_GO names, or on the path"]
    return f"these programs: {', '.join(absent)}" if absent else ""
