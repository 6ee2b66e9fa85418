"""The settings of a run as the whole command that asks again, or connects the cluster, with what
was wrong put right. Bash and PowerShell take the same line: both read what stands between single
quotes as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from arcprobe import no_proxy
from arcprobe.knowledge.catalogue import DEFAULT_FEATURES
from arcprobe.model import PUBLIC_CLOUD, Code, Proxy, Settings

Fields = Mapping[str, str]
Righted = Callable[[Settings, Fields], Settings | None]

_SAFE = re.compile(r"[A-Za-z0-9/.][A-Za-z0-9_./:=+-]*")
# PowerShell takes the typographic quotes for quotes too.
_SINGLE = re.compile("['\u2018\u2019\u201a\u201b]")
_LIVE_IN_DOUBLE = re.compile(r'["$`\\!\u201c\u201d\u201e]')
_AUTH_FILE = "$PROXY_AUTH_FILE"
_DEFAULTS = Settings()


def _skip_range(settings: Settings, fields: Fields) -> Settings | None:
    corrected = fields.get("corrected", "")
    return msgspec.structs.replace(settings, skip_range=corrected) if corrected else None


def _narrower(settings: Settings, fields: Fields) -> Settings | None:
    """Without the entries that are too broad, also where the list itself is only warned of: another
    finding may say that nothing answers past the proxy."""
    corrected = _skip_range(settings, fields)
    if corrected is None or not fields.get("entries"):
        return corrected
    broad = fields["entries"].split()
    kept = (entry.text for entry in no_proxy.entries(corrected.skip_range or ""))
    left = ",".join(text for text in kept if text not in broad)
    return msgspec.structs.replace(corrected, skip_range=left)


def _scheme(scheme: str) -> Righted:
    def righted(settings: Settings, fields: Fields) -> Settings | None:
        changed = {
            name: msgspec.structs.replace(proxy, scheme=scheme)
            for name in ("proxy_https", "proxy_http")
            if (proxy := getattr(settings, name)) is not None
        }
        return msgspec.structs.replace(settings, **changed) if changed else None

    return righted


def _without_gateway(settings: Settings, fields: Fields) -> Settings | None:
    return msgspec.structs.replace(settings, gateway_url="", gateway_host="")


def _same(settings: Settings, fields: Fields) -> Settings | None:
    """The value that counted, now as a flag, which wins over every variable. Where https has no
    proxy, that for http; where there is none either, only the user knows it."""
    if not settings.other_proxy or settings.proxy_https is not None:
        return settings
    if settings.proxy_http is None:
        return None
    return msgspec.structs.replace(settings, proxy_https=settings.proxy_http)


_RIGHTED: dict[Code, Righted] = {
    Code.SERVICES_UNCOVERED: _skip_range,
    Code.API_SERVER_UNCOVERED: _skip_range,
    Code.CLUSTER_SUFFIX_MISSING: _skip_range,
    Code.PODS_UNCOVERED: _skip_range,
    Code.NODES_UNCOVERED: _skip_range,
    Code.SKIP_RANGE_TOO_BROAD: _narrower,
    Code.ENTRY_MALFORMED: _skip_range,
    Code.ENTRY_INEFFECTIVE: _skip_range,
    Code.PROXY_SPEAKS_PLAIN: _scheme("http"),
    Code.PROXY_SPEAKS_TLS: _scheme("https"),
    Code.PROXY_VARIABLES_DISAGREE: _same,
    Code.GATEWAY_CLOUD_UNSUPPORTED: _without_gateway,
}
"""Codes of the user's own that the report knows the right settings of."""


def commands_of(
    code: Code, faults: Iterable[tuple[Code, Fields]], settings: Settings
) -> tuple[tuple[str, str], ...]:
    """Program and command line, of `arcprobe` and of `az`, with the settings put right for that
    code and for all other faults of the report that are the user's own; empty where the right value
    for the code is only the user's to know. A fault: its code and what fills its words."""
    right, is_known = settings, False
    for fault, fields in faults:
        found = _RIGHTED[fault](right, fields) if fault in _RIGHTED else None
        right = found or right
        is_known |= fault is code and found is not None
    return _both(right) if is_known else ()


def _both(right: Settings) -> tuple[tuple[str, str], ...]:
    return (
        ("arcprobe", " ".join(("arcprobe check", *_words(_check(right))))),
        ("az", " ".join((_CONNECT, *_words(_agents(right))))),
    )


CA_FILE = "arc-proxy-ca.pem"


