"""The manifest that ``arcprobe job`` prints."""

from __future__ import annotations

import functools
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from kubernetes_validate import utils as schemas

from arcprobe.fleet import manifest
from arcprobe.fleet.as_yaml import to_yaml
from tests.support import apiserver

VERSIONS = tuple(dict.fromkeys(map(schemas.major_minor, schemas.all_versions())))
NODES = ("one", "all", "3", "pool=edge,!gpu,zone in (a,b)")
VANTAGES = ((manifest.POD,), (manifest.NODE,), (manifest.POD, manifest.NODE))
COMBINATIONS = tuple(itertools.product(NODES, VANTAGES, (False, True)))
VARIANTS = [
    pytest.param(
        nodes, vantages, full, id=f"{nodes}-{'+'.join(vantages)}-{'full' if full else 'plain'}"
    )
    for nodes, vantages, full in COMBINATIONS
]


def _options(nodes: str, vantages: tuple[str, ...], full: bool) -> manifest.Options:
    rest: dict[str, Any] = {}
    if full:
        rest = {
            "pull_secrets": ("registry",),
            "node_selector": {"kubernetes.io/arch": "arm64"},
            "tolerations": (
                {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"},
            ),
            "priority_class": "high",
            "limits": {"cpu": "1"},
            "labels": {"team": "1e3"},
            "proxy_secret": "proxy",
            "ca_config_map": "authorities",
            "files": {
                "proxy-cert.pem": "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"
            },
            "create_namespace": False,
        }
    config = {
        "region": "westeurope",
        "proxy-https": "http://proxy:3128",
        "endpoint": ["https://a.test/"],
        "strict": True,
    }
    return manifest.Options(
        image="registry.local/arcprobe:1", config=config, nodes=nodes, vantages=vantages, **rest
    )


def _pods(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        made["spec"]["template"]["spec"] for made in objects if made["kind"] in ("Job", "DaemonSet")
    ]


def _restricted(pod: dict[str, Any]) -> list[str]:
    """What the Pod Security Standards' levels "baseline" and "restricted" (1.33) object to, by
    their own control names."""
    broken = [
        f"Host Namespaces: {name}"
        for name in ("hostNetwork", "hostPID", "hostIPC")
        if pod.get(name)
    ]
    allowed = {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
    broken += [
        f"Volume Types: {volume}"
        for volume in pod.get("volumes", ())
        if not volume.keys() - {"name"} <= allowed
    ]
    shared = pod.get("securityContext", {})
    broken += [
        f"{name}" for name in ("sysctls", "windowsOptions", "supplementalGroups") if name in shared
    ]
    for container in [*pod.get("initContainers", ()), *pod["containers"]]:
        own = container.get("securityContext", {})
        if own.get("privileged"):
            broken.append("Privileged Containers")
        if own.get("allowPrivilegeEscalation") is not False:
            broken.append("Privilege Escalation")
        if own.get("runAsNonRoot", shared.get("runAsNonRoot")) is not True:
            broken.append("Running as Non-root")
        if own.get("runAsUser", shared.get("runAsUser")) == 0:
            broken.append("Running as Non-root user")
        profile = own.get("seccompProfile", shared.get("seccompProfile", {})).get("type")
        if profile not in ("RuntimeDefault", "Localhost"):
            broken.append("Seccomp")
        capabilities = own.get("capabilities", {})
        if "ALL" not in capabilities.get("drop", ()) or set(capabilities.get("add", ())) - {
            "NET_BIND_SERVICE"
        }:
            broken.append("Capabilities")
        if own.get("procMount") not in (None, "Default") or "seLinuxOptions" in own:
            broken.append("procMount or SELinux")
        if any("hostPort" in port for port in container.get("ports", ())):
            broken.append("Host Ports")
    return broken


def _all_objects(server: tuple[int, int]) -> Iterator[manifest.Object]:
    """All that a server of this version is ever given, also by a schedule and by ``run``."""
    for combination in COMBINATIONS:
        options = msgspec.structs.replace(_options(*combination), server=server)
        yield from manifest.build(options)
        if options.nodes == "one":
            yield from manifest.build(msgspec.structs.replace(options, schedule="*/30 * * * *"))
        yield manifest.guard(options, 660.0)
        yield manifest.secret(options, "jane:word")


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The validator reads the same large files for every object."""
    monkeypatch.setattr(schemas, "schema_contents", functools.cache(schemas.schema_contents))


def test_versions_of_kubernetes() -> None:
    """The validators of these tests are those of all versions from 1.29 to 1.35, and more."""
    assert {f"1.{minor}" for minor in range(29, 36)} <= set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.usefixtures("remembered")
def test_every_object_is_valid_kubernetes(version: str) -> None:
    """Every object for a server of a version passes that version's own schemas, strictly."""
    major, minor = version.split(".")
    texts = {json.dumps(made) for made in _all_objects((int(major), int(minor)))}
    for text in sorted(texts):
        schemas.validate(json.loads(text), version, strict=True)


@pytest.mark.parametrize(("nodes", "vantages", "full"), VARIANTS)
def test_every_variant_is_read_back(nodes: str, vantages: tuple[str, ...], full: bool) -> None:
    """YAML gives back what was built."""
    objects = manifest.build(_options(nodes, vantages, full))
    assert list(yaml.safe_load_all(to_yaml(objects))) == objects


@pytest.mark.parametrize(("nodes", "vantages", "full"), VARIANTS)
def test_every_variant_keeps_the_pod_security_standards(
    nodes: str, vantages: tuple[str, ...], full: bool
) -> None:
    """The pod vantage is ``restricted``; the node vantage breaks one rule alone, hostNetwork; the
    namespace enforces no more."""
    objects = manifest.build(_options(nodes, vantages, full))
    for vantage, pod in zip(vantages, _pods(objects), strict=True):
        assert _restricted(pod) == (
            [] if vantage == manifest.POD else ["Host Namespaces: hostNetwork"]
        )
        assert pod.get("dnsPolicy") == (None if vantage == manifest.POD else "Default")
        assert pod["nodeSelector"]["kubernetes.io/os"] == "linux"
        container = pod["containers"][0]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["requests"] == {"cpu": "50m", "memory": "64Mi"}
        assert container["resources"]["limits"]["memory"] == "128Mi"
    for made in objects:
        if made["kind"] == "Namespace":
            level = "privileged" if manifest.NODE in vantages else "restricted"
            assert made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == level


def test_one_node_is_a_job_that_never_repeats() -> None:
    """One node: a Job without retries, with a limit above the run's deadline, and cleaned up
    after."""
    job_spec = manifest.build(_options("one", (manifest.POD,), False))[-1]["spec"]
    assert job_spec["backoffLimit"] == 0
    assert job_spec["activeDeadlineSeconds"] > 60
    assert job_spec["ttlSecondsAfterFinished"] == 3600
    assert job_spec["template"]["spec"]["restartPolicy"] == "Never"


def test_all_nodes_are_a_daemonset_that_tolerates_every_taint() -> None:
    """All nodes: one pod on each, also on tainted ones; a pod is Ready when it has reported."""
    made = manifest.build(_options("all", (manifest.POD,), False))[-1]
    pod = made["spec"]["template"]["spec"]
    assert made["kind"] == "DaemonSet"
    assert {"operator": "Exists"} in pod["tolerations"]
    assert "readinessProbe" in pod["containers"][0]
    assert {"name": "ARCPROBE_HOLD", "value": "always"} in pod["containers"][0]["env"]
    assert "restartPolicy" not in pod


def test_guard_ends_by_itself() -> None:
    """The owner of a run's DaemonSets is a Job without pods that ends in time and is deleted
    then."""
    made = manifest.guard(_options("all", (manifest.POD,), False), 660.0)
    spec = made["spec"]
    assert made["kind"] == "Job"
    limits = (spec["parallelism"], spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"])
    assert limits == (0, 660, 0)
    reference = manifest.owned(made, "u-1")
    assert reference == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": "arcprobe-guard",
        "uid": "u-1",
    }


def test_both_networks_of_the_same_node() -> None:
    """With both vantages the pods of one node choose each other; those of several nodes prefer it,
    and keep apart from their own kind."""
    both = (manifest.POD, manifest.NODE)
    for pod in _pods(manifest.build(_options("one", both, False))):
        (term,) = pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert term["labelSelector"] == {"matchLabels": {"app.kubernetes.io/instance": "arcprobe"}}
    for pod in _pods(manifest.build(_options("3", both, False))):
        assert pod["affinity"].keys() == {"podAntiAffinity", "podAffinity"}
    assert "affinity" not in _pods(manifest.build(_options("one", both[:1], False)))[0]


@pytest.mark.parametrize(
    ("server", "fields"),
    [
        ((1, 21), set()),
        ((1, 22), {"completionMode"}),
        ((1, 28), {"completionMode"}),
        ((1, 29), {"completionMode", "backoffLimitPerIndex"}),
        (None, {"completionMode", "backoffLimitPerIndex"}),
    ],
)
def test_fields_that_the_server_knows(server: tuple[int, int] | None, fields: set[str]) -> None:
    """A Job of several pods has the fields that the server's version knows, and no others; where
    the limit of each pod is none of them, a pod that has reported is not made again."""
    options = msgspec.structs.replace(_options("3", (manifest.POD,), False), server=server)
    spec = manifest.build(options)[-1]["spec"]
    assert spec.keys() & {"completionMode", "backoffLimitPerIndex"} == fields
    (container,) = spec["template"]["spec"]["containers"]
    ends_well = {"name": "ARCPROBE_EXIT", "value": "0"} in container["env"]
    assert ends_well is ("backoffLimitPerIndex" not in fields)


def test_changed_settings_change_the_pod() -> None:
    """Other settings give another annotation of the pod, the same settings the same."""
    options = _options("one", (manifest.POD,), False)
    other = msgspec.structs.replace(options, config={**options.config, "strict": False})
    notes = [
        manifest.build(given)[-1]["spec"]["template"]["metadata"]["annotations"][
            "arcprobe/settings"
        ]
        for given in (options, options, other)
    ]
    assert notes[0] == notes[1] != notes[2]


def test_namespace_of_somebody_else_is_never_taken_over() -> None:
    """A namespace carries a uid that an existing one cannot have, and which says in the server's
    refusal what to do; without the rights there is no ClusterRole."""
    options = _options("one", (manifest.POD,), False)
    for name in ("arcprobe", "prod"):
        made = manifest.build(msgspec.structs.replace(options, namespace=name))[0]
        told = "it-exists-already--arcprobe-job---no-namespace-leaves-it-out"
        assert made["metadata"]["uid"] == told
    kinds = {
        made["kind"] for made in manifest.build(msgspec.structs.replace(options, rights=False))
    }
    assert kinds == {"Namespace", "ServiceAccount", "ConfigMap", "Job"}


def test_several_nodes_are_kept_apart_and_do_not_end_each_other() -> None:
    """A number of nodes: an Indexed Job, one pod a node, and a failing node does not end the
    others."""
    spec = manifest.build(_options("3", (manifest.POD,), False))[-1]["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 3, 3)
    assert (spec["backoffLimitPerIndex"], spec["backoffLimit"]) == (0, 3)
    term = spec["template"]["spec"]["affinity"]["podAntiAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ][0]
    assert term["topologyKey"] == "kubernetes.io/hostname"


def test_rights_are_what_is_read_and_no_more() -> None:
    """The ClusterRole lists exactly what the cluster reader asks for, and writes nothing."""
    rules = next(
        made["rules"]
        for made in manifest.build(_options("one", (manifest.POD,), False))
        if made["kind"] == "ClusterRole"
    )
    assert {verb for rule in rules for verb in rule["verbs"]} == {"list", "get"}
    assert {resource for rule in rules for resource in rule["resources"]} == {
        "services",
        "nodes",
        "endpointslices",
        "servicecidrs",
        "configmaps",
    }
    assert all(
        rule["resourceNames"] == ["kubeadm-config"]
        for rule in rules
        if "configmaps" in rule["resources"]
    )


@pytest.mark.skipif(
    shutil.which("kubectl") is None and not os.environ.get("CI"),
    reason="kubectl is not installed here; CI installs it",
)
def test_real_kubectl_applies_the_manifest(tmp_path: Path) -> None:
    """The real kubectl takes the manifest from stdin and makes every object of it."""
    objects = manifest.build(_options("all", (manifest.POD, manifest.NODE), False))
    with apiserver.running(tmp_path) as api:
        environ = {
            name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")
        }
        result = subprocess.run(
            ["kubectl", "--kubeconfig", api.kubeconfig, "apply", "--validate=false", "-f", "-"],
            input=to_yaml(objects).encode(),
            capture_output=True,
            env={**environ, "HOME": str(tmp_path)},
            timeout=50,
            check=False,
        )
        made = {(key[0], key[2]) for key in api.objects}
    assert result.returncode == 0, result.stderr
    assert {
        ("daemonsets", "arcprobe-pod"),
        ("daemonsets", "arcprobe-node"),
        ("clusterroles", "arcprobe"),
    } <= made


@pytest.mark.parametrize(
    ("server", "version"), [(None, "batch/v1"), ((1, 21), "batch/v1"), ((1, 20), "batch/v1beta1")]
)
def test_schedule(server: tuple[int, int] | None, version: str) -> None:
    """A schedule makes a CronJob of the Job, one at a time, whose history is bounded by numbers and
    not by time."""
    options = _options("one", (manifest.POD,), False)
    job = manifest.build(options)[-1]
    asked = msgspec.structs.replace(options, schedule="*/30 * * * *", server=server)
    made = manifest.build(asked)[-1]
    assert (made["kind"], made["apiVersion"]) == ("CronJob", version)
    spec = made["spec"]
    kept = (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"])
    assert (spec["schedule"], spec["concurrencyPolicy"], kept) == ("*/30 * * * *", "Forbid", (3, 3))
    assert "ttlSecondsAfterFinished" not in spec["jobTemplate"]["spec"]
    assert spec["jobTemplate"]["spec"]["template"] == job["spec"]["template"]
