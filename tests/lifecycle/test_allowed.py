"""Lists of allowed hosts, read."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from arcprobe.lifecycle.allowed import read_list

SQUID = """
# the proxy
acl azure dstdomain -n .azure.com login.microsoftonline.com
acl bad dstdomain .bad.example
acl odd dstdom_regex -i ^x\\.example\\.com$
acl SSL_ports port 443
http_access deny bad
http_access allow azure
http_access deny !odd
"""
FORTIGATE = """
config firewall address
  edit "arc one.example.com"
    set type fqdn
    set fqdn "*.example.com"
  next
end
config webfilter urlfilter
  edit 1
    set url "blocked.example.com"
    set action block
  next
  edit 2
    set url "open.example.com"
    set action allow
  next
end
"""


@pytest.mark.parametrize(
    ("text", "product", "entries"),
    [
        (
            "a.example.com\n*.b.example\n.c.example.\n",
            "plain",
            "a.example.com *.b.example .c.example",
        ),
        ("HTTPS://A.example.com/ 8084 # x", "plain", "https://a.example.com:8084"),
        ("a.example.com:8443, b.example.com/x/y", "plain", "a.example.com:8443 b.example.com/…"),
        ("*\n", "plain", "*"),
        ("* all that begins with *. a.example.com", "plain", "a.example.com"),
        (
            "\ufeffName;Port\na.example.com;8084\n'*.b.example;\n",
            "plain",
            "a.example.com:8084 *.b.example",
        ),
        ("zone,fqdn\nz.example.com,a.example.com\n", "plain", "a.example.com"),
        (SQUID, "squid", ".azure.com login.microsoftonline.com"),
        ("set profiles custom-url-category x list *.a.example/", "paloalto", "*.a.example"),
        (
            'set profiles custom-url-category "x y" list [ a.example/ b.example ]',
            "paloalto",
            "a.example b.example",
        ),
        ("<entry name='x.example'>\n<member>*.a.example/</member>", "paloalto", "*.a.example"),
        ("a.example.com/\n^.b.example.com/\n", "paloalto", "a.example.com"),
        (FORTIGATE, "fortigate", "*.example.com open.example.com"),
        ("10.0.0.1\n1.2.3.4:443\n", "plain", ""),
        ("x.example 8084\n", "plain", "x.example:8084"),
        ("word\n.com\n*.net\n", "plain", ".com *.net"),
        ("programs of .NET and *.x\n", "plain", ""),
        ("", "plain", ""),
    ],
)
def test_forms(text: str, product: str, entries: str) -> None:
    """Each form gives its entries, and the product whose form it is; lists that only deny give
    none."""
    found = read_list(text.encode())
    assert found.product == product
    assert [entry.text for entry in found.entries] == entries.split()


def test_what_is_not_understood_is_counted_and_shown() -> None:
    """A line about a host that is read as none is counted, with samples without secrets; lines of
    other matters are not."""
    found = read_list(
        b"^a\\.example\\.com$\nport 443\ntoken=hunter2hunter2 x.example.*\n" + SQUID.encode()
    )
    assert found.not_understood == 3
    assert "^a\\.example\\.com$" in found.samples
    assert "hunter2" not in "".join(found.samples)


def test_a_password_in_a_url_is_not_kept() -> None:
    """Of a URL with user and password its host remains."""
    (entry,) = read_list(b"https://user:secret@a.example.com/?sig=secret").entries
    assert entry.text == "https://a.example.com/…"


@given(strategies.binary(max_size=2_000))
def test_any_bytes_are_read(data: bytes) -> None:
    """No file is an error."""
    for head in (b"", b"host,port\n", b"acl a dstdomain b\n", b"config firewall x\n", b"<member>"):
        assert read_list(head + data).not_understood >= 0
