"""What real clients did with bypass lists, and lists and hosts to ask about: shared by the tests of
the dialects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

DOCUMENTED = "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local,.svc"

# The eleven hosts of the measurements that this project made (Go, curl, requests, urllib; .NET
# from its source).
HOSTS = (
    *(
        "example.com",
        "www.example.com",
        "notexample.com",
        "10.1.2.3",
        "fd00::1",
        "::1",
        "127.0.0.1",
        "localhost",
    ),
    *("xn--bcher-kva.example", "kubernetes.default.svc", "example.com."),
)
# what Go does with any list that matches none of them
LOOPBACK = "ppppp" + "DDD" + "ppp"

# list: go, curl, python-requests, python-urllib, dotnet; D direct, p proxy
MEASURED = {
    "example.com": ("DDpppDDDppp", "DDppppppppD", "DDppppppppp", "DDppppppppp", "Dpppppppppp"),
    ".example.com": ("pDpppDDDppp", "DDppppppppD", "DDppppppppp", "DDppppppppp", "DDppppppppp"),
    "*.example.com": ("pDpppDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "example.com:443": ("DDpppDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "*": ("D" * 11, "D" * 11, "D" * 11, "D" * 11, "p" * 11),
    "example.com.": ("pppppDDDppD", "DDppppppppD", "ppppppppppD", "ppppppppppD", "ppppppppppD"),
    "10.0.0.0/8": ("pppDpDDDppp", "pppDppppppp", "pppDppppppp", "p" * 11, "p" * 11),
    "10.1.2.3:443": ("pppDpDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "10.*": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "::1": (LOOPBACK, "pppppDppppp", "pppppDppppp", "p" * 11, "p" * 11),
    "[::1]": (LOOPBACK, "p" * 11, "p" * 11, "pppppDppppp", "pppppDppppp"),
    "fd00::/8": ("ppppDDDDppp", "ppppDpppppp", "p" * 11, "p" * 11, "p" * 11),
    "[fd00::1]:443": ("ppppDDDDppp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "foo.org example.com": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "foo.org , example.com": (
        "DDpppDDDppp",
        "DDppppppppD",
        "DDppppppppp",
        "DDppppppppp",
        "Dpppppppppp",
    ),
    "https://example.com": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "*example.com": (LOOPBACK, "p" * 11, "p" * 11, "p" * 11, "p" * 11),
    "bücher.example": ("pppppDDDDpp", "p" * 11, "p" * 11, "p" * 11, "p" * 11),
}

# dialect, list, host, port, the entry that matches or None for the proxy: semantics that the
# measurement has no host for
FURTHER: tuple[tuple[str, str, str, int | None, str | None], ...] = (
    ("go", "10.1.2.3:8443", "10.1.2.3", 8443, "10.1.2.3:8443"),
    ("go", "10.1.2.3:8443", "10.1.2.3", None, None),
    ("go", "svc:80", "a.svc", None, None),
    ("go", "10.0.0.0/33,10.1.0.0/16", "10.1.2.3", None, "10.1.0.0/16"),
    ("go", "[fd00::1]", "fd00::1", None, None),
    ("go", "FD00::1", "fd00:0::1", None, "FD00::1"),
    ("go", "10.0.0.0/8", "::ffff:10.1.2.3", None, "10.0.0.0/8"),
    ("go", ".SVC", "Kubernetes.Default.svc", None, ".SVC"),
    ("go", "kubernetes.default.svc", "kubernetes.default", None, None),
    ("go", "x,*,.y", "anything.example", None, "*"),
    ("go", "a", "LOCALHOST", None, None),
    ("curl", "0.0.0.0/0", "10.1.2.3", None, None),
    ("curl", "fd00::/9", "fd7f::1", None, "fd00::/9"),
    ("curl", "fd00::/9", "fd80::1", None, None),
    ("curl", "a,,, b", "x.b", None, "b"),
    ("curl", "a,*", "x.b", None, None),
    ("curl", "a, 10.0.0.0/ 8,b", "b", None, None),
    ("curl", ".b.", "b", None, ".b."),
    ("curl", "10.0.0.0/8", "10.1", None, "10.0.0.0/8"),
    ("python-requests", "10.0.0.0/ 8", "10.1.2.3", None, "10.0.0.0/8"),
    ("python-requests", "10.0.0.0/0", "10.1.2.3", None, None),
    ("python-requests", "example.com:8443", "a.example.com", 8443, "example.com:8443"),
    ("python-requests", "fd00::1", "fd00::1", None, "fd00::1"),
    ("python-urllib", "example.com:8443", "a.example.com", 8443, "example.com:8443"),
    ("python-urllib", "10.1.2.3", "10.1.2.3", 6443, "10.1.2.3"),
    ("dotnet", ".test.example,, foo.example", "FOO.example", None, "foo.example"),
    ("dotnet", ".test.example", "test.example", None, ".test.example"),
    ("dotnet", ".test.example", "1test.example", None, None),
    ("dotnet", "[fd00::1]", "fd00:0:0::1", None, "[fd00::1]"),
    ("dotnet", "localhost", "127.0.0.1", None, None),
    ("dotnet", "[::ffff:10.1.2.3]", "::ffff:a01:203", None, "[::ffff:10.1.2.3]"),
)

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "no_proxy_recorded.json").read_text(encoding="utf-8")
)

PIECES = (
    *(
        "10.0.0.0/8",
        "10.1.2.3",
        "10.1.2.3:443",
        "fd00::1",
        "[fd00::1]",
        "fd00::/8",
        "::/0",
        "0.0.0.0/0",
        "10.0.0.0/33",
        "10.*",
        "*",
    ),
    *(
        "*.svc",
        ".svc",
        "svc",
        "svc.",
        "..svc",
        "bücher.example",
        "https://a.svc",
        "<cidr>",
        "a b",
        "a;b",
        "",
        " ",
        "\t",
        "[",
        "]:1",
    ),
    *(
        "Arc",
        "a:99999",
        "10.0.0.0/255.0.0.0",
        "fe80::1%eth0",
        "10.0.0.1-10.0.0.9",
        "\ud800.example",
        "\x00",
        "/",
        ":",
        "%",
        ".",
    ),
)
LISTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=5).map(",".join)
NAMES = st.one_of(
    st.sampled_from((*HOSTS, "", "10.1", "fe80::1%eth0", "[", ".", "a.svc", "::ffff:10.1.2.3")),
    st.text(max_size=20),
)
PORTS = st.one_of(st.none(), st.integers(1, 65535))


def measured(dialect: str) -> list[tuple[str, str]]:
    """Each list with what its client did to the eleven hosts: D direct, p proxy."""
    place = ("go", "curl", "python-requests", "python-urllib", "dotnet").index(dialect)
    return [(skip_range, done[place]) for skip_range, done in MEASURED.items()]


def further(dialect: str) -> list[tuple[str, str, int | None, str | None]]:
    """List, host, port, and the entry that matches or None for the proxy."""
    return [row[1:] for row in FURTHER if row[0] == dialect]


def recorded(dialect: str) -> list[tuple[str, str, int | None, str, bool]]:
    """List, host, port, scheme, and whether the real client went direct when it was asked."""
    place = ("go", "python-requests", "python-urllib", "curl").index(dialect)
    return [(*row[:4], row[4][place] == "D") for row in RECORDED["rows"] if row[4][place] != "-"]
