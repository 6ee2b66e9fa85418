"""How products read the entries of a list of hosts: what a dot or a star before a name covers."""

from __future__ import annotations

import msgspec


class Wildcards(msgspec.Struct, frozen=True, kw_only=True):
    """``dot``: `.x` is x and what is below it. ``star``: `*.x` is what is below x; `*x`, where
    ``bare_star``, also what ends like it. ``scheme``: https:// before a name does no harm."""

    name: str
    dot: bool = False
    star: bool = False
    bare_star: bool = False
    scheme: bool = False


WILDCARDS = {
    "plain": Wildcards(name="a plain list", dot=True, star=True, bare_star=True, scheme=True),
    # squid.conf.documented, acl dstdomain; measured by tests/test_allow_lists.py
    "squid": Wildcards(name="Squid", dot=True),
    # docs.paloaltonetworks.com, Guidelines for URL Category Exceptions
    "paloalto": Wildcards(name="Palo Alto Networks", star=True),
    # docs.fortinet.com, Using wildcard FQDN addresses in firewall policies; general knowledge
    "fortigate": Wildcards(name="FortiGate", star=True),
    # help.zscaler.com/zia/url-format-guidelines
    "zscaler": Wildcards(name="Zscaler", dot=True),
}
"""Names of ``endpoints --compare-as``."""
