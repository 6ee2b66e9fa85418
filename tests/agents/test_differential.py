"""Every input as the agents read it: arcprobe's readers beside Go's own, over generated inputs.

What Go refuses, the reader refuses; what Go takes, it takes, no more and no less. Where arcprobe
refuses more on purpose, the rule stands in ``_AMBIGUOUS``, and the counts say how often.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from socket import socket
from typing import TypeAlias
from urllib.parse import unquote

import pytest
from msgspec.structs import replace

from arcprobe.model import Credentials, Tunnel
from arcprobe.model.errors import ConfigError
from arcprobe.no_proxy import bypass, uncovered
from arcprobe.probes.trust.bundle import read_proxy_cert
from arcprobe.probes.trust.go.certificate import read
from arcprobe.probes.trust.go.facts import GoCertificate
from arcprobe.probes.trust.go.verify import Refused, Roots, verify
from arcprobe.probes.wire.clock import Clock
from arcprobe.probes.wire.connect import read_head
from arcprobe.probes.wire.failure import Malformed
from arcprobe.probes.wire.socks import negotiate
from arcprobe.probes.wire.stream import TcpStream
from arcprobe.settings.proxy_url import parse_proxy
from tests.agents.build import go_command, is_needed, program
from tests.agents.generated.bundles import bundles
from tests.agents.generated.bypass_lists import bypass_lists
from tests.agents.generated.chains import WHEN, chains
from tests.agents.generated.proxy_urls import proxy_urls
from tests.agents.generated.socks_dialogues import socks_dialogues
from tests.agents.generated.tunnel_answers import connect_answers
from tests.agents.oracle import Chain, Dialogue, Oracle, Use

SEED = 20261123
URLS, LISTS, BUNDLES, ANSWERS, CHAINS = 6000, 4000, 3000, 4000, 1200

pytestmark = pytest.mark.skipif(
    go_command() is None and not is_needed(), reason="no Go: set ARCPROBE_GO"
)


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """The Go program."""
    return Oracle(program())


class Comparison:
    """How often both say the same, and where not."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.differences: list[str] = []

    def add(self, what: object, go: object, ours: object, outcome: str) -> None:
        """One input: what Go makes of it, and what the reader."""
        if go == ours:
            self.counts[outcome] += 1
        else:
            self.differences.append(f"{what!a:.600}: Go {go!a:.200}, arcprobe {ours!a:.200}")

    def excuse(self, why: str) -> None:
        """One that arcprobe refuses on purpose."""
        self.counts[f"refused all the same: {why}"] += 1

    def report(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Prints the counts, and fails where the two differ."""
        counts = ", ".join(f"{count} {words}" for words, count in sorted(self.counts.items()))
        with capsys.disabled():
            print(  # noqa: T201 - the counts are what the test is for
                f"\n{name}: {counts}, {len(self.differences)} different"
            )
        assert not self.differences, "\n".join(self.differences[:20])


# ------------------------------------------------------------------------------------- proxy URLs

Read: TypeAlias = tuple[str, str, int, bytes, bytes]  # scheme, host, port, user, password

_SCHEMES = {"": "http", "http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5"}


def _scheme(text: str) -> str:
    return text.partition("://")[0].lower() if "://" in text else ""


# What Go takes, and another program reads otherwise, or nobody means.
_AMBIGUOUS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("a scheme that is none of a proxy", lambda text: _scheme(text) not in _SCHEMES),
    ("# or ?", lambda text: "#" in text or "?" in text),
    ("a second @", lambda text: text.count("@") > 1),
    ("a path", lambda text: bool(_after_scheme(text).partition("/")[2])),
    ("an invisible character", lambda text: not text.isprintable()),
    ("the root of all names", lambda text: _host(text) == "."),
)


def _after_scheme(text: str) -> str:
    return text.partition("://")[2] if "://" in text else text


def _host(text: str) -> str:
    return _after_scheme(text).rpartition("@")[2].partition("/")[0].partition(":")[0]


def by_go(text: str, use: Use) -> Read | None:
    """What Go makes of a value; None where it goes direct, to a host that it cannot dial, or has
    read ``http://`` before a whole URL, so that the host is its scheme."""
    is_misread = use.prefixed and "://" in text
    if is_misread or not use.can_be_dialled:
        return None
    host, _, port = use.dialled.rpartition(":")
    return use.spoken, host.strip("[]").lower().removesuffix("."), int(port), use.user, use.password


def by_arcprobe(text: str) -> Read | None:
    """What the settings make of a value."""
    try:
        proxy, pair = parse_proxy("HTTPS_PROXY", text, scheme_optional=True)
    except ConfigError:
        return None
    user, password = (pair[0], pair[1].reveal()) if pair is not None else ("", "")
    login = user.encode("utf-8", "surrogateescape"), password.encode("utf-8", "surrogateescape")
    return (_SCHEMES[proxy.scheme], proxy.host.lower(), proxy.port, *login)


def compare_urls(
    oracle: Oracle, reader: Callable[[str], Read | None], urls: list[str]
) -> Comparison:
    """Proxy URLs."""
    found = Comparison()
    for text, use in zip(urls, oracle.uses(urls), strict=True):
        go, ours = by_go(text, use), reader(text)
        why = next((words for words, applies in _AMBIGUOUS if applies(text)), "")
        if why and ours is None and go is not None:
            found.excuse(why)
        else:
            found.add(text, go, ours, "taken" if go else "refused")
    return found


def test_proxy_urls(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """A value of HTTPS_PROXY leads to the same proxy, by the same protocol, as the same user."""
    compare_urls(oracle, by_arcprobe, proxy_urls(SEED, URLS)).report("Proxy URLs", capsys)


# ----------------------------------------------------------------------------------- bypass lists


def _parts(url: str) -> tuple[str, str, int | None]:
    scheme, _, rest = url.removesuffix("/").partition("://")
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
    else:
        host, _, port = rest.partition(":")
    return scheme, unquote(host), int(port.strip(":")) if port.strip(":") else None


def compare_lists(
    oracle: Oracle, reader: Callable[[str, str], bool], lists: list[tuple[str, tuple[str, ...]]]
) -> Comparison:
    """Bypass lists, for each URL."""
    found = Comparison()
    for (skip_range, urls), said in zip(lists, oracle.bypasses(lists), strict=True):
        for url, go in zip(urls, said, strict=True):
            if go is not None:
                outcome = "past the proxy" if go else "to the proxy"
                found.add((skip_range, url), go, reader(skip_range, url), outcome)
    return found


def is_bypassed(skip_range: str, url: str) -> bool:
    """What the dialect says that ``check``, ``explain`` and ``suggest`` ask."""
    scheme, host, port = _parts(url)
    return bypass("go", skip_range, host, port, scheme).bypassed


def test_bypass_lists(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """A host goes past the proxy exactly where it does in Go."""
    compare_lists(oracle, is_bypassed, bypass_lists(SEED, LISTS)).report("Bypass lists", capsys)


def test_ranges_of_bypass_lists(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """What is said of ranges is what Go says of each address of them, at a port of no entry."""
    addresses = ("10.0.0.1", "10.96.0.1", "10.1.0.0", "192.168.1.1", "127.0.0.1", "fd00::1", "::1")
    urls = tuple(f"https://{f'[{text}]' if ':' in text else text}:9/" for text in addresses)
    lists = [(skip_range, urls) for skip_range, _urls in bypass_lists(SEED, LISTS)]

    def is_covered(skip_range: str, url: str) -> bool:
        return not uncovered("go", skip_range, (_parts(url)[1],))

    compare_lists(oracle, is_covered, lists).report("Ranges of bypass lists", capsys)


# ---------------------------------------------------------------------------------------- bundles


def certificates_of(data: bytes) -> tuple[str, ...]:
    """Those of --proxy-cert that count for the agents, by SHA-256; none where it is refused."""
    try:
        ders = read_proxy_cert(data, "ca.pem", WHEN).der
    except ValueError:
        return ()
    taken = (der for der in ders if isinstance(read(der), GoCertificate))
    return tuple(hashlib.sha256(der).hexdigest() for der in taken)


def compare_bundles(
    oracle: Oracle, reader: Callable[[bytes], tuple[str, ...]], files: list[bytes]
) -> Comparison:
    """PEM bundles."""
    found = Comparison()
    for data, go in zip(files, oracle.bundles(files), strict=True):
        taken, ours = tuple(dict.fromkeys(go.sha256)), reader(data)
        if taken and not ours and b"PRIVATE KEY-----" in data:
            found.excuse("a private key beside them")
        else:
            found.add(data, taken, ours, f"with {len(taken)} certificates")
    return found


def test_bundles(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """The certificates of a PEM bundle that count are those that AppendCertsFromPEM takes."""
    compare_bundles(oracle, certificates_of, bundles(SEED, BUNDLES)).report("Bundles", capsys)


# -------------------------------------------------------------------------------- CONNECT


def opens(data: bytes) -> bool:
    """Whether the tunnel's answer is one that the agents go on after."""
    try:
        found = read_head(data)
    except Malformed:
        return False
    return found is not None and Tunnel(target="endpoint.example:443", head=found[0]).is_open


def compare_tunnels(
    oracle: Oracle, reader: Callable[[bytes], bool], answers: list[bytes]
) -> Comparison:
    """Answers to CONNECT."""
    found = Comparison()
    for data, go in zip(answers, oracle.tunnels(answers), strict=True):
        found.add(data, go, reader(data), "opened" if go else "not opened")
    return found


def test_answers_to_connect(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """A tunnel is open exactly where net/http goes on to TLS."""
    compare_tunnels(oracle, opens, connect_answers(SEED, ANSWERS)).report("CONNECT", capsys)


# ------------------------------------------------------------------------------------------ SOCKS


class _Scripted(TcpStream):
    """A server that says all this, and then ends."""

    def __init__(self, said: bytes) -> None:
        super().__init__(socket())
        self.said = said
        self.heard = b""

    async def send(self, data: bytes) -> None:
        self.heard += data

    async def receive(self, most: int = 1) -> bytes:
        data, self.said = self.said[:most], self.said[most:]
        return data


def spoken(asked: Dialogue) -> tuple[bool, bytes]:
    """Whether arcprobe takes the way for open, and what it sent."""
    text = f"socks5://{asked.login}proxy.example:3128"
    proxy, pair = parse_proxy("HTTPS_PROXY", text, scheme_optional=True)
    login = None if pair is None else Credentials(user=pair[0], password=pair[1])
    stream = _Scripted(asked.answer)
    clock = Clock(now=lambda: 0.0, timeout=5)
    made = asyncio.run(negotiate(stream, proxy, login, asked.host, 443, clock))
    stream.close()
    return made.failure is None, stream.heard


def compare_dialogues(
    oracle: Oracle, reader: Callable[[Dialogue], tuple[bool, bytes]], asked: list[Dialogue]
) -> Comparison:
    """Dialogues with SOCKS servers."""
    found = Comparison()
    for one, go in zip(asked, oracle.dialogues(asked), strict=True):
        found.add(one, go, reader(one), "opened" if go[0] else "not opened")
    return found


def test_dialogues_with_socks_servers(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """A SOCKS server hears what net/http sends it, user and password among it, and opens the way
    exactly where net/http goes on to TLS."""
    asked = socks_dialogues(SEED, ANSWERS)
    compare_dialogues(oracle, spoken, asked).report("SOCKS", capsys)


# ----------------------------------------------------------------------------------------- chains


def is_accepted(chain: Chain) -> bool:
    """What the stores say in the agents' place."""
    try:
        verify(chain.sent, Roots(chain.roots), chain.host, chain.when)
    except Refused:
        return False
    return True


def compare_chains(
    oracle: Oracle, reader: Callable[[Chain], bool], asked: list[tuple[str, Chain]]
) -> Comparison:
    """Chains of certificates."""
    found = Comparison()
    said = oracle.chains(chain for _words, chain in asked)
    for (words, chain), go in zip(asked, said, strict=True):
        outcome = f"refused to {go.stage}" if go.error else "accepted"
        found.add((words, go.error), not go.error, reader(chain), outcome)
    return found


def test_chains(oracle: Oracle, capsys: pytest.CaptureFixture[str]) -> None:
    """A server's chain is accepted with given roots exactly where crypto/tls accepts it."""
    compare_chains(oracle, is_accepted, chains(SEED, CHAINS)).report("Chains", capsys)


# ------------------------------------------------------------- a changed reader is noticed, of each


def _changed(kind: str, oracle: Oracle) -> Comparison:
    if kind == "proxy URLs":
        # as 0.1.0 did: a backslash in a user passes
        return compare_urls(
            oracle, lambda text: by_arcprobe(text.replace("\\", "%5C")), proxy_urls(SEED, 1500)
        )
    if kind == "bypass lists":
        # as Go before 1.24.1 did: a suffix matches the text of an address
        def reader(skip_range: str, url: str) -> bool:
            host = _parts(url)[1]
            entries = [entry for entry in skip_range.split(",") if entry.startswith(".")]
            return is_bypassed(skip_range, url) or any(map(host.endswith, entries))

        return compare_lists(oracle, reader, bypass_lists(SEED, 300))
    if kind == "bundles":
        # as OpenSSL 3 does: a byte order mark is passed over
        return compare_bundles(
            oracle,
            lambda data: certificates_of(data.removeprefix(b"\xef\xbb\xbf")),
            bundles(SEED, 100),
        )
    if kind == "tunnels":
        # as RFC 9110 says: any 2xx
        return compare_tunnels(
            oracle,
            lambda data: opens(data) or data.startswith(b"HTTP/1.1 2"),
            connect_answers(SEED, 500),
        )
    if kind == "SOCKS":
        # as PySocks does: a user without a password is none
        def without(asked: Dialogue) -> tuple[bool, bytes]:
            has_password = ":" in asked.login and not asked.login.endswith(":@")
            return spoken(replace(asked, login=asked.login if has_password else ""))

        return compare_dialogues(oracle, without, socks_dialogues(SEED, 300))
    # as OpenSSL does: a final dot of a name is nothing
    asked = [(words, chain) for words, chain in chains(SEED, 0) if words == "leaf dot"]
    return compare_chains(oracle, lambda chain: True, asked)


@pytest.mark.parametrize(
    "kind", ["proxy URLs", "bypass lists", "bundles", "tunnels", "SOCKS", "chains"]
)
def test_a_changed_reader_is_noticed(kind: str, oracle: Oracle) -> None:
    """A reader that is as wrong as one has been is told from Go's."""
    assert _changed(kind, oracle).differences


def test_the_inputs_are_the_same_each_time() -> None:
    """The same seed makes the same inputs: a failure can be run again."""
    assert proxy_urls(7, 2500) == proxy_urls(7, 2500)
    assert bypass_lists(7, 500) == bypass_lists(7, 500)
    assert connect_answers(7, 900) == connect_answers(7, 900)
