"""JSON of the Kubernetes API in, the few fields that arcprobe needs out. Pure: bytes to nouns.

Only the fields named here are ever materialised, so that fifty thousand Services need some
megabytes and not gigabytes. Field names: Kubernetes API reference, core/v1, discovery.k8s.io/v1,
networking.k8s.io/v1 (1.33).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from arcprobe.model import Service
from arcprobe.model.text import IPAddress, one_line, parse_address
from arcprobe.probes.cluster.told import told

NAMED_SERVICES = 1000
"""How many Services are kept by name; of the others only the addresses are kept."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAMESPACES_KEPT = 2  # enough to know whether it is one
_STRANGE_KEPT = 5  # texts where an address was due, for a note
_WORDS_KEPT = 120  # characters of an error within a sentence
_START = 400  # bytes that tell what a file is instead

_ITEM_KINDS = ("List", "ServiceList", "Service")


class Metadata(msgspec.Struct):
    """``metadata`` of an object, or of a list: there ``continue`` names the next page."""

    name: str = ""
    namespace: str = ""
    next_page: str = msgspec.field(default="", name="continue")


class ServiceSpec(msgspec.Struct, rename="camel"):
    """``spec`` of a Service. ``clusterIPs`` is there since Kubernetes 1.20; before, ``clusterIP``
    alone."""

    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    cluster_ips: list[str] | None = msgspec.field(default=None, name="clusterIPs")
    type: str | None = None


class ServiceObject(msgspec.Struct):
    """One Service; ``kind`` is empty inside a ServiceList."""

    kind: str = ""
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)


class Page(msgspec.Struct):
    """Any list of the API, its items still undecoded."""

    kind: str = ""
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    items: list[msgspec.Raw] | None = None


class Status(msgspec.Struct):
    """``Status``: how the API words a refusal."""

    message: str = ""
    reason: str = ""
    code: int = 0


class _NodeAddress(msgspec.Struct):
    type: str = ""
    address: str = ""


class _NodeSpec(msgspec.Struct):
    pod_cidr: str | None = msgspec.field(default=None, name="podCIDR")
    pod_cidrs: list[str] | None = msgspec.field(default=None, name="podCIDRs")


class _NodeStatus(msgspec.Struct):
    addresses: list[_NodeAddress] | None = None


class NodeObject(msgspec.Struct):
    """One Node: its addresses and the pod ranges that the cluster gave it."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _NodeSpec = msgspec.field(default_factory=_NodeSpec)
    status: _NodeStatus = msgspec.field(default_factory=_NodeStatus)


class _Endpoint(msgspec.Struct):
    addresses: list[str] | None = None


class SliceObject(msgspec.Struct):
    """One EndpointSlice."""

    endpoints: list[_Endpoint] | None = None


class _CidrSpec(msgspec.Struct):
    cidrs: list[str] | None = None


class ServiceCidrObject(msgspec.Struct):
    """One ServiceCIDR (networking.k8s.io/v1 since 1.33, v1beta1 since 1.31)."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _CidrSpec = msgspec.field(default_factory=_CidrSpec)


class ConfigMapObject(msgspec.Struct):
    """A ConfigMap's texts."""

    data: dict[str, str] | None = None


_PAGE = msgspec.json.Decoder(Page)
_SERVICE = msgspec.json.Decoder(ServiceObject)
_STATUS = msgspec.json.Decoder(Status)


def decode_page(body: bytes | bytearray | memoryview) -> Page:
    """A list of the API; ``msgspec.DecodeError`` when it is none."""
    return _PAGE.decode(body)


def refusal(body: bytes) -> str:
    """The words of a ``Status`` answer, one line, bounded; empty when the body is no ``Status``."""
    try:
        return one_line(_STATUS.decode(body).message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


class ServiceSet:
    """Collects Services page by page: all addresses as numbers, the first ``NAMED_SERVICES`` by
    namespace and name."""

    def __init__(self) -> None:
        self.count = 0
        self.strange: list[str] = []  # what stood where an address was due
        self.has_api_service = False
        self.namespaces: set[str] = set()  # the first few
        self.skipped_lines = 0  # lines round the JSON that are not of it
        self._numbers: dict[int, set[int]] = {4: set(), 6: set()}
        self._named: list[tuple[str, str, tuple[str, ...]]] = []

    def add_items(self, items: Iterable[msgspec.Raw]) -> int:
        """Takes the items of a list; the number of those that are no Service is returned."""
        return sum(not self._add(_SERVICE.decode(item)) for item in items)

    def _add(self, service: ServiceObject) -> bool:
        if service.kind not in ("", "Service"):
            return False
        self.count += 1
        namespace, name = service.metadata.namespace, service.metadata.name
        if len(self.namespaces) < _NAMESPACES_KEPT:
            self.namespaces.add(namespace)
        self.has_api_service |= (namespace, name) == ("default", "kubernetes")
        addresses = tuple(str(address) for address in self._addresses_of(service.spec))
        if addresses:
            self._named.append((namespace[:253], name[:253], addresses))
            if len(self._named) >= 4 * NAMED_SERVICES:
                self._named = sorted(self._named)[:NAMED_SERVICES]
        return True

    def _addresses_of(self, spec: ServiceSpec) -> Iterator[IPAddress]:
        # "None" is headless, "" not yet given; an ExternalName Service has no address
        # whatever the field still holds.
        if spec.type == "ExternalName":
            return
        for text in dict.fromkeys([*(spec.cluster_ips or ()), spec.cluster_ip or ""]):
            if text in ("", "None"):
                continue
            if address := parse_address(text):
                self._numbers[address.version].add(int(address))
                yield address
            elif len(self.strange) < _STRANGE_KEPT:
                self.strange.append(one_line(text, 60))

    def services(self) -> tuple[Service, ...]:
        """The first ``NAMED_SERVICES`` that have an address, by namespace and name."""
        return tuple(
            Service(namespace=namespace, name=name, addresses=addresses)
            for namespace, name, addresses in sorted(self._named)[:NAMED_SERVICES]
        )

    def runs(self) -> tuple[str, ...]:
        """All addresses as ``a`` or ``a-b``, IPv4 first."""
        runs = chain.from_iterable(
            _runs(version, sorted(self._numbers[version])) for version in (4, 6)
        )
        return tuple(str(first) if first == last else f"{first}-{last}" for first, last in runs)

    def addresses(self, version: int) -> list[IPAddress]:
        """All addresses of one IP version, sorted."""
        return [_address(version, number) for number in sorted(self._numbers[version])]


def _address(version: int, number: int) -> IPAddress:
    return ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number)


