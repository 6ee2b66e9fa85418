"""The JSON of Services as every distribution, and every mistake, has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arcprobe.probes.cluster.observe import read_services_file

FIXTURES = Path(__file__).parents[3] / "fixtures" / "services"


SHAPES = {
    "kubeadm": (3, ("10.96.0.1", "10.96.0.10", "10.103.44.7"), ("10.96.0.0/13",)),
    "k3s": (4, ("10.43.0.1", "10.43.0.10", "10.43.31.99", "10.43.210.5"), ("10.43.0.0/16",)),
    "aks": (4, ("10.0.0.1", "10.0.0.10", "10.0.88.14", "10.0.171.3"), ("10.0.0.0/16",)),
    "eks": (3, ("172.20.0.1", "172.20.0.10", "172.20.117.61"), ("172.20.0.0/17",)),
    "gke": (4, ("34.118.224.1", "34.118.224.10", "34.118.229.77"), ("34.118.224.0/21",)),
    "openshift": (5, ("172.30.0.1", "172.30.0.10", "172.30.200.12"), ("172.30.0.0/16",)),
    "dual-stack": (
        3,
        ("10.96.0.1", "10.96.0.10", "10.97.3.2", "fd00:77:96::a", "fd00:77:96::1f"),
        ("10.96.0.0/15", "fd00:77:96::/112"),
    ),
    "ipv6-only": (2, ("fd00:77:96::1", "fd00:77:96::a"), ("fd00:77:96::/112",)),
    "headless-only": (2, (), ()),
    "external-name": (2, ("10.96.0.1",), ("10.96.0.0/24",)),
    "load-balancer": (2, ("10.96.0.1", "10.96.7.7"), ("10.96.0.0/21",)),
    "single": (1, ("10.96.7.8",), ("10.96.7.0/24",)),
    "before-1.20": (1, ("10.96.0.1",), ("10.96.0.0/24",)),
}


@pytest.mark.parametrize("shape", [path.stem for path in sorted(FIXTURES.glob("*.json"))])
def test_services_of_every_distribution_are_read(shape: str) -> None:
    """Every ClusterIP of all families is read, None and ExternalName are not addresses, and a
    guessed range says so."""
    count, addresses, ranges = SHAPES[shape]
    found = read_services_file(str(FIXTURES / f"{shape}.json"))
    assert (found.source, found.service_count, found.addresses) == ("file", count, addresses)
    assert tuple(known.cidr for known in found.ranges) == ranges
    assert all(known.inferred and known.what == "services" for known in found.ranges)


TABLE = (
    b"NAMESPACE   NAME         TYPE        CLUSTER-IP   EXTERNAL-IP\n"
    b"default     kubernetes   ClusterIP   10.96.0.1    <none>\n"
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TABLE, "kubectl's table"),
        (b"apiVersion: v1\nitems:\n", "YAML"),
        (b'{"kind":"List","items":[{"metadata":{"name":"a"', "cut off"),
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
