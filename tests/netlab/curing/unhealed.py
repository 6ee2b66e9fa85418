"""Rows that no paste into software of the lab can heal, and why. Each is a limit of the software or
of the fault, not of the words."""

from __future__ import annotations

from fnmatch import fnmatch

REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "proxy-denied-all-tinyproxy",
        "proxy-denied",
        "its Deny is about the client and not about names",
    ),
    (
        "proxy-is-tls-*",
        "proxy-speaks-tls",
        "the proxy's certificate is of a private CA, which a report cannot vouch for",
    ),
    ("proxy-redirects-haproxy", "proxy-redirects", "behind its redirect there is no proxy"),
    (
        "proxy-cannot-resolve-refused",
        "proxy-cannot-resolve",
        "its allow-query leaves this client out, which no list of names changes",
    ),
    (
        "answer-block-page-one-service",
        "block-page",
        "where the page was, the service is decrypted, by a CA that the agents do not trust",
    ),
    (
        "tls-page-of-503-inside",
        "block-page",
        "the page is gone; behind it the service is decrypted, which is a warning of its own",
    ),
    (
        "names-everything-is-the-portal",
        "name-sinkholed",
        "its name server knows no other, so that it has nobody to ask",
    ),
    (
        "other-squid-bump-and-default-deny",
        "tls-intercepted",
        "what Squid denies it decrypts, to show its page: this goes with the other change",
    ),
    (
        "gateway-other-cloud",
        "gateway-cloud-unsupported",
        "the lab has no endpoints of that cloud: they stay unknown",
    ),
    (
        "tcp-node-firewall",
        "target-refused",
        "a packet filter knows addresses: those behind wildcards come with the next round",
    ),
    (
        "tcp-*-all",
        "target-*",
        "a packet filter knows addresses: those behind wildcards come with the next round",
    ),
    (
        "tcp-answers-dropped",
        "target-silent",
        "what is dropped are the answers, which look from here as if nothing went out",
    ),
)
"""Globs over scenarios and codes, and the reason as the table says it."""


def reason(scenario: str, code: str) -> str:
    """Why the paste for that code does not heal that scenario; empty where it should."""
    for glob, named, why in REASONS:
        if fnmatch(scenario, glob) and fnmatch(code, named):
            return why
    return ""