def trusting(pem: str, settings: Settings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Program and lines that write this CA into a file, beside those that are trusted already, show
    its digest, and ask again, or connect, with it. No here-document: with the indent of a report
    its end would not be found."""
    told = [f"    {quoted(text)} \\" for text in pem.strip().splitlines()]
    others = f" {quoted(settings.proxy_cert)}" if settings.proxy_cert else ""
    written = ("printf '%s\\n' \\", *told, f"    | cat -{others} > {CA_FILE}")
    shown = " ".join(("openssl", "x509", "-in", CA_FILE, "-noout", "-fingerprint", "-sha256"))
    right = msgspec.structs.replace(settings, proxy_cert=CA_FILE)
    (arcprobe, ask), (az, connect) = _both(right)
    return (arcprobe, (*written, shown, ask)), (az, (connect,))


_CONNECT = " ".join(
    ("az", "connectedk8s", "connect", "--name", '"$CLUSTER"', "--resource-group", '"$GROUP"')
)


def _words(flags: Iterator[tuple[str, str]]) -> Iterator[str]:
    for name, value in flags:
        yield _word(name, value)


def _word(name: str, value: str) -> str:
    if value is _SWITCH:
        return f"--{name}"
    # PowerShell before 7.3 leaves an argument out that is empty
    return f"--{name} {quoted(value)}" if value else f"--{name}="


_SWITCH = "\0"


def quoted(value: str) -> str:
    """A value as bash and PowerShell read it (about_Quoting_Rules). A variable of the user's stays
    one. Where a value has quotes of both kinds no line is right for both: it is bash's."""
    if value == _AUTH_FILE:
        return f'"{value}"'
    if _SAFE.fullmatch(value):
        return value
    if not _SINGLE.search(value):
        return f"'{value}'"
    if not _LIVE_IN_DOUBLE.search(value):
        return f'"{value}"'
    inner = value.replace("'", "'\\''")
    return f"'{inner}'"


def _agents(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings that `az connectedk8s` has too. The password of a proxy stands in its URL there:
    the user puts it in."""
    yield from _given("location", settings.region)
    yield from _given("proxy-https", _url(settings.proxy_https))
    yield from _given("proxy-http", _url(settings.proxy_http))
    yield from _given("proxy-skip-range", settings.skip_range or "")
    yield from _given("proxy-cert", settings.proxy_cert)


def _check(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings as flags of `check`, without those that are as they would be anyway."""
    if settings.cloud != PUBLIC_CLOUD:
        yield "cloud", settings.cloud
    yield from _given("region", settings.region)
    yield from _given("gateway-url", settings.gateway_url)
    yield from _features(settings)
    yield from _given("proxy-https", _url(settings.proxy_https))
    yield from _given("proxy-http", _url(settings.proxy_http))
    if settings.proxy_https is not None and settings.proxy_https.has_credentials:
        yield "proxy-auth-file", _AUTH_FILE
    if settings.skip_range is not None:
        yield "proxy-skip-range", settings.skip_range
    yield from _each("add-proxy-bypass", settings.proxy_bypass)
    yield from _given("proxy-cert", settings.proxy_cert)
    if settings.public_roots_given:
        yield "public-roots", settings.public_roots
    yield from _given("data", settings.data_file)
    for name, values in _lists(settings):
        yield from _each(name, values)
    yield from settings.cluster
    for name in ("direct", "strict"):
        if getattr(settings, name):
            yield name, _SWITCH
    yield from _seconds(settings)


def _lists(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "gateway-bypass", settings.gateway_bypass
    yield "endpoint", settings.endpoints
    yield "only", settings.only
    yield "skip", settings.skip
    yield "resolve", settings.resolve
    yield "product", settings.products
    yield "client", settings.clients


def _features(settings: Settings) -> Iterator[tuple[str, str]]:
    chosen = settings.features
    yield from _each("feature", tuple(name for name in chosen if name not in DEFAULT_FEATURES))
    yield from _each("no-feature", tuple(name for name in DEFAULT_FEATURES if name not in chosen))
    yield from _each("key-vault", settings.key_vaults)


def _seconds(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in ("timeout", "deadline", "websocket_hold"):
        value = getattr(settings, name)
        if value != getattr(_DEFAULTS, name):
            yield name.replace("_", "-"), f"{value:g}"


def _given(name: str, value: str) -> Iterator[tuple[str, str]]:
    if value:
        yield name, value


def _each(name: str, values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for value in values:
        yield name, value


def _url(proxy: Proxy | None) -> str:
    return proxy.url if proxy else ""
