"""``kubectl``: the user's context, no shell, ended in time, its words understood, no secrets."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import time
from pathlib import Path

import pytest

from arcprobe.model import ClusterSource, FailureKind
from arcprobe.probes.cluster.kubectl import last_words, refusal
from arcprobe.probes.cluster.observe import read
from tests.support import apiserver
from tests.support.apiserver import BadDay

FIXTURES = Path(__file__).parents[3] / "fixtures" / "services"


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
    found = read(ClusterSource(kubeconfig="a b;c", context="it's", environ=environ))
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
    found = read(ClusterSource(environ=environ), timeout=1)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TIMED_OUT
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@posix_only
def test_kubectl_that_prints_a_table_is_a_failure(tmp_path: Path) -> None:
    """What kubectl prints is judged like a file: no JSON, no Services."""
    found = read(ClusterSource(environ=_stub(tmp_path, "print('NAME CLUSTER-IP')")))
    assert found.failure is not None
    assert "table" in found.failure.detail


def test_absent_kubectl_is_named() -> None:
    """Outside a pod and without kubectl the failure says so."""
    found = read(ClusterSource(environ={"PATH": ""}))
    assert found.failure is not None
    assert (found.failure.kind, found.source) == (FailureKind.UNAVAILABLE, "kubectl")
    assert "kubectl is not on the PATH" in found.failure.detail


@pytest.mark.parametrize(
    ("stderr", "kind", "status"),
    [
        (
            'Error from server (Forbidden): services is forbidden: User "jane" cannot list',
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
            "Unable to connect to the server: lookup api.test on 10.0.0.2:53: no such host",
            FailureKind.NAME_UNKNOWN,
            0,
        ),
        (
            "The connection to the server localhost:8080 was refused - did you specify",
            FailureKind.UNAVAILABLE,
            0,
        ),
        (
            "The connection to the server 10.0.0.1:6443 was refused - did you specify",
            FailureKind.REFUSED,
            0,
        ),
        (
            "Unable to connect to the server: proxyconnect tcp: 10.0.0.9:3128: i/o timeout",
            FailureKind.HTTP_MALFORMED,
            0,
        ),
        ("Unable to connect to the server: Forbidden", FailureKind.HTTP_MALFORMED, 0),
        # a block page with 403 is no lack of rights
        (
            "Error from server (Forbidden): <!DOCTYPE html><html><title>Access Denied</title>",
            FailureKind.HTTP_MALFORMED,
            0,
        ),
        (
            "error: invalid character '<' looking for beginning of value",
            FailureKind.HTTP_MALFORMED,
            0,
        ),
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
    log = (
        'E1123 10:00:00.000000   12 memcache.go:265] "Unhandled Error"'
        ' err="couldn\'t get current server API group list"\n'
    )
    refused = refusal(last_words(log + stderr))
    assert (refused.failure.kind, refused.status) == (kind, status)


def test_passwords_in_kubectls_words_are_hidden() -> None:
    """A proxy URL in an error message loses its user and password."""
    words = last_words(
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
        found = read(source, timeout=20)
        api.bad_days.append(BadDay("/api/v1/services", status=403))
        forbidden = read(source, timeout=20)
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


HELPER = """
import os, subprocess
helper = subprocess.Popen(["sleep", "300"])
open({file!r}, "w").write(str(helper.pid))
{then}
"""


@posix_only
@pytest.mark.parametrize("then", ["time.sleep(300)", ""], ids=["kubectl hangs", "kubectl ends"])
def test_a_login_helper_is_ended_too(then: str, tmp_path: Path) -> None:
    """What kubectl started, and what holds its pipes after it, is not left behind."""
    file = tmp_path / "helper"
    environ = _stub(tmp_path, HELPER.format(file=str(file), then=then))
    environ["PATH"] += os.pathsep + os.environ["PATH"]
    found = read(ClusterSource(environ=environ), timeout=2.0)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TIMED_OUT
    helper, end = int(file.read_text()), time.monotonic() + 10
    while _is_alive(helper) and time.monotonic() < end:  # a signal takes its time on a busy host
        time.sleep(0.05)
    assert not _is_alive(helper)


def _is_alive(process: int) -> bool:
    """Whether it runs; one that has ended may wait for its parent."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
