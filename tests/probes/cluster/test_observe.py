"""The cluster as a source: a file, the API server in a pod, kubectl elsewhere."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from arcprobe.model import Cluster, ClusterSource, FailureKind
from arcprobe.probes.cluster import kubectl as _kubectl, observe as cluster
from tests.support import apiserver, processes
from tests.support.apiserver import ApiServer, BadDay

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
    found = cluster.read_services_file(str(FIXTURES / f"{shape}.json"))
    assert (found.source, found.service_count, found.addresses) == ("file", count, addresses)
    assert tuple(known.cidr for known in found.ranges) == ranges
    assert all(known.inferred and known.what == "services" for known in found.ranges)


def test_list_of_one_namespace_is_noted(tmp_path: Path) -> None:
    """A list without default/kubernetes is noted: without -A the list is not the cluster's."""
    assert any(
        "-A" in note
        for note in cluster.read_services_file(str(FIXTURES / "headless-only.json")).notes
    )
    assert not cluster.read_services_file(str(FIXTURES / "kubeadm.json")).notes


TABLE = b"NAMESPACE   NAME         TYPE        CLUSTER-IP   EXTERNAL-IP\ndefault     kubernetes   ClusterIP   10.96.0.1    <none>\n"


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
        cluster.read_services_file(str(file))
    assert str(raised.value).startswith(f"{file}: ")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_services_file_is_named(tmp_path: Path) -> None:
    """A Services file that is not there is refused with its name."""
    with pytest.raises(ValueError, match="nowhere"):
        cluster.read_services_file(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_services_file_from_powershell_is_read(encoding: str, tmp_path: Path) -> None:
    """A file that Windows PowerShell redirected (UTF-16 with a byte order mark) is read."""
    file = tmp_path / "services.json"
    file.write_text((FIXTURES / "kubeadm.json").read_text(), encoding)
    assert cluster.read_services_file(str(file)).service_count == 3


def test_services_come_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` reads stdin."""
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO((FIXTURES / "k3s.json").read_bytes()))
    )
    assert cluster.read_services_file("-").service_count == 4


def test_strange_addresses_are_notes(tmp_path: Path) -> None:
    """What is no address in spec.clusterIP is noted and harms nothing."""
    file = tmp_path / "services.json"
    items = [{"kind": "Service", "metadata": {"name": "a"}, "spec": {"clusterIP": "10.0.0.999"}}]
    file.write_text(json.dumps({"kind": "List", "items": items}))
    found = cluster.read_services_file(str(file))
    assert found.addresses == ()
    assert any("10.0.0.999" in note for note in found.notes)


def _in_pod(api: ApiServer, **settings: Any) -> Cluster:
    resolv_conf = api.folder / "resolv.conf"
    resolv_conf.write_text(
        "search arcprobe.svc.corp.internal svc.corp.internal corp.internal\nnameserver 10.96.0.10\n"
    )
    timeout = settings.pop("timeout", 10.0)
    if "service_account" not in settings:
        settings["service_account"] = api.service_account
    source = ClusterSource(environ=api.environ, **settings)
    return asyncio.run(cluster.observe(source, timeout=timeout, resolv_conf=str(resolv_conf)))


def test_pod_reads_everything_from_the_api_server(tmp_path: Path) -> None:
    """In a pod Services are read in pages, with ranges, nodes and the API server's addresses, each
    with its source."""
    with apiserver.running(tmp_path) as api:
        api.add_services(1201)
        found = _in_pod(api)
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


def test_range_comes_from_a_dry_run_where_no_object_names_it(tmp_path: Path) -> None:
    """Without ServiceCIDR objects the API server's refusal of an impossible ClusterIP names the
    range, and nothing is made."""
    with apiserver.running(tmp_path) as api:
        api.absent.add("servicecidrs")
        found = _in_pod(api)
        assert ("services", "default", "arcprobe-range") not in api.objects
    assert ("10.96.0.0/12", False) in {(known.cidr, known.inferred) for known in found.ranges}
    assert "dry run" in next(known.source for known in found.ranges if known.cidr == "10.96.0.0/12")


def test_range_comes_from_kubeadm(tmp_path: Path) -> None:
    """kubeadm's ConfigMap names Service range, pod range and domain, of both families."""
    networking = "networking:\n  dnsDomain: kube.test\n  podSubnet: 10.244.0.0/16,fd00:77:1::/56\n  serviceSubnet: 10.100.0.0/16\n"
    with apiserver.running(tmp_path) as api:
        api.absent.add("servicecidrs")
        api.add(
            "configmaps", "kubeadm-config", "kube-system", data={"ClusterConfiguration": networking}
        )
        found = _in_pod(api)
    named = {(known.cidr, known.what) for known in found.ranges if "kubeadm-config" in known.source}
    assert named == {
        ("10.100.0.0/16", "services"),
        ("10.244.0.0/16", "pods"),
        ("fd00:77:1::/56", "pods"),
    }
    assert found.cluster_domain == "kube.test"


@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        (BadDay("/api/v1/services", status=403), FailureKind.FORBIDDEN, "is forbidden"),
        (BadDay("/api/v1/services", status=401), FailureKind.UNAUTHORIZED, "401"),
        (BadDay("/api/v1/services", drop=True), FailureKind.CLOSED, "broke off"),
        (
            BadDay("/", status=403, body=b"<html>blocked</html>", headers={"Server": "squid"}),
            FailureKind.HTTP_MALFORMED,
            "squid",
        ),
        (BadDay("/api/v1/services", status=500), FailureKind.OTHER, "500"),
        (
            BadDay("/api/v1/services", status=200, body=b"<html>portal</html>"),
            FailureKind.HTTP_MALFORMED,
            "not the JSON",
        ),
        (BadDay("/api/v1/services", status=200, body=b"{}"), FailureKind.HTTP_MALFORMED, "no list"),
        (
            BadDay("/api/v1/services", status=429, headers={"Retry-After": "3000"}),
            FailureKind.OTHER,
            "429",
        ),
    ],
)
def test_unreadable_services_are_a_failure_in_words(
    bad: BadDay, kind: FailureKind, words: str, tmp_path: Path
) -> None:
    """401, 403, an answer that breaks off, a proxy's answer and overload are each told apart."""
    with apiserver.running(tmp_path) as api:
        api.bad_days.append(bad)
        found = _in_pod(api)
    assert found.failure is not None
    assert (found.failure.kind, found.source) == (kind, "api")
    assert words in found.failure.detail
    assert apiserver.TOKEN not in str(found)


def test_silent_api_server_costs_one_timeout(tmp_path: Path) -> None:
    """An API server that accepts and says nothing is asked once only."""
    with apiserver.running(tmp_path) as api:
        api.bad_days.append(BadDay("/", silent=True))
        found = _in_pod(api, timeout=0.3)
        assert len(api.requests) == 1
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TIMED_OUT


def test_other_ca_and_wrong_token_are_told_apart(tmp_path: Path) -> None:
    """A certificate of another CA is TLS, an expired token is unauthorized."""
    with apiserver.running(tmp_path / "one") as api, apiserver.running(tmp_path / "other") as other:
        account = Path(api.service_account)
        (account / "ca.crt").write_bytes((other.folder / "ca.pem").read_bytes())
        found = _in_pod(api, service_account=str(account))
        api.token = "expired"
        expired = _in_pod(api)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TLS_OTHER
    assert "service account's CA" in found.failure.detail
    assert expired.failure is not None
    assert expired.failure.kind is FailureKind.UNAUTHORIZED


def test_refused_connection_and_missing_token_are_told_apart(tmp_path: Path) -> None:
    """Nobody listening is refused; a pod without a token says that it lacks one."""
    with apiserver.running(tmp_path) as api:
        environ, account = api.environ, api.service_account
    gone = cluster.read(ClusterSource(environ=environ, service_account=account), timeout=5)
    nowhere = ClusterSource(environ=environ, service_account=str(tmp_path / "none"))
    bare = cluster.read(nowhere, timeout=5)
    assert gone.failure is not None
    assert gone.failure.kind is FailureKind.REFUSED
    assert bare.failure is not None
    assert bare.failure.kind is FailureKind.UNAVAILABLE
    assert "service account" in bare.failure.detail


def test_throttled_and_expired_pages_are_asked_again(tmp_path: Path) -> None:
    """A 429 with Retry-After is waited for; a 410 in the middle begins the list again, and no
    Service counts twice."""
    with apiserver.running(tmp_path) as api:
        api.add_services(700)
        api.bad_days.append(
            BadDay("/api/v1/services", status=429, headers={"Retry-After": "0"}, times=2)
        )
        api.bad_days.append(BadDay("/api/v1/services", status=410, after=1, times=1))
        found = _in_pod(api)
    assert (found.failure, found.service_count) == (None, 700)


def test_list_dropped_in_the_middle_keeps_what_was_read(tmp_path: Path) -> None:
    """A list that breaks off on the second page is a failure, with the Services of the first
    page."""
    with apiserver.running(tmp_path) as api:
        api.add_services(700)
        api.bad_days.append(BadDay("/api/v1/services", drop=True, after=1))
        found = _in_pod(api)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.CLOSED
    assert found.service_count == 500


def test_forbidden_extras_are_notes(tmp_path: Path) -> None:
    """What is read beside the Services may be forbidden: each is a note, and the Services stand."""
    with apiserver.running(tmp_path) as api:
        for path in ("/apis", "/api/v1/nodes", "/api/v1/namespaces"):
            api.bad_days.append(BadDay(path, status=403))
        found = _in_pod(api)
    assert (found.failure, found.service_count) == (None, 1)
    assert len(found.notes) == 5
    assert all("forbidden" in note for note in found.notes)
    assert [(known.cidr, known.inferred) for known in found.ranges] == [("10.96.0.0/24", True)]


def test_given_ranges_and_servers_are_kept_with_their_setting(tmp_path: Path) -> None:
    """Ranges and API servers of the settings stand beside what a file says, and replace guesses."""
    found = cluster.read(
        ClusterSource(
            services=cluster.read_services_file(str(FIXTURES / "kubeadm.json")),
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


def test_absent_kubectl_is_named() -> None:
    """Outside a pod and without kubectl the failure says so."""
    found = cluster.read(ClusterSource(environ={"PATH": ""}))
    assert found.failure is not None
    assert (found.failure.kind, found.source) == (FailureKind.UNAVAILABLE, "kubectl")
    assert "kubectl is not on the PATH" in found.failure.detail


def _stub(folder: Path, script: str) -> dict[str, str]:
    path = folder / "kubectl"
    path.write_text(f"#!{sys.executable}\nimport sys, time\narguments = sys.argv[1:]\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"PATH": str(folder)}


posix_only = pytest.mark.skipif(
    os.name == "nt",
    reason="a script stands in for kubectl by its first line, which Windows ignores",
)


@posix_only
def test_kubectl_gets_the_context_and_no_shell(tmp_path: Path) -> None:
    """--kubeconfig and --context are handed to kubectl as they are, also with blanks and quotes."""
    text = (FIXTURES / "kubeadm.json").read_text()
    environ = _stub(
        tmp_path,
        f"open({str(tmp_path / 'seen')!r}, 'a').write(repr(arguments) + chr(10))\nprint({text!r})",
    )
    found = cluster.read(ClusterSource(kubeconfig="a b;c", context="it's", environ=environ))
    assert found.service_count == 3
    first = (tmp_path / "seen").read_text().splitlines()[0]
    assert first == repr(
        [
            "--kubeconfig",
            "a b;c",
            "--context",
            "it's",
            "get",
            "svc",
            "-A",
            "-o",
            "json",
            "--request-timeout=10s",
        ]
    )


@posix_only
def test_silent_kubectl_is_ended(tmp_path: Path) -> None:
    """A kubectl that hangs is ended after the limit, by its own id."""
    environ = _stub(
        tmp_path,
        f"import os\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)",
    )
    found = cluster.read(ClusterSource(environ=environ), timeout=1)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TIMED_OUT
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@posix_only
def test_kubectl_that_prints_a_table_is_a_failure(tmp_path: Path) -> None:
    """What kubectl prints is judged like a file: no JSON, no Services."""
    found = cluster.read(ClusterSource(environ=_stub(tmp_path, "print('NAME CLUSTER-IP')")))
    assert found.failure is not None
    assert "table" in found.failure.detail


@pytest.mark.parametrize(
    ("stderr", "kind", "status"),
    [
        (
            'Error from server (Forbidden): services is forbidden: User "jane" cannot list resource',
            FailureKind.FORBIDDEN,
            403,
        ),
        ("error: You must be logged in to the server (Unauthorized)", FailureKind.UNAUTHORIZED, 0),
        (
            "Unable to connect to the server: x509: certificate signed by unknown authority",
            FailureKind.TLS_OTHER,
            0,
        ),
        (
            "Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout",
            FailureKind.TIMED_OUT,
            0,
        ),
        (
            "Unable to connect to the server: dial tcp: lookup api.test on 10.0.0.2:53: no such host",
            FailureKind.NAME_UNKNOWN,
            0,
        ),
        (
            "The connection to the server localhost:8080 was refused - did you specify the right host?",
            FailureKind.UNAVAILABLE,
            0,
        ),
        (
            "The connection to the server 10.0.0.1:6443 was refused - did you specify",
            FailureKind.REFUSED,
            0,
        ),
        (
            "Unable to connect to the server: proxyconnect tcp: dial tcp 10.0.0.9:3128: i/o timeout",
            FailureKind.HTTP_MALFORMED,
            0,
        ),
        ("Unable to connect to the server: Forbidden", FailureKind.HTTP_MALFORMED, 0),
        (
            "Unable to connect to the server: Proxy Authentication Required",
            FailureKind.HTTP_MALFORMED,
            0,
        ),
        ('error: context "nowhere" does not exist', FailureKind.UNAVAILABLE, 0),
        (
            "Error from server (NotFound): the server could not find the requested resource",
            FailureKind.OTHER,
            404,
        ),
        ("", FailureKind.OTHER, 0),
    ],
)
def test_words_of_kubectl_are_understood(stderr: str, kind: FailureKind, status: int) -> None:
    """What kubectl says when it fails becomes a closed word; a proxy that stands before the API is
    told from the API."""
    log = 'E1123 10:00:00.000000   12 memcache.go:265] "Unhandled Error" err="couldn\'t get current server API group list"\n'
    refused = _kubectl.refusal(_kubectl.last_words(log + stderr))
    assert (refused.failure.kind, refused.status) == (kind, status)


def test_passwords_in_kubectls_words_are_hidden() -> None:
    """A proxy URL in an error message loses its user and password."""
    words = _kubectl.last_words(
        'Unable to connect: proxyconnect tcp: parse "http://jane:geheim@proxy:3128": bad port'
    )
    assert "geheim" not in words
    assert "proxy:3128" in words


needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None and not os.environ.get("CI"),
    reason="kubectl is not installed here; CI installs it",
)


@needs_kubectl
def test_real_kubectl_reads_the_cluster(tmp_path: Path) -> None:
    """The real kubectl against the API server of the tests gives Services, ranges, nodes and the
    API server's own address."""
    with apiserver.running(tmp_path) as api:
        api.add_services(520)
        environ = {**os.environ, "HOME": str(tmp_path), "KUBECONFIG": api.kubeconfig}
        for name in [name for name in environ if name.lower().endswith("_proxy")]:
            del environ[name]
        source = ClusterSource(kubeconfig=str(api.kubeconfig), environ=environ)
        found = cluster.read(source, timeout=20)
        api.bad_days.append(BadDay("/api/v1/services", status=403))
        forbidden = cluster.read(source, timeout=20)
    assert (found.failure, found.service_count, found.api_servers) == (
        None,
        520,
        (f"127.0.0.1:{api.port}",),
    )
    assert {known.cidr for known in found.ranges} == {
        "10.96.0.0/12",
        "10.244.0.0/24",
        "10.77.1.0/24",
    }
    assert found.api_server_addresses == ("10.77.1.1",)
    assert forbidden.failure is not None
    assert forbidden.failure.kind is FailureKind.FORBIDDEN
    assert forbidden.nodes == ("10.77.1.10",)


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
    bad, fix = BAD_DAYS.get(case, (None, "ca that was given"))
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
