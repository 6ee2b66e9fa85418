"""The cluster as a source: a file, the API server in a pod, kubectl elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arcprobe.model import ClusterSource
from arcprobe.probes.cluster.observe import read
from tests.probes.cluster.in_pod import in_pod
from tests.support import apiserver, processes
from tests.support.apiserver import BadDay
from tests.support.services import read_services_file

FIXTURES = Path(__file__).parents[3] / "fixtures" / "services"


def test_list_of_one_namespace_is_noted(tmp_path: Path) -> None:
    """A list without default/kubernetes is noted: without -A the list is not the cluster's."""
    assert any(
        "-A" in note for note in read_services_file(str(FIXTURES / "headless-only.json")).notes
    )
    assert not read_services_file(str(FIXTURES / "kubeadm.json")).notes


def test_pod_reads_everything_from_the_api_server(tmp_path: Path) -> None:
    """In a pod Services are read in pages, with ranges, nodes and the API server's addresses, each
    with its source."""
    with apiserver.running(tmp_path) as api:
        api.add_services(1201)
        found = in_pod(api)
    assert (found.source, found.failure, found.service_count) == ("api", None, 1201)
    assert found.addresses == ("10.96.0.1-10.96.4.177",)
    assert len(found.services) == 1000
    pages = [path for _, path in api.requests if path.startswith("/api/v1/services?")]
    assert len(pages) == 3
    assert "continue=page%2F%2B500" in pages[1]
    assert {(known.cidr, known.what, known.inferred) for known in found.ranges} == {
        ("10.96.0.0/12", "services", False),
        ("10.244.0.0/24", "pods", False),
        ("10.77.1.0/24", "nodes", True),
    }
    assert found.ranges[0].source == "ServiceCIDR kubernetes"
    assert found.nodes == ("10.77.1.10",)
    assert found.api_server_addresses == ("10.77.1.1",)
    assert found.api_servers == (f"127.0.0.1:{api.port}",)
    assert found.cluster_domain == "corp.internal"


def test_given_ranges_and_servers_are_kept_with_their_setting(tmp_path: Path) -> None:
    """Ranges and API servers of the settings stand beside what a file says, and replace guesses."""
    found = read(
        ClusterSource(
            services=read_services_file(str(FIXTURES / "kubeadm.json")),
            service_cidrs=("10.96.0.0/12",),
            pod_cidrs=("10.244.0.0/16",),
            api_servers=("https://api.test:6443/",),
            environ={"PATH": ""},
        )
    )
    assert {(known.cidr, known.what, known.source) for known in found.ranges} == {
        ("10.96.0.0/12", "services", "--service-cidr"),
        ("10.244.0.0/16", "pods", "--pod-cidr"),
    }
    assert found.api_servers == ("api.test:6443",)


linux_only = pytest.mark.skipif(
    not processes.IS_LINUX, reason="peak memory is read from Linux' /proc/self/status"
)
_SETTINGS = ("--region", "westeurope", "--proxy-https", "http://127.0.0.1:9", "--format", "json")
_LIST = "10.96.0.0/12,10.244.0.0/16,10.77.1.0/24,.svc,.cluster.local"


BAD_DAYS = {
    "forbidden": (BadDay("/api/v1/services", status=403), "add to the clusterrole"),
    "unauthorised": (BadDay("/", status=401), "refused this token"),
    "proxy": (BadDay("/", status=503, body=b"<html>squid</html>"), "into no_proxy"),
    "portal": (BadDay("/", status=200, body=b"<html>sign in</html>"), "into no_proxy"),
}


@linux_only
@pytest.mark.parametrize("case", [*BAD_DAYS, "other-ca"])
def test_each_bad_day_of_the_api_has_its_own_fix(case: str, tmp_path: Path) -> None:
    """No right, no valid token, a proxy in the way and another cluster's CA: one warning that says
    what to change, exit 0."""
    bad, fix = BAD_DAYS.get(case, (None, "the given ca"))
    with apiserver.running(tmp_path / "one") as api, apiserver.running(tmp_path / "two") as other:
        api.bad_days += [bad] if bad else []
        account = api.service_account if bad else other.service_account
        arguments = (*_SETTINGS, "--only", "skip-range", "--proxy-skip-range", _LIST)
        found = processes.cost(processes.CHECK_IN_POD, account, *arguments, environ=api.environ)
    causes = json.loads(found.out)["causes"]
    assert (found.code, [cause["code"] for cause in causes]) == (0, ["services-unreadable"])
    assert fix in causes[0]["remedy"].lower()


@linux_only
def test_fifty_thousand_services_in_a_file_stay_small(tmp_path: Path) -> None:
    """The skip range is judged against fifty thousand Services of one file in less than 150 MiB,
    the whole process."""
    file = tmp_path / "services.json"
    one = json.loads((FIXTURES / "kubeadm.json").read_text())["items"][0]
    one["metadata"]["annotations"] = {"note": "z" * 400}
    with file.open("w") as stream:
        stream.write('{"kind":"List","items":[')
        for number in range(50_000):
            one["metadata"]["name"] = f"service-{number}"
            one["metadata"]["namespace"] = f"team-{number % 50}"
            address = f"10.{96 + number // 65536}.{number // 256 % 256}.{number % 256}"
            one["spec"]["clusterIP"], one["spec"]["clusterIPs"] = address, [address]
            stream.write(("," if number else "") + json.dumps(one))
        stream.write("]}")
    arguments = (
        "check",
        *_SETTINGS,
        "--only",
        "skip-range",
        "--proxy-skip-range",
        _LIST,
        "--services",
        str(file),
    )
    found = processes.cost(processes.COMMAND, *arguments)
    assert (found.code, json.loads(found.out)["verdict"]) == (0, "pass")
    assert found.memory < 150


@linux_only
@pytest.mark.parametrize(
    ("skip_range", "code", "count"), [(_LIST, 0, 50_000), (_LIST.replace("/12", "/18"), 1, 17_000)]
)
def test_fifty_thousand_services_from_a_paged_api_stay_small(
    skip_range: str, code: int, count: int, tmp_path: Path
) -> None:
    """In a pod the same comes page by page from the API server; a list that misses the last of the
    Services fails."""
    with apiserver.running(tmp_path) as api:
        api.add_services(count)
        arguments = (*_SETTINGS, "--only", "skip-range", "--proxy-skip-range", skip_range)
        found = processes.cost(
            processes.CHECK_IN_POD, api.service_account, *arguments, environ=api.environ
        )
        pages = [path for method, path in api.requests if path.startswith("/api/v1/services?")]
    assert (found.code, [cause["code"] for cause in json.loads(found.out)["causes"]]) == (
        code,
        ["services-uncovered"][:code],
    )
    assert len(pages) > count // 1000
    assert found.memory < 150
