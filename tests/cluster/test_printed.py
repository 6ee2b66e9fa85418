"""The command lines that arcprobe and the README print for whoever works with a real cluster: each
is run as it stands, and does what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.cluster import table
from tests.cluster.cluster import Cluster
from tests.cluster.hosts import ROOT, SECONDS
from tests.cluster.printed import LOOKS
from tests.cluster.using import printed_command, staying
from tests.support import images


def _shell(cluster: Cluster, command: str, folder: Path) -> str:
    """What a command prints, in a folder of its own; it must succeed."""
    done = cluster.command("sh", "-c", f"cd {folder} && {command}")
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def _in_readme(beginning: str) -> str:
    """A command line of the README."""
    text = (ROOT / "README.md").read_text()
    match = re.search(rf"^{re.escape(beginning)}.*$|`({re.escape(beginning)}[^`]*)`", text, re.M)
    assert match is not None, beginning
    return match[1] or match[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands leave their files."""
    return tmp_path_factory.mktemp("administrator")


@pytest.fixture(scope="module")
def given(cluster: Cluster) -> Iterator[list[str]]:
    """The flags in a network where the proxy wants a password, which stands in them."""
    with table.built("auth", cluster) as flags:
        yield flags


@pytest.fixture(scope="module")
def manifest(cluster: Cluster, folder: Path, given: list[str]) -> Iterator[str]:
    """The manifest of a Job, applied before the line that makes its Secret; taken away by its own
    last line."""
    proxy = urlsplit(given[given.index("--proxy-https") + 1])
    assert proxy.password
    (folder / "FILE").write_text(unquote(f"{proxy.username}:{proxy.password}\n"))
    printed = cluster.arcprobe("job", *given, "--vantage", "pod")
    assert printed.returncode == 0, printed.stderr
    assert proxy.password not in printed.stdout + printed.stderr
    cluster.kubectl("apply", "-f", "-", text=printed.stdout)
    (command,) = re.findall(r"^  (kubectl .* create secret .*)$", printed.stderr, re.M)
    _shell(cluster, command, folder)
    yield printed.stdout
    _shell(cluster, printed_command(printed.stdout, "Remove") + " --wait=false", folder)
    assert staying(cluster) == []


def test_job_of_the_readme(cluster: Cluster, manifest: str, folder: Path) -> None:
    """The README's lines after `kubectl apply`: the log is followed to its end and merged; the
    message of the pod has the verdict; `report show` and the manifest's `Report:` read the log."""
    follow = _in_readme("until kubectl -n arcprobe logs -f").replace(" laptop.json", "")
    merged = _shell(cluster, follow, folder)
    assert merged.startswith("PASS  1 node, 1 report (pod)")
    ended = ("wait", "--for=condition=complete", f"--timeout={SECONDS}s", "job/arcprobe-pod")
    cluster.kubectl("-n", "arcprobe", *ended)  # a log ends before its pod is told to have ended
    message = _shell(cluster, _in_readme("kubectl -n arcprobe get pods -o jsonpath"), folder)
    assert message.startswith("arcprobe: pass")
    assert _shell(cluster, "arcprobe report show pod.log", folder).startswith("PASS")
    assert "BEGIN ARCPROBE REPORT" in _shell(cluster, printed_command(manifest, "Report"), folder)


def test_examples_of_help(cluster: Cluster, manifest: str, folder: Path) -> None:
    """The examples of `--help` that read a Job's log do so."""
    assert manifest
    for words in (("report", "show"), ("job",)):
        printed = " ".join(cluster.arcprobe(*words, "--help").stdout.split())
        (command,) = re.findall(
            r"kubectl -n arcprobe logs job/arcprobe-pod(?: \| [\w -=.]+)?", printed
        )
        _shell(cluster, command, folder)
    assert (folder / "arcprobe.xml").read_text().count("<testcase")


@pytest.mark.parametrize("command", LOOKS)
def test_what_is_printed_to_look_at_a_cluster(
    command: str, cluster: Cluster, manifest: str, folder: Path
) -> None:
    """A command that the texts give for looking by hand is accepted, and shows what it is for."""
    assert manifest
    assert LOOKS[command] in _shell(cluster, command.replace("NAMESPACE", "arcprobe"), folder)


@pytest.mark.parametrize("code", ["services-unreadable", "api-forbidden"])
def test_rights_are_shown(code: str, cluster: Cluster, manifest: str, folder: Path) -> None:
    """The command by which `explain` shows the rights of the Job's account: it may read."""
    explained = cluster.arcprobe("explain", code).stdout
    (command,) = re.findall(r"kubectl auth can-i .*--as=\S+", explained)
    told = _shell(cluster, command.replace("NAMESPACE", "arcprobe"), folder)
    assert "yes" in told or re.search(r"^services +\[\] +\[\] +\[.*list.*\]$", told, re.M), told


def test_services_are_handed_on(cluster: Cluster, folder: Path) -> None:
    """What `kubectl get svc` prints is read from a pipe, and the range that the remedy reads in
    kubeadm's settings is the one that the cluster has."""
    listed = "kubectl get svc -A -o json | arcprobe skip-range check --services -"
    checked = _shell(cluster, f"{listed} --skip-range 10.96.0.0/16,.svc,.cluster.local", folder)
    assert "kube-dns" not in checked, checked
    settings = _shell(
        cluster, "kubectl -n kube-system get configmap kubeadm-config -o yaml", folder
    )
    assert "serviceSubnet: 10.96.0.0/16" in settings


def test_run_of_the_readme(cluster: Cluster, given: list[str], folder: Path) -> None:
    """The README's `kubectl arcprobe run`, with the image of the tests and this network's proxy, by
    the plugin that kubectl finds."""
    command = _in_readme("kubectl arcprobe run").replace("registry.local/arcprobe:1", images.IMAGE)
    command = command.replace("--proxy-https http://proxy:3128 ", "")
    merged = _shell(cluster, f"{command} {shlex.join(given)}", folder)
    count = len(cluster.nodes)
    assert merged.startswith(f"PASS  {count} nodes, {2 * count} reports (node, pod)"), merged
