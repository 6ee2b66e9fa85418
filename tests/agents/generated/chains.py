"""Chains as servers send them, and roots: right ones, each with one or a few odd traits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from random import Random
from typing import Any, TypeAlias

import msgspec

from arcprobe.lab.pki.der import tlv
from tests.agents.generated import certificates as made
from tests.agents.generated.certificates import Form
from tests.agents.oracle import Chain

HOST = "gbl.his.arc.azure.com"
WHEN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_KEYS = ("SECP256R1",) * 6 + ("RSA2048", "SECP384R1", "SECP521R1", "SECP224R1", "Ed25519")
_ODD_KEYS = (*("BrainpoolP256R1", "BrainpoolP384R1", "SECP256K1", "Ed448", "DSA", "RSA1024"),)
_DIGESTS = ("sha256", "sha384", "sha512", "sha224", "sha1", "md5")

Trait: TypeAlias = Callable[[Form, Random], None]


class Node(msgspec.Struct, kw_only=True):
    """One certificate of a chain, its key and what signs it."""

    form: Form
    key: Any
    der: bytes = b""


# ------------------------------------------------------------------------------------------ traits


def _names(*general: tuple[int, bytes]) -> Trait:
    return lambda form, random: form.put(made.SAN, made.names(*general))


def _dns(*texts: str) -> Trait:
    return _names(*((2, text.encode()) for text in texts))


def _put(oid: str, content: bytes | None, *, critical: bool = False) -> Trait:
    return lambda form, random: form.put(oid, content, critical=critical)


def _set(**fields: Any) -> Trait:
    def change(form: Form, random: Random) -> None:
        for field, value in fields.items():
            setattr(form, field, value)

    return change


def _address(text: str) -> tuple[int, bytes]:
    return 7, ip_address(text).packed


def _twice(form: Form, random: Random) -> None:
    form.extensions += random.sample(form.extensions, min(1, len(form.extensions)))


def _many_names(count: int) -> Trait:
    return _dns(*(f"host{number}.example" for number in range(count)), HOST)


LEAF_TRAITS: dict[str, Trait] = {
    "wildcard": _dns("*.his.arc.azure.com"),
    "wildcard-deep": _dns("*.arc.azure.com"),
    "wildcard-inside": _dns("g*l.his.arc.azure.com"),
    "wildcard-second": _dns("gbl.*.arc.azure.com"),
    "wildcard-alone": _dns("*"),
    "wildcard-dot": _dns("*.his.arc.azure.com."),
    "dot": _dns(HOST + "."),
    "upper": _dns(HOST.upper()),
    "other": _dns("other.example"),
    "others-first": _dns("other.example", "-bad-.example", HOST),
    "underscore": _dns("g_bl.his.arc.azure.com", HOST),
    "odd-name": _dns("gbl.his.arc.azure.com/", "", ".", HOST),
    "many": _many_names(260),
    "very-many": _many_names(900),
    "no-names": _put(made.SAN, None),
    "empty-names": _names(),
    "empty-names-critical": _put(made.SAN, made.names(), critical=True),
    "names-broken": _put(made.SAN, b"\x30\x05\x82"),
    "names-utf8": _names((2, "bücher.example".encode()), (2, HOST.encode())),
    "address": _names(_address("10.0.0.1"), _address("fd00::1")),
    "address-and-name": _names(_address("10.0.0.1"), (2, HOST.encode())),
    "address-as-name": _dns("10.0.0.1"),
    "address-mapped": _names(_address("::ffff:10.0.0.1"), (2, HOST.encode())),
    "address-short": _names((7, b"\x0a\0\0"), (2, HOST.encode())),
    "uri": _names((6, b"https://gbl.his.arc.azure.com/x"), (2, HOST.encode())),
    "mail": _names((1, b"a@example.com"), (2, HOST.encode())),
    "mail-bad": _names((1, b"nobody"), (2, HOST.encode())),
    "directory-name": _names((2, HOST.encode())),
    "clients-only": _put(made.PURPOSES, made.purposes(made.CLIENT_AUTH)),
    "purposes-none": _put(made.PURPOSES, None),
    "purposes-empty": _put(made.PURPOSES, made.purposes()),
    "ca": _put(made.BASIC, made.basic(True)),
    "rsa-large": _set(spki=made.rsa_spki(8200)),
    "rsa-largest": _set(spki=made.rsa_spki(8192)),
    "rsa-small": _set(spki=made.rsa_spki(512)),
    "rsa-no-null": _set(spki=made.rsa_spki(2048, null=b"")),
    "sct-garbage": _put(made.SCT, b"\xde\xad\xbe\xef"),
    "sct-empty": _put(made.SCT, b""),
}
_INNER = "arc.azure.com"
AUTHORITY_TRAITS: dict[str, Trait] = {
    "clients-only": _put(made.PURPOSES, made.purposes(made.CLIENT_AUTH)),
    "purposes-server": _put(made.PURPOSES, made.purposes(made.SERVER_AUTH)),
    "purposes-both": _put(made.PURPOSES, made.purposes(made.CLIENT_AUTH, made.SERVER_AUTH)),
    "purposes-any": _put(made.PURPOSES, made.purposes(made.CLIENT_AUTH, made.ANY_PURPOSE)),
    "purposes-unknown": _put(made.PURPOSES, made.purposes("1.3.6.1.4.1.311.21.6")),
    "purposes-empty": _put(made.PURPOSES, made.purposes()),
    "no-basic": _put(made.BASIC, None),
    "basic-false": _put(made.BASIC, made.basic(False), critical=True),
    "basic-empty": _put(made.BASIC, made.basic()),
    "basic-soft": _put(made.BASIC, made.basic(True)),
    "path-0": _put(made.BASIC, made.basic(True, 0), critical=True),
    "path-1": _put(made.BASIC, made.basic(True, 1), critical=True),
    "basic-broken": _put(made.BASIC, b"\x30\x03\x01\x01\x01"),
    "usage-none": _put(made.KEY_USAGE, None),
    "usage-no-sign": _put(made.KEY_USAGE, b"\x03\x02\x01\x82", critical=True),
    "usage-zero": _put(made.KEY_USAGE, b"\x03\x01\x00"),
    "usage-broken": _put(made.KEY_USAGE, b"\x03\x02\x09\x06"),
    "ski-none": _put(made.SKI, None),
    "ski-other": _put(made.SKI, tlv(4, b"other")),
    "ski-critical": _put(made.SKI, tlv(4, b"other"), critical=True),
    "permitted": _put(made.CONSTRAINTS, made.subtrees([(2, _INNER.encode())], []), critical=True),
    "permitted-dot": _put(made.CONSTRAINTS, made.subtrees([(2, b".arc.azure.com")], [])),
    "permitted-own": _put(made.CONSTRAINTS, made.subtrees([(2, b".his.arc.azure.com")], [])),
    "permitted-other": _put(made.CONSTRAINTS, made.subtrees([(2, b"contoso.example")], [])),
    "permitted-all": _put(made.CONSTRAINTS, made.subtrees([(2, b"")], [])),
    "permitted-two": _put(
        made.CONSTRAINTS, made.subtrees([(2, b"contoso.example"), (2, b"AZURE.com")], [])
    ),
    "permitted-address": _put(
        made.CONSTRAINTS, made.subtrees([(7, bytes([10, 0, 0, 0, 255, 0, 0, 0]))], [])
    ),
    "permitted-mail": _put(made.CONSTRAINTS, made.subtrees([(1, b"example.com")], [])),
    "permitted-uri": _put(made.CONSTRAINTS, made.subtrees([(6, b"azure.com")], [])),
    "permitted-directory": _put(made.CONSTRAINTS, made.subtrees([(4 | 0x20, b"\x30\0")], [])),
    "permitted-directory-critical": _put(
        made.CONSTRAINTS, made.subtrees([(4 | 0x20, b"\x30\0")], []), critical=True
    ),
    "excluded": _put(made.CONSTRAINTS, made.subtrees([], [(2, b"his.arc.azure.com")])),
    "excluded-below": _put(made.CONSTRAINTS, made.subtrees([], [(2, b"x.his.arc.azure.com")])),
    "excluded-address": _put(
        made.CONSTRAINTS, made.subtrees([], [(7, bytes([10, 0, 0, 0, 255, 255, 255, 0]))])
    ),
    "excluded-all-v4": _put(made.CONSTRAINTS, made.subtrees([], [(7, bytes(8))])),
    "constraints-empty": _put(made.CONSTRAINTS, b"\x30\0"),
    "constraints-dot-end": _put(made.CONSTRAINTS, made.subtrees([(2, b"azure.com.")], [])),
    "constraints-bad-mask": _put(
        made.CONSTRAINTS, made.subtrees([(7, bytes([10, 0, 0, 0, 255, 0, 255, 0]))], [])
    ),
    "constraints-broken": _put(made.CONSTRAINTS, b"\x30\x02\xa0"),
    "names": _dns("ca.example"),
}
COMMON_TRAITS: dict[str, Trait] = {
    "serial-negative": _set(serial=-5),
    "serial-zero": _set(serial=0),
    "serial-long": _set(serial=1 << 170),
    "version-1": _set(version=1, extensions=[]),
    "version-1-extensions": _set(version=1),
    "version-2": _set(version=2, extensions=[]),
    "version-4": _set(version=4),
    "expired": _set(end=WHEN - timedelta(days=1)),
    "early": _set(begin=WHEN + timedelta(days=1)),
    "far": _set(end=datetime(2061, 1, 1, tzinfo=UTC)),
    "critical": _put("1.3.6.1.4.1.99999.1", b"\x05\0", critical=True),
    "unknown": _put("1.3.6.1.4.1.99999.1", b"anything"),
    "twice": _twice,
    "forged": _set(is_forged=True),
    "tail": _set(tail=b"\0"),
    "outer": _set(outer=tlv(0x30, made.oid("1.3.101.112"))),
    "aia-broken": _put(made.AIA, b"\x30\x03\x30\x05\x06"),
    "aia-critical": _put(made.AIA, b"\x30\0", critical=True),
    "policies": _put(made.POLICIES, tlv(0x30, tlv(0x30, made.oid("2.23.140.1.2.2")))),
    "policies-twice": _put(made.POLICIES, tlv(0x30, tlv(0x30, made.oid("2.23.140.1.2.2")) * 2)),
    "crl-broken": _put(made.CRL, b"\x30\x02\x30"),
    "aki-critical": _put(made.AKI, b"\x30\0", critical=True),
    "aki-empty": _put(made.AKI, b"\x30\0"),
    "aki-none": _put(made.AKI, None),
    "aki-other": _put(made.AKI, tlv(0x30, tlv(0x80, b"another"))),
}
_ODD_NAMES = [
    *(
        (0x13, b"Contoso CA"),
        (0x13, b"Contoso_CA@x"),
        (0x13, b"Contoso * & CA"),
        (0x14, b"Caf\xe9"),
    ),
    *(
        (0x0C, b"Caf\xc3\xa9"),
        (0x0C, b"Caf\xe9"),
        (0x1E, b"\0C\0A"),
        (0x1E, b"\0C\0"),
        (0x16, b"CA@x"),
    ),
    *(
        (0x16, b"Caf\xe9"),
        (0x12, b"12 34"),
        (0x12, b"12a"),
        (0x1E, b"\xd8\0\xdc\0"),
        (0x1C, b"\0\0\0C"),
    ),
]


# ------------------------------------------------------------------------------------------ chains


def chains(seed: int, count: int) -> list[tuple[str, Chain]]:
    """Chains with the names of their traits: each trait alone at every place, then mixed."""
    random = Random(seed)
    found = [
        (words, _chain(random, traits, depth, keys))
        for words, traits, depth, keys in (*_single_traits(), *_single_keys(), *_single_names())
    ]
    while len(found) < count:
        found.append(_mixed(random))
    return found


def single(traits: dict[int, list[Trait]], depth: int, keys: dict[int, str]) -> Chain:
    """One chain with traits and kinds of keys by place: 0 the leaf, above it ``depth`` authorities,
    then the root."""
    return _chain(Random(0), traits, depth, keys)


_Plan: TypeAlias = tuple[str, dict[int, list[Trait]], int, dict[int, str]]


def _single_traits() -> Iterator[_Plan]:
    for name, trait in {**LEAF_TRAITS, **COMMON_TRAITS}.items():
        yield f"leaf {name}", {0: [trait]}, 1, {}
    for place, depth in ((1, 1), (2, 1), (1, 0), (2, 2)):
        for name, trait in {**AUTHORITY_TRAITS, **COMMON_TRAITS}.items():
            yield f"{place} of {depth + 1} {name}", {place: [trait]}, depth, {}


def _single_keys() -> Iterator[_Plan]:
    for kind in (*dict.fromkeys(_KEYS), *_ODD_KEYS):
        for place in (0, 1, 2):
            yield f"{place} {kind}", {}, 1, {place: kind}
    for digest in _DIGESTS:
        for place in (0, 1):
            traits = {place: [_set(digest=digest)]}
            yield f"{place} {digest}", traits, 1, {1: "RSA2048", 2: "RSA2048"}


def _single_names() -> Iterator[_Plan]:
    for tag, octets in _ODD_NAMES:
        for place in (0, 1, 2):
            subject = made.name("", tag=tag, octets=octets)
            yield f"{place} name {tag}", {place: [_set(subject=subject)]}, 1, {}


def _mixed(random: Random) -> tuple[str, Chain]:
    depth = random.choice((0, 1, 1, 1, 2, 2, 3, 5, 22))
    traits: dict[int, list[Trait]] = {}
    words = []
    for _ in range(random.choice((0, 0, 1, 1, 1, 2))):
        place = random.randrange(min(depth, 3) + 2)
        kinds = {**COMMON_TRAITS, **(AUTHORITY_TRAITS if place else LEAF_TRAITS)}
        name = random.choice(list(kinds))
        words.append(f"{place} {name}")
        traits.setdefault(place, []).append(kinds[name])
    keys = {}
    if random.random() < 0.4:
        keys[random.randrange(depth + 2)] = random.choice(_KEYS + _ODD_KEYS)
    return ", ".join(words), _chain(random, traits, depth, keys, is_mixed=True)


def _chain(
    random: Random,
    traits: dict[int, list[Trait]],
    depth: int,
    keys: dict[int, str] | None = None,
    *,
    is_mixed: bool = False,
) -> Chain:
    """A leaf at 0, ``depth`` intermediates, the root at the end."""
    last = depth + 1
    nodes = []
    for place in range(last + 1):
        kind = (keys or {}).get(place) or (random.choice(_KEYS) if is_mixed else "SECP256R1")
        node = Node(form=form(place, made.key(kind, place)), key=made.key(kind, place))
        if place == last:
            node.form.put(made.AKI, None)
        for trait in traits.get(place, ()):
            trait(node.form, random)
        nodes.append(node)
    for place, node in enumerate(nodes):
        above = nodes[min(place + 1, last)]
        node.form.issuer = above.form.subject
        if node.form.digest == "sha256" and is_mixed and random.random() < 0.1:
            node.form.digest = random.choice(_DIGESTS)
            node.form.is_pss = random.random() < 0.5
        node.der = node.form.signed_by(above.key)
    sent = [node.der for node in nodes[:last]]
    roots = [nodes[last].der]
    if is_mixed:
        _disturb(random, nodes, sent, roots)
    host = random.choice((HOST,) * 9 + (HOST.upper(), "10.0.0.1", "fd00::1")) if is_mixed else HOST
    if not is_mixed and b"\x87\x04\x0a\0\0\x01" in nodes[0].der:
        host = "10.0.0.1"
    return Chain(sent=tuple(sent), roots=tuple(roots), host=host, when=WHEN)


def form(place: int, key: Any) -> Form:
    """A sound certificate: a leaf at 0, an authority above; signed by nobody yet."""
    found = Form(
        subject=made.name(HOST if place == 0 else f"Contoso CA {place}"),
        issuer=b"",
        spki=made.spki(key),
        begin=WHEN - timedelta(days=100),
        end=WHEN + timedelta(days=100),
    )
    found.put(made.AKI, tlv(0x30, tlv(0x80, b"key%d" % (place + 1))))
    found.put(made.SKI, tlv(4, b"key%d" % place))
    if place == 0:
        found.put(made.SAN, made.names((2, HOST.encode())))
        found.put(made.PURPOSES, made.purposes(made.SERVER_AUTH))
        return found
    found.put(made.BASIC, made.basic(True), critical=True)
    found.put(made.KEY_USAGE, b"\x03\x02\x01\x06", critical=True)
    return found


def _disturb(random: Random, nodes: list[Node], sent: list[bytes], roots: list[bytes]) -> None:
    """What servers do to the order, and administrators to the bundle."""
    last = len(nodes) - 1
    if random.random() < 0.15:
        sent.append(nodes[last].der)
    if random.random() < 0.15:
        sent[1:] = random.sample(sent[1:], len(sent) - 1)
    if random.random() < 0.05 and len(sent) > 1:
        del sent[random.randrange(1, len(sent))]
    if random.random() < 0.1:
        roots[:] = [nodes[random.randrange(len(nodes))].der]
    if random.random() < 0.2:  # the same name and key, made once more, with another trait
        place = random.randrange(1, last + 1)
        twin = Node(form=msgspec.structs.replace(nodes[place].form), key=nodes[place].key)
        twin.form.extensions = list(twin.form.extensions)
        random.choice(list({**AUTHORITY_TRAITS, **COMMON_TRAITS}.values()))(twin.form, random)
        twin.der = twin.form.signed_by(nodes[min(place + 1, last)].key)
        pool = roots if place == last else sent
        pool.insert(random.randrange(1 if pool is sent else 0, len(pool) + 1), twin.der)
    if random.random() < 0.1:  # the same name, another key
        place = random.randrange(1, last + 1)
        stranger = Node(form=form(place, made.key("SECP256R1", 99)), key=made.key("SECP256R1", 99))
        stranger.form.issuer = nodes[min(place + 1, last)].form.subject
        signer = nodes[place + 1].key if place < last else stranger.key
        (roots if place == last else sent).insert(1, stranger.form.signed_by(signer))
