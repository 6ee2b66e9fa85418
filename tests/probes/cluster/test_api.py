"""The API server from inside a pod: each way in which it says no, or nothing, has its word."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.model import ClusterSource, FailureKind
from arcprobe.probes.cluster.observe import read
from tests.probes.cluster.in_pod import in_pod
from tests.support import apiserver
from tests.support.apiserver import BadDay


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
        found = in_pod(api)
    assert found.failure is not None
    assert (found.failure.kind, found.source) == (kind, "api")
    assert words in found.failure.detail
    assert apiserver.TOKEN not in str(found)


def test_silent_api_server_costs_one_timeout(tmp_path: Path) -> None:
    """An API server that accepts and says nothing is asked once only."""
    with apiserver.running(tmp_path) as api:
        api.bad_days.append(BadDay("/", silent=True))
        found = in_pod(api, timeout=0.3)
        assert len(api.requests) == 1
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TIMED_OUT


def test_other_ca_and_wrong_token_are_told_apart(tmp_path: Path) -> None:
    """A certificate of another CA is TLS, an expired token is unauthorized."""
    with apiserver.running(tmp_path / "one") as api, apiserver.running(tmp_path / "other") as other:
        account = Path(api.service_account)
        (account / "ca.crt").write_bytes((other.folder / "ca.pem").read_bytes())
        found = in_pod(api, service_account=str(account))
        api.token = "expired"
        expired = in_pod(api)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TLS_OTHER
    assert "service account's CA" in found.failure.detail
    assert expired.failure is not None
    assert expired.failure.kind is FailureKind.UNAUTHORIZED


def test_refused_connection_and_missing_token_are_told_apart(tmp_path: Path) -> None:
    """Nobody listening is refused; a pod without a token says that it lacks one."""
    with apiserver.running(tmp_path) as api:
        environ, account = api.environ, api.service_account
    gone = read(ClusterSource(environ=environ, service_account=account), timeout=5)
    nowhere = ClusterSource(environ=environ, service_account=str(tmp_path / "none"))
    bare = read(nowhere, timeout=5)
    assert gone.failure is not None
    assert gone.failure.kind is FailureKind.REFUSED
    assert bare.failure is not None
    assert bare.failure.kind is FailureKind.UNAVAILABLE
    assert "service account" in bare.failure.detail