def _runs(version: int, numbers: list[int]) -> Iterator[tuple[IPAddress, IPAddress]]:
    start = 0
    for index, number in enumerate(numbers):
        if index + 1 == len(numbers) or numbers[index + 1] != number + 1:
            yield _address(version, numbers[start]), _address(version, number)
            start = index + 1


def decode_services(body: bytes | bytearray, where: str) -> ServiceSet:
    """What ``kubectl get svc -A -o json`` printed: a List, a ServiceList, or one Service.

    ``where`` names the setting or source for the message. ``ValueError``, one line, when it is
    anything else.
    """
    text = _as_utf8(body)
    try:
        return _services_among(text)
    except msgspec.DecodeError as error:
        cut = told("services.cut") if "truncated" in str(error) else ""
        what = told("services.not-json", cut=cut, words=one_line(str(error), _WORDS_KEPT))
    except (UnicodeDecodeError, RecursionError):
        what = told("services.not-utf8")
    except ValueError as error:
        what = str(error)
    raise ValueError(told("services.wrong", where=where, what=what))


# What kubectl, its login helpers and wrappers write round its JSON: klog's lines and warnings,
# which may stand within it too (2>&1), and before it anything, also a prompt on the same line.
_NOISE = re.compile(rb"^(?:[EWIF]\d{4} \d\d:\d\d:\d\d|Warning: )[^\n]*\n?", re.MULTILINE)
_OBJECT = re.compile(rb'\{\s*"(?:apiVersion|kind|items|metadata)"\s*:')
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")  # msgspec's words


def _services_among(text: bytes | bytearray) -> ServiceSet:
    """The Services of the one JSON document in the text; lines round it are skipped and
    counted."""
    start = bytes(memoryview(text)[:_START]).lstrip()
    problem = ValueError(_looks_like(start))
    if start.startswith((b"{", b"[")):
        try:
            return _services_in(text)
        except ValueError as error:  # DecodeError and UnicodeDecodeError are such
            problem = error
    document, skipped = _without_noise(text)
    if not skipped:
        raise problem
    try:
        found = _services_in(document)
    except ValueError:
        raise problem from None
    found.skipped_lines = skipped
    return found


def _without_noise(text: bytes | bytearray) -> tuple[bytes, int]:
    """The document alone, and how many lines were skipped; none where it is not one document."""
    quiet, skipped = _NOISE.subn(b"", text)
    first = _OBJECT.search(quiet)
    if first is None:
        return b"", 0
    before, document, after = quiet[: first.start()], quiet[first.start() :], b""
    try:
        _PAGE.decode(document)
    except msgspec.DecodeError as error:
        if trailing := _TRAILING.search(str(error)):
            end = document.rfind(b"}", 0, int(trailing[1])) + 1
            document, after = document[:end], document[end:]
    if _OBJECT.search(after):  # another list: which of the two would be meant?
        return b"", 0
    around = (*before.splitlines(), *after.splitlines())
    return document, skipped + sum(1 for line in around if line.strip())


def _services_in(text: bytes | bytearray) -> ServiceSet:
    page = _PAGE.decode(text)
    found = ServiceSet()
    if page.kind == "Service":
        found.add_items([msgspec.Raw(text)])
        return found
    if page.kind not in _ITEM_KINDS or page.items is None:
        key = "services.kind" if page.kind else "services.no-list"
        raise ValueError(told(key, kind=repr(page.kind[:60])))
    others = found.add_items(page.items)
    if others and not found.count:
        raise ValueError(told("services.others", count=others))
    return found


# What a file begins with, or holds in its first line, that is no JSON.
_NO_JSON = (
    (re.compile(rb"$"), "empty"),
    (re.compile(rb".*CLUSTER-IP"), "table"),
    (re.compile(rb"apiVersion:|---|items:|kind:"), "yaml"),
    (re.compile(rb"Error|error|Unable"), "error"),
)


def _looks_like(start: bytes) -> str:
    words = one_line(start.split(b"\n", 1)[0].decode("utf-8", "replace"), _WORDS_KEPT)
    key = next((key for pattern, key in _NO_JSON if pattern.match(start)), "no-json")
    return told(f"services.{key}", words=words)


def _as_utf8(body: bytes | bytearray) -> bytes | bytearray:
    # Windows PowerShell 5.1 writes UTF-16LE with a byte order mark when output is redirected
    # with ">".
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[2:].decode(encoding, "replace").encode()
    return body[3:] if body.startswith(b"\xef\xbb\xbf") else body
