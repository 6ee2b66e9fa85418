"""Paths of the Kubernetes API in, ``Collected`` out: what is asked, in which order, and what may
fail without harm."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import quote

import msgspec

from arcprobe.model import FailureKind
from arcprobe.model.text import one_line
from arcprobe.probes.cluster.collect import Collected
from arcprobe.probes.cluster.objects import ServiceSet, decode_page
from arcprobe.probes.cluster.ranges import ranges_in_refusal
from arcprobe.probes.cluster.told import Refused, told

_PAGE = 500  # Services a page, as kubectl asks
_PAGES = 2000  # a million of them: who names more pages is no API server
_WORDS_KEPT = 120  # characters of an error within a sentence

_SERVICE_CIDRS = (
    "/apis/networking.k8s.io/v1/servicecidrs",
    "/apis/networking.k8s.io/v1beta1/servicecidrs",
)
# v1 since 1.21, v1beta1 from 1.17 to 1.24 (Kubernetes deprecation guide)
_SLICES = tuple(
    f"/apis/discovery.k8s.io/{version}/namespaces/default/endpointslices"
    "?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes"
    for version in ("v1", "v1beta1")
)
_KUBEADM = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
_NODES = "/api/v1/nodes?limit=200"

# Addresses that no cluster gives to Services: TEST-NET-1 (RFC 5737) and the documentation prefix
# (RFC 3849).
_IMPOSSIBLE = {4: "192.0.2.1", 6: "2001:db8::1"}


class Reader(Protocol):
    """A way to the API. ``get`` raises ``Refused``, and ends within the reader's own limits."""

    async def get(self, path: str) -> bytes:
        """The body of a 200 answer."""
        ...


class DryRunner(Protocol):
    """Who may create a Service as a dry run. ``dry_run`` raises ``Refused``."""

    async def dry_run(self, namespace: str, manifest: bytes) -> str:
        """Creates a Service as a dry run on the server; the words of its refusal, or none."""
        ...


async def read_services(reader: Reader, into: Collected, page: int = _PAGE) -> None:
    """All Services, paged (Kubernetes API concepts, "Retrieving large results sets in chunks").

    A 410 means that the page's snapshot is gone: the list is begun again, once. What failed is
    ``into.failure``; the Services read until then stay.
    """
    for last_try in (False, True):
        into.services = ServiceSet()
        try:
            await _pages(reader, f"/api/v1/services?limit={page}", into.services.add_items)
        except Refused as refused:
            if refused.status == 410 and not last_try:
                continue
            into.failure = refused.failure
            if into.services.count:
                into.notes.append(told("note.broke-off", count=into.services.count))
        return


async def _pages(reader: Reader, path: str, take: Callable[[list[msgspec.Raw]], object]) -> None:
    where = path.split("?")[0]
    seen: set[str] = set()
    following = path
    for _ in range(_PAGES):
        body = await reader.get(following)
        try:
            page = decode_page(body)
            if page.items is None:
                raise Refused(FailureKind.HTTP_MALFORMED, told("no-list", path=where))
            take(page.items)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            words = one_line(str(error), _WORDS_KEPT)
            detail = told("not-json", path=where, words=words)
            raise Refused(FailureKind.HTTP_MALFORMED, detail) from None
        token = page.metadata.next_page
        if not token:
            return
        if token in seen:
            raise Refused(FailureKind.OTHER, told("same-page"))
        seen.add(token)
        following = f"{path}{'&' if '?' in path else '?'}continue={quote(token, safe='')}"
    raise Refused(FailureKind.TOO_LARGE, told("pages", most=_PAGES, path=where))


async def read_surroundings(
    reader: Reader, into: Collected, dry_runner: DryRunner | None = None
) -> None:
    """Ranges, nodes and the API server's addresses. Each that cannot be read is a note, never a
    failure. ``dry_runner``: whoever may try, where no object names the Service range; never a pod,
    whose rights are to read."""
    await asyncio.gather(
        _noted(into, "ServiceCIDRs", _first_known(reader, _SERVICE_CIDRS, into.take_service_cidrs)),
        _noted(into, "ConfigMap kube-system/kubeadm-config", _kubeadm(reader, into)),
        _noted(into, "Nodes", _pages(reader, _NODES, into.take_nodes)),
        _noted(
            into,
            "EndpointSlices of default/kubernetes",
            _first_known(reader, _SLICES, into.take_slices),
        ),
    )
    if dry_runner is not None and not into.has_service_range():
        what = "the API server's Service range, by dry run"
        await _noted(into, what, _dry_runs(dry_runner, into))


async def _noted(into: Collected, what: str, reading: Awaitable[object]) -> None:
    try:
        await reading
    except Refused as refused:
        failure = refused.failure
        note = told("note.not-read", what=what, kind=failure.kind, words=failure.detail)
        into.notes.append(note)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        words = one_line(str(error), _WORDS_KEPT)
        into.notes.append(told("note.not-understood", what=what, words=words))


async def _first_known(
    reader: Reader, paths: tuple[str, ...], take: Callable[[list[msgspec.Raw]], object]
) -> None:
    """The list in the newest version of its API that the server has."""
    for path in paths:
        try:
            await _pages(reader, path, take)
        except Refused as refused:
            # 404: an older cluster, or one where the API version is off. 403 of a group that does
            # not exist looks the same.
            if refused.status != 404:
                raise
        else:
            return


async def _kubeadm(reader: Reader, into: Collected) -> None:
    try:
        into.take_kubeadm(await reader.get(_KUBEADM))
    except Refused as refused:
        if refused.status != 404:  # not made by kubeadm: nothing to say
            raise


async def _dry_runs(reader: DryRunner, into: Collected) -> None:
    versions = [version for version in (4, 6) if into.services.addresses(version)] or [4]
    for version in versions:
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "arcprobe-range", "namespace": "default"},
            "spec": {
                "clusterIP": _IMPOSSIBLE[version],
                "ipFamilies": [f"IPv{version}"],
                "ipFamilyPolicy": "SingleStack",
                "ports": [{"port": 443}],
            },
        }
        words = await reader.dry_run("default", msgspec.json.encode(service))
        into.ranges += ranges_in_refusal(words)
