"""One PKI for the demo and all tests: the factory of authorities and leaves, the public web, and an
enterprise."""

from arcprobe.lab.pki.authority import (
    PUBLIC_MARKS,
    Authority,
    Credential,
    Odd,
    Operator,
    key_pem,
    to_pem,
)
from arcprobe.lab.pki.der import Key, name, new_key
from arcprobe.lab.pki.enterprise import EnterpriseCa
from arcprobe.lab.pki.public import Hierarchy, PublicPki, PublicWeb

__all__ = [
    "PUBLIC_MARKS",
    "Authority",
    "Credential",
    "EnterpriseCa",
    "Hierarchy",
    "Key",
    "Odd",
    "Operator",
    "PublicPki",
    "PublicWeb",
    "key_pem",
    "name",
    "new_key",
    "to_pem",
]
