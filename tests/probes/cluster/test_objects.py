"""The JSON of Services as every distribution, and every mistake, has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.services import read_services_file

FIXTURES = Path(__file__).parents[3] / "fixtures" / "services"


SHAPES = {
    "kubeadm": (3, ("10.96.0.1", "10.96.0.10", "10.103.44.7")),
    "k3s": (4, ("10.43.0.1", "10.43.0.10", "10.43.31.99", "10.43.210.5")),
    "aks": (4, ("10.0.0.1", "10.0.0.10", "10.0.88.14", "10.0.171.3")),
    "eks": (3, ("172.20.0.1", "172.20.0.10", "172.20.117.61")),
    "gke": (4, ("34.118.224.1", "34.118.224.10", "34.118.229.77")),
    "openshift": (5, ("172.30.0.1", "172.30.0.10", "172.30.200.12")),
    "dual-stack": (3, ("10.96.0.1", "10.96.0.10", "10.97.3.2", "fd00:77:96::a", "fd00:77:96::1f")),
    "ipv6-only": (2, ("fd00:77:96::1", "fd00:77:96::a")),
    "headless-only": (2, ()),
    "external-name": (2, ("10.96.0.1",)),
    "load-balancer": (2, ("10.96.0.1", "10.96.7.7")),
    "single": (1, ("10.96.7.8",)),
    "before-1.20": (1, ("10.96.0.1",)),
}


@pytest.mark.parametrize("shape", [path.stem for path in sorted(FIXTURES.glob("*.json"))])
def test_services_of_every_distribution_are_read(shape: str) -> None:
    """Every ClusterIP of all families is read, None and ExternalName are not addresses, and no
    range is guessed."""
    count, addresses = SHAPES[shape]
    found = read_services_file(str(FIXTURES / f"{shape}.json"))
    assert (found.source, found.service_count, found.addresses) == ("file", count, addresses)
    assert found.ranges == ()


TABLE = (
    b"NAMESPACE   NAME         TYPE        CLUSTER-IP   EXTERNAL-IP\n"
    b"default     kubernetes   ClusterIP   10.96.0.1    <none>\n"
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TABLE, "kubectl's table"),
        (b"apiVersion: v1\nitems:\n", "YAML"),
        (b'{"kind":"List","items":[{"metadata":{"name":"a"', "truncated?"),
        (b"hello", "not JSON"),
        (b"", "empty"),
        (b"[]", "not the JSON of Services"),
        (b'{"kind":"PodList","items":[]}', "PodList"),
        (b'{"kind":"List","items":[{"kind":"Pod"}]}', "no Service"),
        (b"{}", "no Kubernetes list"),
        (
            b'{"kind":"List","items":[{"kind":"Service","spec":{"clusterIP":7}}]}',
            "not the JSON of Services",
        ),
        (b"Error from server (Forbidden): services is forbidden", "kubectl's error"),
        (b'{"kind":"List","items":' + b"[" * 100_000, "JSON"),
        (b"\x1f\x8b\x08\x00\xff", "not JSON"),
    ],
)
def test_wrong_services_file_is_named_in_one_line(
    content: bytes, words: str, tmp_path: Path
) -> None:
    """A Services file that is none is refused with one line that names the file and what would be
    right."""
    file = tmp_path / "services"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="kubectl get svc -A -o json") as raised:
        read_services_file(str(file))
    assert str(raised.value).startswith(f"{file}: ")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_services_file_from_powershell_is_read(encoding: str, tmp_path: Path) -> None:
    """A file that Windows PowerShell redirected (UTF-16 with a byte order mark) is read."""
    file = tmp_path / "services.json"
    file.write_text((FIXTURES / "kubeadm.json").read_text(), encoding)
    assert read_services_file(str(file)).service_count == 3


def test_strange_addresses_are_notes(tmp_path: Path) -> None:
    """What is no address in spec.clusterIP is noted and harms nothing."""
    file = tmp_path / "services.json"
    items = [{"kind": "Service", "metadata": {"name": "a"}, "spec": {"clusterIP": "10.0.0.999"}}]
    file.write_text(json.dumps({"kind": "List", "items": items}))
    found = read_services_file(str(file))
    assert found.addresses == ()
    assert any("10.0.0.999" in note for note in found.notes)


KUBEADM = (FIXTURES / "kubeadm.json").read_bytes()
KLOG = b"W1126 10:00:00.123456    4711 gcp.go:119] WARNING: the gcp auth plugin is deprecated\n"
INSIDE = KUBEADM.replace(b"\n", b"\nE1126 10:00:00.000001 1 memcache.go:265] couldn't get it\n", 1)


@pytest.mark.parametrize(
    ("content", "skipped"),
    [
        (KLOG + KUBEADM, 1),
        (KLOG * 3 + KUBEADM, 3),
        (b"Warning: v1 Endpoints is deprecated in v1.33+\n" + KUBEADM, 1),
        (b"Please enter Username: " + KUBEADM, 1),
        (b'{"level":"info","msg":"login"}\n' + KUBEADM, 1),
        (b"To sign in, use a web browser\r\n\r\nand a code\r\n" + KUBEADM, 2),
        (KUBEADM + b"\nE1126 10:00:01.000000 1 x.go:1] late\nlogged out\n", 2),
        (INSIDE, 1),
        (b"\xef\xbb\xbf" + KLOG + KUBEADM, 1),
    ],
)
def test_lines_around_the_json_are_skipped(content: bytes, skipped: int, tmp_path: Path) -> None:
    """klog's lines, warnings and prompts round kubectl's JSON are skipped, counted and said."""
    file = tmp_path / "services.json"
    file.write_bytes(content)
    found = read_services_file(str(file))
    assert (found.service_count, found.failure) == (3, None)
    lines = "line" if skipped == 1 else "lines"
    assert found.notes == (
        f"{skipped} {lines} before, within or after the JSON skipped: no part of it",
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (KUBEADM + KUBEADM, "trailing characters"),
        (KLOG + KUBEADM + KUBEADM, "is not JSON"),
        (KLOG + KUBEADM[:-20], "is not JSON"),
        (KLOG, "is not JSON"),
    ],
)
def test_two_lists_or_half_a_list(content: bytes, words: str, tmp_path: Path) -> None:
    """Two lists, or a part of one, are refused, whatever stands round them: no Service is lost
    without a word."""
    file = tmp_path / "services.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_services_file(str(file))


def _listed(*services: tuple[str, str]) -> str:
    items = [
        {
            "kind": "Service",
            "metadata": {"namespace": namespace, "name": name},
            "spec": {"clusterIP": f"10.96.0.{number}"},
        }
        for number, (namespace, name) in enumerate(services, 1)
    ]
    return json.dumps({"kind": "List", "items": items})


@pytest.mark.parametrize(
    ("services", "is_whole"),
    [
        ((("default", "kubernetes"), ("default", "web")), False),
        ((("default", "kubernetes"),), False),
        ((("kube-system", "kube-dns"),), False),
        ((("default", "kubernetes"), ("shop", "web")), True),
        ((("shop", "web"), ("kube-system", "dns")), True),
    ],
)
def test_a_list_of_one_namespace(
    services: tuple[tuple[str, str], ...], is_whole: bool, tmp_path: Path
) -> None:
    """No cluster has its Services in one namespace alone: a file that says so lacks -A."""
    file = tmp_path / "services.json"
    file.write_text(_listed(*services))
    failure = read_services_file(str(file)).failure
    assert (failure is None) is is_whole
    if failure is not None:
        assert (failure.kind, "get svc -A -o json" in failure.detail) == ("partial", True)
