"""The logs of pods."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.probes.cluster import logs as module
from arcprobe.probes.cluster.logs import Log, logs, stream
from arcprobe.probes.cluster.told import Refused
from tests.probes.cluster.test_access import sources
from tests.support.apiserver import ApiServer, BadDay

LOG = "one line\n" * 200_000


def test_the_log_of_a_pod(tmp_path: Path) -> None:
    """The pods whose names begin so, and the whole log of one, in a pod and by kubectl."""
    with ApiServer(tmp_path) as api:
        for name in ("arc-proxy-b", "arc-proxy-a", "config-agent-1"):
            api.add("pods", name, "azure-arc", spec={"containers": [{"name": "proxy"}]})
        api.logs["arc-proxy-a"] = LOG
        for source in sources(api):
            found = logs(source, "azure-arc", "arc-proxy-", 10.0)
            assert found == (Log("arc-proxy-a", "proxy"), Log("arc-proxy-b", "proxy"))
            assert b"".join(stream(source, "azure-arc", found[0], 10.0)) == LOG.encode()


def test_containers_of_a_pod(tmp_path: Path) -> None:
    """Of several containers the proxy's own is read, by its name; of others all are; the API is
    told which."""
    with ApiServer(tmp_path) as api:
        own = [{"name": "fluent-bit"}, {"name": "arc-proxy"}]
        other = [{"name": "b"}, {"name": "a"}]
        api.add("pods", "arc-proxy-1", "azure-arc", spec={"containers": own})
        api.add("pods", "arc-proxy-2", "azure-arc", spec={"containers": other})
        api.add("pods", "arc-proxy-3", "azure-arc")
        for source in sources(api):
            assert logs(source, "azure-arc", "arc-proxy-", 10.0) == (
                Log("arc-proxy-1", "arc-proxy"),
                Log("arc-proxy-2", "a"),
                Log("arc-proxy-2", "b"),
                Log("arc-proxy-3", ""),
            )
            b"".join(stream(source, "azure-arc", Log("arc-proxy-1", "arc-proxy"), 10.0))
            assert api.requests[-1][1].endswith("/log?container=arc-proxy&timestamps=true")


def test_what_is_forbidden_is_said(tmp_path: Path) -> None:
    """Who may not list pods, or read a log, learns it in the API server's words."""
    with ApiServer(tmp_path) as api:
        api.add("pods", "arc-proxy-a", "azure-arc", spec={"containers": [{"name": "proxy"}]})
        api.bad_days.append(BadDay("/api/v1/namespaces/azure-arc/pods/arc-proxy-a/log", 403))
        for source in sources(api):
            with pytest.raises(Refused, match="forbidden"):
                list(stream(source, "azure-arc", Log("arc-proxy-a"), 10.0))
        api.bad_days.append(BadDay("/api/v1/namespaces/azure-arc/pods", 403))
        for source in sources(api):
            with pytest.raises(Refused, match="forbidden"):
                logs(source, "azure-arc", "arc-proxy-", 10.0)


def test_a_silent_log_ends(tmp_path: Path) -> None:
    """A log that does not come is an error after the time-out."""
    with ApiServer(tmp_path) as api:
        api.bad_days.append(BadDay("/api/v1/namespaces/azure-arc/pods/a/log", silent=True))
        with pytest.raises(Refused, match="stopped"):
            list(stream(sources(api)[0], "azure-arc", Log("a"), 0.5))


def test_a_log_that_drips_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that comes byte by byte is left after the longest time for one, and said to have broken
    off."""
    monkeypatch.setattr(module, "_LONGEST", 0.5)
    with ApiServer(tmp_path) as api:
        api.bad_days.append(BadDay("/api/v1/namespaces/azure-arc/pods/a/log", drips=True))
        with pytest.raises(Refused, match="broke off: not ended in time"):
            list(stream(sources(api)[0], "azure-arc", Log("a"), 5.0))
