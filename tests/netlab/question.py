"""`python -m tests.netlab.question NAME`: what each name server of resolv.conf says, over UDP and
TCP, one line each."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode


def _one(server: str, name: str, kind: str, over: str) -> str:
    started = time.monotonic()
    ask = dns.query.udp if over == "udp" else dns.query.tcp
    try:
        reply = ask(dns.message.make_query(name, kind), server, timeout=3)
    except (OSError, EOFError, dns.exception.DNSException) as error:
        said = f"{type(error).__name__}: {error}"
    else:
        records = " ".join(str(record) for answer in reply.answer for record in answer)
        said = (
            f"{dns.rcode.to_text(reply.rcode())} "
            f"{'TC ' if reply.flags & dns.flags.TC else ''}{records}"
        )
    return f"  {server} {over} {kind} {name}: {said} after {time.monotonic() - started:.2f} s"


def main() -> None:
    """Asks for the name in argv, and for one that does not exist."""
    servers = re.findall(r"^nameserver\s+(\S+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE)
    for server in servers:
        for name, kind, over in (
            (sys.argv[1], "A", "udp"),
            (sys.argv[1], "AAAA", "udp"),
            (sys.argv[1], "A", "tcp"),
            ("surely-not-there.example.org", "A", "udp"),
        ):
            sys.stdout.write(_one(server, name, kind, over) + "\n")


if __name__ == "__main__":
    main()
