"""A list apart into entries, and what is said of them."""

from __future__ import annotations

import pytest

from arcprobe import no_proxy
from arcprobe.knowledge.language import language
from tests.no_proxy.clients import DOCUMENTED

LINTED = {
    DOCUMENTED: (),
    "Arc": (),
    "a, b ,": (),
    "10.0.0.0/33": ("malformed",),
    "fd00::/129": ("malformed",),
    "10.0.0.0/16;.svc": ("malformed",),
    "10.0.0.0/16 .svc": ("malformed",),
    "https://example.com": ("malformed",),
    "<service-cidr>": ("malformed",),
    "a,,b": ("malformed",),
    "10.0.0.256": ("malformed",),
    "10.0.0.0/255.255.0.0": ("malformed",),
    "10.0.0.1-10.0.0.9": ("malformed",),
    "host:99999": ("malformed",),
    "..svc": ("malformed",),
    '"a': ("malformed",),
    "10.0.0.0/16\u200b": ("malformed",),
    "10.*": ("ineffective",),
    "*example.com": ("ineffective",),
    "[fd00::1]": ("ineffective",),
    "svc.": ("ineffective",),
    ".corp.example.": ("ineffective",),
    ".corp.local.,.corp.local": (),
    ".svc.cluster.local.": (),
    ".cluster.local.": (),
    ".svc.corp.local,.corp.local.": (),
    "svc.corp.local,.corp.local.": (),
    ".svc.other.local,.corp.local.": ("ineffective",),
}


@pytest.mark.parametrize("skip_range", LINTED)
def test_lint(skip_range: str) -> None:
    """What is malformed or useless is said, and what works is left in peace."""
    assert (
        tuple(one.severity for one in no_proxy.lint(skip_range) if one.severity != "uneven")
        == LINTED[skip_range]
    )


def test_lint_names_the_clients_that_do_not_understand() -> None:
    """For a sound entry the clients are named that ignore it."""
    deaf = {
        one.entry.text: one.dialects
        for one in no_proxy.lint("10.0.0.0/8,fd00::/8,*.x,.y,z:443,fd00::1")
    }
    assert deaf["10.0.0.0/8"] == ("python-urllib", "dotnet")
    assert deaf["fd00::/8"] == ("python-requests", "python-urllib", "dotnet")
    assert deaf["*.x"] == ("curl", "python-requests", "python-urllib", "dotnet")
    assert deaf["fd00::1"] == ("python-urllib", "dotnet")
    assert ".y" not in deaf


def test_lint_in_words() -> None:
    """Each problem has its sentence, and the entry its place."""
    found = no_proxy.lint("a,10.0.0.0/33,,10.*,10.0.0.0/8")
    assert [(each.entry.position, language().say(each.words)) for each in found] == [
        (2, "/33 is not a valid prefix length (0 to 32)"),
        (3, "nothing between two commas"),
        (4, "`*` matches no part of an address in any client"),
        (5, "not understood by python-urllib, dotnet"),
    ]


@pytest.mark.parametrize(
    ("skip_range", "due"),
    [
        ("*", ("dotnet",)),
        (" * ", ("dotnet",)),
        ("a,*", ("curl", "python-requests", "python-urllib", "dotnet")),
        ("a:443", ("curl", "python-requests", "python-urllib", "dotnet")),
        ("a:000443", ("go", "python-urllib")),  # Go compares ports as text
        ("*.x", ("curl", "python-requests", "python-urllib", "dotnet")),
        ("[fd00::1]:443", ("curl", "python-requests", "python-urllib", "dotnet")),
        (".x", ()),
        ("a", ()),
    ],
)
def test_who_does_not_understand(skip_range: str, due: tuple[str, ...]) -> None:
    """`*` is everything only as the whole list; a port that URLs leave out is no port for most."""
    found = no_proxy.lint(skip_range)
    assert tuple(found[-1].dialects if found else ()) == due


HOST_PORTS = {
    "a.svc": ("a.svc", None),
    "a.svc:443": ("a.svc", 443),
    "a.svc:1": ("a.svc", 1),
    "a.svc:65535": ("a.svc", 65535),
    "10.0.0.1:6443": ("10.0.0.1", 6443),
    "fd00::1": ("fd00::1", None),
    "[fd00::1]": ("fd00::1", None),
    "[fd00::1]:6443": ("fd00::1", 6443),
}


@pytest.mark.parametrize("text", HOST_PORTS)
def test_hosts_and_ports_part(text: str) -> None:
    """A host with or without port, IPv6 with or without brackets, comes apart as written."""
    assert no_proxy.split_host_port(text) == HOST_PORTS[text]


@pytest.mark.parametrize("text", ["a:65536", "a:000443", "a:b", "a:0", "a:", f"a:{'9' * 30}"])
def test_bad_ports_are_refused(text: str) -> None:
    """What is no port is refused, and quoted up to 20 characters."""
    with pytest.raises(ValueError, match=r"^not a port: '.{1,20}'$|^not a port: ''$"):
        no_proxy.split_host_port(text)
